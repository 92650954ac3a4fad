-- Operations whole: who asked for one and where its end is told, fair turns, files that were sent to be imported and the rows of
-- them that were refused. Kept alike in both engines; see README.md in the folder above for the rules.

-- Who asked, as a JSON object: what a step does is on record as theirs. Null in those asked for before.
ALTER TABLE operations ADD COLUMN actor TEXT;
-- Where the end is told, if that was asked for: the hidden webhook it is delivered through, and the delivery once there is one.
ALTER TABLE operations ADD COLUMN callback_url TEXT;
ALTER TABLE operations ADD COLUMN callback_id TEXT;
ALTER TABLE operations ADD COLUMN callback_delivery_id TEXT;
-- The state it will end in, while what it made is being removed.
ALTER TABLE operations ADD COLUMN ends_as TEXT;
-- How often its next step has failed in a row.
ALTER TABLE operations ADD COLUMN tries_count BIGINT NOT NULL DEFAULT 0;

-- When a workspace's operations last had a turn: the one that has waited longest is next, however many another has.
CREATE TABLE operation_turns (
    workspace_id TEXT PRIMARY KEY,
    taken_at BIGINT NOT NULL
);

-- What an operation could not do, row by row; `line` is that of the file, `field` is empty where the row as a whole is meant.
CREATE TABLE operation_failures (
    operation_id TEXT NOT NULL,
    line BIGINT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (operation_id, line, field)
);

-- A file that was sent, in pieces of one size, so that neither sending nor reading it takes memory.
CREATE TABLE upload_pieces (
    upload_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    workspace_id TEXT NOT NULL,
    data BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (upload_id, number)
);
-- What nobody needs any more is found by its age.
CREATE INDEX upload_pieces_by_age ON upload_pieces (created_at);

-- A hidden webhook that receives the end of one operation. Older gateways take it for one that is subscribed to nothing.
ALTER TABLE webhooks ADD COLUMN is_callback BOOLEAN NOT NULL DEFAULT FALSE;
-- Without the hidden ones, of which there may be many more than others.
CREATE INDEX webhooks_subscribed ON webhooks (workspace_id, created_at, id) WHERE deleted_at IS NULL AND NOT is_callback;
