//! `/api/folders`, and what lies in them.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::api::operations;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Query, Unexpanded};
use axum::extract::State;
use domain::dialect::canonical;
use domain::folder::{ChildFilter, ChildKind, FolderFilter, FolderPatch, NewCopy, NewFolder};
use domain::ids::FolderId;
use domain::input::{Fields, Invalid, boolean};
use domain::node::Move;
use domain::operation::Callback;
use domain::page::Page;
use domain::scope::{Access, Family};
use serde_json::{Value, json};
use store::folders::{self, Child};
use store::{folder_copies, folder_deletions};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<FolderFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &folders::list(&mut view, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&folders::get(&mut view, &FolderId::parse(&id)?).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Body(body): Body) -> Answer {
    let new = NewFolder::read(&body)?;
    let mut work = caller.begin(&gateway);
    let folder = folders::create(&mut work, new).await?;
    work.commit().await?;
    created(&folder)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (FolderPatch::read(&body)?, FolderId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let folder = folders::update(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&folder)
}

/// Deletes a folder with all that lies in it: at once, or as an operation if that is asked for.
pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Query(query): Query) -> Answer {
    let callback = Callback::read(&query, &gateway.settings().egress);
    let (is_in_background, callback) = Invalid::both(is_in_background(&query), callback)?;
    let id = FolderId::parse(&id)?;
    if is_in_background {
        operations::judge(&gateway, callback.as_ref()).await?;
        let mut work = caller.begin(&gateway);
        let operation = folder_deletions::begin(&mut work, &id, callback.as_ref()).await?;
        work.commit().await?;
        return operations::begun(&operation, callback.as_ref());
    }
    let mut work = caller.begin(&gateway);
    folders::delete(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}

fn is_in_background(query: &Value) -> Result<bool, Invalid> {
    let mut fields = Fields::of(query);
    let is_in_background = fields.optional("background", boolean()).unwrap_or(false);
    if !is_in_background && fields.raw("callback_url").is_some() {
        fields.refuse("callback_url", "There is an end to be told of only with background=true.");
    }
    fields.finish(|| Some(is_in_background))
}

/// Answers the operation that copies a folder with all that lies in it, boards and lists too.
pub(crate) async fn duplicate(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    caller.require(Family::Boards, Access::Write)?;
    let callback = Callback::read(&body, &gateway.settings().egress);
    let (copy, callback) = Invalid::both(NewCopy::read(&body), callback)?;
    let id = FolderId::parse(&id)?;
    operations::judge(&gateway, callback.as_ref()).await?;
    let mut work = caller.begin(&gateway);
    let operation = folder_copies::begin(&mut work, &id, copy, callback.as_ref()).await?;
    work.commit().await?;
    operations::begun(&operation, callback.as_ref())
}

pub(crate) async fn archive(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = FolderId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let folder = folders::archive(&mut work, &id).await?;
    work.commit().await?;
    ok(&folder)
}

pub(crate) async fn restore(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = FolderId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let folder = folders::restore(&mut work, &id).await?;
    work.commit().await?;
    ok(&folder)
}

pub(crate) async fn move_to(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (target, id) = (Move::read(&body)?, FolderId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let folder = folders::move_to(&mut work, &id, target).await?;
    work.commit().await?;
    ok(&folder)
}

pub(crate) async fn list_children(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(id): Path,
    List(request, filter): List<ChildFilter>,
) -> Answer {
    let id = FolderId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let Page { rows, total, request } = folders::list_children(&mut view, &id, filter, request).await?;
    page(&here, &Page { rows: rows.iter().map(child).collect(), total, request })
}

/// A child says what it is: children of several kinds come in one list.
fn child(child: &Child) -> Value {
    let (kind, mut fields) = match child {
        Child::Folder(folder) => (ChildKind::Folder, canonical(folder)),
        Child::Board(board) => (ChildKind::Board, canonical(board)),
    };
    fields["object"] = json!(kind);
    fields
}
