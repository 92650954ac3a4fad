//! `/connect/{platform}/searches`: what an automation looks for, and the fields of it.

use super::At;
use super::actions::{object, shaped, with_custom_fields};
use super::perform::{Api, perform};
use crate::answer::{Answer, Here};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::Query;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use axum::{Extension, Json};
use connectors::catalogue::Search;
use domain::input::Invalid;
use serde_json::{Map, Value, json};

/// Where values of custom fields are gathered.
const CUSTOM_FIELDS: &str = "custom_fields";
/// The most hits a search gives.
const MOST_HITS: u32 = 25;

pub(crate) async fn list(State(gateway): State<Gateway>, _: Caller, _: At) -> Answer {
    let row = |search: &Search| {
        json!({
            "key": search.key,
            "name": search.label,
            "noun": search.noun.label,
            "description": search.description,
            "create": search.create,
        })
    };
    Ok(Json(gateway.catalogue().searches.iter().map(row).collect::<Value>()).into_response())
}

/// Finds what matches, best first; nothing found is an empty list and no error.
pub(crate) async fn run(
    State(gateway): State<Gateway>,
    Extension(api): Extension<Api>,
    caller: Caller,
    here: Here,
    headers: HeaderMap,
    at: At,
    Query(query): Query,
) -> Answer {
    let search = gateway.catalogue().search(&at.key).ok_or(ApiError::NotFound)?;
    let hits = find(&api, &caller, &headers, search, with_custom_fields(object(query))).await?;
    let hits = hits.iter().map(|hit| shaped(&at, &here, search.noun, hit, true)).collect();
    Ok(Json(at.connector.hits(hits)).into_response())
}

/// What a search finds, with millisecond times.
pub(crate) async fn find(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    search: &Search,
    mut inputs: Map<String, Value>,
) -> Result<Vec<Value>, ApiError> {
    let criteria = search.criteria();
    let is_given = |name: &&str| inputs.get(*name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
    if let Some(first) = criteria.first()
        && !criteria.iter().any(is_given)
        && !inputs.contains_key(CUSTOM_FIELDS)
    {
        return Err(Invalid::field(first, format!("Give something to search by: {}.", criteria.join(", "))).into());
    }
    inputs.retain(|name, _| name == CUSTOM_FIELDS || search.fields.iter().any(|field| field.key == *name));
    inputs.insert("per_page".into(), json!(MOST_HITS));
    let done = perform(api, caller, headers, &search.call, &inputs).await?;
    Ok(done.value["data"].as_array().cloned().unwrap_or_default())
}

pub(crate) async fn fields(State(gateway): State<Gateway>, _: Caller, at: At) -> Answer {
    let search = gateway.catalogue().search(&at.key).ok_or(ApiError::NotFound)?;
    Ok(Json(at.connector.fields(&gateway.catalogue().inputs(&search.fields))).into_response())
}
