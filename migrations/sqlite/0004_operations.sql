-- Operations: what cannot be finished while a caller waits is carried out by a worker, step by step.
-- Kept alike in both engines; see README.md in the folder above for the rules.

CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The webhook it is about.
    subject_id TEXT NOT NULL,
    -- JSON: what is to be done, and where the last step ended. A step moves the place in the transaction in which it does its work.
    params TEXT NOT NULL,
    place TEXT,
    done_count BIGINT NOT NULL DEFAULT 0,
    total_count BIGINT NOT NULL,
    is_total_exact BOOLEAN NOT NULL,
    error TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    -- When the next step may be taken; null once it has ended. Each step puts it behind the others.
    due_at BIGINT
);
CREATE INDEX operations_due ON operations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX operations_of_workspace ON operations (workspace_id, created_at, id);
-- Asked for twice at once, the same thing would be done twice.
CREATE UNIQUE INDEX operations_one_open ON operations (kind, subject_id) WHERE ended_at IS NULL;
