//! Calling a tool. Whatever goes wrong is told in words an agent can act on, as the result of the call: an error of the protocol would be
//! hidden from it.

use super::server::Visit;
use super::tools::{FEW, Tool, heard};
use crate::app::Gateway;
use crate::connect::triggers as feed;
use crate::connect::{actions, lookups, searches};
use crate::error::ApiError;
use connectors::platforms::{self, Connector};
use domain::input::Invalid;
use domain::scope::{Access, Family};
use domain::webhook::Platform;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};

/// Does what a tool is for. Results look as they do for code of one's own: resources as they are, lists beside where they go on.
pub(super) async fn call(
    gateway: &Gateway,
    visit: &Visit,
    tool: &Tool<'_>,
    arguments: Map<String, Value>,
) -> Result<Value, ApiError> {
    let Visit { within, here, .. } = visit;
    let connector = platforms::connector(Platform::Custom).ok_or(ApiError::Internal)?;
    refuse_unknown(tool, visit, &arguments)?;
    match tool {
        Tool::Action(action) => Ok(actions::act(within, here, connector, action, without_empty(arguments)).await?.1),
        Tool::Search(search) => searches::find(within, here, connector, search, without_nulls(arguments)).await,
        Tool::Lookup(lookup) => lookups::choices(within, connector, lookup, &arguments.into()).await,
        Tool::Events(_) => events(gateway, visit, connector, arguments).await,
    }
}

async fn events(
    gateway: &Gateway,
    visit: &Visit,
    connector: &dyn Connector,
    mut arguments: Map<String, Value>,
) -> Result<Value, ApiError> {
    let (caller, triggers) = (&visit.within.caller, &gateway.catalogue().triggers);
    let event = arguments.remove("event");
    let trigger = event.as_ref().and_then(Value::as_str).and_then(|event| gateway.catalogue().trigger(event));
    let trigger = trigger.ok_or_else(|| {
        let known: Vec<&str> = heard(triggers, caller).map(|trigger| trigger.event.as_str()).collect();
        Invalid::field("event", format!("Say which event to list. It is one of: {}.", known.join(", ")))
    })?;
    if let Some(family) = Family::of(trigger.event.noun()) {
        caller.require(family, Access::Read)?;
    }
    arguments.entry("limit").or_insert_with(|| json!(FEW));
    Ok(feed::items(gateway, caller, connector, trigger, &arguments.into()).await?.0)
}

/// A name that is mistyped would go unnoticed: the API passes over what it does not know.
fn refuse_unknown(tool: &Tool<'_>, visit: &Visit, arguments: &Map<String, Value>) -> Result<(), Invalid> {
    let fields = tool.fields(&visit.within.caller);
    let known: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    let mut invalid = Invalid::default();
    for name in arguments.keys() {
        let is_custom = tool.has_custom_fields() && name.starts_with("cf_");
        if !is_custom && !known.contains(&name.as_str()) {
            let takes = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
            invalid.add(name, format!("There is no field {name} here. This tool takes: {takes}."));
        }
    }
    invalid.or(())
}

/// An empty text leaves things as they are, as it does on every platform; null clears.
fn without_empty(mut arguments: Map<String, Value>) -> Map<String, Value> {
    arguments.retain(|_, value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
    arguments
}

fn without_nulls(mut arguments: Map<String, Value>) -> Map<String, Value> {
    arguments.retain(|_, value| !value.is_null());
    arguments
}

/// The result of a call, or what went wrong: in words, and as the API would have answered it.
pub(super) fn told(done: Result<Value, ApiError>, request_id: &str) -> CallToolResult {
    let error = match done {
        Ok(value) => return CallToolResult::structured(value),
        Err(error) => error,
    };
    let mut result = CallToolResult::structured_error(error.body(request_id));
    let words = match &error {
        ApiError::Invalid(invalid) => {
            let lines = invalid.errors.iter().map(|(field, messages)| format!("{field}: {}", messages.join(" ")));
            lines.collect::<Vec<_>>().join("\n")
        }
        ApiError::Internal => format!("{} It is {request_id}.", error.message()),
        error => error.message(),
    };
    result.content = vec![ContentBlock::text(words)];
    result
}
