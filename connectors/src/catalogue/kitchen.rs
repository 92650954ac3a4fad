//! What can be done with each kind of resource, and looked for: one entry each. A field is never listed here: an entry names what reads
//! its input in the API, and that says which fields there are.

use super::noun::{BOARD, CLIENT, COMPANY, FOLDER, LABEL, LIST, MEMBER, TASK, TASK_COMMENT};
use super::{Action, Call, Lookup, Method, Noun, Search};
use domain::board::{BoardFilter, BoardPatch, ListFilter, ListPatch, NewBoard, NewList};
use domain::company::{CompanyFilter, CompanyPatch, NewCompany};
use domain::folder::{FolderFilter, FolderPatch, NewCopy, NewFolder};
use domain::input::{Described, Presence, describe};
use domain::label::{LabelPatch, NewLabel, read_label};
use domain::member::{NewMember, read_role};
use domain::node::Move;
use domain::operation::OperationKind;
use domain::task::{NewTask, TaskMove, TaskPatch, read_user};
use domain::task_comment::NewTaskComment;
use domain::task_filter::TaskFilter;
use domain::user::{ClientPatch, NewClient, Role, UserFilter};

const fn post(path: &'static str) -> Call {
    Call::new(Method::Post, path)
}
const fn put(path: &'static str) -> Call {
    Call::new(Method::Put, path)
}
const fn delete(path: &'static str) -> Call {
    Call::new(Method::Delete, path)
}

/// Where the custom fields of a board are found.
const FIELDS_OF_BOARD: Call = Call::new(Method::Get, "/api/boards/{board}/custom-fields");

/// Every action.
pub(super) fn actions() -> Vec<Action> {
    [clients(), companies(), members(), folders(), boards(), lists(), tasks(), labels()].concat()
}

fn clients() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, CLIENT, call, reads);
    vec![
        action(
            "create-client",
            "Create a Client",
            "Adds a client, and invites them if you like.",
            post("/api/clients"),
            describe(NewClient::read),
        )
        .saying("username", "The name others mention them by. Left empty: the part of the email address before the @."),
        action(
            "update-client",
            "Update a Client",
            "Changes a client. What is left empty stays as it is.",
            put("/api/clients/{client}"),
            describe(ClientPatch::read),
        ),
        action(
            "delete-client",
            "Delete a Client",
            "Removes a client from the portal.",
            delete("/api/clients/{client}"),
            Vec::new(),
        )
        .deleting(),
    ]
}

fn companies() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, COMPANY, call, reads);
    vec![
        action("create-company", "Create a Company", "Adds a company.", post("/api/companies"), describe(NewCompany::read)),
        action(
            "update-company",
            "Update a Company",
            "Changes a company. What is left empty stays as it is.",
            put("/api/companies/{company}"),
            describe(CompanyPatch::read),
        ),
        action(
            "delete-company",
            "Delete a Company",
            "Deletes a company; its clients stay.",
            delete("/api/companies/{company}"),
            Vec::new(),
        )
        .deleting(),
    ]
}

fn members() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, MEMBER, call, reads);
    // A key gives no more than admins can.
    let most = Role::Admin;
    vec![
        action(
            "invite-member",
            "Invite a Member",
            "Invites somebody to the team by email.",
            post("/api/members"),
            describe(|body| NewMember::read(body, most)),
        )
        .saying(
            "role",
            "What they may do in the workspace; left empty, what members may. Only a key with the scope `keys` can name admins.",
        ),
        action(
            "update-member",
            "Change a Member's Role",
            "Changes what a member of the team may do.",
            put("/api/members/{member}"),
            describe(|body| read_role(body, most)),
        ),
        action(
            "remove-member",
            "Remove a Member",
            "Removes a member from the team.",
            delete("/api/members/{member}"),
            Vec::new(),
        )
        .deleting(),
    ]
}

