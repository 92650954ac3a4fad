//! A task: what is to be done, on a list of a board. Which tasks a list shows is in [`crate::task_filter`].

use crate::clock::Timestamp;
use crate::field_value::NewValue;
use crate::ids::{BoardId, CustomFieldId, LabelId, ListId, TaskId, UserId};
use crate::input::{Fields, Form, Invalid, Parser, Patch, as_form, boolean, id, integer, line, moment, text};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The most members, and the most labels, of a task.
const MOST: usize = 50;
/// The longest time before its end at which a task can be called to mind: a year.
const MOST_REMINDER_MINUTES: i64 = 366 * 24 * 60;
/// The most minutes a task can be estimated at: ten years.
const MOST_MINUTES: i64 = 10 * MOST_REMINDER_MINUTES;
/// The last place there can be on a list.
const LAST_PLACE: i64 = 1_000_000_000;

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// What it is about; may be HTML.
    pub description: Option<String>,
    /// The board it is on.
    pub board: BoardId,
    /// The list it is on.
    pub list: ListId,
    /// Its place on the list: those with smaller ones come before it. From 1; there may be gaps.
    pub position: i64,
    /// The task of the same board that it is a part of.
    pub parent: Option<TaskId>,
    /// Who is to do it: a member or a client.
    pub assignee: Option<UserId>,
    /// Who made it.
    pub author: Option<UserId>,
    /// Who else has to do with it, each once, in the order of their ids.
    pub members: Vec<UserId>,
    /// Its labels, each once, in the order of their ids.
    pub labels: Vec<LabelId>,
    /// What its custom fields hold, in the order of their ids.
    pub custom_fields: Vec<FieldValue>,
    /// Whether it is done.
    #[serde(flatten)]
    pub completion: Completion,
    /// When it is to be begun.
    pub start_at: Option<Timestamp>,
    /// When it is to be done.
    pub due_at: Option<Timestamp>,
    /// How many minutes before that it is to be called to mind.
    pub due_reminder: Option<i64>,
    /// How many more minutes it will take.
    pub remaining_minutes_estimate: Option<i64>,
    /// What there is no such thing as here.
    #[serde(flatten)]
    pub absent: Absent,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// Whether a task is done, since when, and by whose doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// When it was completed; `None` while it is open.
    pub completed_at: Option<Timestamp>,
    /// Who completed it.
    pub completer: Option<UserId>,
}

/// Kitchen prints whether a task is done as a number.
impl Serialize for Completion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("completed", &u8::from(self.completed_at.is_some()))?;
        map.serialize_entry("completed_at", &self.completed_at)?;
        map.serialize_entry("completer", &self.completer)?;
        map.end()
    }
}

/// What Kitchen's tasks have and these have not: always null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Absent {
    milestone: (),
    repeating: (),
    due_reminder_sent_at: (),
}

/// What a custom field holds on a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldValue {
    /// The custom field.
    pub custom_field: CustomFieldId,
    /// In the form its type has.
    pub value: Value,
}

/// A task to be made.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// See [`Task::title`].
    pub title: String,
    /// See [`Task::list`].
    pub list: ListId,
    /// See [`Task::description`].
    pub description: Option<String>,
    /// See [`Task::parent`].
    pub parent: Option<TaskId>,
    /// See [`Task::assignee`].
    pub assignee: Option<UserId>,
    /// See [`Task::members`].
    pub members: Vec<UserId>,
    /// See [`Task::labels`].
    pub labels: Vec<LabelId>,
    /// See [`Task::start_at`].
    pub start_at: Option<Timestamp>,
    /// See [`Task::due_at`].
    pub due_at: Option<Timestamp>,
    /// See [`Task::due_reminder`].
    pub due_reminder: Option<i64>,
    /// See [`Task::remaining_minutes_estimate`].
    pub remaining_minutes_estimate: Option<i64>,
    /// See [`Task::custom_fields`]; as they were sent.
    pub custom_fields: Vec<NewValue>,
}

/// What an update of a task changes. It is moved by a request of its own.
#[derive(Clone, Debug, Default)]
pub struct TaskPatch {
    /// See [`Task::title`].
    pub title: Option<String>,
    /// See [`Task::description`].
    pub description: Patch<String>,
    /// See [`Task::parent`].
    pub parent: Patch<TaskId>,
    /// See [`Task::assignee`].
    pub assignee: Patch<UserId>,
    /// See [`Task::members`].
    pub members: Patch<Vec<UserId>>,
    /// See [`Task::labels`].
    pub labels: Patch<Vec<LabelId>>,
    /// Whether it shall be done or open.
    pub is_completed: Option<bool>,
    /// See [`Task::start_at`].
    pub start_at: Patch<Timestamp>,
    /// See [`Task::due_at`].
    pub due_at: Patch<Timestamp>,
    /// See [`Task::due_reminder`].
    pub due_reminder: Patch<i64>,
    /// See [`Task::remaining_minutes_estimate`].
    pub remaining_minutes_estimate: Patch<i64>,
    /// Those of [`Task::custom_fields`] that change; as they were sent.
    pub custom_fields: Vec<NewValue>,
}

