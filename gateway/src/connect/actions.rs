//! `/connect/{platform}/actions`: what an automation does, and the fields of it.

use super::At;
use super::perform::{Within, given};
use crate::answer::{Answer, Here};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Query};
use crate::error::ApiError;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use connectors::Connector;
use connectors::catalogue::{Action, Call, Field, Noun, Yield, deletion};
use domain::input::{Described, Form, Presence};
use serde_json::{Map, Value, json};

pub(crate) async fn list(State(gateway): State<Gateway>, _: Caller, _: At) -> Answer {
    let row = |action: &Action| json!({"key": action.key, "name": action.label, "noun": action.noun.label, "description": action.description});
    Ok(Json(gateway.catalogue().actions.iter().map(row).collect::<Value>()).into_response())
}

fn action<'g>(gateway: &'g Gateway, at: &At) -> Result<&'g Action, ApiError> {
    gateway.catalogue().action(&at.key).ok_or(ApiError::NotFound)
}

/// What an action is: its fields, and a sample of what it gives.
pub(crate) async fn show(State(gateway): State<Gateway>, _: Caller, here: Here, at: At) -> Answer {
    let action = action(&gateway, &at)?;
    let sample = shaped(at.connector, &here, action.gives(), &action.sample(), action.yields != Yield::Deletion);
    Ok(Json(json!({
        "key": action.key,
        "name": action.label,
        "noun": action.noun.label,
        "description": action.description,
        "fields": at.connector.fields(&gateway.catalogue().inputs(&action.fields)),
        "sample": sample,
    }))
    .into_response())
}

/// The fields of an action, with those that belong to what was picked already: the custom fields of a board.
pub(crate) async fn fields(State(gateway): State<Gateway>, within: Within, at: At, Query(query): Query) -> Answer {
    let action = action(&gateway, &at)?;
    let mut fields = gateway.catalogue().inputs(&action.fields);
    fields.extend(custom_fields(&within, action.more_fields, query).await?);
    Ok(Json(at.connector.fields(&fields)).into_response())
}

/// The fields that belong to what was picked; none while it is not.
pub(super) async fn custom_fields(within: &Within, call: Option<Call>, query: Value) -> Result<Vec<Field>, ApiError> {
    let picked = given(query, &[]);
    let Some(call) = call.filter(|call| call.parameters().all(|name| picked.contains_key(name))) else {
        return Ok(Vec::new());
    };
    let done = within.perform(&call, &picked).await?;
    Ok(done.value["data"].as_array().into_iter().flatten().filter_map(custom_field).collect())
}

/// A custom field as a field of an action; its id is its key.
fn custom_field(row: &Value) -> Option<Field> {
    let form = match row["type"].as_str()? {
        "list" => Form::Text { max: 255, is_line: true },
        "multi_list" => Form::List(Box::new(Form::Text { max: 255, is_line: true })),
        "number" => Form::Number,
        "boolean" => Form::Boolean,
        "date" => Form::Time,
        "url" => Form::Url,
        "email" => Form::Email,
        _ => Form::Text { max: 1000, is_line: true },
    };
    let field = Field::of(Described { name: row["id"].as_str()?.to_owned(), presence: Presence::Optional, form });
    let options = row["options"].as_array().into_iter().flatten();
    let choices = options.filter_map(|option| option["name"].as_str().map(str::to_owned)).collect();
    Some(Field { label: row["name"].as_str()?.to_owned(), choices, ..field })
}

pub(crate) async fn run(State(gateway): State<Gateway>, within: Within, here: Here, at: At, Body(body): Body) -> Answer {
    let action = action(&gateway, &at)?;
    let (status, value) = act(&within, &here, at.connector, action, given(body, &action.fields)).await?;
    Ok((status, Json(value)).into_response())
}

/// Does an action. What it gives looks as the platform wants it.
pub(crate) async fn act(
    within: &Within,
    here: &Here,
    connector: &dyn Connector,
    action: &Action,
    inputs: Map<String, Value>,
) -> Result<(StatusCode, Value), ApiError> {
    let inputs = with_custom_fields(inputs);
    let done = within.perform(&action.call, &inputs).await?;
    Ok(match action.yields {
        Yield::Deletion => {
            let id = action.call.parameters().last().and_then(|name| inputs.get(name)).unwrap_or(&Value::Null);
            (StatusCode::OK, shaped(connector, here, action.noun, &deletion(id), false))
        }
        Yield::Resource | Yield::Operation(_) => (done.status, shaped(connector, here, action.gives(), &done.value, true)),
    })
}

/// Inputs named by the id of a custom field are values of these.
pub(super) fn with_custom_fields(inputs: Map<String, Value>) -> Map<String, Value> {
    let (custom, mut inputs): (Map<_, _>, Map<_, _>) = inputs.into_iter().partition(|(name, _)| name.starts_with("cf_"));
    if !custom.is_empty() {
        let fields = inputs.entry("custom_fields").or_insert_with(|| json!({}));
        fields.as_object_mut().into_iter().for_each(|fields| fields.extend(custom.clone()));
    }
    inputs
}

/// A resource as the platform wants it, with a link to where it is read if it is there to be read.
pub(super) fn shaped(connector: &dyn Connector, here: &Here, noun: Noun, value: &Value, is_there: bool) -> Value {
    // Who is added to a task may be a client or a member.
    let noun = if value["group"] == "client" { Noun::of("client").unwrap_or(noun) } else { noun };
    let url = value["id"].as_str().filter(|_| is_there).map(|id| here.link(&noun.place(id)));
    connector.resource(value, url.as_deref())
}
