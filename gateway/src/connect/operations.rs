//! `/connect/{platform}/operations/{id}`: what became of an action that goes on, in the shape its platform was answered with.

use super::At;
use super::actions::shaped;
use crate::answer::{Answer, Here};
use crate::api::operations::find;
use crate::app::Gateway;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use connectors::catalogue::OPERATION;
use domain::dialect::canonical;

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, here: Here, at: At) -> Answer {
    let operation = find(&gateway, &caller, &at.key).await?;
    Ok(Json(shaped(at.connector, &here, OPERATION, &canonical(&operation), true)).into_response())
}
