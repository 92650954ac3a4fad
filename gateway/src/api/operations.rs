//! `/api/operations`: long work that was asked for elsewhere, looked at and cancelled here; and how asking for it is answered.
//!
//! An operation belongs to the family of its kind: a key sees those it could have asked for, or could look at.

use crate::answer::{Answer, Here, accepted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{List, Path, Unexpanded};
use crate::error::ApiError;
use crate::failures;
use crate::target;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use domain::dialect::canonical;
use domain::ids::OperationId;
use domain::operation::{Callback, Operation, OperationFilter, OperationKind};
use domain::scope::Access;
use serde_json::Value;
use store::operations;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<OperationFilter>,
) -> Answer {
    let kinds = OperationKind::ALL.iter().copied().filter(|kind| require_a_look(&caller, *kind).is_ok());
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &operations::list(&mut view, &kinds.collect::<Vec<_>>(), filter, request).await?)
}

/// Whoever could have asked for it may follow it, also a key that writes and does not read.
fn require_a_look(caller: &Caller, kind: OperationKind) -> Result<(), ApiError> {
    caller.require(kind.family(), Access::Write).or_else(|_| caller.require(kind.family(), Access::Read))
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    ok(&find(&gateway, &caller, &id).await?)
}

/// The operation of this id, if the caller may see it.
pub(crate) async fn find(gateway: &Gateway, caller: &Caller, id: &str) -> Result<Operation, ApiError> {
    let id = OperationId::parse(id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let operation = operations::get(&mut view, &id).await?;
    require_a_look(caller, operation.kind)?;
    Ok(operation)
}

/// Answers the operation as it stands now. What was done stays done, or is removed from now on.
pub(crate) async fn cancel(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = OperationId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    caller.require(operations::get(&mut work, &id).await?.kind.family(), Access::Write)?;
    let operation = operations::cancel(&mut work, &id).await?;
    work.commit().await?;
    ok(&operation)
}

/// The rows an operation could not see to, as CSV.
pub(crate) async fn failures(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = OperationId::parse(&id)?;
    let workspace = caller.workspace().clone();
    let mut view = gateway.store().read(&workspace).await?;
    let operation = operations::get(&mut view, &id).await?;
    drop(view);
    require_a_look(&caller, operation.kind)?;
    failures::answer(gateway, workspace, id)
}

/// Refuses a callback that leads to an address that may not be called.
pub(crate) async fn judge(gateway: &Gateway, callback: Option<&Callback>) -> Result<(), ApiError> {
    match callback {
        Some(callback) => target::judge(&gateway.settings().egress, "callback_url", &callback.url).await,
        None => Ok(()),
    }
}

/// 202 with an operation that was just asked for, where it is found, and, this once, the secret of its callback.
pub(crate) fn begun(operation: &Operation, callback: Option<&Callback>) -> Answer {
    let mut fields = canonical(operation);
    if let Some(callback) = callback {
        fields["callback_secret"] = Value::from(callback.secret.reveal());
    }
    let mut answer = accepted(&fields)?;
    if let Ok(place) = HeaderValue::from_str(&format!("/api/operations/{}", operation.id)) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}
