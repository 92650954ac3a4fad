-- Settings in the browser: what API keys may do and how they are rolled, sign-in, invitations, mail, and who did what.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- Names are sorted without regard to case and accents by this column; the gateway fills it.
ALTER TABLE api_keys ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Older gateways know no scopes: what they make may do what their keys always could.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '["read","write","webhooks"]';
ALTER TABLE api_keys ADD COLUMN allowed_ips TEXT NOT NULL DEFAULT '[]';
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN last_used_at BIGINT;
ALTER TABLE api_keys ADD COLUMN last_used_from TEXT;
ALTER TABLE api_keys ADD COLUMN created_by TEXT;
-- The token before the last roll, for as long as it lives on.
ALTER TABLE api_keys ADD COLUMN previous_public_part TEXT;
ALTER TABLE api_keys ADD COLUMN previous_token_hash TEXT;
ALTER TABLE api_keys ADD COLUMN previous_token_start TEXT;
ALTER TABLE api_keys ADD COLUMN previous_expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN previous_last_used_at BIGINT;
CREATE UNIQUE INDEX api_keys_previous_public_part ON api_keys (previous_public_part) WHERE previous_public_part IS NOT NULL;
CREATE INDEX api_keys_by_name ON api_keys (workspace_id, name_key, id);
UPDATE api_keys SET name_key = lower(name);

-- How a person signs in, and whether they ever did: an invited member has not joined yet.
ALTER TABLE users ADD COLUMN password_hash TEXT;
ALTER TABLE users ADD COLUMN joined_at BIGINT;
ALTER TABLE users ADD COLUMN last_seen_at BIGINT;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    -- SHA-256 of what the cookie holds.
    ticket_hash TEXT NOT NULL CONSTRAINT sessions_ticket UNIQUE,
    address TEXT,
    user_agent TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id, last_seen_at);

-- One code per address at a time, whether or not the address belongs to anyone: asking must not take longer for one that does.
CREATE TABLE sign_in_codes (
    workspace_id TEXT NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    sealed_code TEXT NOT NULL,
    tries_count BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, email_key)
);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    -- SHA-256 of what the link holds.
    ticket_hash TEXT NOT NULL CONSTRAINT invitations_ticket UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX invitations_of_user ON invitations (user_id, created_at, id);

CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Links and codes let their bearer in, so the text is sealed like every secret that must be readable again.
    sealed_text TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts_count BIGINT NOT NULL DEFAULT 0,
    -- When a worker may take it; while one has it, the end of its lease; null when nothing is to be done.
    due_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mails_of_workspace ON mails (workspace_id, created_at, id);

-- Who did what. Ids rise with time, so the key is also the order in which it is read.
CREATE TABLE audit_entries (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_id TEXT,
    subject_name TEXT,
    address TEXT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX audit_entries_of_actor ON audit_entries (workspace_id, actor_id, id);
CREATE INDEX audit_entries_of_action ON audit_entries (workspace_id, action, id);
