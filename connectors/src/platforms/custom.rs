//! Code of one's own, and tools without a platform here: lists in an object, beside where they go on; events with the resource under `data`.

use super::{Connector, Next};
use crate::catalogue::Choice;
use domain::event::Event;
use domain::webhook::Platform;
use serde_json::{Value, json};

/// Whoever writes the other side themselves.
pub(crate) struct Custom;

impl Connector for Custom {
    fn platform(&self) -> Platform {
        Platform::Custom
    }

    fn title(&self) -> &'static str {
        "Your own code"
    }

    fn summary(&self) -> &'static str {
        "A program of yours, or any other tool that sends and receives HTTP."
    }

    fn item(&self, event: &Event) -> Value {
        nested_item(event)
    }

    fn feed(&self, items: Vec<Value>, next: &Next<'_>) -> Value {
        json!({"data": items, "next_cursor": next.cursor, "has_more": next.has_more})
    }

    fn resource(&self, canonical: &Value, url: Option<&str>) -> Value {
        nested_resource(canonical, url)
    }

    fn hits(&self, hits: Vec<Value>) -> Value {
        json!({"data": hits})
    }

    fn choices(&self, choices: &[Choice], next_page: Option<u32>) -> Value {
        let data: Value = choices.iter().map(|choice| json!({"id": choice.id, "name": choice.name})).collect();
        json!({"data": data, "next_page": next_page})
    }

    fn tells_secret(&self) -> bool {
        true
    }
}

/// An event with the resource as it is. Every key is always there.
pub(super) fn nested_item(event: &Event) -> Value {
    json!({
        "id": event.id,
        "event": event.event_type,
        "occurred_at": event.occurred_at,
        "data": event.data,
        "previous_attributes": event.previous,
    })
}

/// A resource as it is, with where it is read.
pub(super) fn nested_resource(canonical: &Value, url: Option<&str>) -> Value {
    let mut resource = canonical.clone();
    if let (Some(fields), Some(url)) = (resource.as_object_mut(), url) {
        fields.insert("url".into(), Value::from(url));
    }
    resource
}
