//! What protects every page: forms are taken from our own pages only, nothing is loaded from elsewhere, nobody frames a page.

use crate::app::Gateway;
use crate::error::ApiError;
use crate::web::WebError;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use tower_http::csrf::CsrfLayer;

const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// The routes with their protection around them.
pub(crate) fn around(routes: Router<Gateway>, gateway: &Gateway) -> Router<Gateway> {
    let mut csrf = CsrfLayer::new();
    // Behind a proxy that rewrites Host the address browsers know is the operator's to name.
    if let Some(url) = &gateway.settings().public_url
        && let Ok(trusting) = CsrfLayer::new().add_trusted_origin(url.origin().ascii_serialization())
    {
        csrf = trusting;
    }
    routes.layer(csrf).layer(from_fn(with_headers))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let wants_dialog = request.method() == Method::GET && request.headers().get("hx-target").is_some_and(|id| id == "dialog");
    let address = request.uri().clone();
    let mut response = next.run(request).await;
    if wants_dialog && !response.status().is_success() {
        return as_a_whole_page(&response, &address);
    }
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page && (response.status().is_client_error() || response.status().is_server_error()) {
        let status = response.status();
        let mut page = match response.extensions_mut().remove::<ApiError>() {
            Some(error) => WebError::Api(error),
            // No page of ours answers so without a page: it is the layer that looks at where a form came from.
            None if status == StatusCode::FORBIDDEN => WebError::Foreign,
            None => WebError::Api(ApiError::of_status(status).unwrap_or(ApiError::Internal)),
        }
        .into_response();
        *page.status_mut() = status;
        response = page;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// What was to be a dialog over the page is something else: the session has ended, or what it is about is gone. The script would
/// find no dialog in it and show nothing, so the browser is sent there instead.
fn as_a_whole_page(response: &Response, address: &Uri) -> Response {
    let place = response.headers().get(header::LOCATION).cloned();
    match place.or_else(|| HeaderValue::from_str(&address.to_string()).ok()) {
        Some(place) => [("hx-redirect", place)].into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
