//! Where tasks are: moving them, and their order on a list. Every task has a place of its own there; whoever gives one has locked the list. Where there is room is
//! found in one index, however long the list is.

use crate::{Result, Work, folders, task_deletions, tasks};
use domain::ids::{ListId, TaskId};
use domain::task::{Place, Task, TaskMove};

/// Moves a task to a place on a list. On another board it is a part of nothing, and has no parts, labels and custom fields.
pub async fn move_to(work: &mut Work, id: &TaskId, target: TaskMove) -> Result<Task> {
    folders::take_turn(work).await?;
    let now = work.now();
    // The turn keeps the task where it is.
    let on = tasks::read(work, id).await?.list;
    let list = tasks::require_list(work, target.list.as_ref().unwrap_or(&on), target.board.as_ref()).await?;
    let before = tasks::get(work, id).await?;
    let is_elsewhere = list.board != before.board;
    if is_elsewhere {
        task_deletions::leave_parents(work, "parent_id = ?", id.as_str()).await?;
    }
    let position = make_room(work, &before, &list.id, target.place).await?;
    let mut after = Task { board: list.board, list: list.id, position, updated_at: now, ..before.clone() };
    if is_elsewhere {
        after = Task { parent: None, labels: Vec::new(), custom_fields: Vec::new(), ..after };
    }
    tasks::save(work, before, after).await
}

/// The place behind all others.
pub(crate) async fn last(work: &mut Work, list: &ListId) -> Result<i64> {
    behind_others(work, list, "").await
}

async fn behind_others(work: &mut Work, list: &ListId, but: &str) -> Result<i64> {
    let text = "SELECT position FROM tasks WHERE list_id = $1 AND deleted_at IS NULL AND id <> $2 ORDER BY position DESC LIMIT 1";
    let most: Option<i64> = on!(work, conn => sqlx::query_scalar(text).bind(list.as_str()).bind(but).fetch_optional(conn).await)?;
    Ok(most.unwrap_or(0) + 1)
}

/// Makes room on a list where a task is to be put, and says where that is. The third place is the third from the top, whatever was
/// deleted before: gaps are closed first.
async fn make_room(work: &mut Work, task: &Task, list: &ListId, place: Place) -> Result<i64> {
    let position = match place {
        Place::Bottom => return behind_others(work, list, task.id.as_str()).await,
        Place::Top => 1,
        Place::At(position) => position,
    };
    close_gaps(work, list).await?;
    let count = behind_others(work, list, "").await? - 1;
    let own = "SELECT position FROM tasks WHERE list_id = $1 AND id = $2";
    let own: Option<i64> = on!(work, conn => sqlx::query_scalar(own)
        .bind(list.as_str())
        .bind(task.id.as_str())
        .fetch_optional(conn)
        .await)?;
    let position = position.min(own.map_or(count + 1, |_| count));
    match own {
        Some(own) if own < position => shift(work, list, task, -1, (own + 1, position)).await?,
        Some(own) => shift(work, list, task, 1, (position, own - 1)).await?,
        None => shift(work, list, task, 1, (position, count)).await?,
    }
    Ok(position)
}

/// Numbers the tasks of a list anew, in their order.
async fn close_gaps(work: &mut Work, list: &ListId) -> Result<()> {
    on!(work, conn => sqlx::query(
        "UPDATE tasks SET position = numbered.place FROM ( \
             SELECT id, ROW_NUMBER() OVER (ORDER BY position, id) AS place FROM tasks WHERE list_id = $1 AND deleted_at IS NULL \
         ) AS numbered WHERE tasks.id = numbered.id AND tasks.position <> numbered.place",
    )
    .bind(list.as_str())
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Moves the others that stand from one place to another, both included. That is no event: their order stays what it was.
async fn shift(work: &mut Work, list: &ListId, task: &Task, by: i64, (from, to): (i64, i64)) -> Result<()> {
    if to < from {
        return Ok(());
    }
    on!(work, conn => sqlx::query(
        "UPDATE tasks SET position = position + $2 \
         WHERE list_id = $1 AND deleted_at IS NULL AND position BETWEEN $3 AND $4 AND id <> $5",
    )
    .bind(list.as_str())
    .bind(by)
    .bind(from)
    .bind(to)
    .bind(task.id.as_str())
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}
