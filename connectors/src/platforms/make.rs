//! Make: choices are `{label, value}`, and a field is a parameter of a module.

use super::{Connector, type_of};
use crate::catalogue::{Choice, Field, label_of};
use domain::input::Form;
use domain::webhook::Platform;
use serde_json::{Value, json};

/// Make.
pub(crate) struct Make;

impl Connector for Make {
    fn platform(&self) -> Platform {
        Platform::Make
    }

    fn title(&self) -> &'static str {
        "Make"
    }

    fn summary(&self) -> &'static str {
        "Scenarios drawn as chains of modules, with branches and loops."
    }

    fn choices(&self, choices: &[Choice], _: Option<u32>) -> Value {
        choices.iter().map(|choice| json!({"label": choice.name, "value": choice.id})).collect()
    }

    fn field(&self, field: &Field) -> Value {
        let form = match &field.form {
            Form::List(of) => of,
            form => form,
        };
        let kind = match (form, type_of(form)) {
            _ if !field.choices.is_empty() => "select",
            (Form::Email, _) => "email",
            (Form::Url, _) => "url",
            (Form::Integer { .. }, _) => "integer",
            (_, "number") => "number",
            (_, "boolean") => "boolean",
            (_, "datetime") => "date",
            (_, "password") => "password",
            // A collection would have to say what is in it.
            (_, "object") => "any",
            _ => "text",
        };
        // Words of the API are written as people read them; those that people made stay theirs.
        let shown = |word: &String| if matches!(form, Form::OneOf(_)) { label_of(word) } else { word.clone() };
        let mut parameter = json!({"name": field.key, "label": field.label, "required": field.is_required});
        if !field.help.is_empty() {
            parameter["help"] = json!(field.help);
        }
        if !field.choices.is_empty() {
            parameter["type"] = json!(kind);
            parameter["options"] = field.choices.iter().map(|word| json!({"label": shown(word), "value": word})).collect();
            if field.is_list() {
                parameter["multiple"] = json!(true);
            }
        } else if field.is_list() {
            parameter["type"] = json!("array");
            parameter["spec"] = json!({"type": kind});
        } else {
            parameter["type"] = json!(kind);
        }
        if kind == "text" && matches!(form, Form::Text { is_line: false, .. }) {
            parameter["multiline"] = json!(true);
        }
        parameter
    }
}
