//! `/connect/{platform}/searches`: what an automation looks for, and the fields of it.

use super::At;
use super::actions::{custom_fields, shaped, with_custom_fields};
use super::perform::{Within, given};
use crate::answer::{Answer, Here};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::Query;
use crate::error::ApiError;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use connectors::Connector;
use connectors::catalogue::{Field, Search};
use domain::input::{Form, Invalid};
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
pub(crate) async fn run(State(gateway): State<Gateway>, within: Within, here: Here, at: At, Query(query): Query) -> Answer {
    let search = gateway.catalogue().search(&at.key).ok_or(ApiError::NotFound)?;
    Ok(Json(find(&within, &here, at.connector, search, given(query, &search.fields)).await?).into_response())
}

/// What a search finds, as the platform wants it.
pub(crate) async fn find(
    within: &Within,
    here: &Here,
    connector: &dyn Connector,
    search: &Search,
    inputs: Map<String, Value>,
) -> Result<Value, ApiError> {
    let mut inputs = with_custom_fields(inputs);
    let criteria = search.criteria();
    if let Some(first) = criteria.first()
        && !criteria.iter().any(|name| inputs.contains_key(*name))
        && !inputs.contains_key(CUSTOM_FIELDS)
    {
        return Err(Invalid::field(first, format!("Give something to search by: {}.", criteria.join(", "))).into());
    }
    inputs.retain(|name, _| name == CUSTOM_FIELDS || search.fields.iter().any(|field| field.key == *name));
    inputs.insert("per_page".into(), json!(MOST_HITS));
    let done = within.perform(&search.call, &inputs).await?;
    let hits = done.value["data"].as_array().into_iter().flatten();
    Ok(connector.hits(hits.map(|hit| shaped(connector, here, search.noun, hit, true)).collect()))
}

/// The fields of a search, with those that belong to what was picked already. Of several options one is looked for.
pub(crate) async fn fields(State(gateway): State<Gateway>, within: Within, at: At, Query(query): Query) -> Answer {
    let search = gateway.catalogue().search(&at.key).ok_or(ApiError::NotFound)?;
    let mut fields = gateway.catalogue().inputs(&search.fields);
    for field in custom_fields(&within, search.more_fields, query).await? {
        let form = match field.form {
            Form::List(of) => *of,
            form => form,
        };
        fields.push(Field { form, ..field });
    }
    Ok(Json(at.connector.fields(&fields)).into_response())
}
