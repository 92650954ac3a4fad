-- Tasks on the lists of boards, with what hangs on them: people, labels, custom fields, comments.
-- Kept alike in both engines; see README.md in the folder above for the rules.

CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    board_id TEXT NOT NULL REFERENCES boards (id),
    list_id TEXT NOT NULL REFERENCES lists (id),
    -- Tasks of a list are ordered by it; whoever gives one holds the list, so that no two are alike.
    position BIGINT NOT NULL,
    parent_id TEXT REFERENCES tasks (id),
    title TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    description TEXT,
    assignee_id TEXT REFERENCES users (id),
    author_id TEXT REFERENCES users (id),
    start_at BIGINT,
    due_at BIGINT,
    due_reminder BIGINT,
    remaining_minutes BIGINT,
    completed_at BIGINT,
    completer_id TEXT REFERENCES users (id),
    -- What it is a copy of, for as long as its board is being copied and ever after.
    copied_from TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
-- A page of a board's tasks is read, and their number counted, without a look at the other boards'.
CREATE INDEX tasks_of_board ON tasks (workspace_id, board_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_due ON tasks (board_id, due_at) WHERE deleted_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX tasks_in_order ON tasks (list_id, position) WHERE deleted_at IS NULL;
-- The walk of a copy, in the order of making.
CREATE INDEX tasks_inside_list ON tasks (list_id, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_below ON tasks (board_id, id) WHERE deleted_at IS NULL AND parent_id IS NOT NULL;
CREATE INDEX tasks_of_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_of_assignee ON tasks (assignee_id) WHERE deleted_at IS NULL AND assignee_id IS NOT NULL;
CREATE INDEX tasks_copied ON tasks (board_id, copied_from) WHERE copied_from IS NOT NULL;

CREATE TABLE task_members (
    task_id TEXT NOT NULL REFERENCES tasks (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    CONSTRAINT task_members_once PRIMARY KEY (task_id, user_id)
);
CREATE INDEX task_members_of_user ON task_members (user_id);

CREATE TABLE labels (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    board_id TEXT NOT NULL REFERENCES boards (id),
    title TEXT,
    name_key TEXT COLLATE "C" NOT NULL,
    hex_color TEXT NOT NULL,
    copied_from TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX labels_of_board ON labels (board_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE task_labels (
    task_id TEXT NOT NULL REFERENCES tasks (id),
    label_id TEXT NOT NULL REFERENCES labels (id),
    CONSTRAINT task_labels_once PRIMARY KEY (task_id, label_id)
);
CREATE INDEX task_labels_of_label ON task_labels (label_id);

CREATE TABLE custom_fields (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    board_id TEXT NOT NULL REFERENCES boards (id),
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    field_type TEXT NOT NULL,
    color TEXT,
    show_icon BOOLEAN NOT NULL,
    visible_to_clients BOOLEAN NOT NULL,
    -- A JSON array of what can be chosen; empty for types of which nothing is chosen.
    options TEXT NOT NULL,
    copied_from TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX custom_fields_of_board ON custom_fields (board_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE task_custom_fields (
    task_id TEXT NOT NULL REFERENCES tasks (id),
    custom_field_id TEXT NOT NULL REFERENCES custom_fields (id),
    -- As JSON, in the form its field's type has.
    value TEXT NOT NULL,
    CONSTRAINT task_custom_fields_once PRIMARY KEY (task_id, custom_field_id)
);
CREATE INDEX task_custom_fields_of_field ON task_custom_fields (custom_field_id);

CREATE TABLE task_comments (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    task_id TEXT NOT NULL REFERENCES tasks (id),
    author_id TEXT REFERENCES users (id),
    content TEXT NOT NULL,
    format TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX task_comments_of_task ON task_comments (task_id, created_at, id) WHERE deleted_at IS NULL;
