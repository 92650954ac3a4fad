//! Bodies and queries: form-encoded or JSON, read into one tree, under limits that hold for both.

use crate::app::Gateway;
use crate::error::ApiError;
use crate::form;
use axum::body::{Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::page::{Filter, PageRequest, read_list};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);

/// The fields of a request body; an absent body has none.
pub(crate) struct Body(pub(crate) Value);

impl FromRequest<Gateway> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = receive(gateway, &parts.headers, body).await?;
        let kind = kind(&parts.headers);
        if bytes.is_empty() {
            return Ok(Self(json!({})));
        }
        match kind.as_str() {
            "application/x-www-form-urlencoded" => Ok(Self(form::parse(&bytes).map_err(ApiError::Malformed)?)),
            kind if kind == "application/json" || kind.ends_with("+json") => {
                let value: Value = serde_json::from_slice(&bytes)
                    .map_err(|error| ApiError::Malformed(format!("The body is not valid JSON: {error}.")))?;
                if value.is_object() {
                    Ok(Self(value))
                } else {
                    Err(ApiError::Malformed("The JSON body must be an object.".into()))
                }
            }
            _ => Err(ApiError::UnsupportedMediaType(
                "Send the body as application/x-www-form-urlencoded or application/json, and say which in Content-Type.",
            )),
        }
    }
}

/// What a body says it is: `application/json`; empty if it does not say.
pub(crate) fn kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A whole body, under the limits that hold for each.
pub(crate) async fn receive(gateway: &Gateway, headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes, ApiError> {
    let limit = gateway.settings().max_body_bytes;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::TooLarge(limit));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(ApiError::UnsupportedMediaType("Compressed request bodies are not read here; send the body as it is."));
    }
    let read = tokio::time::timeout(ARRIVAL, to_bytes(body, limit)).await.map_err(|_| ApiError::Timeout)?;
    read.map_err(|error| {
        let is_too_large =
            std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_too_large { ApiError::TooLarge(limit) } else { ApiError::Malformed("The request body ended early.".into()) }
    })
}

/// The fields of a query.
pub(crate) struct Query(pub(crate) Value);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        form::parse(parts.uri.query().unwrap_or_default().as_bytes()).map(Self).map_err(ApiError::Malformed)
    }
}

/// The part of the path that names a thing. Bytes that are no text are no name: they become the empty one, so that they are
/// answered when and how a name that leads nowhere is.
pub(crate) struct Path(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Path {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match extract::Path::from_request_parts(parts, state).await {
            Ok(extract::Path(part)) => Ok(Self(part)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => Ok(Self(String::new())),
            // A route without a part to name anything was given a handler that wants one.
            Err(_) => Err(ApiError::Internal),
        }
    }
}

/// The two parts of the path that name things, one inside the other: a board and one of its labels. As [`Path`] otherwise.
pub(crate) struct Paths(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Paths {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match extract::Path::from_request_parts(parts, state).await {
            Ok(extract::Path((outer, inner))) => Ok(Self(outer, inner)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => Ok(Self(String::new(), String::new())),
            Err(_) => Err(ApiError::Internal),
        }
    }
}

/// What names a thing that lies in another one, at either of its addresses: its own id alone, or behind that of what it lies in. As
/// [`Path`] otherwise.
pub(crate) struct Inside {
    outer: Option<String>,
    id: String,
}

impl Inside {
    /// Both ids, the outer one where the path has it. They are read once the handler wants them: what is wrong with a body comes first.
    pub(crate) fn ids<O, I, E>(
        &self,
        outer: impl FnOnce(&str) -> Result<O, E>,
        id: impl FnOnce(&str) -> Result<I, E>,
    ) -> Result<(Option<O>, I), E> {
        Ok((self.outer.as_deref().map(outer).transpose()?, id(&self.id)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Inside {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let mut names: Vec<(String, String)> = match extract::Path::from_request_parts(parts, state).await {
            Ok(extract::Path(names)) => names,
            Err(PathRejection::FailedToDeserializePathParams(_)) => return Ok(Self { outer: None, id: String::new() }),
            Err(_) => return Err(ApiError::Internal),
        };
        let (_, id) = names.pop().ok_or(ApiError::Internal)?;
        Ok(Self { outer: names.pop().map(|(_, outer)| outer), id })
    }
}

/// A request for something that has nothing to expand; asking for it is an error, as on a list.
pub(crate) struct Unexpanded;

impl<S: Send + Sync> FromRequestParts<S> for Unexpanded {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::from_request_parts(parts, state).await?;
        Expand::read(&query, &[]).map(|_| Self)
    }
}

/// A list request: which page, and the resource's filter.
pub(crate) struct List<F>(pub(crate) PageRequest, pub(crate) F);

impl<S: Send + Sync, F: Filter> FromRequestParts<S> for List<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::from_request_parts(parts, state).await?;
        let expansion = Expand::read(&query, &[])?;
        debug_assert!(expansion.names.is_empty());
        let (page, filter) = read_list(&query)?;
        Ok(Self(page, filter))
    }
}

/// Which ids in an answer are to be replaced by the objects they stand for: `expand[]=users`.
#[derive(Debug, Default)]
pub(crate) struct Expand {
    names: Vec<String>,
}

impl Expand {
    /// Reads `expand[]`; a scalar, and a name this resource cannot expand, are errors.
    pub(crate) fn read(query: &Value, known: &[&str]) -> Result<Self, ApiError> {
        let mut fields = domain::input::Fields::of(query);
        let names = fields.list("expand", 20, |value: &Value| {
            let name = value.as_str().unwrap_or_default();
            if known.contains(&name) {
                Ok(name.to_owned())
            } else if known.is_empty() {
                Err("The selected :field is invalid. This resource has nothing to expand.".into())
            } else {
                Err(format!("The selected :field is invalid. Use one of: {}.", known.join(", ")))
            }
        });
        Ok(fields.finish(|| Some(Self { names: names.unwrap_or_default() }))?)
    }

    /// Whether this name is to be expanded.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|wanted| wanted == name)
    }
}
