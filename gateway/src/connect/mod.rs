//! `/connect/{platform}`: the catalogue as each platform expects it. What is done is in one file per kind of thing, the same for every
//! platform; how it looks is said by the platform's connector.

mod actions;
mod hooks;
mod lookups;
mod me;
mod perform;
mod triggers;

use crate::app::Gateway;
use crate::error::ApiError;
use axum::Router;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::routing::get;
use connectors::{Connector, platforms};

pub(crate) use perform::Api;

/// The routes of every platform.
pub(crate) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/me", get(me::show))
        .route("/hooks", get(hooks::list).post(hooks::subscribe))
        .route("/hooks/{key}", get(hooks::show).delete(hooks::unsubscribe))
        .route("/triggers", get(triggers::list))
        .route("/triggers/{key}", get(triggers::feed))
        .route("/triggers/{key}/sample", get(triggers::sample))
        .route("/triggers/{key}/fields", get(triggers::fields))
        .route("/actions", get(actions::list))
        .route("/actions/{key}", get(actions::show).post(actions::run))
        .route("/actions/{key}/fields", get(actions::fields))
        .route("/searches", get(actions::list_searches))
        .route("/searches/{key}", get(actions::search))
        .route("/searches/{key}/fields", get(actions::search_fields))
        .route("/lookups", get(lookups::list))
        .route("/lookups/{key}", get(lookups::show))
}

/// Which platform a request is of, and what its path names.
pub(crate) struct At {
    connector: &'static dyn Connector,
    key: String,
}

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = ApiError;

    /// A platform nobody knows is not found.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Bytes that are no text name nothing.
        let named = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
        let part = |wanted: &str| named.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned());
        let connector = part("platform").and_then(|name| platforms::named(&name)).ok_or(ApiError::NotFound)?;
        Ok(Self { connector, key: part("key").unwrap_or_default() })
    }
}