fn folders() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, FOLDER, call, reads);
    let mut duplicate = describe(NewCopy::read);
    duplicate.extend(describe(Move::read).into_iter().map(|field| Described { presence: Presence::Optional, ..field }));
    let mut all = vec![
        action("create-folder", "Create a Folder", "Makes a folder.", post("/api/folders"), describe(NewFolder::read)),
        action(
            "update-folder",
            "Update a Folder",
            "Changes a folder. What is left empty stays as it is.",
            put("/api/folders/{folder}"),
            describe(FolderPatch::read),
        ),
        action(
            "duplicate-folder",
            "Duplicate a Folder",
            "Copies a folder with all that lies in it.",
            post("/api/folders/{folder}/duplicate"),
            duplicate,
        )
        .saying("name", "What the copy is called. Left empty: “Copy of”, and the name of the folder.")
        .saying("parent", "The folder the copy shall lie in. Left empty: it lies beside the original.")
        .going_on(OperationKind::FolderDuplicate),
        action(
            "delete-folder",
            "Delete a Folder",
            "Deletes a folder with all that lies in it.",
            delete("/api/folders/{folder}").with(&[("background", "true")]),
            Vec::new(),
        )
        .going_on(OperationKind::FolderDelete),
    ];
    all.extend(of_nodes(
        FOLDER,
        [
            ("archive-folder", "Archive a Folder", "Puts a folder out of sight.", "/api/folders/{folder}/archive"),
            ("restore-folder", "Restore a Folder", "Takes a folder out of the archive.", "/api/folders/{folder}/restore"),
            (
                "move-folder",
                "Move a Folder",
                "Moves a folder into another one, or to the top level.",
                "/api/folders/{folder}/move",
            ),
        ],
    ));
    all
}

fn boards() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, BOARD, call, reads);
    let mut all = vec![
        action("create-board", "Create a Board", "Makes a board.", post("/api/boards"), describe(NewBoard::read)),
        action(
            "update-board",
            "Update a Board",
            "Changes a board. What is left empty stays as it is.",
            put("/api/boards/{board}"),
            describe(BoardPatch::read),
        ),
        action(
            "delete-board",
            "Delete a Board",
            "Deletes a board with all that is on it.",
            delete("/api/boards/{board}"),
            Vec::new(),
        )
        .deleting(),
    ];
    all.extend(of_nodes(
        BOARD,
        [
            ("archive-board", "Archive a Board", "Puts a board out of sight.", "/api/boards/{board}/archive"),
            ("restore-board", "Restore a Board", "Takes a board out of the archive.", "/api/boards/{board}/restore"),
            ("move-board", "Move a Board", "Moves a board into a folder, or to the top level.", "/api/boards/{board}/move"),
        ],
    ));
    all
}

/// What can be done with everything that lies in folders: archive, restore, move.
fn of_nodes(noun: Noun, entries: [(&'static str, &'static str, &'static str, &'static str); 3]) -> impl Iterator<Item = Action> {
    entries.into_iter().map(move |(key, label, description, path)| {
        // Moved to nowhere in particular is moved to the top level.
        let (call, reads) = if path.ends_with("/move") {
            (post(path).or_null(&["parent"]), describe(Move::read))
        } else {
            (post(path), Vec::new())
        };
        Action::new(key, label, description, noun, call, reads)
    })
}

fn lists() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, LIST, call, reads);
    vec![
        action(
            "create-list",
            "Create a List",
            "Adds a list to a board.",
            post("/api/boards/{board}/lists"),
            describe(NewList::read),
        ),
        action("update-list", "Update a List", "Changes a list of a board.", put("/api/lists/{list}"), describe(ListPatch::read)),
        action("delete-list", "Delete a List", "Deletes a list with the tasks in it.", delete("/api/lists/{list}"), Vec::new())
            .deleting(),
    ]
}

