-- How fast, and in which order, a webhook receives.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- Deliveries a second; null for as many as come. Zapier takes 30 a second, and throttles what is more.
ALTER TABLE webhooks ADD COLUMN rate_limit BIGINT;
UPDATE webhooks SET rate_limit = 30 WHERE platform = 'zapier';

-- One delivery after the other, in the order of their events.
ALTER TABLE webhooks ADD COLUMN ordered BOOLEAN NOT NULL DEFAULT FALSE;

-- The head of an ordered lane, however much waits behind it.
CREATE INDEX deliveries_in_order ON deliveries (webhook_id, event_id) WHERE due_at IS NOT NULL;
