//! A search: what an automation looks for before it acts.

use super::action::prefix_of;
use super::{Action, Call, Field, Method, Noun};
use domain::input::{Form, describe};
use domain::page::Filter;

/// Something to look for.
#[derive(Clone, Debug)]
pub struct Search {
    /// As paths write it: `find-client`.
    pub key: &'static str,
    /// What people pick: "Find a Client".
    pub label: String,
    /// What it finds, in one sentence.
    pub description: &'static str,
    /// What is looked for.
    pub noun: Noun,
    /// The list that is searched; the best match comes first.
    pub call: Call,
    /// What it takes. Of those that are no ids in the path at least one must be given.
    pub fields: Vec<Field>,
    /// The action that makes one if there is none.
    pub create: Option<&'static str>,
    /// Where further fields are found that depend on what was picked: the custom fields of a board.
    pub more_fields: Option<Call>,
}

impl Search {
    /// The search of a list, by what its filter reads.
    pub fn new<F: Filter>(key: &'static str, label: &str, description: &'static str, noun: Noun, path: &'static str) -> Self {
        // A list without a name of its own has no best match.
        let best_first: &[(&str, &str)] = if F::NAMES.is_empty() { &[] } else { &[("sort", "relevance")] };
        let call = Call::new(Method::Get, path).with(best_first);
        let reads = describe(|query| F::read(&mut domain::input::Fields::of(query)));
        let ids = call.parameters().map(|name| Field::id(name, prefix_of(name)));
        let fields = ids.chain(reads.into_iter().filter(Field::is_filled_in).map(Field::of_filter)).collect();
        Self { key, label: label.to_owned(), description, noun, call, fields, create: None, more_fields: None }
    }

    /// The same, with what makes one if there is none.
    #[must_use]
    pub fn or_create(self, action: &'static str) -> Self {
        Self { create: Some(action), ..self }
    }

    /// The same, with fields of a resource's own.
    #[must_use]
    pub fn with_fields_of(self, call: Call) -> Self {
        Self { more_fields: Some(call), ..self }
    }

    /// The names of the fields of which one must be given.
    pub fn criteria(&self) -> Vec<&str> {
        let in_path: Vec<&str> = self.call.parameters().collect();
        let is_criterion = |key: &&str| !in_path.contains(key) && *key != "state";
        self.fields.iter().map(|field| field.key.as_str()).filter(is_criterion).collect()
    }

    /// The fields by which this finds what the action has made: those that both have, but for where they look. What tells one from another
    /// best comes first.
    pub fn shared_with<'a>(&self, action: &'a Action) -> Vec<&'a Field> {
        let criteria = self.criteria();
        let mut shared: Vec<&Field> = action.fields.iter().filter(|field| criteria.contains(&field.key.as_str())).collect();
        shared.sort_by_key(|field| (field.form != Form::Email, field.key != self.noun.name));
        shared
    }
}
