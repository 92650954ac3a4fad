//! Tasks: what is on the lists of boards. Where on a list they are is in `task_places`, what they are marked with in `task_links`, and
//! how they go in `task_deletions`.
//!
//! Locks are taken in one order, so that no two wait for each other: the workspace's turn (by whoever changes several tasks, or what
//! lies above one), the list, people and labels, the parent, the task. What hangs on a task is read after it is locked.

use crate::insert::Insert;
use crate::paging::{Select, convert, fold, literal};
use crate::work::View;
use crate::{Result, StoreError, Work, boards, custom_fields, folders, labels, lists, task_links, task_places, users};
use domain::board::List;
use domain::clock::Timestamp;
use domain::custom_field::FieldType;
use domain::event::EventType;
use domain::ids::{BoardId, LabelId, ListId, TaskId, UserId};
use domain::input::{Invalid, Patch, unknown_id};
use domain::page::{Page, PageRequest};
use domain::task::{Absent, Completion, NewTask, Task, TaskPatch, each_once};
use domain::task_filter::{Span, TaskFilter};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    board_id: String,
    list_id: String,
    position: i64,
    parent_id: Option<String>,
    title: String,
    description: Option<String>,
    assignee_id: Option<String>,
    author_id: Option<String>,
    start_at: Option<i64>,
    due_at: Option<i64>,
    due_reminder: Option<i64>,
    remaining_minutes: Option<i64>,
    completed_at: Option<i64>,
    completer_id: Option<String>,
    created_at: i64,
    updated_at: i64,
    members: Option<String>,
    labels: Option<String>,
    custom_fields: Option<String>,
}

const COLUMNS: &str = "id, board_id, list_id, position, parent_id, title, description, assignee_id, author_id, start_at, due_at, \
     due_reminder, remaining_minutes, completed_at, completer_id, created_at, updated_at, \
     (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM task_members WHERE task_id = tasks.id) AS members, \
     (SELECT string_agg(label_id, ' ' ORDER BY label_id) FROM task_labels WHERE task_id = tasks.id) AS labels, \
     (SELECT string_agg(custom_field_id || ' ' || value, '\n' ORDER BY custom_field_id) FROM task_custom_fields \
     WHERE task_id = tasks.id) AS custom_fields";

