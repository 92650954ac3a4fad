//! Stylesheet, script, icons and the pictures of the guides, compiled into the program so that pages need nothing else. Their addresses carry no version, so
//! browsers ask each time and are told that nothing changed.

use crate::app::Gateway;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use std::sync::LazyLock;

/// A picture of the guides, under the name they have for it.
macro_rules! picture {
    ($name:literal) => {
        (
            concat!("guides/pictures/", $name),
            "image/png",
            include_bytes!(concat!("../../../docs/guides/pictures/", $name)) as &'static [u8],
        )
    };
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        ($name, $kind, include_bytes!(concat!("../../static/", $name)) as &'static [u8])
    };
}

pub(crate) const ASSETS: [(&str, &str, &[u8]); 10] = [
    asset!("kitchen.css", "text/css; charset=utf-8"),
    asset!("docs.css", "text/css; charset=utf-8"),
    asset!("kitchen.js", "text/javascript; charset=utf-8"),
    asset!("htmx.min.js", "text/javascript; charset=utf-8"),
    asset!("icons.svg", "image/svg+xml"),
    asset!("favicon.svg", "image/svg+xml"),
    picture!("key.png"),
    picture!("token.png"),
    picture!("webhooks.png"),
    picture!("audit.png"),
];

/// One tag for all of them: they change together, when the program does.
static TAG: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = crc32fast::Hasher::new();
    for (_, _, bytes) in ASSETS {
        hasher.update(bytes);
    }
    format!("\"{:08x}\"", hasher.finalize())
});

pub(crate) fn routes() -> Router<Gateway> {
    ASSETS.into_iter().fold(Router::new(), |router, (name, kind, bytes)| {
        router.route(&format!("/static/{name}"), get(async move |headers: HeaderMap| serve(&headers, kind, bytes)))
    })
}

fn serve(headers: &HeaderMap, kind: &'static str, bytes: &'static [u8]) -> Response {
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == TAG.as_bytes());
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&TAG) {
        answer.insert(header::ETAG, tag);
    }
    response
}
