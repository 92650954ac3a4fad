//! `/api/boards/{id}/custom-fields` and `/api/custom-fields`: one custom field is found by its board and its id, or by its id alone.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Paths, Unexpanded};
use crate::error::ApiError;
use axum::extract::State;
use domain::custom_field::{CustomFieldFilter, CustomFieldPatch, NewCustomField};
use domain::ids::{BoardId, CustomFieldId};
use serde_json::Value;
use store::custom_fields;

type Found = (Option<BoardId>, CustomFieldId);

fn of_board(board: &str, id: &str) -> Result<Found, ApiError> {
    Ok((Some(BoardId::parse(board)?), CustomFieldId::parse(id)?))
}

fn alone(id: &str) -> Result<Found, ApiError> {
    Ok((None, CustomFieldId::parse(id)?))
}

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(board): Path,
    List(request, filter): List<CustomFieldFilter>,
) -> Answer {
    let board = BoardId::parse(&board)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &custom_fields::list(&mut view, &board, filter, request).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Path(board): Path, Body(body): Body) -> Answer {
    let (new, board) = (NewCustomField::read(&body)?, BoardId::parse(&board)?);
    let mut work = caller.begin(&gateway);
    let field = custom_fields::create(&mut work, &board, new).await?;
    work.commit().await?;
    created(&field)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    shown(&gateway, &caller, alone(&id)?).await
}

pub(crate) async fn show_on_board(
    State(gateway): State<Gateway>,
    caller: Caller,
    Paths(board, id): Paths,
    _: Unexpanded,
) -> Answer {
    shown(&gateway, &caller, of_board(&board, &id)?).await
}

async fn shown(gateway: &Gateway, caller: &Caller, (board, id): Found) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&custom_fields::get(&mut view, board.as_ref(), &id).await?)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    updated(&gateway, &caller, alone(&id), &body).await
}

pub(crate) async fn update_on_board(
    State(gateway): State<Gateway>,
    caller: Caller,
    Paths(board, id): Paths,
    Body(body): Body,
) -> Answer {
    updated(&gateway, &caller, of_board(&board, &id), &body).await
}

async fn updated(gateway: &Gateway, caller: &Caller, found: Result<Found, ApiError>, body: &Value) -> Answer {
    let (patch, (board, id)) = (CustomFieldPatch::read(body)?, found?);
    let mut work = caller.begin(gateway);
    let field = custom_fields::update(&mut work, board.as_ref(), &id, patch).await?;
    work.commit().await?;
    ok(&field)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    removed(&gateway, &caller, alone(&id)?).await
}

pub(crate) async fn delete_on_board(State(gateway): State<Gateway>, caller: Caller, Paths(board, id): Paths) -> Answer {
    removed(&gateway, &caller, of_board(&board, &id)?).await
}

async fn removed(gateway: &Gateway, caller: &Caller, (board, id): Found) -> Answer {
    let mut work = caller.begin(gateway);
    custom_fields::delete(&mut work, board.as_ref(), &id).await?;
    work.commit().await?;
    deleted()
}
