//! Every error a caller can see, and the only place that knows HTTP statuses.
//!
//! Shape: `{message, code, request_id}`, and for input that cannot be accepted `errors: {field: [messages]}`, as Kitchen
//! answers it. Two texts per failure: what the caller reads here, and what the log keeps; an internal text never leaves.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::NotAnId;
use domain::input::Invalid;
use domain::scope::{Access, Family};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::time::Duration;
use store::StoreError;

/// A request that is not answered with what it asked for.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// The body or the query cannot be read at all; the text says why.
    Malformed(String),
    /// No credential.
    CredentialMissing,
    /// A credential that opens nothing: mistyped, deleted, never issued.
    CredentialInvalid,
    /// A key whose time is over.
    CredentialExpired,
    /// The key may not do this.
    InsufficientScope(Family, Access),
    /// The key may not be used from this address.
    AddressNotAllowed(IpAddr),
    /// Two credentials, or one that is not of any known form.
    CredentialMalformed(&'static str),
    /// No such thing, or not in this workspace.
    NotFound,
    /// The thing exists and does not support this method.
    MethodNotAllowed,
    /// The body took too long to arrive.
    Timeout,
    /// The state of the thing does not allow this; the text says why.
    Conflict(String),
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The body is of a type that is not read here.
    UnsupportedMediaType(&'static str),
    /// Fields that cannot be accepted.
    Invalid(Invalid),
    /// The key's requests are used up for now.
    RateLimited {
        /// When one more will be allowed.
        retry_after: Duration,
    },
    /// A delivery that was sent to where deliveries come from.
    Loop,
    /// A fault of ours; details are in the log under the request's id.
    Internal,
    /// The database cannot be reached.
    Unavailable,
}

impl ApiError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::CredentialMalformed(_) => StatusCode::BAD_REQUEST,
            Self::CredentialMissing | Self::CredentialInvalid | Self::CredentialExpired => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(..) | Self::AddressNotAllowed(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Loop => StatusCode::LOOP_DETECTED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A stable word for programs; never changes once published.
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_request",
            Self::CredentialMissing => "credential_missing",
            Self::CredentialInvalid => "credential_invalid",
            Self::CredentialExpired => "credential_expired",
            Self::InsufficientScope(..) => "insufficient_scope",
            Self::AddressNotAllowed(_) => "address_not_allowed",
            Self::CredentialMalformed(_) => "credential_malformed",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Timeout => "request_timeout",
            Self::Conflict(_) => "conflict",
            Self::TooLarge(_) => "body_too_large",
            Self::UnsupportedMediaType(_) => "unsupported_media_type",
            Self::Invalid(_) => "invalid",
            Self::RateLimited { .. } => "rate_limited",
            Self::Loop => "loop_detected",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Malformed(reason) | Self::Conflict(reason) => reason.clone(),
            Self::CredentialMissing => "This needs an API key. Send it as `Authorization: Bearer <key>`.".into(),
            Self::CredentialInvalid => {
                "This API key is not valid. It may be mistyped or deleted; create one in Settings > API.".into()
            }
            Self::CredentialExpired => "This API key has expired. Create a new one in Settings > API.".into(),
            Self::InsufficientScope(family, access) => {
                let (family, access) = (family.as_str(), access.as_str());
                format!("This API key may not {access} {family}. Use a key with a scope that allows it; see Settings > API.")
            }
            Self::AddressNotAllowed(address) => {
                format!("This API key may not be used from {address}. Add the address to the key in Settings > API.")
            }
            Self::CredentialMalformed(reason) | Self::UnsupportedMediaType(reason) => (*reason).into(),
            Self::NotFound => "There is nothing here, or it belongs to another workspace.".into(),
            Self::MethodNotAllowed => "This address does not support this method; the Allow header names those it does.".into(),
            Self::Timeout => "The request took too long to arrive.".into(),
            Self::TooLarge(limit) => format!("The request body must not be larger than {limit} bytes."),
            Self::Invalid(invalid) => invalid.message(),
            Self::RateLimited { retry_after } => {
                format!("This API key has used up its requests. Try again in {} seconds.", whole_seconds(*retry_after))
            }
            Self::Loop => {
                "This is a delivery of a webhook, and deliveries are not taken here: what they do would make the next one. Give the \
                 webhook a URL of your own; a server there may call this API, without the header Kitchen-Delivery."
                    .into()
            }
            Self::Internal => {
                "Something went wrong on our side. Nothing was changed; quote the request id when you ask about it.".into()
            }
            Self::Unavailable => {
                "The gateway cannot reach its database at the moment. Nothing was changed; try again shortly.".into()
            }
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut body = json!({"message": self.message(), "code": self.code(), "request_id": request_id});
        if let Self::Invalid(invalid) = self {
            body["errors"] = json!(invalid.errors);
        }
        body
    }

    /// The error that an answer of a layer below stands for, when that layer does not know our shape.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        Some(match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            status if status.is_server_error() => Self::Internal,
            status if status.is_client_error() => Self::Malformed("The request cannot be read.".into()),
            _ => return None,
        })
    }
}

/// Seconds for headers: whole, rounded up, at least one, because an earlier retry would be refused again.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

impl ApiError {
    /// In how many seconds it makes sense to try again, where that is known.
    pub(crate) fn wait(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(whole_seconds(*retry_after)),
            Self::Unavailable => Some(1),
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    /// Status and headers; the body is added where the request's id is known.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        // RFC 6750, section 3: no error code without a credential, `invalid_token` for one that opens nothing.
        let challenge = match &self {
            Self::CredentialMissing => Some(HeaderValue::from_static("Bearer realm=\"kitchen\"")),
            Self::CredentialInvalid => Some(HeaderValue::from_static(
                "Bearer realm=\"kitchen\", error=\"invalid_token\", error_description=\"The API key is mistyped, deleted or unknown\"",
            )),
            Self::CredentialExpired => Some(HeaderValue::from_static(
                "Bearer realm=\"kitchen\", error=\"invalid_token\", error_description=\"The API key has expired\"",
            )),
            Self::InsufficientScope(..) => {
                Some(HeaderValue::from_static("Bearer realm=\"kitchen\", error=\"insufficient_scope\""))
            }
            Self::CredentialMalformed(_) => Some(HeaderValue::from_static("Bearer realm=\"kitchen\", error=\"invalid_request\"")),
            _ => None,
        };
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.wait() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // What is left of the body is not read, and so no other request can follow it.
        if matches!(self, Self::TooLarge(_)) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<NotAnId> for ApiError {
    /// What is no id answers like an id that leads nowhere.
    fn from(_: NotAnId) -> Self {
        Self::NotFound
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Invalid(invalid) => Self::Invalid(invalid),
            StoreError::Conflict(reason) => Self::Conflict(reason),
            StoreError::Seal(error) => {
                tracing::error!(%error, "a stored secret cannot be opened");
                Self::Conflict("A stored secret cannot be read with the master key that is set. The operator sets the one it was written with.".into())
            }
            error if error.is_unavailable() => {
                tracing::warn!(%error, "the database cannot be reached");
                Self::Unavailable
            }
            error => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}
