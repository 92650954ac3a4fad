-- What lies in a folder is walked child by child, in the order of making, when a folder is copied or deleted with all that it holds.
-- Kept alike in both engines; see README.md in the folder above for the rules.

-- In place of the indexes without the id, which found the next child by looking at all of them.
CREATE INDEX folders_inside_folder ON folders (folder_id, id) WHERE deleted_at IS NULL;
DROP INDEX folders_of_folder;
CREATE INDEX boards_inside_folder ON boards (folder_id, id) WHERE deleted_at IS NULL;
DROP INDEX boards_of_folder;
