//! `/api/boards/{id}/labels` and `/api/labels`: one label is found by its board and its id, or by its id alone.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Inside, List, Path, Unexpanded};
use axum::extract::State;
use domain::ids::{BoardId, LabelId};
use domain::label::{LabelFilter, LabelPatch, NewLabel};
use store::labels;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(board): Path,
    List(request, filter): List<LabelFilter>,
) -> Answer {
    let board = BoardId::parse(&board)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &labels::list(&mut view, &board, filter, request).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Path(board): Path, Body(body): Body) -> Answer {
    let (new, board) = (NewLabel::read(&body)?, BoardId::parse(&board)?);
    let mut work = caller.begin(&gateway);
    let label = labels::create(&mut work, &board, new).await?;
    work.commit().await?;
    created(&label)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, inside: Inside, _: Unexpanded) -> Answer {
    let (board, id) = inside.ids(BoardId::parse, LabelId::parse)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&labels::get(&mut view, board.as_ref(), &id).await?)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, inside: Inside, Body(body): Body) -> Answer {
    let (patch, (board, id)) = (LabelPatch::read(&body)?, inside.ids(BoardId::parse, LabelId::parse)?);
    let mut work = caller.begin(&gateway);
    let label = labels::update(&mut work, board.as_ref(), &id, patch).await?;
    work.commit().await?;
    ok(&label)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, inside: Inside) -> Answer {
    let (board, id) = inside.ids(BoardId::parse, LabelId::parse)?;
    let mut work = caller.begin(&gateway);
    labels::delete(&mut work, board.as_ref(), &id).await?;
    work.commit().await?;
    deleted()
}
