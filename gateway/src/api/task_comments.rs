//! `/api/tasks/{id}/comments` and `/api/comments`: one comment is found by its task and its id, or by its id alone.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Inside, List, Path, Unexpanded};
use axum::extract::State;
use domain::ids::{TaskCommentId, TaskId};
use domain::page::Unfiltered;
use domain::task_comment::{NewTaskComment, TaskCommentPatch};
use store::task_comments;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(task): Path,
    List(request, Unfiltered): List<Unfiltered>,
) -> Answer {
    let task = TaskId::parse(&task)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &task_comments::list(&mut view, &task, request).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Path(task): Path, Body(body): Body) -> Answer {
    let (new, task) = (NewTaskComment::read(&body)?, TaskId::parse(&task)?);
    let mut work = caller.begin(&gateway);
    let comment = task_comments::create(&mut work, &task, new).await?;
    work.commit().await?;
    created(&comment)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, inside: Inside, _: Unexpanded) -> Answer {
    let (task, id) = inside.ids(TaskId::parse, TaskCommentId::parse)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&task_comments::get(&mut view, task.as_ref(), &id).await?)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, inside: Inside, Body(body): Body) -> Answer {
    let (patch, (task, id)) = (TaskCommentPatch::read(&body)?, inside.ids(TaskId::parse, TaskCommentId::parse)?);
    let mut work = caller.begin(&gateway);
    let comment = task_comments::update(&mut work, task.as_ref(), &id, patch).await?;
    work.commit().await?;
    ok(&comment)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, inside: Inside) -> Answer {
    let (task, id) = inside.ids(TaskId::parse, TaskCommentId::parse)?;
    let mut work = caller.begin(&gateway);
    task_comments::delete(&mut work, task.as_ref(), &id).await?;
    work.commit().await?;
    deleted()
}
