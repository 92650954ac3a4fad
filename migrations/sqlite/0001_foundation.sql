-- The first tables: workspaces and their keys, people, companies, folders, boards, webhooks, events, deliveries.
-- Kept alike in both engines; see README.md in the folder above for the rules.

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL CONSTRAINT workspaces_slug UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    -- The part of the token that is no secret; requests are looked up by it.
    public_part TEXT NOT NULL CONSTRAINT api_keys_public_part UNIQUE,
    token_hash TEXT NOT NULL,
    token_start TEXT NOT NULL,
    rate_limit BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_keys_of_workspace ON api_keys (workspace_id, created_at, id);

CREATE TABLE companies (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    -- Names folded to lower case by the gateway, so that both engines compare and sort them alike.
    name_key TEXT NOT NULL,
    initials TEXT,
    website TEXT,
    email TEXT,
    phone_number TEXT,
    address TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX companies_name ON companies (workspace_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX companies_of_workspace ON companies (workspace_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    user_group TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    username TEXT NOT NULL,
    role TEXT NOT NULL,
    title TEXT,
    phone TEXT,
    language TEXT,
    timezone TEXT,
    color TEXT,
    company_id TEXT REFERENCES companies (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX users_email ON users (workspace_id, email_key) WHERE deleted_at IS NULL;
CREATE INDEX users_of_workspace ON users (workspace_id, user_group, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_of_company ON users (company_id) WHERE company_id IS NOT NULL;

CREATE TABLE folders (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    folder_id TEXT REFERENCES folders (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    visibility TEXT NOT NULL,
    role TEXT,
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX folders_of_workspace ON folders (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX folders_of_folder ON folders (folder_id) WHERE deleted_at IS NULL;

CREATE TABLE boards (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    folder_id TEXT REFERENCES folders (id),
    title TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    visibility TEXT NOT NULL,
    role TEXT,
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX boards_of_workspace ON boards (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX boards_of_folder ON boards (folder_id) WHERE deleted_at IS NULL;

CREATE TABLE lists (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    board_id TEXT NOT NULL REFERENCES boards (id),
    title TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX lists_of_board ON lists (board_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    url TEXT NOT NULL,
    -- A JSON array of event types; empty for all.
    events_types TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    disabled_reason TEXT,
    platform TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    attempts_count BIGINT NOT NULL DEFAULT 0,
    failed_attempts_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX webhooks_of_workspace ON webhooks (workspace_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE events (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    event_type TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    -- The resource as JSON with millisecond times, and on updates the old values of what changed.
    data TEXT NOT NULL,
    previous TEXT,
    -- When it was matched with the webhooks; until then the sweeper looks for it.
    dispatched_at BIGINT
);
CREATE INDEX events_undispatched ON events (occurred_at) WHERE dispatched_at IS NULL;
CREATE INDEX events_of_type ON events (workspace_id, event_type, occurred_at, id);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Attempts of the schedule, all attempts, and when the schedule's next one is due.
    planned_count BIGINT NOT NULL DEFAULT 0,
    attempts_count BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT,
    -- Whether the attempt that is due was asked for by a person.
    is_manual BOOLEAN NOT NULL DEFAULT FALSE,
    -- When a worker may claim it; while one holds it, the end of its lease; null when nothing is to be done.
    due_at BIGINT,
    leased_by TEXT,
    -- Counts claims: an outcome is recorded only under the number it was claimed with.
    fence BIGINT NOT NULL DEFAULT 0,
    last_status BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT deliveries_once UNIQUE (event_id, webhook_id)
);
-- What is due, expired leases included, is found by this index alone, however many deliveries are done.
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, created_at, id);
CREATE INDEX deliveries_open ON deliveries (webhook_id) WHERE state IN ('pending', 'waiting', 'paused');

CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    delivery_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    is_manual BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    response_body TEXT
);
CREATE INDEX attempts_of_delivery ON attempts (delivery_id, number);
