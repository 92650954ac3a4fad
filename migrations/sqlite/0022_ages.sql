-- How old a delivery is, and which have become too old while they waited.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- When a replay began it anew: its age counts from there.
ALTER TABLE deliveries ADD COLUMN restarted_at BIGINT;

-- What waits, by its age. Most deliveries are leased as they are made, and never in it.
CREATE INDEX deliveries_by_age ON deliveries (COALESCE(restarted_at, created_at))
    WHERE due_at IS NOT NULL AND leased_by IS NULL AND NOT is_manual;
