//! `GET /connect/{platform}/me`: a platform's test of a connection, and the text it labels it with. Flat, for every platform alike.

use super::At;
use crate::answer::Answer;
use crate::api::me::label;
use crate::app::Gateway;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use serde_json::json;

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, _: At) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    let (workspace, owner) = store::workspaces::show(&mut view).await?;
    let account = json!({
        "id": caller.key.id,
        "name": workspace.name,
        "label": label(&workspace, &caller),
        "email": owner.map(|owner| owner.email),
        "workspace_id": workspace.id,
        "workspace_slug": workspace.slug,
        "key_name": caller.key.name,
    });
    Ok(Json(account).into_response())
}
