//! What a task says in a custom field of its board: the values each type takes, and how they are kept.

use crate::custom_field::{CustomField, FieldType};
use crate::ids::CustomFieldId;
use crate::input::{Fields, Form, Invalid, Parsed, Parser as _, as_form, boolean, email, id, line, moment, text, web_address};
use jiff::civil::Date;
use serde_json::{Number, Value};

impl CustomField {
    /// Reads a value for a task; the error is a message in which `:field` stands for the field's name.
    pub fn read_value(&self, value: &Value) -> Parsed<Value> {
        match self.field_type {
            FieldType::Text => text(10_000).parse(value).map(Value::from),
            FieldType::Number => number(value),
            FieldType::Date => date(value).map(|date| Value::from(date.to_string())),
            FieldType::Boolean => boolean().parse(value).map(Value::from),
            FieldType::Url => web_address().parse(value).map(Value::from),
            FieldType::Email => email().parse(value).map(Value::from),
            FieldType::Phone => line(64).parse(value).map(Value::from),
            FieldType::List => self.chosen(value),
            FieldType::MultiList => {
                let values = value.as_array().ok_or("The :field field must be an array of options.")?;
                let mut chosen: Vec<Value> = Vec::new();
                for value in values.iter().filter(|value| value.as_str().is_none_or(|text| !text.trim().is_empty())) {
                    let one = self.chosen(value)?;
                    if !chosen.contains(&one) {
                        chosen.push(one);
                    }
                }
                Ok(Value::from(chosen))
            }
        }
    }

    /// What the value of a task that says this is, as text; of several options, what one of them is. `None` if none can say it.
    pub fn sought(&self, value: &Value) -> Option<String> {
        let value = if self.field_type == FieldType::MultiList { self.chosen(value) } else { self.read_value(value) };
        value.ok().map(|value| value.to_string())
    }

    /// The id of the option that is meant by its id or its name.
    fn chosen(&self, value: &Value) -> Parsed<Value> {
        let text = value.as_str().map(str::trim).unwrap_or_default();
        let found = self.options.iter().find(|option| option.id.as_str() == text);
        let found = found.or_else(|| self.options.iter().find(|option| option.name == text));
        found.map(|option| Value::from(option.id.as_str())).ok_or_else(|| {
            "The selected :field is invalid. Use the id or the name of one of the custom field's options.".to_owned()
        })
    }
}

/// A number, also as text.
fn number(value: &Value) -> Parsed<Value> {
    let number = match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            text.trim().parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.trim().parse().ok()?))
        }
        _ => None,
    };
    number.map(Value::from).ok_or_else(|| "The :field field must be a number.".into())
}

/// A day, or the day of a moment as it is written: at midnight in Berlin it is no longer the day that it still is in London. Of Unix
/// seconds the day in UTC.
fn date(value: &Value) -> Parsed<Date> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let in_utc = moment().parse(value).ok();
    let written = text.get(..10).and_then(|day| day.parse::<Date>().ok()).filter(|_| in_utc.is_some());
    let day = written.or_else(|| in_utc?.written("%Y-%m-%d").parse().ok());
    day.ok_or_else(|| "The :field field must be a date such as 2026-03-12.".into())
}

/// What a task shall say in a custom field.
#[derive(Clone, Debug)]
pub struct NewValue {
    /// The field.
    pub custom_field: CustomFieldId,
    /// As it was sent; `None` for nothing.
    pub value: Option<Value>,
}

impl NewValue {
    /// Reads the body of a create: `custom_field` and `value`.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let custom_field = fields.required("custom_field", id(CustomFieldId::parse));
        let value = fields.optional("value", |value: &Value| Ok(value.clone()));
        fields.finish(|| Some(Self { custom_field: custom_field?, value }))
    }
}

impl NewValue {
    /// Reads several, as a task is made or changed: an object of values by the ids of their fields, or a list as answers have it.
    pub fn read_all() -> impl crate::input::Parser<Vec<Self>> {
        as_form(Form::Object, |value: &Value| {
            if let Value::Array(values) = value {
                let read =
                    |value| Self::read(value).map_err(|_| "Each of the :field must have a custom_field and a value.".to_owned());
                return values.iter().map(read).collect();
            }
            let values = value.as_object().ok_or("The :field field must be an object of values by the ids of custom fields.")?;
            let read = |(name, value): (&String, &Value)| {
                let unknown = |_| format!("The custom field {name} is unknown on this board.");
                let is_nothing = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
                let custom_field = CustomFieldId::parse(name).map_err(unknown)?;
                Ok(Self { custom_field, value: (!is_nothing).then(|| value.clone()) })
            };
            values.iter().map(read).collect()
        })
    }
}

