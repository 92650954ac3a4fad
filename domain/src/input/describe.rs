//! What input may look like, read off the code that reads it: a reader that runs under [`describe`] tells which fields it asks for.
//! So the catalogue of actions and the description of the API never say anything else than what is enforced.

use super::Parsed;
use serde_json::{Value, json};
use std::cell::RefCell;

/// What values of a field look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing can be said in general.
    Any,
    /// Text.
    Text {
        /// In characters.
        max: usize,
        /// Whether it is a single line.
        is_line: bool,
    },
    /// An e-mail address.
    Email,
    /// An address on the web.
    Url,
    /// Something nobody may read over a shoulder.
    Password,
    /// `#ff8800`.
    Colour,
    /// A whole number.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number, whole or not.
    Number,
    /// True or false.
    Boolean,
    /// A moment.
    Time,
    /// One of these words.
    OneOf(Vec<&'static str>),
    /// An id with this prefix.
    Id(&'static str),
    /// A list of such values.
    List(Box<Form>),
    /// An object.
    Object,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out; sent empty, it clears the value.
    Clearable,
}

/// One field that a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub presence: Presence,
    /// What its values look like.
    pub form: Form,
}

/// Reads one value, and knows what it accepts. A plain function is a parser of which nothing is known.
pub trait Parser<T> {
    /// The value, or a message in which `:field` stands for the field's name.
    fn parse(&self, value: &Value) -> Parsed<T>;

    /// What it accepts.
    fn form(&self) -> Form {
        Form::Any
    }
}

impl<T, F: Fn(&Value) -> Parsed<T>> Parser<T> for F {
    fn parse(&self, value: &Value) -> Parsed<T> {
        self(value)
    }
}

struct Formed<F> {
    form: Form,
    parse: F,
}

impl<T, F: Fn(&Value) -> Parsed<T>> Parser<T> for Formed<F> {
    fn parse(&self, value: &Value) -> Parsed<T> {
        (self.parse)(value)
    }

    fn form(&self) -> Form {
        self.form.clone()
    }
}

/// A parser of values of this form.
pub fn as_form<T>(form: Form, parse: impl Fn(&Value) -> Parsed<T>) -> impl Parser<T> {
    Formed { form, parse }
}

thread_local! {
    static NOTED: RefCell<Option<Vec<Described>>> = const { RefCell::new(None) };
}

/// The fields a reader asks for, in its order. The reader runs on an empty object; what it makes of it is dropped.
pub fn describe<R>(read: impl FnOnce(&Value) -> R) -> Vec<Described> {
    let outer = NOTED.replace(Some(Vec::new()));
    drop(read(&json!({})));
    NOTED.replace(outer).unwrap_or_default()
}

/// Notes a field if somebody wants to know; the first mention counts.
pub(super) fn note(name: &str, presence: Presence, form: impl FnOnce() -> Form) {
    NOTED.with_borrow_mut(|noted| {
        if let Some(noted) = noted
            && noted.iter().all(|known| known.name != name)
        {
            noted.push(Described { name: name.to_owned(), presence, form: form() });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::{ClientPatch, NewClient};

    #[test]
    fn a_reader_tells_what_it_asks_for() {
        let create = describe(NewClient::read);
        let field = |name: &str, presence, form| Described { name: name.into(), presence, form };
        assert!(create.contains(&field("name", Presence::Required, Form::Text { max: 255, is_line: true })), "{create:?}");
        assert!(create.contains(&field("company", Presence::Optional, Form::Id("co"))), "{create:?}");
        let update = describe(ClientPatch::read);
        assert!(update.iter().all(|field| field.presence != Presence::Required), "{update:?}");
        assert!(update.iter().any(|field| field.name == "title" && field.presence == Presence::Clearable));
        assert!(NewClient::read(&json!({})).is_err(), "reading is what it was");
    }
}
