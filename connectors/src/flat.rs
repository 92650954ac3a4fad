//! Flat objects: one level of fields, as no-code platforms map them. An event carries its own id as `id`, so that a platform recognises a
//! repeat whether it polled or was called.

use domain::event::Event;
use serde_json::{Map, Value};

/// An event as a flat object: `{id, event, occurred_at, <noun>_id, …fields of the resource}`.
pub(crate) fn item(event: &Event) -> Value {
    let noun = event.event_type.split('.').next().unwrap_or_default();
    let mut item = Map::new();
    item.insert("id".into(), Value::from(event.id.as_str()));
    item.insert("event".into(), Value::from(event.event_type.clone()));
    item.insert("occurred_at".into(), Value::from(event.occurred_at.to_string()));
    if let Value::Object(fields) = &event.data {
        for (key, value) in fields {
            let key = if key == "id" { format!("{noun}_id") } else { key.clone() };
            add(&mut item, key, value);
        }
    }
    Value::Object(item)
}

/// A resource as a flat object.
pub(crate) fn fields(resource: &Value) -> Value {
    let mut flat = Map::new();
    for (key, value) in resource.as_object().into_iter().flatten() {
        add(&mut flat, key.clone(), value);
    }
    Value::Object(flat)
}

/// Fields of an object in it come after its name: `params_rate`.
fn add(flat: &mut Map<String, Value>, key: String, value: &Value) {
    match value {
        Value::Object(nested) => {
            flat.extend(nested.iter().map(|(inner, value)| (format!("{key}_{inner}"), level(value))));
        }
        value => drop(flat.insert(key, level(value))),
    }
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