/// Reads the body of an update of a value: `value` must be there, null or an empty text for nothing.
pub fn read_value(body: &Value) -> Result<Option<Value>, Invalid> {
    let mut fields = Fields::of(body);
    if !fields.has("value") {
        fields.refuse("value", "The value field must be present: null or an empty text for nothing.");
    }
    let value = fields.optional("value", |value: &Value| Ok(value.clone()));
    fields.finish(|| Some(value))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::custom_field::{CustomFieldPatch, NewCustomField, with_ids};
    use crate::ids::BoardId;
    use serde_json::json;

    // Ids of one process rise with its clock, so that all tests stay near one time.
    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn field(of: &str, options: &Value) -> CustomField {
        let new = NewCustomField::read(&json!({"name": "F", "type": of, "options": options})).unwrap();
        CustomField {
            id: CustomFieldId::new(NOW),
            board: BoardId::new(NOW),
            name: new.name,
            field_type: new.field_type,
            color: None,
            show_icon: false,
            visible_to_clients: false,
            options: with_ids(new.options, &[], NOW).unwrap(),
            created_at: NOW,
            updated_at: NOW,
        }
    }

    #[test]
    fn each_type_takes_its_own_values() {
        for (of, sent, kept) in [
            ("text", json!(" some "), json!("some")),
            ("text", json!(7), json!("7")),
            ("number", json!("7"), json!(7)),
            ("number", json!("7.5"), json!(7.5)),
            ("number", json!(-1), json!(-1)),
            ("date", json!("2026-03-12"), json!("2026-03-12")),
            // Midnight in Berlin, as a picker there gives it.
            ("date", json!("2026-03-12T00:00:00+01:00"), json!("2026-03-12")),
            ("date", json!("2026-03-12 14:00"), json!("2026-03-12")),
            ("date", json!(0), json!("1970-01-01")),
            ("boolean", json!("1"), json!(true)),
            ("boolean", json!("No"), json!(false)),
            ("url", json!("acme.example"), json!("acme.example")),
            ("email", json!("a@b.example"), json!("a@b.example")),
            ("phone", json!("+49 30 1"), json!("+49 30 1")),
        ] {
            assert_eq!(field(of, &json!([])).read_value(&sent), Ok(kept), "{of} {sent}");
        }
        for (of, sent) in [
            ("text", json!(["a"])),
            ("number", json!("seven")),
            ("number", json!("NaN")),
            ("number", json!("inf")),
            ("date", json!("2026-02-30")),
            ("date", json!("12.3.2026")),
            ("boolean", json!("maybe")),
            ("url", json!("javascript:alert(1)")),
            ("email", json!("a@b")),
            ("phone", json!("1\n2")),
        ] {
            assert!(field(of, &json!([])).read_value(&sent).is_err(), "{of} {sent}");
        }
    }

    #[test]
    fn options_are_chosen_by_id_or_name_and_keep_their_ids() {
        let list = field("list", &json!(["Low", {"name": "High", "color": "#ff0000"}]));
        let high = json!(list.options[1].id);
        assert_eq!((list.read_value(&high), list.read_value(&json!("High"))), (Ok(high.clone()), Ok(high.clone())));
        assert!(list.read_value(&json!("high")).is_err() && list.read_value(&json!([high])).is_err());
        let many = field("multi_list", &json!(["Low", "High"]));
        let (low, high) = (json!(many.options[0].id), json!(many.options[1].id));
        assert_eq!(many.read_value(&json!(["High", low, high, ""])), Ok(json!([high, low])));
        assert!(many.read_value(&json!("High")).is_err());
        let patch = |options: Value| CustomFieldPatch::read(&json!({"options": options})).unwrap();
        let renamed = patch(json!([{"id": high, "name": "Highest"}, "Low", "New"])).apply(many.clone(), NOW).unwrap().options;
        assert_eq!((json!(renamed[0].id), json!(renamed[1].id), renamed.len()), (high.clone(), low, 3));
        for wrong in [
            json!([{"id": "cfo_000000000000000000000000", "name": "A"}]),
            json!([{"id": high, "name": "A"}, {"id": high, "name": "B"}]),
            json!([]),
        ] {
            assert!(patch(wrong.clone()).apply(many.clone(), NOW).is_err(), "{wrong}");
        }
        assert!(CustomFieldPatch::read(&json!({"options": ["A", "A"]})).is_err());
        assert!(NewCustomField::read(&json!({"name": "F", "type": "text", "options": ["A"]})).is_err());
        assert!(NewCustomField::read(&json!({"name": "F", "type": "list"})).is_err());
    }
}
