-- The audit log is read newest first and filtered by the name of who did something, and by what it was about. Nothing has been
-- written to the table so far, so it is made anew.
-- Kept alike in both engines; see README.md in the folder above for the rules.

DROP TABLE audit_entries;
CREATE TABLE audit_entries (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    -- The name without regard to case; the gateway fills it.
    actor_key TEXT COLLATE "C" NOT NULL,
    action TEXT NOT NULL,
    -- The group the action belongs to.
    subject TEXT NOT NULL,
    subject_id TEXT,
    subject_name TEXT,
    address TEXT,
    -- In the order in which it is read.
    PRIMARY KEY (workspace_id, created_at, id)
);
CREATE INDEX audit_entries_of_actor ON audit_entries (workspace_id, actor_id, created_at, id);
CREATE INDEX audit_entries_of_actor_key ON audit_entries (workspace_id, actor_key, created_at, id);
CREATE INDEX audit_entries_of_subject ON audit_entries (workspace_id, subject, created_at, id);
