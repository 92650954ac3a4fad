-- Operations have a group of their own in the audit log. They stood among webhooks, from the time when replays were all there was.
-- An older gateway that still runs goes on writing them there, where its own filter looks for them.
UPDATE audit_entries SET subject = 'operations' WHERE action IN ('operation.created', 'operation.cancelled');
