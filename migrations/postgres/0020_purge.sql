-- What was deleted is removed for good after a while. It is found by when it was deleted; and to remove it, the engine looks for what
-- still refers to it, which the indexes for lists do not show: they leave out what is deleted.

CREATE INDEX companies_deleted ON companies (deleted_at) WHERE deleted_at IS NOT NULL;
-- Of people the rows stay, emptied: they are found until they are.
CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL AND email <> '';
CREATE INDEX folders_deleted ON folders (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX boards_deleted ON boards (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX lists_deleted ON lists (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_deleted ON tasks (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX labels_deleted ON labels (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX custom_fields_deleted ON custom_fields (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX task_comments_deleted ON task_comments (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX webhooks_deleted ON webhooks (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX folders_referring_to_folder ON folders (folder_id) WHERE folder_id IS NOT NULL;
CREATE INDEX boards_referring_to_folder ON boards (folder_id) WHERE folder_id IS NOT NULL;
CREATE INDEX lists_referring_to_board ON lists (board_id);
CREATE INDEX tasks_referring_to_board ON tasks (board_id);
CREATE INDEX tasks_referring_to_list ON tasks (list_id);
CREATE INDEX labels_referring_to_board ON labels (board_id);
CREATE INDEX custom_fields_referring_to_board ON custom_fields (board_id);
CREATE INDEX task_comments_referring_to_task ON task_comments (task_id);
