//! Who is asking. A key comes as `Authorization: Bearer`, as `Authorization: Basic` (as user name or password), or as
//! `X-Api-Key`; never in a query or a body, where it would end up in logs.
//!
//! Every request looks the key up anew: a deleted key is refused on every node from the moment the delete is committed.

use crate::app::Gateway;
use crate::error::ApiError;
use crate::peer;
use crate::rate_limit::{Allowance, Quota};
use crate::scope::{Need, needed};
use axum::extract::{FromRequestParts, MatchedPath, OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api_key::{ApiKey, Token};
use domain::audit::Actor;
use domain::ids::WorkspaceId;
use domain::scope::{Access, Family};
use std::net::IpAddr;
use store::Work;
use store::api_keys::Opened;

/// The key a request was made with.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) key: ApiKey,
    /// Where the request came from.
    from: IpAddr,
}

impl Caller {
    /// A unit of work in the key's workspace, on record as the key's.
    pub(crate) fn begin(&self, gateway: &Gateway) -> Work {
        gateway.store().begin(&self.key.workspace_id, Actor::key(&self.key, self.from))
    }

    pub(crate) fn workspace(&self) -> &WorkspaceId {
        &self.key.workspace_id
    }

    /// Refuses what the key may not do, where an answer holds more than the route's own resource.
    pub(crate) fn require(&self, family: Family, access: Access) -> Result<(), ApiError> {
        if self.key.may(family, access) { Ok(()) } else { Err(ApiError::InsufficientScope(family, access)) }
    }
}

/// Lets a request through if its key is valid and has requests left; every answer says how many remain.
pub(crate) async fn layer(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let (opened, allowance) = match admit(&gateway, request.headers()).await {
        Ok(admitted) => admitted,
        Err(error) => return error.into_response(),
    };
    let mut response = if allowance.is_allowed {
        match judge(&gateway, &opened, &request) {
            Ok(from) => {
                request.extensions_mut().insert(Caller { key: opened.key, from });
                next.run(request).await
            }
            Err(error) => error.into_response(),
        }
    } else {
        ApiError::RateLimited { retry_after: allowance.retry_after }.into_response()
    };
    Allowance::write_headers(&allowance, response.headers_mut());
    response
}

/// The key a request was made with, and whether it has requests left. The database decides on every request whether the key
/// opens anything; for a token that opened something before, its limit is asked about meanwhile instead of afterwards.
async fn admit(gateway: &Gateway, headers: &HeaderMap) -> Result<(Opened, Allowance), ApiError> {
    let presented = presented(headers)?;
    // The checksum in the token spares the database a look-up for what cannot be a key of ours.
    let token = Token::parse(&presented).ok_or(ApiError::CredentialInvalid)?;
    let hash = token.hash();
    let authenticate = store::api_keys::authenticate(gateway.store(), &token, &hash);
    let (key, counted) = match gateway.limiter().recall(&hash) {
        Some(recalled) => {
            let (allowance, key) = tokio::join!(gateway.limiter().check(&recalled), authenticate);
            (key, Some((recalled, allowance)))
        }
        None => (authenticate.await, None),
    };
    let opened = key?.ok_or(ApiError::CredentialInvalid)?;
    if opened.key.is_expired(gateway.store().clock().now()) {
        return Err(ApiError::CredentialExpired);
    }
    let quota = Quota::of(&opened.key);
    match counted {
        Some((recalled, allowance)) if recalled == quota => Ok((opened, allowance)),
        _ => {
            gateway.limiter().remember(hash, quota.clone());
            let allowance = gateway.limiter().check(&quota).await;
            Ok((opened, allowance))
        }
    }
}

/// Whether a key may be used from where this request came from. Says where that is.
fn judge(gateway: &Gateway, opened: &Opened, request: &Request) -> Result<IpAddr, ApiError> {
    let from = peer::address(gateway, request.extensions(), request.headers());
    if !opened.key.is_allowed_from(from) {
        return Err(ApiError::AddressNotAllowed(from));
    }
    gateway.last_used().note(gateway.store(), opened, from);
    Ok(from)
}

/// Lets a request through if its key may do what it asks for.
pub(crate) async fn scope_layer(caller: Caller, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let path = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().path(), |uri| uri.0.path());
    match needed(request.method(), route, path) {
        Need::Key => next.run(request).await,
        Need::Of(family, access) => match caller.require(family, access) {
            Ok(()) => next.run(request).await,
            Err(error) => error.into_response(),
        },
        Need::Unknown => {
            tracing::error!(route, "a route nobody said what it needs");
            ApiError::Internal.into_response()
        }
    }
}

fn presented(headers: &HeaderMap) -> Result<String, ApiError> {
    const UNREADABLE: ApiError =
        ApiError::CredentialMalformed("The Authorization header cannot be read. Send `Authorization: Bearer <key>`.");
    let mut credentials = headers.get_all(header::AUTHORIZATION).iter().chain(headers.get_all("x-api-key"));
    let Some(credential) = credentials.next() else { return Err(ApiError::CredentialMissing) };
    if credentials.next().is_some() {
        return Err(ApiError::CredentialMalformed("Send one API key, not several."));
    }
    let text = credential.to_str().map_err(|_| UNREADABLE)?.trim();
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(text.to_owned());
    }
    let (scheme, value) = text.split_once(' ').ok_or(UNREADABLE)?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" if !value.trim().is_empty() => Ok(value.trim().to_owned()),
        "basic" => {
            let decoded = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(UNREADABLE)?;
            let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
            Ok(if Token::parse(user).is_some() { user } else { password }.to_owned())
        }
        "bearer" => Err(UNREADABLE),
        // RFC 6750, section 3: a method of authentication that is not offered here counts as none.
        _ => Err(ApiError::CredentialMissing),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Absent only where a route was mounted outside the authenticated part of the table.
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Internal)
    }
}
