//! What hangs on tasks: members, labels, and what custom fields hold. Written together with the task they hang on, as the difference
//! between what it was and what it is. Read as one text each, so that a task is one row.

use crate::insert::Insert;
use crate::{Result, StoreError, Work, custom_fields, labels, tasks, users};
use domain::custom_field::CustomField;
use domain::field_value::NewValue;
use domain::ids::{BoardId, CustomFieldId, LabelId, TaskId, UserId};
use domain::input::{Invalid, unknown_id};
use domain::label::Label;
use domain::task::{FieldValue, Task, each_once};
use domain::user::User;
use serde_json::Value;

/// Ids with a blank between them.
pub(crate) fn ids<T>(text: Option<&str>, of: fn(String) -> T) -> Vec<T> {
    text.unwrap_or_default().split_whitespace().map(|id| of(id.to_owned())).collect()
}

/// What custom fields hold, a line each.
pub(crate) fn values(text: Option<&str>) -> Result<Vec<FieldValue>> {
    let value = |line: &str| {
        let (id, value) = line.split_once(' ').ok_or_else(|| StoreError::Damaged("a custom field without its value".into()))?;
        Ok(FieldValue { custom_field: CustomFieldId::from_stored(id.to_owned()), value: serde_json::from_str(value)? })
    };
    text.unwrap_or_default().lines().map(value).collect()
}

/// Marks a task with a label of its board. Says which, and whether it is new on it.
pub async fn add_label(work: &mut Work, id: &TaskId, label: &LabelId) -> Result<(Label, bool)> {
    let found = labels::those_of(work, std::slice::from_ref(label)).await?;
    let before = tasks::get(work, id).await?;
    let Some(label) = found.into_iter().find(|label| label.board == before.board) else { return Err(unknown_id("label").into()) };
    if before.labels.contains(&label.id) {
        return Ok((label, false));
    }
    let marked = [&before.labels[..], std::slice::from_ref(&label.id)].concat();
    let after = Task { labels: each_once(marked), updated_at: work.now(), ..before.clone() };
    tasks::save(work, before, after).await?;
    Ok((label, true))
}

/// Takes a label off a task.
pub async fn remove_label(work: &mut Work, id: &TaskId, label: &LabelId) -> Result<()> {
    let before = tasks::get(work, id).await?;
    let mut after = Task { updated_at: work.now(), ..before.clone() };
    after.labels.retain(|other| other != label);
    if after.labels.len() == before.labels.len() {
        return Err(StoreError::NotFound);
    }
    tasks::save(work, before, after).await.map(drop)
}

/// Adds a client or a member to those a task has to do with. Says whom, and whether they are new to it.
pub async fn add_member(work: &mut Work, id: &TaskId, user: &UserId) -> Result<(User, bool)> {
    users::those_of(work, &[user]).await?;
    let before = tasks::get(work, id).await?;
    let user = users::list_of_ids(work, &[user]).await?.pop().ok_or_else(|| unknown_id("user"))?;
    if before.members.contains(&user.id) {
        return Ok((user, false));
    }
    let members = [&before.members[..], std::slice::from_ref(&user.id)].concat();
    let after = Task { members: each_once(members), updated_at: work.now(), ..before.clone() };
    tasks::save(work, before, after).await?;
    Ok((user, true))
}

/// Takes somebody away from those a task has to do with.
pub async fn remove_member(work: &mut Work, id: &TaskId, user: &UserId) -> Result<()> {
    let before = tasks::get(work, id).await?;
    let mut after = Task { updated_at: work.now(), ..before.clone() };
    after.members.retain(|other| other != user);
    if after.members.len() == before.members.len() {
        return Err(StoreError::NotFound);
    }
    tasks::save(work, before, after).await.map(drop)
}

/// Says what a task has in a custom field of its board; of nothing, null. Gives the value as it is kept, and whether the task had none
/// before; nothing if the board has no such field.
pub async fn set_value(
    work: &mut Work,
    id: &TaskId,
    field: &CustomFieldId,
    value: Option<&Value>,
) -> Result<Option<(FieldValue, bool)>> {
    let field = match custom_fields::get(work, None, field).await {
        Err(StoreError::NotFound) => None,
        found => Some(found?),
    };
    let before = tasks::get(work, id).await?;
    let Some(field) = field.filter(|field| field.board == before.board) else { return Ok(None) };
    let value = value.map_or(Ok(Value::Null), |value| field.read_value(value));
    let value = value.map_err(|message| Invalid::field("value", message.replace(":field", "value")))?;
    let value = FieldValue { custom_field: field.id, value };
    let mut after = Task { updated_at: work.now(), ..before.clone() };
    after.custom_fields.retain(|other| other.custom_field != value.custom_field);
    let is_new = after.custom_fields.len() == before.custom_fields.len();
    after.custom_fields.push(value.clone());
    after.custom_fields.sort_by(|one, other| one.custom_field.cmp(&other.custom_field));
    tasks::save(work, before, after).await?;
    Ok(Some((value, is_new)))
}

