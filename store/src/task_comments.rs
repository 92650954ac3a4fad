//! Comments on tasks.

use crate::insert::Insert;
use crate::paging::{Select, convert};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, tasks, users};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::{BoardId, TaskCommentId, TaskId, UserId};
use domain::page::{Page, PageRequest};
use domain::task_comment::{Format, NewTaskComment, TaskComment, TaskCommentPatch};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    task_id: String,
    board_id: String,
    author_id: Option<String>,
    content: String,
    format: String,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, task_id, (SELECT board_id FROM tasks WHERE tasks.id = task_id) AS board_id, author_id, content, format, \
     created_at, updated_at";

impl TryFrom<Row> for TaskComment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: TaskCommentId::from_stored(row.id),
            task: TaskId::from_stored(row.task_id),
            board: BoardId::from_stored(row.board_id),
            author: row.author_id.map(UserId::from_stored),
            content: row.content,
            format: Format::parse(&row.format).ok_or_else(|| damaged("format", &row.format))?,
            attachments: [],
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "task_comments", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of the comments on a task.
pub async fn list(view: &mut impl View, task: &TaskId, page: PageRequest) -> Result<Page<TaskComment>> {
    tasks::read(view, task).await?;
    convert(alive(view).and("task_id = ?", task.as_str()).page::<Row>(view, page).await?)
}

/// One comment; on a task, if one is named.
pub async fn get(view: &mut impl View, task: Option<&TaskId>, id: &TaskCommentId) -> Result<TaskComment> {
    let select = alive(view).and_if("task_id = ?", task.map(TaskId::as_str)).and("id = ?", id.as_str());
    let comment: TaskComment = select.one::<Row>(view).await?.try_into()?;
    tasks::read(view, &comment.task).await?;
    Ok(comment)
}

/// Makes a comment.
pub async fn create(work: &mut Work, task: &TaskId, new: NewTaskComment) -> Result<TaskComment> {
    // Locked, so that it is not deleted meanwhile.
    let (task, now) = (tasks::get(work, task).await?, work.now());
    let comment = TaskComment {
        id: TaskCommentId::new(now),
        task: task.id,
        board: task.board,
        author: users::find_author(work).await?,
        content: new.content,
        format: new.format,
        attachments: [],
        created_at: now,
        updated_at: now,
    };
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("task_comments")
            .set("id", comment.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("task_id", comment.task.as_str())
            .set("author_id", comment.author.as_ref().map(UserId::as_str))
            .set("content", &comment.content)
            .set("format", comment.format.as_str())
            .set("created_at", now.millis())
            .set("updated_at", now.millis()),
    );
    work.record(EventType::TASK_COMMENT_CREATED, None, &comment)?;
    Ok(comment)
}

/// Changes what a comment says.
pub async fn update(work: &mut Work, task: Option<&TaskId>, id: &TaskCommentId, patch: TaskCommentPatch) -> Result<TaskComment> {
    let before = get(work, task, id).await?;
    let content = patch.content.unwrap_or_else(|| before.content.clone());
    if content == before.content {
        return Ok(before);
    }
    let comment = TaskComment { content, updated_at: work.now(), ..before };
    on!(work, conn => sqlx::query("UPDATE task_comments SET content = $2, updated_at = $3 WHERE id = $1")
        .bind(id.as_str())
        .bind(&comment.content)
        .bind(comment.updated_at.millis())
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::TASK_COMMENT_UPDATED, Some(id.as_str()), None);
    Ok(comment)
}

/// Deletes a comment.
pub async fn delete(work: &mut Work, task: Option<&TaskId>, id: &TaskCommentId) -> Result<()> {
    get(work, task, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE task_comments SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::TASK_COMMENT_DELETED, Some(id.as_str()), None);
    Ok(())
}
