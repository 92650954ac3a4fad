//! Copies of what boards hold, a run of rows at a time: labels, custom fields, the tasks of their lists, and which of these are parts of
//! which. Copies know what they were made from, so that what one names is found among the copies. Comments are not copied.

use crate::paging::Select;
use crate::{Result, StoreError, Work, custom_fields, labels, tasks, users};
use domain::clock::Timestamp;
use domain::custom_field::CustomField;
use domain::ids::{BoardId, CustomFieldId, LabelId, ListId, TaskId, UserId};
use domain::input::Patch;
use domain::label::Label;
use domain::task::{FieldValue, Task, TaskPatch};
use std::collections::{BTreeSet, HashMap};

/// What is to be copied next: the children of something, behind one of them in the order of their making, made until a moment, at most
/// so many.
pub(crate) struct Run<'a> {
    pub(crate) of: &'a str,
    pub(crate) behind: &'a str,
    pub(crate) until: Timestamp,
    pub(crate) limit: u32,
}

/// What was copied: how many, and the last of them; `None` at the end.
pub(crate) struct Done {
    pub(crate) count: u32,
    pub(crate) last: Option<String>,
}

impl Run<'_> {
    fn done<'i>(&self, ids: impl ExactSizeIterator<Item = &'i str>) -> Done {
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        Done { count, last: ids.last().filter(|_| count == self.limit).map(str::to_owned) }
    }
}

/// Copies labels of a board.
pub(crate) async fn copy_labels(work: &mut Work, run: &Run<'_>, board: &BoardId) -> Result<Done> {
    let now = work.now();
    let found = labels::inside(work, run.of, run.behind, run.until, run.limit).await?;
    for label in &found {
        let copy = Label { id: LabelId::new(now), board: board.clone(), created_at: now, updated_at: now, ..label.clone() };
        labels::insert(work, &copy, Some(label.id.as_str()));
    }
    Ok(run.done(found.iter().map(|label| label.id.as_str())))
}

/// Copies custom fields of a board. Their options keep their ids, so that what tasks say in them stays as it is.
pub(crate) async fn copy_custom_fields(work: &mut Work, run: &Run<'_>, board: &BoardId) -> Result<Done> {
    let now = work.now();
    let found = custom_fields::inside(work, run.of, run.behind, run.until, run.limit).await?;
    for field in &found {
        let (id, board) = (CustomFieldId::new(now), board.clone());
        let copy = CustomField { id, board, created_at: now, updated_at: now, ..field.clone() };
        custom_fields::insert(work, &copy, Some(field.id.as_str()))?;
    }
    Ok(run.done(found.iter().map(|field| field.id.as_str())))
}

/// Copies tasks of a list onto another one, which the caller has locked or made. Of what they name, that which was deleted meanwhile is
/// left out; what they are parts of comes later.
pub(crate) async fn copy_tasks(work: &mut Work, run: &Run<'_>, board: &BoardId, list: &ListId) -> Result<Done> {
    let now = work.now();
    let found = tasks::inside(work, run.of, run.behind, run.until, run.limit).await?;
    if found.is_empty() {
        return Ok(run.done([].into_iter()));
    }
    let named: BTreeSet<&UserId> = found.iter().flat_map(|task| task.assignee.iter().chain(&task.members)).collect();
    let people = users::those_of(work, &named.into_iter().collect::<Vec<_>>()).await?;
    let labels = copies(work, "labels", board, None).await?;
    let fields = copies(work, "custom_fields", board, None).await?;
    for task in &found {
        let mut copied_labels: Vec<LabelId> =
            task.labels.iter().filter_map(|id| labels.get(id.as_str())).cloned().map(LabelId::from_stored).collect();
        copied_labels.sort();
        let copied_value = |value: &FieldValue| {
            let field = fields.get(value.custom_field.as_str())?;
            Some(FieldValue { custom_field: CustomFieldId::from_stored(field.clone()), value: value.value.clone() })
        };
        let mut values: Vec<FieldValue> = task.custom_fields.iter().filter_map(copied_value).collect();
        values.sort_by(|one, other| one.custom_field.cmp(&other.custom_field));
        let copy = Task {
            id: TaskId::new(now),
            board: board.clone(),
            list: list.clone(),
            parent: None,
            assignee: task.assignee.clone().filter(|user| people.contains(user)),
            members: task.members.iter().filter(|user| people.contains(user)).cloned().collect(),
            labels: copied_labels,
            custom_fields: values,
            created_at: now,
            updated_at: now,
            ..task.clone()
        };
        tasks::insert(work, &copy, Some(task.id.as_str()))?;
    }
    Ok(run.done(found.iter().map(|task| task.id.as_str())))
}

/// Makes copies of tasks parts of the copies of what these are parts of, each with its event.
pub(crate) async fn copy_parts(work: &mut Work, run: &Run<'_>, board: &BoardId) -> Result<Done> {
    let parts = parts(work, run.of).and("id > ?", run.behind).and("created_at <= ?", run.until.millis());
    let found: Vec<(String, String)> = parts.first(work, "id", run.limit).await?;
    let ids: BTreeSet<&str> = found.iter().flat_map(|(part, parent)| [part.as_str(), parent.as_str()]).collect();
    let copies = copies(work, "tasks", board, Some(&ids)).await?;
    for (part, parent) in &found {
        let (Some(part), Some(parent)) = (copies.get(part), copies.get(parent)) else { continue };
        let patch = TaskPatch { parent: Patch::Set(TaskId::from_stored(parent.clone())), ..TaskPatch::default() };
        match tasks::update(work, &TaskId::from_stored(part.clone()), patch).await {
            // Somebody works in the copy already, and has put it otherwise.
            Ok(_) | Err(StoreError::NotFound | StoreError::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(run.done(found.iter().map(|(part, _)| part.as_str())))
}

/// Whether any task of a board is a part of another.
pub(crate) async fn has_parts(work: &mut Work, board: &str) -> Result<bool> {
    let found: Vec<(String, String)> = parts(work, board).first(work, "id", 1).await?;
    Ok(!found.is_empty())
}

fn parts(work: &Work, board: &str) -> Select {
    Select::from(work, "tasks", "id, parent_id").and_is("deleted_at IS NULL AND parent_id IS NOT NULL").and("board_id = ?", board)
}

/// What was copied onto a board, by what it was copied from: all of it, or what was copied from these.
async fn copies(work: &mut Work, table: &str, board: &BoardId, of: Option<&BTreeSet<&str>>) -> Result<HashMap<String, String>> {
    let select = Select::from(work, table, "copied_from, id")
        .and_is("deleted_at IS NULL AND copied_from IS NOT NULL")
        .and("board_id = ?", board.as_str())
        .and_in("copied_from IN (?)", of.into_iter().flatten().copied());
    let rows: Vec<(String, String)> = select.first(work, "id", u32::MAX).await?;
    Ok(rows.into_iter().collect())
}
