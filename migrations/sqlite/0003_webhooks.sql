-- Webhooks in the browser: who made one, what went wrong there last, and the secret before the last rotation.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- In words; unknown for those made before.
ALTER TABLE webhooks ADD COLUMN created_by TEXT;
-- Kept beside the counters, so that a list needs no look at the deliveries.
ALTER TABLE webhooks ADD COLUMN last_failure TEXT;
ALTER TABLE webhooks ADD COLUMN last_failed_at BIGINT;
-- Requests are signed with it too until it expires.
ALTER TABLE webhooks ADD COLUMN previous_sealed_secret TEXT;
ALTER TABLE webhooks ADD COLUMN previous_secret_expires_at BIGINT;
