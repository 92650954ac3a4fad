//! The outermost layer: gives every request an id, writes the body of every error, and logs each request once.
//!
//! The id is ours alone: one sent by the caller is not taken over, because answers and log lines are joined by it.

use crate::error::ApiError;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::secret::{hex, random_bytes};
use std::time::Instant;
use tracing::Instrument as _;

/// The id of a request, for who has to tell it elsewhere than in a header.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Runs a request under a new id.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let id = format!("req_{}", hex(&random_bytes::<12>()));
    request.extensions_mut().insert(RequestId(id.clone()));
    let started = Instant::now();
    let method = request.method().clone();
    // The route, not the path: ids and queries of callers stay out of the log.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request_id = %id);
    async move {
        let mut response = next.run(request).await;
        finish(&mut response, &id);
        tracing::debug!(%method, route, status = response.status().as_u16(), duration_ms = started.elapsed().as_millis(), "answered");
        response
    }
    .instrument(span)
    .await
}

fn finish(response: &mut Response, id: &str) {
    let error = response.extensions_mut().remove::<ApiError>().or_else(|| {
        let is_ours = |kind: &HeaderValue| kind == "application/json" || kind.as_bytes().starts_with(b"text/html");
        let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(is_ours);
        if is_ours { None } else { ApiError::of_status(response.status()) }
    });
    if let Some(error) = error {
        *response.body_mut() = error.body(id).to_string().into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert("request-id", value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
