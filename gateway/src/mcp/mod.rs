//! `POST /mcp`: the catalogue for agents, over the Model Context Protocol. Actions, searches, look-ups and the feed of events are tools,
//! and what they speak of can be read as resources; an agent's key, scopes and limits are those of any other caller.
//!
//! Each request stands for itself and is answered at once with JSON, so that it does not matter which gateway it reaches: there are
//! no sessions, and no stream to keep open. This file is the door; what is behind it is in one file per kind of thing.

mod call;
mod resources;
mod server;
mod tools;

use crate::app::Gateway;
use crate::body::{kind, receive};
use crate::error::ApiError;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Response as HttpResponse, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use server::Server;
use std::convert::Infallible;
use std::sync::Arc;

/// The SDK's side of the door.
pub(crate) type Service = StreamableHttpService<Server, NeverSessionManager>;

/// What answers, for one gateway.
pub(crate) fn service(gateway: &Gateway) -> Service {
    let settings = gateway.settings();
    // A page in a browser may not call a gateway it reached under a name that its author made up for an address inside. Nothing that runs
    // elsewhere than in a browser sends an Origin.
    let origins = match &settings.public_url {
        Some(url) => vec![url.origin().ascii_serialization()],
        None => ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(str::to_owned).to_vec(),
    };
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(settings.max_body_bytes)
        // Whatever a proxy makes of Host: see above for what is looked at instead.
        .disable_allowed_hosts()
        .with_allowed_origins(origins)
        .enforce_origin_validation();
    let server = Server::new(gateway.clone());
    StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config)
}

/// Takes one message in and answers it.
pub(crate) async fn answer(
    State(gateway): State<Gateway>,
    axum::Extension(service): axum::Extension<Service>,
    request: Request,
) -> Result<Response, ApiError> {
    if kind(request.headers()) != "application/json" {
        return Err(ApiError::UnsupportedMediaType("Send the message as application/json, and say so in Content-Type."));
    }
    let (parts, body) = request.into_parts();
    let bytes = receive(&gateway, &parts.headers, body).await?;
    match serde_json::from_slice::<Value>(&bytes) {
        Err(error) => return Ok(refusal(-32700, &format!("The message is not valid JSON: {error}."))),
        Ok(message) if !message.is_object() => return Ok(refusal(-32600, "Send one message at a time, as a JSON object.")),
        Ok(_) => {}
    }
    translated(service.handle(Request::from_parts(parts, Full::new(bytes))).await).await
}

/// The SDK's answer. Refusals that it writes as plain text look like all others of this gateway.
async fn translated(response: HttpResponse<BoxBody<Bytes, Infallible>>) -> Result<Response, ApiError> {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let status = response.status();
    if is_json || status.is_success() {
        return Ok(response.map(Body::new));
    }
    // The type was looked at before: what it could not read is no message.
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Ok(refusal(-32600, "This is no message of JSON-RPC 2.0: it needs `jsonrpc`, `method` and, for a request, `id`."));
    }
    let Ok(text) = response.into_body().collect().await.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
    let mut refused = ApiError::Malformed(format!("{text}.")).into_response();
    *refused.status_mut() = status;
    Ok(refused)
}

/// A message that cannot be read has no id to answer to.
fn refusal(code: i32, message: &str) -> Response {
    let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
