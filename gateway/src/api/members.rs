//! `/api/members`: the team, to be read.

use crate::answer::{Answer, Here, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{List, Path, Unexpanded};
use axum::extract::State;
use domain::ids::UserId;
use domain::user::{Group, UserFilter};
use store::users;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<UserFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &users::list(&mut view, Group::Manager, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&users::get(&mut view, Group::Manager, &UserId::parse(&id)?).await?)
}
