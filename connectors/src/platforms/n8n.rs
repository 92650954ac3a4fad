//! n8n: objects may be nested, a person's choices come as `{results, paginationToken}` with `{name, value}` in them.

use super::Connector;
use super::custom::{nested_item, nested_resource};
use crate::catalogue::Choice;
use domain::event::Event;
use domain::webhook::Platform;
use serde_json::{Value, json};

/// n8n.
pub(crate) struct N8n;

impl Connector for N8n {
    fn platform(&self) -> Platform {
        Platform::N8n
    }

    fn title(&self) -> &'static str {
        "n8n"
    }

    fn summary(&self) -> &'static str {
        "Workflows on a server of your own, or in n8n’s cloud."
    }

    fn item(&self, event: &Event) -> Value {
        nested_item(event)
    }

    fn resource(&self, canonical: &Value, url: Option<&str>) -> Value {
        nested_resource(canonical, url)
    }

    fn choices(&self, choices: &[Choice], next_page: Option<u32>) -> Value {
        let results: Value = choices.iter().map(|choice| json!({"name": choice.name, "value": choice.id})).collect();
        json!({"results": results, "paginationToken": next_page.map(|page| page.to_string())})
    }
}
