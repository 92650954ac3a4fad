//! `/api/boards/{id}/tasks` and `/api/tasks`.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::api::task_expansion::{self, expanded};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Path, Query, Unexpanded};
use crate::error::ApiError;
use axum::extract::State;
use axum::http::{HeaderValue, Method};
use domain::ids::{BoardId, TaskId};
use domain::page::{Page, read_list};
use domain::task::{NewTask, Task, TaskMove, TaskPatch, read_completed};
use domain::task_filter::TaskFilter;
use store::{task_deletions, task_places, tasks};

/// Since when a task should not be completed by GET any more, as RFC 9745 writes it: 1 January 2026.
const DEPRECATED: HeaderValue = HeaderValue::from_static("@1767225600");

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(board): Path,
    Query(query): Query,
) -> Answer {
    let expand = task_expansion::read(&caller, &query)?;
    let (request, filter) = read_list::<TaskFilter>(&query)?;
    let board = BoardId::parse(&board)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let Page { rows, total, request } = tasks::list(&mut view, &board, filter, request).await?;
    page(&here, &Page { rows: expanded(&mut view, &rows, &expand).await?, total, request })
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Query(query): Query) -> Answer {
    let expand = task_expansion::read(&caller, &query)?;
    let id = TaskId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let task = tasks::get(&mut view, &id).await?;
    ok(&expanded(&mut view, &[task], &expand).await?.pop())
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Path(board): Path, Body(body): Body) -> Answer {
    let (new, board) = (NewTask::read(&body)?, BoardId::parse(&board)?);
    let mut work = caller.begin(&gateway);
    let task = tasks::create(&mut work, &board, new).await?;
    work.commit().await?;
    created(&task)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (TaskPatch::read(&body)?, TaskId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let task = tasks::update(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&task)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = TaskId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    task_deletions::delete(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}

pub(crate) async fn move_to(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (target, id) = (TaskMove::read(&body)?, TaskId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let task = task_places::move_to(&mut work, &id, target).await?;
    work.commit().await?;
    ok(&task)
}

pub(crate) async fn complete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    ok(&completed(&gateway, &caller, &id, read_completed(&body)?).await?)
}

/// As Kitchen's documents have it: a change by GET. Whoever only asks for the headers changes nothing.
pub(crate) async fn set_completed(
    State(gateway): State<Gateway>,
    caller: Caller,
    method: Method,
    Path(id): Path,
    Query(query): Query,
    _: Unexpanded,
) -> Answer {
    if method == Method::HEAD {
        return Err(ApiError::MethodNotAllowed);
    }
    let mut answer = ok(&completed(&gateway, &caller, &id, read_completed(&query)?).await?)?;
    answer.headers_mut().insert("deprecation", DEPRECATED);
    Ok(answer)
}

async fn completed(gateway: &Gateway, caller: &Caller, id: &str, is_completed: bool) -> Result<Task, ApiError> {
    let id = TaskId::parse(id)?;
    let mut work = caller.begin(gateway);
    let task = tasks::complete(&mut work, &id, is_completed).await?;
    work.commit().await?;
    Ok(task)
}
