//! `/api/tasks/{id}/labels`: what a task is marked with. Marking it twice is no error.

use crate::answer::{Answer, Here, deleted, made_or_there, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Paths};
use axum::extract::State;
use domain::ids::{LabelId, TaskId};
use domain::label::{LabelFilter, read_label};
use store::{labels, task_links, tasks};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(id): Path,
    List(request, filter): List<LabelFilter>,
) -> Answer {
    let id = TaskId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let task = tasks::get(&mut view, &id).await?;
    page(&here, &labels::list_of_task(&mut view, &task, filter, request).await?)
}

pub(crate) async fn add(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (label, id) = (read_label(&body)?, TaskId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let (label, is_new) = task_links::add_label(&mut work, &id, &label).await?;
    work.commit().await?;
    made_or_there(&label, is_new)
}

pub(crate) async fn remove(State(gateway): State<Gateway>, caller: Caller, Paths(id, label): Paths) -> Answer {
    let (id, label) = (TaskId::parse(&id)?, LabelId::parse(&label)?);
    let mut work = caller.begin(&gateway);
    task_links::remove_label(&mut work, &id, &label).await?;
    work.commit().await?;
    deleted()
}
