-- How much of a worker a webhook may take, and how deliveries that are due are found webhook by webhook.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- Requests under way at once in one worker; null for what the operator set.
ALTER TABLE webhooks ADD COLUMN max_in_flight BIGINT;

-- The circuit breaker: failures since the last success, when the first of them was, and, while the circuit is open, when the receiver
-- may be tried again.
ALTER TABLE webhooks ADD COLUMN failures_in_row BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN failing_since BIGINT;
ALTER TABLE webhooks ADD COLUMN probe_at BIGINT;

-- One lane for each webhook: whoever claims looks at the head of every lane, and takes from each as much as there is room for. However
-- many deliveries wait for one webhook, those of the others are found as fast as ever. It replaces the index of everything that is due.
CREATE INDEX deliveries_in_lane ON deliveries (webhook_id, due_at) WHERE due_at IS NOT NULL;
DROP INDEX deliveries_due;
