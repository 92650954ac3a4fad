-- What is open at a webhook when it is enabled or deleted may be a million deliveries. They are moved on a batch at a time, and this says
-- that there may be more of them.

ALTER TABLE webhooks ADD COLUMN has_backlog BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX webhooks_with_backlog ON webhooks (id) WHERE has_backlog;
