-- A receiver that asks to be left alone (Retry-After) is, whichever delivery it said so to.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- Until when it asked. It counts while `probe_at` is the same, or it lies ahead: older workers leave it behind.
ALTER TABLE webhooks ADD COLUMN asked_until BIGINT;