/// The custom fields of these values, locked, each if there is one.
pub(crate) async fn fields_of(work: &mut Work, mut wanted: Vec<NewValue>) -> Result<Vec<(NewValue, Option<CustomField>)>> {
    // In one order, so that no two wait for each other.
    wanted.sort_by(|one, other| one.custom_field.cmp(&other.custom_field));
    let mut found = Vec::with_capacity(wanted.len());
    for value in wanted {
        let field = match custom_fields::get(work, None, &value.custom_field).await {
            Err(StoreError::NotFound) => None,
            field => Some(field?),
        };
        found.push((value, field));
    }
    Ok(found)
}

/// What a task on this board says in custom fields once these are set; of nothing, a field is no longer among them.
pub(crate) fn said(
    board: &BoardId,
    wanted: Vec<(NewValue, Option<CustomField>)>,
    mut values: Vec<FieldValue>,
) -> std::result::Result<Vec<FieldValue>, Invalid> {
    let mut invalid = Invalid::default();
    for (NewValue { custom_field, value }, field) in wanted {
        let name = format!("custom_fields.{custom_field}");
        let Some(field) = field.filter(|field| field.board == *board) else {
            invalid.add(&name, format!("The selected {name} is invalid."));
            continue;
        };
        values.retain(|other| other.custom_field != field.id);
        match value.map(|value| field.read_value(&value)) {
            None => {}
            Some(Ok(value)) => values.push(FieldValue { custom_field: field.id, value }),
            Some(Err(message)) => invalid.add(&name, message.replace(":field", &name)),
        }
    }
    values.sort_by(|one, other| one.custom_field.cmp(&other.custom_field));
    invalid.or(values)
}

/// Lets a task say nothing in a custom field.
pub async fn remove_value(work: &mut Work, id: &TaskId, field: &CustomFieldId) -> Result<()> {
    let before = tasks::get(work, id).await?;
    let mut after = Task { updated_at: work.now(), ..before.clone() };
    after.custom_fields.retain(|value| value.custom_field != *field);
    if after.custom_fields.len() == before.custom_fields.len() {
        return Err(StoreError::NotFound);
    }
    tasks::save(work, before, after).await.map(drop)
}

/// Writes what hangs on a new task.
pub(crate) fn insert(work: &mut Work, task: &Task) {
    for user in &task.members {
        work.insert(member(task, user));
    }
    for label in &task.labels {
        work.insert(labelled(task, label));
    }
    for value in &task.custom_fields {
        work.insert(valued(task, value));
    }
}

fn member(task: &Task, user: &UserId) -> Insert {
    Insert::into("task_members").set("task_id", task.id.as_str()).set("user_id", user.as_str())
}

fn labelled(task: &Task, label: &LabelId) -> Insert {
    Insert::into("task_labels").set("task_id", task.id.as_str()).set("label_id", label.as_str())
}

fn valued(task: &Task, value: &FieldValue) -> Insert {
    Insert::into("task_custom_fields")
        .set("task_id", task.id.as_str())
        .set("custom_field_id", value.custom_field.as_str())
        .set("value", value.value.to_string())
}

/// Writes the difference. The task is locked.
pub(crate) async fn save(work: &mut Work, before: &Task, after: &Task) -> Result<()> {
    for user in before.members.iter().filter(|user| !after.members.contains(user)) {
        remove(work, "DELETE FROM task_members WHERE task_id = $1 AND user_id = $2", after, user.as_str()).await?;
    }
    for label in before.labels.iter().filter(|label| !after.labels.contains(label)) {
        remove(work, "DELETE FROM task_labels WHERE task_id = $1 AND label_id = $2", after, label.as_str()).await?;
    }
    for value in before.custom_fields.iter().filter(|value| !after.custom_fields.contains(value)) {
        let gone = "DELETE FROM task_custom_fields WHERE task_id = $1 AND custom_field_id = $2";
        remove(work, gone, after, value.custom_field.as_str()).await?;
    }
    for user in after.members.iter().filter(|user| !before.members.contains(user)) {
        work.insert(member(after, user));
    }
    for label in after.labels.iter().filter(|label| !before.labels.contains(label)) {
        work.insert(labelled(after, label));
    }
    for value in after.custom_fields.iter().filter(|value| !before.custom_fields.contains(value)) {
        work.insert(valued(after, value));
    }
    Ok(())
}

async fn remove(work: &mut Work, text: &'static str, task: &Task, other: &str) -> Result<()> {
    Ok(on!(work, conn => sqlx::query(text).bind(task.id.as_str()).bind(other).execute(conn).await.map(drop))?)
}
