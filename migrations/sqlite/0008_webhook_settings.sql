-- What a subscriber sets on a webhook: when failed deliveries are tried again, headers of its own, and which folders and boards
-- it is about.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- A JSON array of seconds; null for the usual schedule.
ALTER TABLE webhooks ADD COLUMN retry_delays TEXT;
-- A JSON object: the names as they are, the values sealed like the secret.
ALTER TABLE webhooks ADD COLUMN headers TEXT NOT NULL DEFAULT '{}';
-- JSON arrays of ids; both empty for whatever an event is about.
ALTER TABLE webhooks ADD COLUMN folders TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webhooks ADD COLUMN boards TEXT NOT NULL DEFAULT '[]';
