//! `/api/boards`.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Unexpanded};
use axum::extract::State;
use domain::board::{BoardFilter, BoardPatch, NewBoard};
use domain::ids::BoardId;
use domain::node::Move;
use store::boards;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<BoardFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &boards::list(&mut view, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&boards::get(&mut view, &BoardId::parse(&id)?).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Body(body): Body) -> Answer {
    let new = NewBoard::read(&body)?;
    let mut work = caller.begin(&gateway);
    let board = boards::create(&mut work, new).await?;
    work.commit().await?;
    created(&board)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (BoardPatch::read(&body)?, BoardId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let board = boards::update(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&board)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = BoardId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    boards::delete(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}

pub(crate) async fn archive(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = BoardId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let board = boards::archive(&mut work, &id).await?;
    work.commit().await?;
    ok(&board)
}

pub(crate) async fn restore(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = BoardId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let board = boards::restore(&mut work, &id).await?;
    work.commit().await?;
    ok(&board)
}

pub(crate) async fn move_to(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (target, id) = (Move::read(&body)?, BoardId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let board = boards::move_to(&mut work, &id, target).await?;
    work.commit().await?;
    ok(&board)
}
