//! `GET /api/me`: which key this is, and what it opens. Platforms use it to test a connection and to label it.

use crate::answer::{Answer, ok};
use crate::app::Gateway;
use crate::auth::Caller;
use axum::extract::State;
use domain::user::User;
use domain::workspace::Workspace;
use serde_json::{Value, json};

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    let (workspace, owner) = store::workspaces::show(&mut view).await?;
    let key = &caller.key;
    ok(&json!({
        "id": key.id,
        "name": key.name,
        "label": label(&workspace, &caller),
        "start": key.start,
        "scopes": key.scopes,
        "rate_limit": key.rate_limit,
        "expires_at": key.expires_at,
        "created_at": key.created_at,
        "workspace": workspace,
        "owner": owner.as_ref().map(owner_line),
    }))
}

/// A text that tells connections apart and is no secret.
pub(crate) fn label(workspace: &Workspace, caller: &Caller) -> String {
    format!("{} ({})", workspace.name, caller.key.name)
}

fn owner_line(owner: &User) -> Value {
    json!({"id": owner.id, "name": owner.name, "email": owner.email})
}
