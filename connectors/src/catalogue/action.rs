//! An action: something an automation does.

use super::{Call, Field, Noun};
use crate::samples;
use domain::dialect::canonical;
use domain::input::{Described, Form, Presence};
use domain::operation::OperationKind;
use serde_json::{Value, json};

/// What an action gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yield {
    /// The resource as it is now.
    Resource,
    /// That it is gone: `{id, deleted}`.
    Deletion,
    /// An operation of this kind, which goes on; its end is posted to `callback_url` if one was given.
    Operation(OperationKind),
}

/// The field of an action that goes on: where its end is told.
pub const CALLBACK: &str = "callback_url";

/// Something an automation does.
#[derive(Clone, Debug)]
pub struct Action {
    /// As paths write it: `create-client`.
    pub key: &'static str,
    /// What people pick: "Create a Client".
    pub label: String,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// What it is done to.
    pub noun: Noun,
    /// What does it.
    pub call: Call,
    /// What it takes: the ids of its path first.
    pub fields: Vec<Field>,
    /// What it gives back.
    pub yields: Yield,
    /// Where further fields are found that depend on what was picked: the custom fields of a board.
    pub more_fields: Option<Call>,
}

impl Action {
    /// The action of this call, with the fields its reader asks for.
    pub fn new(key: &'static str, label: &str, description: &'static str, noun: Noun, call: Call, reads: Vec<Described>) -> Self {
        let ids = call.parameters().map(|name| Field::id(name, prefix_of(name)));
        let fields = ids.chain(reads.into_iter().filter(Field::is_filled_in).map(Field::of)).collect();
        Self { key, label: label.to_owned(), description, noun, call, fields, yields: Yield::Resource, more_fields: None }
    }

    /// The same, of which nothing remains.
    #[must_use]
    pub fn deleting(self) -> Self {
        Self { yields: Yield::Deletion, ..self }
    }

    /// The same, as something that goes on after it was answered.
    #[must_use]
    pub fn going_on(mut self, kind: OperationKind) -> Self {
        let callback = Described { name: CALLBACK.into(), presence: Presence::Optional, form: Form::Url };
        self.fields.push(Field::of(callback));
        Self { yields: Yield::Operation(kind), ..self }
    }

    /// The same, with what a field means here.
    #[must_use]
    pub fn saying(mut self, name: &str, help: &'static str) -> Self {
        self.fields.iter_mut().filter(|field| field.key == name).for_each(|field| field.help = help);
        self
    }

    /// The same, with fields of a resource's own.
    #[must_use]
    pub fn with_fields_of(self, call: Call) -> Self {
        Self { more_fields: Some(call), ..self }
    }

    /// The same, with a field that is called, and perhaps picked, otherwise than fields of its name are.
    #[must_use]
    pub fn asking(mut self, key: &str, label: &str, lookup: Option<&'static str>) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.key == key) {
            label.clone_into(&mut field.label);
            field.lookup = lookup.or(field.lookup);
        }
        self
    }

    /// What it gives back, made up; in millisecond times, before a platform has shaped it.
    pub fn sample(&self) -> Value {
        match self.yields {
            Yield::Resource => (self.noun.sample)(),
            Yield::Deletion => deletion(&(self.noun.sample)()["id"]),
            Yield::Operation(kind) => canonical(&samples::operation_of(kind)),
        }
    }

    /// Whether it goes on after it was answered.
    pub fn goes_on(&self) -> bool {
        matches!(self.yields, Yield::Operation(_))
    }

    /// The noun of what it gives back.
    pub fn gives(&self) -> Noun {
        if self.goes_on() { super::noun::OPERATION } else { self.noun }
    }
}

/// What is said of something that is gone.
pub fn deletion(id: &Value) -> Value {
    json!({"id": id, "deleted": true})
}

/// What the ids that a part of a path stands for begin with: `board`, or with more words before it `from_board`.
pub(super) fn prefix_of(name: &str) -> &'static str {
    let name = if name == "user" { "member" } else { name };
    let kind = || Noun::of(name.rsplit('_').next()?);
    Noun::of(name).or_else(kind).map_or("", |noun| noun.prefix)
}
