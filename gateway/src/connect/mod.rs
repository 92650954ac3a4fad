//! `/connect/{platform}`: the catalogue as each platform expects it. What is done is in one file per kind of thing, the same for every
//! platform; how it looks is said by the platform's connector.

pub(crate) mod actions;
pub(crate) mod hooks;
pub(crate) mod lookups;
pub(crate) mod me;
pub(crate) mod operations;
mod perform;
pub(crate) mod searches;
pub(crate) mod triggers;

use crate::error::ApiError;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use connectors::{Connector, platforms};

pub(crate) use perform::{Api, Within};

/// Which platform a request is of, and what its path names.
pub(crate) struct At {
    connector: &'static dyn Connector,
    key: String,
}

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = ApiError;

    /// A platform nobody knows is not found.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Every name here is written in plain letters: what is encoded in the path names nothing, and needs no decoding.
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, state).await.map_err(|_| ApiError::Internal)?;
        let mut parts = uri.path().split('/').skip(2);
        let connector = parts.next().and_then(platforms::named).ok_or(ApiError::NotFound)?;
        Ok(Self { connector, key: parts.nth(1).unwrap_or_default().to_owned() })
    }
}
