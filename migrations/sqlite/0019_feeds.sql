-- Feeds go on where the last look ended. An event's own time is no place to go on from: of two changes made at once, the one with the
-- earlier time may be committed later. So every event has a position in the order of commits.

ALTER TABLE events ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_in_feed ON events (workspace_id, event_type, position, id);

-- There is one writer: the order in which it writes is that of commits. A row's own number would not do, because it is given
-- again once later rows are gone.
CREATE TABLE event_positions (last BIGINT NOT NULL);
INSERT INTO event_positions (last) VALUES (0);
CREATE TRIGGER events_take_their_position AFTER INSERT ON events BEGIN
    UPDATE event_positions SET last = last + 1;
    UPDATE events SET position = (SELECT last FROM event_positions) WHERE rowid = NEW.rowid;
END;
