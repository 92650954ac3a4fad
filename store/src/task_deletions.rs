//! How tasks go, and what they lose when something else goes: a person, a label, the task they are a part of. Each of these changes is
//! an event.

use crate::engine::Conn;
use crate::paging::json_array;
use crate::work::View as _;
use crate::{Result, Work, folders, tasks};
use domain::event::EventType;
use domain::ids::{BoardId, CustomFieldId, LabelId, ListId, TaskId, UserId};
use domain::task::Task;

/// Deletes a task. Its parts stay, as parts of nothing; each of these changes is an event too.
pub async fn delete(work: &mut Work, id: &TaskId) -> Result<()> {
    folders::take_turn(work).await?;
    let task = tasks::get(work, id).await?;
    leave_parents(work, "parent_id = ?", id.as_str()).await?;
    bury(work, &[task]).await
}

/// Deletes the tasks of a list that the caller has locked in its turn, so that none is added meanwhile. Their parts on other lists stay.
pub(crate) async fn delete_on_list(work: &mut Work, list: &ListId) -> Result<()> {
    let parts = "parent_id IN (SELECT id FROM tasks WHERE list_id = ? AND deleted_at IS NULL) AND list_id <> ?";
    leave_parents(work, parts, list.as_str()).await?;
    let found = tasks::those_of(work, "list_id = ?", list.as_str(), u32::MAX).await?;
    bury(work, &found).await
}

/// Deletes tasks of a board whose lists the caller has locked, at most `most`. Says how many there were. Their parts go with the board
/// too, so that nothing is said of them beforehand.
pub(crate) async fn delete_on_board(work: &mut Work, board: &BoardId, most: u32) -> Result<u32> {
    let found = tasks::those_of(work, "board_id = ?", board.as_str(), most).await?;
    bury(work, &found).await?;
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

/// A client or member who is being deleted, and whom the caller has locked in its turn, has no tasks any more. Who made a task, and
/// who completed it, stays on record.
pub(crate) async fn leave_people(work: &mut Work, user: &UserId) -> Result<()> {
    let theirs =
        "id IN (SELECT id FROM tasks WHERE assignee_id = ? UNION ALL SELECT task_id FROM task_members WHERE user_id = ?)";
    change_those(work, theirs, user.as_str(), |task| {
        task.assignee.take_if(|assignee| assignee == user);
        task.members.retain(|member| member != user);
    })
    .await
}

/// Tasks lose a label that is being deleted, and that the caller has locked in its turn.
pub(crate) async fn leave_label(work: &mut Work, label: &LabelId) -> Result<()> {
    let marked = "id IN (SELECT task_id FROM task_labels WHERE label_id = ?)";
    change_those(work, marked, label.as_str(), |task| task.labels.retain(|other| other != label)).await
}

/// Tasks lose what they say in a custom field that is being deleted, and that the caller has locked in its turn.
pub(crate) async fn leave_custom_field(work: &mut Work, field: &CustomFieldId) -> Result<()> {
    let valued = "id IN (SELECT task_id FROM task_custom_fields WHERE custom_field_id = ?)";
    change_those(work, valued, field.as_str(), |task| task.custom_fields.retain(|value| value.custom_field != *field)).await
}

/// The parts of tasks that are being deleted or moved away are parts of nothing.
pub(crate) async fn leave_parents(work: &mut Work, condition: &str, value: &str) -> Result<()> {
    change_those(work, condition, value, |task| task.parent = None).await
}

/// Changes every task that satisfies a condition.
async fn change_those(work: &mut Work, condition: &str, value: &str, change: impl Fn(&mut Task)) -> Result<()> {
    for before in tasks::those_of(work, condition, value, u32::MAX).await? {
        let mut after = Task { updated_at: work.now(), ..before.clone() };
        change(&mut after);
        tasks::save(work, before, after).await?;
    }
    Ok(())
}

/// Marks tasks as deleted that are locked.
async fn bury(work: &mut Work, tasks: &[Task]) -> Result<()> {
    let (now, ids) = (work.now().millis(), json_array(tasks.iter().map(|task| task.id.as_str())));
    match work.conn().await? {
        Conn::Sqlite(conn) => {
            let text = "UPDATE tasks SET deleted_at = $1 WHERE id IN (SELECT value FROM json_each($2))";
            sqlx::query(text).bind(now).bind(ids).execute(conn).await?;
        }
        Conn::Postgres(conn) => {
            let text = "UPDATE tasks SET deleted_at = $1 WHERE id = ANY(ARRAY(SELECT json_array_elements_text($2::json)))";
            sqlx::query(text).bind(now).bind(ids).execute(conn).await?;
        }
    }
    tasks.iter().try_for_each(|task| work.record(EventType::TASK_DELETED, None, task))
}
