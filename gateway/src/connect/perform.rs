//! How an action, a search or a look-up is done: by a request of Kitchen's own API, made from within by the same caller. Scopes, rules
//! and errors are those of the API.

use crate::answer::Said;
use crate::auth::Caller;
use crate::error::ApiError;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use connectors::catalogue::{Call, Method, Placed};
use domain::input::Invalid;
use serde_json::{Map, Value};
use std::convert::Infallible;
use tower::ServiceExt as _;

/// Kitchen's API as it is called from within: without looking the key up again, and without counting the request again.
#[derive(Clone)]
pub(crate) struct Api(pub(crate) Router);

/// What came of a call.
pub(crate) struct Done {
    pub(crate) status: StatusCode,
    /// With millisecond times; `Null` where nothing is said.
    pub(crate) value: Value,
}

/// Makes a call with these inputs. Empty ones count as absent: platforms send every field of a form. `headers` are those of the request
/// it is made for, for links in the answer.
pub(crate) async fn perform(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    call: &Call,
    inputs: &Map<String, Value>,
) -> Result<Done, ApiError> {
    let mut given = inputs.clone();
    given.retain(|_, value| !is_empty(value));
    let Placed { path, rest } = call.place(&given)?;
    let (uri, body) = match call.method {
        Method::Get | Method::Delete => (format!("{path}?{}", query(&rest)), None),
        Method::Post | Method::Put => (path, Some(Value::from(rest).to_string())),
    };
    let mut request = Request::builder().method(call.method.as_str()).uri(uri);
    if let Some(host) = headers.get(header::HOST) {
        request = request.header(header::HOST, host);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let request = request.extension(caller.clone()).body(body.map_or_else(Body::empty, Body::from));
    let request = request.map_err(|_| ApiError::Malformed("The inputs cannot be written into a request.".into()))?;
    let mut response = match api.0.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never as Infallible {},
    };
    let status = response.status();
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        return Err(named(error, call));
    }
    if !status.is_success() {
        return Err(ApiError::of_status(status).unwrap_or(ApiError::Internal));
    }
    let value = response.extensions_mut().remove::<Said>().map_or(Value::Null, |said| said.0);
    Ok(Done { status, value })
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

/// An id in the path was an input: that it leads nowhere is said of that input.
fn named(error: ApiError, call: &Call) -> ApiError {
    let mut parameters = call.parameters().peekable();
    match error {
        ApiError::NotFound if parameters.peek().is_some() => {
            let mut invalid = Invalid::default();
            for name in parameters {
                invalid.add(
                    name,
                    format!("The selected {name} is invalid: there is no such {name}, or it belongs to another workspace."),
                );
            }
            invalid.into()
        }
        error => error,
    }
}

fn query(inputs: &Map<String, Value>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (name, value) in inputs {
        match value {
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
