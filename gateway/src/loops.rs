//! Requests that the gateway sent itself: refused wherever a key is let in. A webhook whose headers hold a key, and whose URL is one of ours,
//! would otherwise make the next delivery with each that arrives, for ever.

use crate::error::ApiError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// What every delivery carries, and no header of people's own can take the place of.
const DELIVERY: &str = "kitchen-delivery";

/// Lets a request through unless it is a delivery, of this gateway or of another one.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    if request.headers().contains_key(DELIVERY) { ApiError::Loop.into_response() } else { next.run(request).await }
}