impl TryFrom<Row> for Task {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        Ok(Self {
            id: TaskId::from_stored(row.id),
            title: row.title,
            description: row.description,
            board: BoardId::from_stored(row.board_id),
            list: ListId::from_stored(row.list_id),
            position: row.position,
            parent: row.parent_id.map(TaskId::from_stored),
            assignee: row.assignee_id.map(UserId::from_stored),
            author: row.author_id.map(UserId::from_stored),
            members: task_links::ids(row.members.as_deref(), UserId::from_stored),
            labels: task_links::ids(row.labels.as_deref(), LabelId::from_stored),
            custom_fields: task_links::values(row.custom_fields.as_deref())?,
            completion: Completion { completed_at: at(row.completed_at), completer: row.completer_id.map(UserId::from_stored) },
            start_at: at(row.start_at),
            due_at: at(row.due_at),
            due_reminder: row.due_reminder,
            remaining_minutes_estimate: row.remaining_minutes,
            absent: Absent::default(),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "tasks", COLUMNS).and_is("deleted_at IS NULL")
}

/// Whether a task says something in a custom field; both in one text.
const SAYS: &str =
    "EXISTS (SELECT 1 FROM task_custom_fields WHERE task_id = tasks.id AND custom_field_id || ' ' || value LIKE ? ESCAPE '\\')";

/// A page of the tasks on a board.
pub async fn list(view: &mut impl View, board: &BoardId, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
    boards::require(view, board).await?;
    let mut select = alive(view).and("board_id = ?", board.as_str()).named(filter.title.as_ref());
    if let Some(is_completed) = filter.is_completed {
        select = select.and_is(if is_completed { "completed_at IS NOT NULL" } else { "completed_at IS NULL" });
    }
    if filter.is_repeating == Some(true) {
        select = select.and_is("FALSE");
    }
    let with = |link: &str, id: &str| format!("EXISTS (SELECT 1 FROM {link} WHERE task_id = tasks.id AND {id} IN (?))");
    let select = select
        .and_in("list_id IN (?)", filter.lists.iter().map(ListId::as_str))
        .and_in(&with("task_members", "user_id"), filter.members.iter().map(UserId::as_str))
        .and_in(&with("task_labels", "label_id"), filter.labels.iter().map(LabelId::as_str));
    let mut select = select;
    for wanted in filter.custom_fields {
        let Some(value) = wanted.value else { continue };
        let field = match custom_fields::get(view, Some(board), &wanted.custom_field).await {
            // Nothing found would be taken for a reason to make one.
            Err(StoreError::NotFound) => {
                let name = format!("custom_fields.{}", wanted.custom_field);
                return Err(Invalid::field(&name, format!("The selected {name} is invalid: the board has no such field.")).into());
            }
            found => found?,
        };
        // No task says what its field cannot hold.
        select = match field.sought(&value) {
            Some(text) => {
                let any = if field.field_type == FieldType::MultiList { "%" } else { "" };
                select.and(SAYS, format!("{} {any}{}{any}", literal(field.id.as_str()), literal(&text)))
            }
            None => select.and_is("FALSE"),
        };
    }
    let select = during(during(select, "start_at", filter.start_at), "due_at", filter.due_at);
    convert(select.page::<Row>(view, page).await?)
}

fn during(select: Select, column: &str, span: Span) -> Select {
    select
        .and_if(&format!("{column} >= ?"), span.from.map(Timestamp::millis))
        .and_if(&format!("{column} < ?"), span.before.map(Timestamp::millis))
}

/// One task.
pub async fn get(view: &mut impl View, id: &TaskId) -> Result<Task> {
    if !view.lock().is_empty() {
        lock(view, id).await?;
    }
    read(view, id).await
}

/// One task, as it is without being locked.
pub(crate) async fn read(view: &mut impl View, id: &TaskId) -> Result<Task> {
    let mut rows: Vec<Row> = alive(view).and("id = ?", id.as_str()).first(view, "id", 1).await?;
    rows.pop().ok_or(StoreError::NotFound)?.try_into()
}

/// Locks a task, and says which board it is on.
async fn lock(view: &mut impl View, id: &TaskId) -> Result<BoardId> {
    let select = Select::from(view, "tasks", "board_id").and_is("deleted_at IS NULL").and("id = ?", id.as_str());
    let (board,): (String,) = select.one(view).await?;
    Ok(BoardId::from_stored(board))
}

/// Makes a task, at the bottom of its list.
pub async fn create(work: &mut Work, board: &BoardId, new: NewTask) -> Result<Task> {
    let now = work.now();
    boards::require(work, board).await?;
    require_list(work, &new.list, Some(board)).await?;
    require_people(work, new.assignee.as_ref(), &new.members).await?;
    labels::require(&labels::those_of(work, &new.labels).await?, &new.labels, board)?;
    if let Some(parent) = &new.parent {
        require_parent(lock(work, parent).await, board)?;
    }
    let found = task_links::fields_of(work, new.custom_fields).await?;
    let custom_fields = task_links::said(board, found, Vec::new())?;
    let position = task_places::last(work, &new.list).await?;
    let task = Task {
        id: TaskId::new(now),
        title: new.title,
        description: new.description,
        board: board.clone(),
        list: new.list,
        position,
        parent: new.parent,
        assignee: new.assignee,
        author: users::find_author(work).await?,
        members: each_once(new.members),
        labels: each_once(new.labels),
        custom_fields,
        completion: Completion::default(),
        start_at: new.start_at,
        due_at: new.due_at,
        due_reminder: new.due_reminder,
        remaining_minutes_estimate: new.remaining_minutes_estimate,
        absent: Absent::default(),
        created_at: now,
        updated_at: now,
    };
    insert(work, &task, None)?;
    Ok(task)
}

/// Writes a new task, on a list that the caller has locked; perhaps the copy of another one.
pub(crate) fn insert(work: &mut Work, task: &Task, copied_from: Option<&str>) -> Result<()> {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("tasks")
            .set("id", task.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("board_id", task.board.as_str())
            .set("list_id", task.list.as_str())
            .set("position", task.position)
            .set("parent_id", task.parent.as_ref().map(TaskId::as_str))
            .set("title", &task.title)
            .set("name_key", fold(&task.title))
            .set("description", &task.description)
            .set("assignee_id", task.assignee.as_ref().map(UserId::as_str))
            .set("author_id", task.author.as_ref().map(UserId::as_str))
            .set("start_at", task.start_at.map(Timestamp::millis))
            .set("due_at", task.due_at.map(Timestamp::millis))
            .set("due_reminder", task.due_reminder)
            .set("remaining_minutes", task.remaining_minutes_estimate)
            .set("completed_at", task.completion.completed_at.map(Timestamp::millis))
            .set("completer_id", task.completion.completer.as_ref().map(UserId::as_str))
            .set("copied_from", copied_from)
            .set("created_at", task.created_at.millis())
            .set("updated_at", task.updated_at.millis()),
    );
    task_links::insert(work, task);
    work.record(EventType::TASK_CREATED, None, task)
}

/// Changes a task.
pub async fn update(work: &mut Work, id: &TaskId, mut patch: TaskPatch) -> Result<Task> {
    let (now, is_completed) = (work.now(), patch.is_completed);
    if named(&patch.parent).is_some() {
        // Two tasks that become part of each other at once would tie a ring that neither of the requests sees.
        folders::take_turn(work).await?;
    }
    let members = named(&patch.members).map_or(&[][..], Vec::as_slice);
    let people = require_people(work, named(&patch.assignee), members).await;
    let wanted = named(&patch.labels).map_or(&[][..], Vec::as_slice);
    let found = labels::those_of(work, wanted).await?;
    let parent = match named(&patch.parent) {
        Some(parent) => Some((parent, lock(work, parent).await)),
        None => None,
    };
    let values = task_links::fields_of(work, std::mem::take(&mut patch.custom_fields)).await?;
    // Last, so that what is not there is not found, whatever else the request names.
    let before = get(work, id).await?;
    people?;
    labels::require(&found, wanted, &before.board)?;
    if let Some((parent, board)) = parent {
        require_parent(board, &before.board)?;
        if is_at_or_below(work, parent, id).await? {
            return Err(Invalid::field("parent", "A task cannot be a part of itself, or of one of its own parts.").into());
        }
    }
    let custom_fields = task_links::said(&before.board, values, before.custom_fields.clone())?;
    let mut after = Task { custom_fields, ..patch.apply(before.clone(), now)? };
    if let Some(is_completed) = is_completed.filter(|is_completed| *is_completed != before.is_completed()) {
        after = after.completed(is_completed, users::find_author(work).await?, now);
    }
    save(work, before, after).await
}

/// What a patch sets a field to.
const fn named<T>(patch: &Patch<T>) -> Option<&T> {
    match patch {
        Patch::Set(value) => Some(value),
        Patch::Keep | Patch::Clear => None,
    }
}

/// Completes a task, or opens it again; one that is so already stays as it is.
pub async fn complete(work: &mut Work, id: &TaskId, is_completed: bool) -> Result<Task> {
    update(work, id, TaskPatch { is_completed: Some(is_completed), ..TaskPatch::default() }).await
}

/// Writes what changed; nothing at all if nothing did.
pub(crate) async fn save(work: &mut Work, before: Task, after: Task) -> Result<Task> {
    if (Task { updated_at: before.updated_at, ..after.clone() }) == before {
        return Ok(before);
    }
    on!(work, conn => sqlx::query(
        "UPDATE tasks SET board_id = $2, list_id = $3, position = $4, parent_id = $5, title = $6, name_key = $7, description = $8, \
         assignee_id = $9, start_at = $10, due_at = $11, due_reminder = $12, remaining_minutes = $13, completed_at = $14, \
         completer_id = $15, updated_at = $16 WHERE id = $1",
    )
    .bind(after.id.as_str())
    .bind(after.board.as_str())
    .bind(after.list.as_str())
    .bind(after.position)
    .bind(after.parent.as_ref().map(TaskId::as_str))
    .bind(&after.title)
    .bind(fold(&after.title))
    .bind(&after.description)
    .bind(after.assignee.as_ref().map(UserId::as_str))
    .bind(after.start_at.map(Timestamp::millis))
    .bind(after.due_at.map(Timestamp::millis))
    .bind(after.due_reminder)
    .bind(after.remaining_minutes_estimate)
    .bind(after.completion.completed_at.map(Timestamp::millis))
    .bind(after.completion.completer.as_ref().map(UserId::as_str))
    .bind(after.updated_at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    task_links::save(work, &before, &after).await?;
    record(work, &before, &after)?;
    Ok(after)
}

/// A change of which one part is that a task is done is two events: one of that, and one of the rest if there is any. Another place
/// on the same list is an update; `task.moved` tells of another list.
fn record(work: &mut Work, before: &Task, after: &Task) -> Result<()> {
    if before.list != after.list {
        return work.record(EventType::TASK_MOVED, Some(before), after);
    }
    if before.completion == after.completion {
        return work.record(EventType::TASK_UPDATED, Some(before), after);
    }
    let told = if after.is_completed() { EventType::TASK_COMPLETED } else { EventType::TASK_REOPENED };
    let rest = Task { completion: before.completion.clone(), ..after.clone() };
    if (Task { updated_at: before.updated_at, ..rest.clone() }) == *before {
        return work.record(told, Some(before), after);
    }
    work.record(EventType::TASK_UPDATED, Some(before), &rest)?;
    work.record(told, Some(&rest), after)
}

/// Tasks that satisfy a condition, locked, at most so many, in the order of their making. Nothing comes to satisfy it meanwhile: the
/// caller has locked whatever it is about.
pub(crate) async fn those_of(work: &mut Work, condition: &str, value: &str, most: u32) -> Result<Vec<Task>> {
    if !work.lock().is_empty() {
        let select = Select::from(work, "tasks", "id").and_is("deleted_at IS NULL").and(condition, value);
        drop(select.locked::<(String,)>(work, most).await?);
    }
    let rows: Vec<Row> = alive(work).and(condition, value).first(work, "id", most).await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Whether a task is another one or a part of it, at any depth.
async fn is_at_or_below(work: &mut Work, id: &TaskId, outer: &TaskId) -> Result<bool> {
    let count: i64 = on!(work, conn => sqlx::query_scalar(
        "WITH RECURSIVE above (id) AS ( \
             SELECT $1 \
             UNION SELECT tasks.parent_id FROM tasks JOIN above ON tasks.id = above.id WHERE tasks.parent_id IS NOT NULL \
         ) SELECT COUNT(*) FROM above WHERE id = $2",
    )
    .bind(id.as_str())
    .bind(outer.as_str())
    .fetch_one(conn)
    .await)?;
    Ok(count > 0)
}

/// A list named as a target, locked. It must exist, and be on the board that is named with it.
pub(crate) async fn require_list(work: &mut Work, id: &ListId, board: Option<&BoardId>) -> Result<List> {
    if let Some(board) = board {
        boards::require(work, board).await.map_err(|error| as_unknown("board", error))?;
    }
    let list = lists::get(work, id).await.map_err(|error| as_unknown("list", error))?;
    if board.is_some_and(|board| *board != list.board) {
        return Err(Invalid::field("list", "The selected list is not on this board.").into());
    }
    Ok(list)
}

/// The board of a task named as parent must be the one its part is on.
fn require_parent(found: Result<BoardId>, board: &BoardId) -> Result<()> {
    if found.map_err(|error| as_unknown("parent", error))? == *board {
        return Ok(());
    }
    Err(Invalid::field("parent", "The selected parent is on another board.").into())
}

/// People named on a task must be clients or members, who stay locked so that none is deleted meanwhile.
async fn require_people(work: &mut Work, assignee: Option<&UserId>, members: &[UserId]) -> Result<()> {
    let named: Vec<&UserId> = assignee.into_iter().chain(members).collect();
    let found = users::those_of(work, &named).await?;
    if assignee.is_some_and(|assignee| !found.contains(assignee)) {
        return Err(unknown_id("assignee").into());
    }
    match members.iter().position(|member| !found.contains(member)) {
        Some(place) => Err(unknown_id(&format!("members.{place}")).into()),
        None => Ok(()),
    }
}

/// What is not there was no good value of a field.
fn as_unknown(field: &str, error: StoreError) -> StoreError {
    if matches!(error, StoreError::NotFound) { unknown_id(field).into() } else { error }
}

/// The tasks of a list that were made until a moment, behind one of them in the order of their making, at most `limit`.
pub(crate) async fn inside(view: &mut impl View, list: &str, behind: &str, until: Timestamp, limit: u32) -> Result<Vec<Task>> {
    let select = alive(view).and("list_id = ?", list).and("id > ?", behind).and("created_at <= ?", until.millis());
    let rows: Vec<Row> = select.first(view, "id", limit).await?;
    rows.into_iter().map(Task::try_from).collect()
}