/// What a request calls the start of a task: Kitchen's documents have both names.
pub(crate) fn start_field(fields: &mut Fields<'_>) -> &'static str {
    fields.spelled("start_at", "starts_at")
}

/// Refuses what cannot be kept, rather than to lose it.
fn refuse_absent(fields: &mut Fields<'_>) {
    if fields.raw("milestone").is_some() {
        fields.refuse("milestone", "There are no milestones here yet; leave the milestone field out.");
    }
    if fields.raw("repeating").is_some_and(|value| boolean().parse(value) != Ok(false)) {
        fields.refuse("repeating", "Tasks do not repeat here yet; leave the repeating field out.");
    }
}

fn reminder() -> impl Parser<i64> {
    integer(0, MOST_REMINDER_MINUTES)
}

/// Said of a reminder without the time it counts from.
const NO_DUE_DATE: &str = "The due_reminder field counts from due_at; set that too.";

impl NewTask {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let list = fields.required("list", id(ListId::parse));
        let title = fields.required("title", line(255));
        let description = fields.optional("description", text(10_000));
        let assignee = fields.optional("assignee", id(UserId::parse));
        let members = fields.list("members", MOST, id(UserId::parse)).unwrap_or_default();
        let labels = fields.list("labels", MOST, id(LabelId::parse)).unwrap_or_default();
        let start = start_field(&mut fields);
        let start_at = fields.optional(start, moment());
        let due_at = fields.optional("due_at", moment());
        let due_reminder = fields.optional("due_reminder", reminder());
        let remaining_minutes_estimate = fields.optional("remaining_minutes_estimate", integer(0, MOST_MINUTES));
        let parent = fields.optional("parent", id(TaskId::parse));
        let custom_fields = fields.optional("custom_fields", NewValue::read_all()).unwrap_or_default();
        refuse_absent(&mut fields);
        if due_reminder.is_some() && fields.raw("due_at").is_none() {
            fields.refuse("due_reminder", NO_DUE_DATE);
        }
        fields.finish(|| {
            Some(Self {
                title: title?,
                list: list?,
                description,
                parent,
                assignee,
                members,
                labels,
                start_at,
                due_at,
                due_reminder,
                remaining_minutes_estimate,
                custom_fields,
            })
        })
    }
}

impl TaskPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let start = start_field(&mut fields);
        let patch = Self {
            title: fields.change("title", line(255)),
            description: fields.patch("description", text(10_000)),
            assignee: fields.patch("assignee", id(UserId::parse)),
            members: fields.patch_list("members", MOST, id(UserId::parse)),
            labels: fields.patch_list("labels", MOST, id(LabelId::parse)),
            is_completed: fields.change("completed", boolean()),
            start_at: fields.patch(start, moment()),
            due_at: fields.patch("due_at", moment()),
            due_reminder: fields.patch("due_reminder", reminder()),
            remaining_minutes_estimate: fields.patch("remaining_minutes_estimate", integer(0, MOST_MINUTES)),
            parent: fields.patch("parent", id(TaskId::parse)),
            custom_fields: fields.optional("custom_fields", NewValue::read_all()).unwrap_or_default(),
        };
        refuse_absent(&mut fields);
        fields.finish(|| Some(patch))
    }

    /// The task after the update, but for whether it is done: that is [`Task::completed`].
    pub fn apply(self, task: Task, now: Timestamp) -> Result<Task, Invalid> {
        let due_at = self.due_at.apply(task.due_at);
        // A reminder goes with the time it counts from.
        let kept = task.due_reminder.filter(|_| due_at.is_some());
        let due_reminder = self.due_reminder.apply(kept);
        if due_reminder.is_some() && due_at.is_none() {
            return Err(Invalid::field("due_reminder", NO_DUE_DATE));
        }
        Ok(Task {
            title: self.title.unwrap_or(task.title),
            description: self.description.apply(task.description),
            parent: self.parent.apply(task.parent),
            assignee: self.assignee.apply(task.assignee),
            members: replaced(self.members, task.members),
            labels: replaced(self.labels, task.labels),
            start_at: self.start_at.apply(task.start_at),
            due_at,
            due_reminder,
            remaining_minutes_estimate: self.remaining_minutes_estimate.apply(task.remaining_minutes_estimate),
            updated_at: now,
            ..task
        })
    }
}

