//! Forms as they were sent, and what is wrong with them: enough to show a form again with everything that was typed.

use domain::input::Invalid;
use serde_json::Value;

/// A form, before or after it was sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    values: Value,
    invalid: Invalid,
}

impl Form {
    /// A form with these values in it.
    pub(crate) fn of(values: Value) -> Self {
        Self { values, invalid: Invalid::default() }
    }

    /// A form that was sent and cannot be accepted. What is wrong stands below the field, so it need not name it.
    pub(crate) fn refused(values: Value, mut invalid: Invalid) -> Self {
        for (name, messages) in &mut invalid.errors {
            for called in [format!("The {name} field"), format!("The selected {name}")] {
                for message in messages.iter_mut() {
                    *message = message.replace(&called, &place(name));
                }
            }
        }
        Self { values, invalid }
    }

    /// What stands in a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What stands in a field, or something else before it was sent.
    pub(crate) fn value_or<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.values.get(name).and_then(Value::as_str).unwrap_or(otherwise)
    }

    /// What stands in a field that may hold several.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// What is wrong with a field, or with one of its elements.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        let is_of = |field: &str| field == name || field.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        self.invalid.errors.iter().find(|(field, _)| is_of(field)).and_then(|(_, messages)| messages.first()).map(String::as_str)
    }

    /// Whether something is wrong with a field other than this one.
    pub(crate) fn has_errors_beside(&self, name: &str) -> bool {
        self.invalid.errors.keys().any(|field| field != name)
    }

    /// Whether a scope is ticked; before the form was sent, those a key gets by default.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        match self.values.get("scopes").and_then(Value::as_array) {
            Some(ticked) => ticked.iter().any(|value| value == scope),
            None => domain::scope::Scope::DEFAULT.iter().any(|granted| granted.to_string() == scope),
        }
    }

    /// Whether a scope of one family alone is ticked.
    pub(crate) fn has_narrow_scope(&self) -> bool {
        let ticked = self.values.get("scopes").and_then(Value::as_array);
        ticked.is_some_and(|ticked| ticked.iter().any(|value| value.as_str().is_some_and(|text| text.contains(':'))))
    }
}

/// What is meant by a field or by one of its elements, to whoever sees it: `allowed_ips.0` is the first of them.
fn place(name: &str) -> String {
    match name.rsplit_once('.').and_then(|(_, index)| index.parse::<usize>().ok()) {
        Some(index) => format!("Number {}", index + 1),
        None => "This".to_owned(),
    }
}
