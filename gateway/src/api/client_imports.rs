//! `/api/clients/import`: clients from a CSV file.

use crate::answer::Answer;
use crate::api::operations;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::client_import::{name, read, rows_count};
use crate::upload;
use axum::extract::{Request, State};
use domain::input::Invalid;
use domain::operation::Callback;
use store::client_imports;

/// Takes the file in and answers the operation that imports it.
pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, request: Request) -> Answer {
    let sent = upload::receive(&gateway, caller.workspace(), request).await?;
    let callback = Callback::read(&sent.fields, &gateway.settings().egress);
    let (import, callback) = Invalid::both(read(&sent), callback)?;
    operations::judge(&gateway, callback.as_ref()).await?;
    let mut work = caller.begin(&gateway);
    let operation = client_imports::begin(&mut work, &import, &name(&sent), rows_count(&sent), callback.as_ref()).await?;
    work.commit().await?;
    operations::begun(&operation, callback.as_ref())
}
