//! Flat objects: an event as one level of fields, with the event's own id as `id`, so that a platform recognises a repeat
//! whether it polled or was called.

use domain::event::Event;
use serde_json::{Map, Value};

/// An event as a platform sees it: `{id, event, occurred_at, <noun>_id, …fields of the resource}`.
pub fn item(event: &Event) -> Value {
    let noun = event.event_type.split('.').next().unwrap_or_default();
    let mut item = Map::new();
    item.insert("id".into(), Value::from(event.id.as_str()));
    item.insert("event".into(), Value::from(event.event_type.clone()));
    item.insert("occurred_at".into(), Value::from(event.occurred_at.to_string()));
    if let Value::Object(fields) = &event.data {
        for (key, value) in fields {
            let key = if key == "id" { format!("{noun}_id") } else { key.clone() };
            item.insert(key, value.clone());
        }
    }
    Value::Object(item)
}

/// A resource as an action or a search answers it: its own fields, and where to read it again.
pub fn resource(canonical: Value, url: &str) -> Value {
    let mut value = canonical;
    if let Value::Object(fields) = &mut value {
        fields.insert("url".into(), Value::from(url));
    }
    value
}
