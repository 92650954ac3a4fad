-- Ways in: a session remembers that a code began it, because whoever forgot their password chooses a new one then; and tries at codes
-- are counted over an hour, whatever codes are asked for in it. A mail knows its invitation.
-- Kept alike in both engines; see README.md in the folder above for the rules.

ALTER TABLE sessions ADD COLUMN is_by_code BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sign_in_codes ADD COLUMN counted_since BIGINT NOT NULL DEFAULT 0;
-- Which invitation a mail is about: once that has been used or withdrawn, there is no use in sending the mail again.
ALTER TABLE mails ADD COLUMN ticket_hash TEXT;
