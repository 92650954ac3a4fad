//! `/api/boards/{id}/custom-fields` and `/api/custom-fields`: one custom field is found by its board and its id, or by its id alone.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Inside, List, Path, Unexpanded};
use axum::extract::State;
use domain::custom_field::{CustomFieldFilter, CustomFieldPatch, NewCustomField};
use domain::ids::{BoardId, CustomFieldId};
use store::custom_fields;

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

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, inside: Inside, _: Unexpanded) -> Answer {
    let (board, id) = inside.ids(BoardId::parse, CustomFieldId::parse)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&custom_fields::get(&mut view, board.as_ref(), &id).await?)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, inside: Inside, Body(body): Body) -> Answer {
    let (patch, (board, id)) = (CustomFieldPatch::read(&body)?, inside.ids(BoardId::parse, CustomFieldId::parse)?);
    let mut work = caller.begin(&gateway);
    let field = custom_fields::update(&mut work, board.as_ref(), &id, patch).await?;
    work.commit().await?;
    ok(&field)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, inside: Inside) -> Answer {
    let (board, id) = inside.ids(BoardId::parse, CustomFieldId::parse)?;
    let mut work = caller.begin(&gateway);
    custom_fields::delete(&mut work, board.as_ref(), &id).await?;
    work.commit().await?;
    deleted()
}
