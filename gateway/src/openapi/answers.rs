//! What answers have in common: the headers on each, the pages of lists, and errors.

use super::thing::Thing;
use crate::error::ApiError;
use domain::input::Invalid;
use domain::scope::{Access, Family};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Headers on every answer to a key.
fn headers() -> Value {
    ["RateLimit-Policy", "RateLimit", "Request-Id"]
        .map(|name| (name.to_owned(), json!({"$ref": format!("#/components/headers/{name}")})))
        .into_iter()
        .collect::<Map<String, Value>>()
        .into()
}

fn json_of(schema: &Value, example: Option<&Value>) -> Value {
    let mut content = json!({"schema": schema});
    if let Some(example) = example.filter(|example| !example.is_null()) {
        content["example"] = example.clone();
    }
    json!({"application/json": content})
}

fn reference(thing: &Thing) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", thing.name)})
}

pub(super) fn one(thing: &Thing) -> Value {
    json!({"description": "Done.", "headers": headers(), "content": json_of(&reference(thing), None)})
}

pub(super) fn accepted(thing: &Thing) -> Value {
    let mut answer = one(thing);
    answer["description"] = json!("It goes on after this answer.");
    answer
}

pub(super) fn page(thing: &Thing, [links, meta]: [&str; 2]) -> Value {
    let of = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let schema = json!({
        "type": "object",
        "required": ["data", "links", "meta"],
        "properties": {
            "data": {"type": "array", "items": reference(thing)},
            "links": of(links),
            "meta": of(meta),
        },
    });
    json!({"description": "A page of a list.", "headers": headers(), "content": json_of(&schema, None)})
}

pub(super) fn nothing() -> Value {
    json!({"description": "Done; there is nothing to show.", "headers": headers()})
}

pub(super) fn file(kinds: &[&str]) -> Value {
    let content: Map<String, Value> =
        kinds.iter().map(|kind| ((*kind).to_owned(), json!({"schema": {"type": "string"}}))).collect();
    json!({"description": "A file.", "headers": headers(), "content": content})
}

/// An answer whose shape somebody else defines: a platform, a protocol.
pub(super) fn shaped(words: &str) -> Value {
    json!({"description": words, "content": json_of(&json!({}), None)})
}

/// What can go wrong, by name; one of each status.
fn all() -> [(&'static str, ApiError); 13] {
    let missing = Invalid::field("email", "The email field must be a valid email address.");
    [
        ("Malformed", ApiError::Malformed("The body is not valid JSON.".into())),
        ("Unauthorized", ApiError::CredentialInvalid),
        ("Forbidden", ApiError::InsufficientScope(Family::Clients, Access::Write)),
        ("NotFound", ApiError::NotFound),
        ("MethodNotAllowed", ApiError::MethodNotAllowed),
        ("Timeout", ApiError::Timeout),
        ("Conflict", ApiError::Conflict("The operation has succeeded already.".into())),
        ("TooLarge", ApiError::TooLarge(1024 * 1024)),
        ("UnsupportedMediaType", ApiError::UnsupportedMediaType("Send the body as application/json, and say so.")),
        ("Invalid", ApiError::Invalid(missing)),
        ("RateLimited", ApiError::RateLimited { retry_after: Duration::from_secs(3) }),
        ("Internal", ApiError::Internal),
        ("Unavailable", ApiError::Unavailable),
    ]
}

/// References to the errors that a route can answer with.
pub(super) fn errors(has_body: bool, changes: bool, is_of_one: bool) -> Map<String, Value> {
    let happens = |error: &ApiError| match error {
        ApiError::MethodNotAllowed => false,
        ApiError::NotFound => is_of_one,
        ApiError::Conflict(_) => changes,
        ApiError::Timeout | ApiError::TooLarge(_) | ApiError::UnsupportedMediaType(_) => has_body,
        _ => true,
    };
    let reference = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
    all()
        .into_iter()
        .filter(|(_, error)| happens(error))
        .map(|(name, error)| (error.status().as_u16().to_string(), reference(name)))
        .collect()
}

/// The errors written out, for what refers to them.
pub(super) fn responses() -> Value {
    let response = |(name, error): (&str, ApiError)| {
        let mut headers = headers();
        let has_wait = matches!(error, ApiError::RateLimited { .. } | ApiError::Unavailable);
        if has_wait {
            headers["Retry-After"] = json!({"$ref": "#/components/headers/Retry-After"});
        }
        let example = error.body("req_19ce2f8f6a3c1b5520d7e9a1");
        let content = json_of(&json!({"$ref": "#/components/schemas/Error"}), Some(&example));
        (name.to_owned(), json!({"description": error.message(), "headers": headers, "content": content}))
    };
    all().into_iter().map(response).collect::<Map<String, Value>>().into()
}

/// The headers written out.
pub(super) fn header_components() -> Value {
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    json!({
        "RateLimit-Policy": text("How many requests a minute the key has: `\"minute\";q=200;w=60`."),
        "RateLimit": text("How many are left, and in how many seconds all are back: `\"minute\";r=199;t=1`."),
        "Request-Id": text("The id of this request; errors repeat it."),
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    })
}

/// The schemas that belong to no resource.
pub(super) fn schemas() -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let link = || json!({"type": ["string", "null"], "format": "uri"});
    let count = || json!({"type": "integer", "minimum": 0});
    let maybe_count = || json!({"type": ["integer", "null"], "minimum": 1});
    let error = json!({
        "type": "object",
        "required": ["message", "code", "request_id"],
        "properties": {
            "message": {"type": "string", "description": "For people: what happened, and what to do."},
            "code": {"type": "string", "description": "For programs; never changes once published."},
            "request_id": text(),
            "errors": {
                "type": "object",
                "description": "Messages by field, of input that cannot be accepted.",
                "additionalProperties": {"type": "array", "items": text()},
            },
        },
    });
    let links = json!({
        "type": "object",
        "required": ["first", "last", "prev", "next"],
        "properties": {"first": link(), "last": link(), "prev": link(), "next": link()},
    });
    let meta_link = json!({
        "type": "object",
        "required": ["url", "label", "active"],
        "properties": {"url": link(), "label": text(), "active": {"type": "boolean"}},
    });
    let meta = json!({
        "type": "object",
        "required": ["current_page", "from", "last_page", "links", "path", "per_page", "to", "total"],
        "properties": {
            "current_page": count(),
            "from": maybe_count(),
            "last_page": count(),
            "links": {"type": "array", "items": meta_link},
            "path": text(),
            "per_page": count(),
            "to": maybe_count(),
            "total": count(),
        },
    });
    let nothing = || json!({"type": "null"});
    let cursor_links = json!({
        "type": "object",
        "required": ["first", "last", "prev", "next"],
        "properties": {"first": nothing(), "last": nothing(), "prev": nothing(), "next": link()},
    });
    let next = json!({
        "type": ["string", "null"],
        "description": "What to send as `cursor` for the rows behind these; null at the end.",
    });
    let cursor_meta = json!({
        "type": "object",
        "required": ["path", "per_page", "next_cursor", "prev_cursor"],
        "properties": {"path": text(), "per_page": count(), "next_cursor": next, "prev_cursor": nothing()},
    });
    [("Error", error), ("PageLinks", links), ("PageMeta", meta), ("CursorLinks", cursor_links), ("CursorMeta", cursor_meta)]
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}
