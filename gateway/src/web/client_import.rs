//! Importing clients from a file: the page to choose it, the preview, which is an import that only tries out, and the import itself,
//! begun from what the preview says. How far either is, is on the page of its operation.

use crate::app::Gateway;
use crate::body::Path;
use crate::client_import::{name, read, rows_count};
use crate::error::ApiError;
use crate::upload;
use crate::web::form::Form;
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::client_import::{ClientImport, MAX_BYTES};
use domain::ids::{OperationId, UploadId};
use domain::input::Invalid;
use domain::operation::{Operation, OperationKind, OperationState};
use serde_json::Value;
use store::{StoreError, View, client_imports, operations, uploads};

#[derive(Template)]
#[template(path = "client_import.html")]
struct ImportPage {
    shell: Shell,
    form: Form,
    megabytes: u64,
}

fn page(manager: &Manager, status: StatusCode, form: Form) -> Response {
    render(status, &ImportPage { shell: Shell::of(&manager.0, "people"), form, megabytes: MAX_BYTES / 1024 / 1024 })
}

fn see(id: &OperationId) -> Response {
    Redirect::to(&format!("/settings/operations/{id}")).into_response()
}

pub(crate) async fn ask(manager: Manager) -> Page {
    Ok(page(&manager, StatusCode::OK, Form::default()))
}

/// Takes the file in, and begins its preview.
pub(crate) async fn preview(State(gateway): State<Gateway>, manager: Manager, request: Request) -> Page {
    let sent = upload::receive(&gateway, &manager.0.signed_in.workspace_id, request).await;
    let refused = |status, invalid| Ok(page(&manager, status, Form::refused(Value::Null, invalid)));
    let sent = match sent {
        Ok(sent) if sent.size == 0 => {
            return refused(StatusCode::UNPROCESSABLE_ENTITY, Invalid::field("file", "Choose a file that isn’t empty."));
        }
        Ok(sent) => sent,
        Err(ApiError::Invalid(invalid)) => return refused(StatusCode::UNPROCESSABLE_ENTITY, invalid),
        Err(ApiError::TooLarge(_)) => {
            let text = "The file is too large. Split it, and import the parts one after the other.";
            return refused(StatusCode::PAYLOAD_TOO_LARGE, Invalid::field("file", text));
        }
        Err(error) => return Err(error.into()),
    };
    let import = match read(&sent) {
        Ok(import) => ClientImport { dry_run: true, ..import },
        Err(invalid) => return refused(StatusCode::UNPROCESSABLE_ENTITY, invalid),
    };
    let mut work = manager.0.begin(&gateway);
    let operation = client_imports::begin(&mut work, &import, &name(&sent), rows_count(&sent), None).await?;
    work.commit().await?;
    Ok(see(&operation.id))
}

/// Imports the file of a preview.
pub(crate) async fn begin(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = OperationId::parse(&id)?;
    let mut work = manager.0.begin(&gateway);
    let preview = operations::get(&mut work, &id).await?;
    let Some(import) = previewed(&mut work, &preview).await? else {
        // It was imported, or is there no longer: its page says so.
        return Ok(see(&id));
    };
    let (name, total) = (&preview.subject_name, preview.total_count.unwrap_or(0));
    match client_imports::begin(&mut work, &ClientImport { dry_run: false, ..import }, name, total, None).await {
        Ok(operation) => {
            work.commit().await?;
            Ok(see(&operation.id))
        }
        // Pressed twice: the first one is under way.
        Err(StoreError::Conflict(_)) => match operations::find_open(&mut work, preview.kind, &preview.subject).await? {
            Some(open) => Ok(see(&open.id)),
            None => Ok(see(&id)),
        },
        Err(error) => Err(error.into()),
    }
}

/// What a preview that has ended tried out, as long as the file is there to be imported.
pub(crate) async fn previewed(view: &mut impl View, operation: &Operation) -> Result<Option<ClientImport>, WebError> {
    if operation.kind != OperationKind::ClientsImport || operation.state != OperationState::Succeeded {
        return Ok(None);
    }
    let import: ClientImport = serde_json::from_value(operation.params.clone()).map_err(StoreError::from)?;
    let is_there = import.dry_run && uploads::is_whole(view, &UploadId::from_stored(import.upload.clone()), import.size).await?;
    Ok(is_there.then_some(import))
}
