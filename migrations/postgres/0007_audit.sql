-- The audit log is filtered by the name of who did something, and by what it was done to.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- The name without regard to case; the gateway fills it.
ALTER TABLE audit_entries ADD COLUMN actor_key TEXT COLLATE "C" NOT NULL DEFAULT '';
-- The group an action belongs to.
ALTER TABLE audit_entries ADD COLUMN subject TEXT NOT NULL DEFAULT 'records';
CREATE INDEX audit_entries_of_actor_key ON audit_entries (workspace_id, actor_key, id);
CREATE INDEX audit_entries_of_subject ON audit_entries (workspace_id, subject, id);
DROP INDEX audit_entries_of_action;
