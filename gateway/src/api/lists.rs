//! `/api/boards/{id}/lists` and `/api/lists`.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Unexpanded};
use axum::extract::State;
use domain::board::{ListFilter, ListPatch, NewList};
use domain::ids::{BoardId, ListId};
use store::lists;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(board): Path,
    List(request, filter): List<ListFilter>,
) -> Answer {
    let board = BoardId::parse(&board)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &lists::list(&mut view, &board, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&lists::get(&mut view, &ListId::parse(&id)?).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Path(board): Path, Body(body): Body) -> Answer {
    let (new, board) = (NewList::read(&body)?, BoardId::parse(&board)?);
    let mut work = caller.begin(&gateway);
    let list = lists::create(&mut work, &board, new).await?;
    work.commit().await?;
    created(&list)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (ListPatch::read(&body)?, ListId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let list = lists::update(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&list)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = ListId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    lists::delete(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}
