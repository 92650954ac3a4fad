-- Operations: work that takes too long for one request, carried out by the worker in small steps that can be resumed.
-- Kept alike in both engines; see README.md in the folder above for the rules.

CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    -- What it is carried out on, and how that is called.
    subject_id TEXT NOT NULL,
    subject_name TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What was asked for, as a JSON object.
    params TEXT NOT NULL,
    -- How far it is, as the kind writes it; moved in the transaction of the step it tells of.
    checkpoint TEXT,
    done_count BIGINT NOT NULL DEFAULT 0,
    -- Null when there was more than could be counted beforehand.
    total_count BIGINT,
    failures_count BIGINT NOT NULL DEFAULT 0,
    -- What came of it, as a JSON object, and why it failed, in words.
    result TEXT,
    error TEXT,
    created_by TEXT NOT NULL,
    -- When its next step may be taken; while a worker takes one, the end of its lease; null when nothing is to be done.
    due_at BIGINT,
    leased_by TEXT,
    -- Counts claims: a step is written only under the number it was claimed with.
    fence BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX operations_of_workspace ON operations (workspace_id, created_at, id);
CREATE INDEX operations_due ON operations (due_at) WHERE due_at IS NOT NULL;
-- No two of a kind are under way on one thing.
CREATE UNIQUE INDEX operations_open ON operations (subject_id, kind) WHERE ended_at IS NULL;
