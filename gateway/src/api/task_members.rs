//! `/api/tasks/{id}/members`: who has to do with a task beside its assignee. Adding somebody twice is no error. The answers hold people,
//! clients or members, so that a key must be allowed to look at both.

use crate::answer::{Answer, Here, deleted, made_or_there, page};
use crate::api::task_expansion::require_people;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Paths};
use axum::extract::State;
use domain::ids::{TaskId, UserId};
use domain::task::read_user;
use domain::user::UserFilter;
use store::{task_links, tasks, users};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(id): Path,
    List(request, filter): List<UserFilter>,
) -> Answer {
    require_people(&caller)?;
    let id = TaskId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    tasks::get(&mut view, &id).await?;
    page(&here, &users::list_of_task(&mut view, &id, filter, request).await?)
}

pub(crate) async fn add(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    require_people(&caller)?;
    let (user, id) = (read_user(&body)?, TaskId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let (user, is_new) = task_links::add_member(&mut work, &id, &user).await?;
    work.commit().await?;
    made_or_there(&user, is_new)
}

pub(crate) async fn remove(State(gateway): State<Gateway>, caller: Caller, Paths(id, user): Paths) -> Answer {
    let (id, user) = (TaskId::parse(&id)?, UserId::parse(&user)?);
    let mut work = caller.begin(&gateway);
    task_links::remove_member(&mut work, &id, &user).await?;
    work.commit().await?;
    deleted()
}