fn tasks() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, TASK, call, reads);
    vec![
        action(
            "create-task",
            "Create a Task",
            "Adds a task to a list of a board.",
            post("/api/boards/{board}/tasks"),
            describe(NewTask::read),
        )
        .saying("members", "Who else has to do with it.")
        .saying("labels", "What it is marked with.")
        .with_fields_of(FIELDS_OF_BOARD),
        action(
            "update-task",
            "Update a Task",
            "Changes a task. What is left empty stays as it is.",
            put("/api/tasks/{task}"),
            describe(TaskPatch::read),
        )
        .with_fields_of(FIELDS_OF_BOARD),
        action(
            "move-task",
            "Move a Task",
            "Moves a task to another list, perhaps of another board, or to another place on its list.",
            post("/api/tasks/{task}/move"),
            describe(TaskMove::read),
        )
        .asking("task", "Task", Some(TASKS_TO_MOVE))
        .asking("board", "To Board", None)
        .asking("list", "To List", None),
        action(
            "complete-task",
            "Complete a Task",
            "Marks a task as done.",
            post("/api/tasks/{task}/complete").with(&[("completed", "true")]),
            Vec::new(),
        ),
        action(
            "reopen-task",
            "Reopen a Task",
            "Marks a task as not done.",
            post("/api/tasks/{task}/complete").with(&[("completed", "false")]),
            Vec::new(),
        ),
        action("delete-task", "Delete a Task", "Deletes a task.", delete("/api/tasks/{task}"), Vec::new()).deleting(),
        Action::new(
            "comment-on-task",
            "Comment on a Task",
            "Adds a comment to a task.",
            TASK_COMMENT,
            post("/api/tasks/{task}/comments"),
            describe(NewTaskComment::read),
        ),
        Action::new(
            "add-task-member",
            "Add a Member to a Task",
            "Adds somebody of the team to a task.",
            MEMBER,
            post("/api/tasks/{task}/members"),
            describe(read_user),
        ),
        Action::new(
            "remove-task-member",
            "Remove a Member from a Task",
            "Takes somebody off a task.",
            MEMBER,
            delete("/api/tasks/{task}/members/{user}"),
            Vec::new(),
        )
        .deleting(),
    ]
}

fn labels() -> Vec<Action> {
    let action = |key, label, description, call, reads| Action::new(key, label, description, LABEL, call, reads);
    vec![
        action(
            "create-label",
            "Create a Label",
            "Adds a label to a board.",
            post("/api/boards/{board}/labels"),
            describe(NewLabel::read),
        ),
        action(
            "update-label",
            "Update a Label",
            "Changes a label of a board. What is left empty stays as it is.",
            put("/api/labels/{label}"),
            describe(LabelPatch::read),
        ),
        action(
            "delete-label",
            "Delete a Label",
            "Deletes a label, and takes it off all tasks.",
            delete("/api/labels/{label}"),
            Vec::new(),
        )
        .deleting(),
        action(
            "add-task-label",
            "Add a Label to a Task",
            "Marks a task with a label of its board.",
            post("/api/tasks/{task}/labels"),
            describe(read_label),
        ),
        action(
            "remove-task-label",
            "Remove a Label from a Task",
            "Takes a label off a task.",
            delete("/api/tasks/{task}/labels/{label}"),
            Vec::new(),
        )
        .deleting(),
    ]
}

/// The tasks of the board that one is moved away from.
const TASKS_TO_MOVE: &str = "tasks_to_move";

/// The look-ups beside the usual one of each kind of resource.
pub(super) fn lookups() -> Option<Lookup> {
    Lookup::of(TASK).map(|tasks| tasks.named(TASKS_TO_MOVE, "/api/boards/{from_board}/tasks"))
}

/// Every search.
pub(super) fn searches() -> Vec<Search> {
    vec![
        Search::new::<UserFilter>(
            "find-client",
            "Find a Client",
            "Finds a client by email address or by part of the name.",
            CLIENT,
            "/api/clients",
        )
        .or_create("create-client"),
        Search::new::<CompanyFilter>(
            "find-company",
            "Find a Company",
            "Finds a company by part of its name.",
            COMPANY,
            "/api/companies",
        )
        .or_create("create-company"),
        Search::new::<UserFilter>(
            "find-member",
            "Find a Member",
            "Finds a member of the team by email address or by part of the name.",
            MEMBER,
            "/api/members",
        )
        .or_create("invite-member"),
        Search::new::<FolderFilter>(
            "find-folder",
            "Find a Folder",
            "Finds a folder by part of its name.",
            FOLDER,
            "/api/folders",
        )
        .or_create("create-folder"),
        Search::new::<BoardFilter>("find-board", "Find a Board", "Finds a board by part of its title.", BOARD, "/api/boards")
            .or_create("create-board"),
        Search::new::<ListFilter>(
            "find-list",
            "Find a List",
            "Finds a list of a board by part of its title.",
            LIST,
            "/api/boards/{board}/lists",
        )
        .or_create("create-list"),
        Search::new::<TaskFilter>(
            "find-task",
            "Find a Task",
            "Finds a task of a board by part of its title, by who has to do with it, by its labels, its times or its custom fields.",
            TASK,
            "/api/boards/{board}/tasks",
        )
        .or_create("create-task")
        .with_fields_of(FIELDS_OF_BOARD),
    ]
}
