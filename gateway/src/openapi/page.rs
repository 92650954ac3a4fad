//! `GET /docs`: the description of the API as one page for people, rendered here from the same document.

use super::document;
use crate::app::Gateway;
use crate::error::ApiError;
use crate::web::{html, written};
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    lead: String,
    groups: Vec<Group>,
}

/// The operations on one kind of resource.
struct Group {
    name: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    words: String,
    scope: String,
    parameters: Vec<Field>,
    fields: Vec<Field>,
    answers: Vec<Answer>,
}

struct Field {
    name: String,
    kind: String,
    is_required: bool,
    words: String,
}

struct Answer {
    status: String,
    words: String,
    example: String,
}

pub(crate) async fn show(State(gateway): State<Gateway>) -> Response {
    let page = gateway.description().page.get_or_init(|| written(&Docs::of(&document(gateway.catalogue()))).map(Bytes::from));
    page.clone().map_or_else(|| ApiError::Internal.into_response(), |page| html(StatusCode::OK, page))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

impl Docs {
    fn of(document: &Value) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (path, place) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in place.as_object().into_iter().flatten().filter(|(method, _)| *method != "parameters") {
                let name = text(&operation["tags"][0]);
                let operation = Operation::of(document, method, path, place, operation);
                match groups.iter_mut().find(|group| group.name == name) {
                    Some(group) => group.operations.push(operation),
                    None => groups.push(Group { name, operations: vec![operation] }),
                }
            }
        }
        Self { lead: text(&document["info"]["description"]), groups }
    }
}

impl Operation {
    fn of(document: &Value, method: &str, path: &str, place: &Value, operation: &Value) -> Self {
        let parameters = list(&place["parameters"]).chain(list(&operation["parameters"])).map(|one| resolved(document, one));
        let scopes = list(&operation["security"]).next().into_iter().flat_map(|way| list(&way["bearer"]));
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            words: text(&operation["description"]),
            scope: scopes.map(text).collect::<Vec<_>>().join(", "),
            parameters: parameters
                .map(|one| Field::of(&text(&one["name"]), &one["schema"], one["required"] == true, one))
                .collect(),
            fields: Field::of_body(&operation["requestBody"]["content"]["application/json"]["schema"]),
            answers: operation["responses"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(status, _)| status.starts_with('2'))
                .map(|(status, answer)| Answer::of(document, status, answer))
                .collect(),
        }
    }
}

/// What a reference refers to.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#'))) {
        Some(target) => target,
        None => value,
    }
}

impl Field {
    fn of(name: &str, schema: &Value, is_required: bool, words: &Value) -> Self {
        Self { name: name.to_owned(), kind: kind(schema), is_required, words: text(&words["description"]) }
    }

    fn of_body(schema: &Value) -> Vec<Self> {
        let is_required = |name: &str| list(&schema["required"]).any(|required| required == name);
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(|(name, field)| Self::of(name, field, is_required(name), field)).collect()
    }
}

/// A schema in a few words: "string, email", "integer, 1 to 100", "one of: a, b".
fn kind(schema: &Value) -> String {
    let words: Vec<String> = list(&schema["enum"]).filter(|word| !word.is_null()).map(text).collect();
    if !words.is_empty() {
        return format!("one of: {}", words.join(", "));
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        kind => text(kind),
    };
    let bound = |name: &str| schema[name].as_i64();
    let more = match (text(&schema["format"]), bound("minimum"), bound("maximum"), bound("maxLength")) {
        (format, ..) if !format.is_empty() => format,
        (_, Some(least), Some(most), _) => format!("{least} to {most}"),
        (_, _, _, Some(most)) => format!("at most {most} characters"),
        _ if schema["items"].is_object() => format!("of {}", kind(&schema["items"])),
        _ if schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("{24}")) => "an id".into(),
        _ => String::new(),
    };
    [types, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

impl Answer {
    fn of(document: &Value, status: &str, answer: &Value) -> Self {
        let schema = &answer["content"]["application/json"]["schema"];
        let example = &resolved(document, schema)["examples"][0];
        let example = if example.is_null() { String::new() } else { serde_json::to_string_pretty(example).unwrap_or_default() };
        Self { status: status.to_owned(), words: text(&answer["description"]), example }
    }
}
