//! For operators: is the process alive, and can it do its work.

use crate::app::Gateway;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// 200 as long as the process answers at all.
pub(crate) async fn live() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// 200 when requests can be served: the database answers and has all migrations. A queue that is away is reported but does not
/// make the gateway unready, because nothing is lost without it.
pub(crate) async fn ready(State(gateway): State<Gateway>) -> Response {
    let (is_ready, database) = match gateway.store().health().await {
        Ok(health) if health.pending_migrations == 0 => (true, "ok".to_owned()),
        Ok(health) => (false, format!("{} migrations are pending", health.pending_migrations)),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database cannot be reached");
            (false, "unreachable".to_owned())
        }
    };
    let queue = match &gateway.settings().queue {
        None => "in process",
        Some(queue) => match queue.ping().await {
            Ok(_) => "ok",
            Err(_) => "unreachable",
        },
    };
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if is_ready { "ready" } else { "not ready" };
    (status, Json(json!({"status": word, "database": database, "queue": queue}))).into_response()
}
