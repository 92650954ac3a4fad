//! `/connect/{platform}/lookups`: what a person picks an id from, a page at a time, by name, narrowed by a text.

use super::At;
use super::perform::Within;
use crate::answer::Answer;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::Query;
use crate::error::ApiError;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use connectors::Connector;
use connectors::catalogue::{Choice, Lookup};
use domain::input::{Fields, integer, text};
use serde_json::{Map, Value, json};

pub(crate) async fn list(State(gateway): State<Gateway>, _: Caller, _: At) -> Answer {
    let row = |lookup: &Lookup| {
        let needs: Vec<String> = lookup.narrowed_by().map(|field| field.key).collect();
        json!({"key": lookup.key, "noun": lookup.noun.label, "needs": needs})
    };
    Ok(Json(gateway.catalogue().lookups.iter().map(row).collect::<Value>()).into_response())
}

pub(crate) async fn show(State(gateway): State<Gateway>, within: Within, at: At, Query(query): Query) -> Answer {
    let lookup = gateway.catalogue().lookup(&at.key).ok_or(ApiError::NotFound)?;
    Ok(Json(choices(&within, at.connector, lookup, &query).await?).into_response())
}

/// What there is to pick from, as the platform wants it. Pages are counted from 1; page 0, where others begin, is the first too.
pub(crate) async fn choices(
    within: &Within,
    connector: &dyn Connector,
    lookup: &Lookup,
    query: &Value,
) -> Result<Value, ApiError> {
    let mut fields = Fields::of(query);
    let page = fields.optional("page", integer(0, i64::from(u32::MAX))).unwrap_or(1).max(1);
    let searched = fields.optional("search", text(255));
    let mut inputs: Map<String, Value> =
        lookup.narrowed_by().filter_map(|field| Some((field.key.clone(), fields.raw(&field.key)?.clone()))).collect();
    fields.finish(|| Some(()))?;
    inputs.insert("page".into(), json!(page));
    inputs.insert("per_page".into(), json!(domain::page::MAX_PER_PAGE));
    if let Some(searched) = searched {
        inputs.insert(lookup.noun.name.into(), json!(searched));
    }
    let done = within.perform(&lookup.call, &inputs).await?;
    let rows = done.value["data"].as_array().into_iter().flatten();
    let choices: Vec<Choice> = rows.filter_map(|row| lookup.choice(row)).collect();
    let next_page = done.value["links"]["next"].is_string().then(|| u32::try_from(page + 1).unwrap_or(u32::MAX));
    Ok(connector.choices(&choices, next_page))
}
