//! `/api/operations`: long work that was asked for elsewhere, looked at and cancelled here.

use crate::answer::{Answer, Here, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{List, Path, Unexpanded};
use axum::extract::State;
use domain::ids::OperationId;
use domain::operation::OperationFilter;
use store::operations;

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<OperationFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &operations::list(&mut view, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let id = OperationId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&operations::get(&mut view, &id).await?)
}

/// Answers the operation as it stands now. What was sent stays sent.
pub(crate) async fn cancel(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = OperationId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let operation = operations::cancel(&mut work, &id).await?;
    work.commit().await?;
    ok(&operation)
}
