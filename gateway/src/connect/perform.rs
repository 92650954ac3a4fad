//! How an action, a search or a look-up is done: by a request of Kitchen's own API, made from within by the same caller. Scopes, rules
//! and errors are those of the API.

use crate::answer::Said;
use crate::auth::Caller;
use crate::error::ApiError;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use connectors::catalogue::{Call, Field, Method, Placed};
use domain::input::{Form, Invalid};
use serde_json::{Map, Value};
use std::convert::Infallible;
use tower::ServiceExt as _;

/// Kitchen's API as it is called from within: without looking the key up again, and without counting the request again.
#[derive(Clone)]
pub(crate) struct Api(pub(crate) Router);

/// The API from within, for whoever made a request.
pub(crate) struct Within {
    api: Router,
    pub(crate) caller: Caller,
    /// Where the request was sent, for links in answers.
    host: Option<HeaderValue>,
}

/// What came of a call.
pub(crate) struct Done {
    pub(crate) status: StatusCode,
    /// With millisecond times; `Null` where nothing is said.
    pub(crate) value: Value,
}

impl<S: Send + Sync> FromRequestParts<S> for Within {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        // Absent only where a route was mounted without the API within reach.
        let Api(api) = parts.extensions.get::<Api>().cloned().ok_or(ApiError::Internal)?;
        Ok(Self { api, caller, host: parts.headers.get(header::HOST).cloned() })
    }
}

impl Within {
    /// Makes a call with these inputs.
    pub(crate) async fn perform(&self, call: &Call, inputs: &Map<String, Value>) -> Result<Done, ApiError> {
        let Placed { path, rest } = call.place(inputs)?;
        self.ask(call.method, &path, rest).await.map_err(|error| named(error, call))
    }

    /// Makes a request of the API.
    pub(crate) async fn ask(&self, method: Method, path: &str, inputs: Map<String, Value>) -> Result<Done, ApiError> {
        let (uri, body) = match method {
            Method::Get | Method::Delete => (format!("{path}?{}", query(&inputs)), None),
            Method::Post | Method::Put => (path.to_owned(), Some(Value::from(inputs).to_string())),
        };
        let mut request = Request::builder().method(method.as_str()).uri(uri);
        if let Some(host) = &self.host {
            request = request.header(header::HOST, host);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.extension(self.caller.clone()).body(body.map_or_else(Body::empty, Body::from));
        let request = request.map_err(|_| ApiError::Malformed("The inputs cannot be written into a request.".into()))?;
        let mut response = match self.api.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never as Infallible {},
        };
        let status = response.status();
        if let Some(error) = response.extensions_mut().remove::<ApiError>() {
            return Err(error);
        }
        if !status.is_success() {
            return Err(ApiError::of_status(status).unwrap_or(ApiError::Internal));
        }
        let value = response.extensions_mut().remove::<Said>().map_or(Value::Null, |said| said.0);
        Ok(Done { status, value })
    }
}

/// What a platform gave for these fields: it sends every field of a form, and those left empty count as absent.
pub(super) fn given(inputs: Value, fields: &[Field]) -> Map<String, Value> {
    let Value::Object(mut inputs) = inputs else { return Map::new() };
    inputs.retain(|_, value| !is_empty(value));
    for field in fields {
        if let (Form::List(of), Some(value)) = (&field.form, inputs.get_mut(&field.key)) {
            *value = listed(value.take(), of);
        }
    }
    inputs
}

/// A value as a list. A platform whose items are flat has lists as one text, `u_a, u_b`, and gives them back as it got them; it may also
/// give one value alone. In a text of people's own a comma is a comma.
fn listed(value: Value, of: &Form) -> Value {
    let is_parted = !matches!(of, Form::Text { .. } | Form::Any);
    match value {
        Value::Array(values) => values
            .into_iter()
            .flat_map(|value| match listed(value, of) {
                Value::Array(values) => values,
                value => vec![value],
            })
            .collect(),
        Value::String(text) if is_parted => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect()
        }
        Value::Object(_) => value,
        value => Value::Array(vec![value]),
    }
}

/// What a field of a form that was left alone is sent as; of a list, nothing but such values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        _ => false,
    }
}

/// An id in the path was an input: that it leads nowhere is said of that input, and of one below another that it is not there.
fn named(error: ApiError, call: &Call) -> ApiError {
    let parameters: Vec<&str> = call.parameters().collect();
    match (error, parameters.as_slice()) {
        (ApiError::NotFound, [name]) => {
            let words = format!("The selected {name} is invalid: there is no such {name}, or it belongs to another workspace.");
            Invalid::field(name, words).into()
        }
        (ApiError::NotFound, [of, .., name]) => {
            let words = format!(
                "The selected {name} is invalid: this {of} has no such {name}, or there is no such {of} in this workspace."
            );
            Invalid::field(name, words).into()
        }
        (error, _) => error,
    }
}

fn query(inputs: &Map<String, Value>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (name, value) in inputs {
        match value {
            Value::Null => {}
            Value::Array(values) => {
                for value in values {
                    query.append_pair(&format!("{name}[]"), &text(value));
                }
            }
            Value::Object(values) => {
                for (key, value) in values {
                    query.append_pair(&format!("{name}[{key}]"), &text(value));
                }
            }
            value => {
                query.append_pair(name, &text(value));
            }
        }
    }
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::is_empty;
    use serde_json::json;

    #[test]
    fn a_field_that_was_left_alone_is_empty_however_it_is_sent() {
        assert!([json!(null), json!(""), json!("  "), json!([]), json!(["", null])].iter().all(is_empty));
        assert!(![json!(0), json!(false), json!("0"), json!(["", "a"]), json!({})].iter().any(is_empty));
    }
}
