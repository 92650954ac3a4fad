//! What tools speak of, as resources to read: `kitchen://clients/u_…`. Only what the catalogue's tools deal in: a webhook, which shows its
//! secret to whoever reads it, is none of it.

use super::server::{Visit, lost_cursor};
use crate::error::ApiError;
use crate::scope::may;
use connectors::Catalogue;
use connectors::catalogue::{Action, Lookup, Method, Noun};
use rmcp::model::{
    ErrorData, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};
use serde_json::{Map, Value, json};

const SCHEME: &str = "kitchen://";
const JSON: &str = "application/json";
/// The newest of each kind that are listed; the others are found with tools.
const NEWEST: u32 = 50;

fn uri(noun: Noun, id: &str) -> String {
    format!("{SCHEME}{}/{id}", noun.plural)
}

/// The kinds of things that tools deal in.
fn nouns(catalogue: &Catalogue) -> Vec<Noun> {
    let mut nouns: Vec<Noun> = Vec::new();
    let looked_at = catalogue.lookups.iter().map(|lookup| lookup.noun).chain(catalogue.searches.iter().map(|search| search.noun));
    for noun in looked_at.chain(catalogue.actions.iter().map(Action::gives)) {
        if nouns.iter().all(|known| known.key != noun.key) {
            nouns.push(noun);
        }
    }
    nouns
}

/// Where one of each kind is read, for the kinds that a key may read.
pub(super) fn templates(catalogue: &Catalogue, visit: &Visit) -> ListResourceTemplatesResult {
    let may_read = |noun: &Noun| may(&visit.within.caller, Method::Get, &noun.place("{id}"));
    let template = |noun: Noun| {
        ResourceTemplate::new(uri(noun, "{id}"), noun.key)
            .with_title(noun.label)
            .with_description(format!("{} as it is now, by its id.", noun.with_article()))
            .with_mime_type(JSON)
    };
    ListResourceTemplatesResult::with_all_items(nouns(catalogue).into_iter().filter(may_read).map(template).collect())
}

/// The newest of one kind; the cursor is the kind to go on with. Kinds of which there are none are passed over.
pub(super) async fn list(catalogue: &Catalogue, visit: &Visit, cursor: Option<&str>) -> Result<ListResourcesResult, ErrorData> {
    let is_listed =
        |lookup: &&Lookup| lookup.narrowed_by().next().is_none() && may(&visit.within.caller, Method::Get, lookup.call.path);
    let kinds: Vec<&Lookup> = catalogue.lookups.iter().filter(is_listed).collect();
    let start = match cursor {
        Some(cursor) => kinds.iter().position(|lookup| lookup.key == cursor).ok_or_else(lost_cursor)?,
        None => 0,
    };
    let inputs = Map::from_iter([("per_page".to_owned(), json!(NEWEST))]);
    for (place, lookup) in kinds.iter().enumerate().skip(start) {
        let done =
            visit.within.ask(Method::Get, lookup.call.path, inputs.clone()).await.map_err(|error| refused(&error, visit))?;
        let rows = done.value["data"].as_array().into_iter().flatten();
        let resources: Vec<Resource> = rows.filter_map(|row| entry(lookup, row)).collect();
        if !resources.is_empty() {
            let next_cursor = kinds.get(place + 1).map(|next| next.key.to_owned());
            return Ok(ListResourcesResult { next_cursor, ..ListResourcesResult::with_all_items(resources) });
        }
    }
    Ok(ListResourcesResult::default())
}

fn entry(lookup: &Lookup, row: &Value) -> Option<Resource> {
    let choice = lookup.choice(row)?;
    let resource = Resource::new(uri(lookup.noun, &choice.id), choice.name);
    Some(resource.with_description(lookup.noun.label).with_mime_type(JSON))
}

/// One thing as it is now.
pub(super) async fn read(catalogue: &Catalogue, visit: &Visit, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let missing = || refused(&ApiError::NotFound, visit);
    let (kind, id) = uri.strip_prefix(SCHEME).and_then(|rest| rest.split_once('/')).ok_or_else(missing)?;
    let noun = nouns(catalogue).into_iter().find(|noun| noun.plural == kind).ok_or_else(missing)?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(missing());
    }
    let done = visit.within.ask(Method::Get, &noun.place(id), Map::new()).await.map_err(|error| refused(&error, visit))?;
    let contents = ResourceContents::text(done.value.to_string(), uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]))
}

fn refused(error: &ApiError, visit: &Visit) -> ErrorData {
    let body = Some(error.body(&visit.request_id));
    match error {
        ApiError::NotFound | ApiError::MethodNotAllowed => ErrorData::resource_not_found(ApiError::NotFound.message(), body),
        ApiError::Internal | ApiError::Unavailable => ErrorData::internal_error(error.message(), body),
        error => ErrorData::invalid_params(error.message(), body),
    }
}
