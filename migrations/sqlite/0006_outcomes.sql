-- What became of deliveries, for the people who look: what was sent and answered, and counts by which health and the overview are
-- drawn without counting the deliveries themselves.

-- Headers are JSON lists of pairs, null where nothing was sent or answered, or in attempts older than these columns. A request's
-- body is written again from its event when somebody asks for it.
ALTER TABLE attempts ADD COLUMN request_headers TEXT;
ALTER TABLE attempts ADD COLUMN response_headers TEXT;

-- One row for each hour in which a webhook was attempted: a page of webhooks reads 24 of them each. Answers are counted by how
-- long they took, each in the first column that holds it.
CREATE TABLE webhook_counts (
    webhook_id TEXT NOT NULL,
    -- When the hour begins.
    hour BIGINT NOT NULL,
    attempts_count BIGINT NOT NULL DEFAULT 0,
    failed_attempts_count BIGINT NOT NULL DEFAULT 0,
    within_5_ms BIGINT NOT NULL DEFAULT 0,
    within_10_ms BIGINT NOT NULL DEFAULT 0,
    within_25_ms BIGINT NOT NULL DEFAULT 0,
    within_50_ms BIGINT NOT NULL DEFAULT 0,
    within_100_ms BIGINT NOT NULL DEFAULT 0,
    within_200_ms BIGINT NOT NULL DEFAULT 0,
    within_350_ms BIGINT NOT NULL DEFAULT 0,
    within_600_ms BIGINT NOT NULL DEFAULT 0,
    within_1000_ms BIGINT NOT NULL DEFAULT 0,
    within_2500_ms BIGINT NOT NULL DEFAULT 0,
    within_5000_ms BIGINT NOT NULL DEFAULT 0,
    within_10000_ms BIGINT NOT NULL DEFAULT 0,
    slower BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT webhook_counts_key PRIMARY KEY (webhook_id, hour)
);
-- For clearing away what is old.
CREATE INDEX webhook_counts_by_hour ON webhook_counts (hour);

-- One row for each minute in which something happened in a workspace: a week has 10,080 at most, however many webhooks there are.
CREATE TABLE workspace_counts (
    workspace_id TEXT NOT NULL,
    -- When the minute begins.
    minute BIGINT NOT NULL,
    events_count BIGINT NOT NULL DEFAULT 0,
    attempts_count BIGINT NOT NULL DEFAULT 0,
    failed_attempts_count BIGINT NOT NULL DEFAULT 0,
    within_5_ms BIGINT NOT NULL DEFAULT 0,
    within_10_ms BIGINT NOT NULL DEFAULT 0,
    within_25_ms BIGINT NOT NULL DEFAULT 0,
    within_50_ms BIGINT NOT NULL DEFAULT 0,
    within_100_ms BIGINT NOT NULL DEFAULT 0,
    within_200_ms BIGINT NOT NULL DEFAULT 0,
    within_350_ms BIGINT NOT NULL DEFAULT 0,
    within_600_ms BIGINT NOT NULL DEFAULT 0,
    within_1000_ms BIGINT NOT NULL DEFAULT 0,
    within_2500_ms BIGINT NOT NULL DEFAULT 0,
    within_5000_ms BIGINT NOT NULL DEFAULT 0,
    within_10000_ms BIGINT NOT NULL DEFAULT 0,
    slower BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT workspace_counts_key PRIMARY KEY (workspace_id, minute)
);
CREATE INDEX workspace_counts_by_minute ON workspace_counts (minute);

-- Any choice of states and event types is a handful of ranges of this index, each read from its newest end. Its beginning serves
-- what the index it replaces was for: the open deliveries of a webhook.
CREATE INDEX deliveries_in_state ON deliveries (webhook_id, state, event_type, created_at, id);
DROP INDEX deliveries_open;
