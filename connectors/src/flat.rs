//! Flat objects: an event as one level of fields, with the event's own id as `id`, so that a platform recognises a repeat
//! whether it polled or was called.

use domain::event::Event;
use serde_json::{Map, Value};

/// An event as a platform sees it: `{id, event, occurred_at, <noun>_id, …fields of the resource}`. Fields of
/// an object in it come after its name: `params_rate`.
pub fn item(event: &Event) -> Value {
    let noun = event.event_type.split('.').next().unwrap_or_default();
    let mut item = Map::new();
    item.insert("id".into(), Value::from(event.id.as_str()));
    item.insert("event".into(), Value::from(event.event_type.clone()));
    item.insert("occurred_at".into(), Value::from(event.occurred_at.to_string()));
    if let Value::Object(fields) = &event.data {
        for (key, value) in fields {
            let key = if key == "id" { format!("{noun}_id") } else { key.clone() };
            match value {
                Value::Object(nested) => {
                    item.extend(nested.iter().map(|(inner, value)| (format!("{key}_{inner}"), level(value))));
                }
                value => drop(item.insert(key, level(value))),
            }
        }
    }
    Value::Object(item)
}

/// A value that is no list or object: the words of a list, or JSON as text.
fn level(value: &Value) -> Value {
    match value {
        Value::Array(values) if values.iter().all(Value::is_string) => {
            Value::from(values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        Value::Array(_) | Value::Object(_) => Value::from(value.to_string()),
        value => value.clone(),
    }
}

/// A resource as an action or a search answers it: its own fields, and where to read it again.
pub fn resource(canonical: Value, url: &str) -> Value {
    let mut value = canonical;
    if let Value::Object(fields) = &mut value {
        fields.insert("url".into(), Value::from(url));
    }
    value
}
