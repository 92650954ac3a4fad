//! A look-up: what a person picks an id from.

use super::action::prefix_of;
use super::{Call, Field, Method, Noun};
use serde_json::Value;

/// Where the ids of one kind of resource are picked from.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// As paths write it: `boards`.
    pub key: &'static str,
    /// What is picked.
    pub noun: Noun,
    /// The list it shows.
    pub call: Call,
}

/// One thing to pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub id: String,
    /// What is shown.
    pub name: String,
}

impl Lookup {
    /// The look-up of a kind of resource, if there is a list of it.
    pub fn of(noun: Noun) -> Option<Self> {
        let by_name: &[(&str, &str)] = if noun.name == "title" { &[("sort", "title")] } else { &[("sort", "name")] };
        let call = Call::new(Method::Get, noun.list?).with(by_name);
        Some(Self { key: noun.plural, noun, call })
    }

    /// The same list in a form where what it is of goes by another name: forms know their fields by name alone, so that one with two
    /// boards has a look-up of its own for what lies on the second.
    #[must_use]
    pub const fn named(self, key: &'static str, path: &'static str) -> Self {
        Self { key, call: Call { path, ..self.call }, ..self }
    }

    /// Whether it is the one look-up of its kind of resource that all forms but a few use.
    pub fn is_usual(&self) -> bool {
        self.key == self.noun.plural
    }

    /// What must be picked before: the board of a list.
    pub fn narrowed_by(&self) -> impl Iterator<Item = Field> + use<> {
        self.call.parameters().map(|name| Field::id(name, prefix_of(name)))
    }

    /// A row of the list as something to pick.
    pub fn choice(&self, row: &Value) -> Option<Choice> {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let id = text("id")?;
        let name = text(self.noun.name).unwrap_or_else(|| id.clone());
        Some(Choice { id, name })
    }
}
