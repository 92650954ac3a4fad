//! Input as JSON Schema, for programs that want to know before they send: agents' tools, and the description of the API.

use crate::catalogue::Field;
use domain::input::Form;
use serde_json::{Map, Value, json};

/// What values of this form look like.
pub fn of_form(form: &Form) -> Value {
    match form {
        Form::Any => json!({}),
        Form::Text { max, .. } => json!({"type": "string", "maxLength": max}),
        Form::Email => json!({"type": "string", "format": "email"}),
        Form::Url => json!({"type": "string", "format": "uri"}),
        Form::Password => json!({"type": "string", "format": "password"}),
        Form::Colour => json!({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}),
        Form::Integer { min, max } => bounded(*min, *max),
        Form::Number => json!({"type": "number"}),
        Form::Boolean => json!({"type": "boolean"}),
        Form::Time => json!({"type": "string", "format": "date-time"}),
        Form::OneOf(words) => json!({"type": "string", "enum": words}),
        Form::Id(prefix) => json!({"type": "string", "pattern": format!("^{prefix}_[0-9a-f]{{24}}$")}),
        Form::List(of) => json!({"type": "array", "items": of_form(of)}),
        Form::Object => json!({"type": "object"}),
    }
}

/// A whole number between bounds; a bound that is none is not said.
fn bounded(min: i64, max: i64) -> Value {
    let mut schema = json!({"type": "integer"});
    if min > i64::MIN {
        schema["minimum"] = json!(min);
    }
    if max < i64::MAX {
        schema["maximum"] = json!(max);
    }
    schema
}

/// The same, or null: what clears a field, or says that there is nothing.
#[must_use]
pub fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").filter(|kind| kind.is_string()).cloned() {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    schema
}

/// A field with the words for it.
pub fn of_field(field: &Field) -> Value {
    let form = of_form(&field.form);
    let mut schema = if field.is_clearable { or_null(form) } else { form };
    schema["title"] = json!(field.label);
    let words = [field.help, if field.is_clearable { "Null clears it." } else { "" }];
    let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
    if !words.is_empty() {
        schema["description"] = json!(words.join(" "));
    }
    schema
}

/// What inputs that are named by ids of custom fields look like, as `patternProperties`.
pub fn of_custom_fields() -> Value {
    json!({"^cf_[0-9a-f]{24}$": {"description": "The value of a custom field, named by the field's id."}})
}

/// An object with these fields and no others.
pub fn of_fields(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.key.clone(), of_field(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.is_required).map(|field| field.key.as_str()).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::input::{Described, Presence};

    #[test]
    fn a_field_says_what_it_takes_and_what_clears_it() {
        let field = |presence| Field::of(Described { name: "title".into(), presence, form: Form::OneOf(vec!["low", "high"]) });
        let required = of_fields(&[field(Presence::Required)]);
        assert_eq!(required["required"], json!(["title"]));
        assert_eq!(required["properties"]["title"], json!({"type": "string", "enum": ["low", "high"], "title": "Title"}));
        let clearable = of_field(&field(Presence::Clearable));
        assert_eq!(clearable["type"], json!(["string", "null"]));
        assert_eq!(clearable["enum"], json!(["low", "high", null]));
        assert_eq!(clearable["description"], "Null clears it.");
        assert_eq!(of_form(&Form::Integer { min: i64::MIN, max: 9 }), json!({"type": "integer", "maximum": 9}));
    }
}
