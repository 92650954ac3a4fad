//! `/api/clients`.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Query, Unexpanded};
use crate::client_export::{self, Format};
use crate::invite::create_client;
use axum::extract::State;
use domain::ids::UserId;
use domain::user::{ClientPatch, Group, NewClient, UserFilter};
use store::users;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<UserFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &users::list(&mut view, Group::Client, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&users::get(&mut view, Group::Client, &UserId::parse(&id)?).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, here: Here, Body(body): Body) -> Answer {
    let new = NewClient::read(&body)?;
    created(&create_client(&gateway, caller.begin(&gateway), &here.link(""), new).await?)
}

/// All clients as a file.
pub(crate) async fn export(State(gateway): State<Gateway>, caller: Caller, Query(query): Query) -> Answer {
    let format = Format::read(&query)?;
    client_export::answer(gateway, caller.workspace().clone(), format)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (ClientPatch::read(&body)?, UserId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let client = users::update_client(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&client)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = UserId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    users::delete_client(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}
