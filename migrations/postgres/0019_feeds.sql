-- Feeds go on where the last look ended. An event's own time is no place to go on from: of two changes made at once, the one with the
-- earlier time may be committed later. So every event has a position in the order of commits.

-- The number of a transaction, which rises as transactions begin; what began before the oldest that is still open is settled. When the
-- database was moved to another server, whose numbers are lower, the gateway adds to it.
CREATE FUNCTION event_position(transaction xid8) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT $1::text::bigint';

-- First a constant, which is not written into the rows there are.
ALTER TABLE events ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ALTER COLUMN position SET DEFAULT event_position(pg_current_xact_id());
CREATE INDEX events_in_feed ON events (workspace_id, event_type, position, id);
