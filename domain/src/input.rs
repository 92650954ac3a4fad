//! Reading fields out of input. A form and a JSON body become the same tree of values, and one reader takes fields
//! from it, so that a rule holds for both and every error names its field.
//!
//! Leniency, asked for by the platforms: numbers and booleans may come as text, and an empty text is an absent value
//! (on an update: it clears the field). Unknown fields are ignored and never bound.

mod describe;
mod parse;

use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub use describe::{Described, Form, Parser, Presence, as_form, describe};
pub use parse::{
    boolean, colour, email, id, integer, language, line, moment, network, none_of, one_of, seconds, text, timezone, unknown_id,
    web_address,
};

/// Input that cannot be accepted: for each field, what is wrong and what would be right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invalid {
    /// Messages by field, fields in alphabetical order. Nested fields are written with dots: `events_types.0`.
    pub errors: BTreeMap<String, Vec<String>>,
}

impl Invalid {
    /// One field, one message.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(name, message);
        invalid
    }

    /// Adds a message.
    pub fn add(&mut self, name: &str, message: impl Into<String>) {
        self.errors.entry(name.to_owned()).or_default().push(message.into());
    }

    /// This, unless something is wrong.
    ///
    /// # Errors
    /// What is wrong.
    pub fn or<T>(self, read: T) -> Result<T, Self> {
        if self.errors.is_empty() { Ok(read) } else { Err(self) }
    }

    /// Adds what is wrong beside that.
    pub fn join(&mut self, other: Self) {
        for (name, messages) in other.errors {
            self.errors.entry(name).or_default().extend(messages);
        }
    }

    /// Both results, or what is wrong with either.
    pub fn both<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(mut one), Err(other)) => {
                one.join(other);
                Err(one)
            }
            (Err(invalid), _) | (_, Err(invalid)) => Err(invalid),
        }
    }

    /// All messages in one sentence: the first, and how many more there are.
    pub fn message(&self) -> String {
        let mut messages = self.errors.values().flatten();
        let first = messages.next().map_or("The given data was invalid.", String::as_str);
        match messages.count() {
            0 => first.to_owned(),
            1 => format!("{first} (and 1 more error)"),
            more => format!("{first} (and {more} more errors)"),
        }
    }
}

/// What an update says of a field that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not mentioned: the value stays.
    #[default]
    Keep,
    /// Emptied.
    Clear,
    /// Replaced.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the update.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// A parser of one value; the error is a message in which `:field` stands for the field's name.
pub type Parsed<T> = Result<T, String>;

/// Reads fields and collects what is wrong with them.
pub struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
    invalid: Invalid,
}

#[expect(clippy::needless_pass_by_value, reason = "parsers are written where they are passed")]
impl<'a> Fields<'a> {
    /// Reads from an object; anything else has no fields.
    pub fn of(value: &'a Value) -> Self {
        Self { map: value.as_object(), invalid: Invalid::default() }
    }

    /// Whether the field was sent at all, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.map.is_some_and(|map| map.contains_key(name))
    }

    /// The value of a field; `None` when absent, null or empty text.
    pub fn raw(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// Adds an error that concerns more than the form of one value.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.invalid.add(name, message);
    }

    /// Whether something is wrong with a field or one of its elements so far.
    pub fn is_refused(&self, name: &str) -> bool {
        self.invalid.errors.keys().any(|field| field.split('.').next() == Some(name))
    }

    /// A field that may be absent.
    pub fn optional<T>(&mut self, name: &str, parse: impl Parser<T>) -> Option<T> {
        describe::note(name, Presence::Optional, || parse.form());
        self.read(name, &parse)
    }

    /// Tells that there is a field which is not read by a parser: an object with a reader of its own.
    pub fn offer(&self, name: &str, presence: Presence, form: Form) {
        describe::note(name, presence, || form);
    }

    /// A field that is read for whoever sends it, and offered to nobody.
    pub fn unoffered<T>(&mut self, name: &str, parse: impl Parser<T>) -> Option<T> {
        self.read(name, &parse)
    }

    /// The name under which a field was sent that has a second one; the first is the one that is offered. Both may be sent if they agree.
    pub fn spelled(&mut self, name: &'static str, second: &'static str) -> &'static str {
        let sent = if self.has(second) && !self.has(name) { second } else { name };
        if self.has(second) && self.raw(second) != self.raw(sent) {
            self.refuse(second, format!("The {second} field says something else than {name}; send one of them."));
        }
        sent
    }

    fn read<T>(&mut self, name: &str, parse: &impl Parser<T>) -> Option<T> {
        let value = self.raw(name)?;
        match parse.parse(value) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                self.invalid.add(name, message.replace(":field", name));
                None
            }
        }
    }

    /// A field that must be there.
    pub fn required<T>(&mut self, name: &str, parse: impl Parser<T>) -> Option<T> {
        describe::note(name, Presence::Required, || parse.form());
        if self.raw(name).is_none() {
            self.invalid.add(name, format!("The {name} field is required."));
            return None;
        }
        self.read(name, &parse)
    }

    /// On an update: a field that may be left out but not emptied.
    pub fn change<T>(&mut self, name: &str, parse: impl Parser<T>) -> Option<T> {
        if self.has(name) {
            return self.required(name, parse);
        }
        describe::note(name, Presence::Optional, || parse.form());
        None
    }

    /// On an update: a field that may be left out, or emptied with null or an empty text.
    pub fn patch<T>(&mut self, name: &str, parse: impl Parser<T>) -> Patch<T> {
        describe::note(name, Presence::Clearable, || parse.form());
        if !self.has(name) {
            return Patch::Keep;
        }
        if self.raw(name).is_none() {
            return Patch::Clear;
        }
        self.read(name, &parse).map_or(Patch::Keep, Patch::Set)
    }

    /// A list of values, each read by `parse`. Errors name the element: `events_types.2`. An empty text is no element, so that a form
    /// can send an empty list: `events_types[]=`.
    pub fn list<T>(&mut self, name: &str, max: usize, parse: impl Parser<T>) -> Option<Vec<T>> {
        describe::note(name, Presence::Optional, || Form::List(Box::new(parse.form())));
        let value = self.raw(name)?;
        let Value::Array(values) = value else {
            self.invalid.add(name, format!("The {name} field must be an array."));
            return None;
        };
        if values.len() > max {
            self.invalid.add(name, format!("The {name} field must not have more than {max} items."));
            return None;
        }
        let mut parsed = Vec::with_capacity(values.len());
        let is_absent = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !is_absent(value)) {
            let element = format!("{name}.{index}");
            match parse.parse(value) {
                Ok(value) => parsed.push(value),
                Err(message) => self.invalid.add(&element, message.replace(":field", &element)),
            }
        }
        Some(parsed)
    }

    /// On an update: a list that may be left out, or emptied with null or an empty text. `[]` is a list, of nothing.
    pub fn patch_list<T>(&mut self, name: &str, max: usize, parse: impl Parser<T>) -> Patch<Vec<T>> {
        describe::note(name, Presence::Clearable, || Form::List(Box::new(parse.form())));
        match self.list(name, max, parse) {
            Some(list) => Patch::Set(list),
            None if self.has(name) => Patch::Clear,
            None => Patch::Keep,
        }
    }

    /// The errors so far, or what `build` makes of the fields. `build` may use `?` on fields that were required.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Invalid> {
        if self.invalid.errors.is_empty() { build().ok_or(self.invalid) } else { Err(self.invalid) }
    }
}