fn replaced<T: Ord>(patch: Patch<Vec<T>>, current: Vec<T>) -> Vec<T> {
    each_once(patch.apply(Some(current)).unwrap_or_default())
}

/// Each of these once, in their order.
pub fn each_once<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort();
    ids.dedup();
    ids
}

impl Task {
    /// The task once it is done, or open again; as it is if it is so already.
    #[must_use]
    pub fn completed(self, is_completed: bool, by: Option<UserId>, now: Timestamp) -> Self {
        if self.is_completed() == is_completed {
            return self;
        }
        let completion = if is_completed { Completion { completed_at: Some(now), completer: by } } else { Completion::default() };
        Self { completion, updated_at: now, ..self }
    }

    /// Whether it is done.
    pub const fn is_completed(&self) -> bool {
        self.completion.completed_at.is_some()
    }
}

/// Reads what a request to complete a task says: `completed`; true unless it says otherwise.
pub fn read_completed(body: &Value) -> Result<bool, Invalid> {
    let mut fields = Fields::of(body);
    let is_completed = fields.optional("completed", boolean());
    fields.finish(|| Some(is_completed.unwrap_or(true)))
}

/// Reads who is to be added to a task's members: `user`.
pub fn read_user(body: &Value) -> Result<UserId, Invalid> {
    let mut fields = Fields::of(body);
    let user = fields.required("user", id(UserId::parse));
    fields.finish(|| user)
}

/// Where on a list a task is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    Top,
    /// Behind all others.
    Bottom,
    /// At that place, counted from 1; behind all others if there are not as many.
    At(i64),
}

impl Place {
    fn read() -> impl Parser<Self> {
        as_form(Form::Text { max: 16, is_line: true }, |value: &Value| match value.as_str().map(str::trim) {
            Some("top") => Ok(Self::Top),
            Some("bottom") => Ok(Self::Bottom),
            _ => integer(1, LAST_PLACE)
                .parse(value)
                .map(Self::At)
                .map_err(|_| format!("The :field field must be top, bottom, or an integer from 1 to {LAST_PLACE}.")),
        })
    }
}

/// Where a task is to be moved.
#[derive(Clone, Debug)]
pub struct TaskMove {
    /// The board, if it was named: the list must be on it.
    pub board: Option<BoardId>,
    /// The list; the one it is on already if only a place was named.
    pub list: Option<ListId>,
    /// Where on the list.
    pub place: Place,
}

impl TaskMove {
    /// Reads the body of a move: `board`, `list`, and `position`, which is the bottom unless it is said.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let board = fields.optional("board", id(BoardId::parse));
        let list = fields.optional("list", id(ListId::parse));
        let place = fields.optional("position", Place::read());
        if fields.raw("list").is_none() && (fields.raw("board").is_some() || fields.raw("position").is_none()) {
            fields.refuse("list", "The list field is required: the id of the list the task shall be on.");
        }
        fields.finish(|| Some(Self { board, list, place: place.unwrap_or(Place::Bottom) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reminder_needs_the_time_it_counts_from() {
        let list = "tskl_000000000000000000000000";
        let named = |invalid: Invalid| invalid.errors.into_keys().collect::<Vec<_>>();
        let read = |body: Value| NewTask::read(&body).map(drop).map_err(named);
        assert_eq!(read(json!({"list": list, "title": "T", "due_reminder": 5, "due_at": 7})), Ok(()));
        assert_eq!(read(json!({"list": list, "title": "T", "due_reminder": 5})), Err(vec!["due_reminder".to_owned()]));
        assert_eq!(read(json!({"due_reminder": 5})), Err(["due_reminder", "list", "title"].map(str::to_owned).to_vec()));
        assert_eq!(read(json!({"list": list, "title": "T", "due_reminder": 5, "due_at": "x"})), Err(vec!["due_at".to_owned()]));
    }

    #[test]
    fn a_move_names_a_list_or_a_place() {
        let read = |body: Value| TaskMove::read(&body).map(|target| target.place).map_err(|invalid| invalid.message());
        assert_eq!(read(json!({"position": "top"})), Ok(Place::Top));
        assert_eq!(read(json!({"list": "tskl_000000000000000000000000", "position": "12"})), Ok(Place::At(12)));
        assert_eq!(read(json!({"list": "tskl_000000000000000000000000"})), Ok(Place::Bottom));
        assert!(read(json!({"list": "tskl_000000000000000000000000", "position": 0})).is_err());
        assert!(read(json!({})).is_err() && read(json!({"board": "tskb_000000000000000000000000", "position": 1})).is_err());
    }
}
