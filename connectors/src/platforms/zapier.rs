//! Zapier: bare arrays newest first, flat objects with an id of their own, `200 {}` for an unsubscribe. What the trait does unless told
//! otherwise was made after it. Fields are written as its app defines them, so that those of a board's own need no translation there.

use super::{Connector, type_of};
use crate::catalogue::Field;
use domain::input::Form;
use domain::webhook::Platform;
use serde_json::{Value, json};

/// Zapier.
pub(crate) struct Zapier;

impl Connector for Zapier {
    fn platform(&self) -> Platform {
        Platform::Zapier
    }

    fn title(&self) -> &'static str {
        "Zapier"
    }

    fn summary(&self) -> &'static str {
        "Connects thousands of web apps: a Zap starts from what happens here, or does something here."
    }

    fn field(&self, field: &Field) -> Value {
        let form = match &field.form {
            Form::List(of) => of,
            form => form,
        };
        let mut definition = json!({"key": field.key, "label": field.label});
        match type_of(form) {
            // Names and values, each typed in by hand.
            "object" => definition["dict"] = json!(true),
            kind => definition["type"] = json!(kind),
        }
        if field.is_required {
            definition["required"] = json!(true);
        }
        if field.is_list() {
            definition["list"] = json!(true);
        }
        if !field.help.is_empty() {
            definition["helpText"] = json!(field.help);
        }
        if !field.choices.is_empty() {
            definition["choices"] = json!(field.choices);
        }
        // The hidden trigger of that name fills the dropdown.
        if let Some(lookup) = field.lookup {
            definition["dynamic"] = json!(format!("{lookup}.id.name"));
        }
        definition
    }
}
