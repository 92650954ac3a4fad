//! A field that a person fills in or a program sends: what the API reads, with the words for it.

use super::words;
use domain::input::{Described, Form, Presence};

/// One field of an action, a search or a trigger.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in requests.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What to put there, in a sentence; empty where the label says it.
    pub help: &'static str,
    /// What its values look like.
    pub form: Form,
    /// Whether it must be there.
    pub is_required: bool,
    /// Whether the API clears the value when it is told null.
    pub is_clearable: bool,
    /// The look-up its values are picked from.
    pub lookup: Option<&'static str>,
    /// The words there are, if only these will do.
    pub choices: Vec<String>,
}

impl Field {
    /// A field as the reader of the API describes it.
    pub fn of(described: Described) -> Self {
        let words = words::of(&described);
        Self::worded(described, words)
    }

    /// A field that narrows a list down, as the reader of the API describes it.
    pub fn of_filter(described: Described) -> Self {
        let words = words::of_filter(&described);
        Self::worded(described, words)
    }

    fn worded(described: Described, (label, help): (String, &'static str)) -> Self {
        let Described { name, presence, form } = described;
        let lookup = lookup_of(&name, &form);
        let choices = match &form {
            Form::OneOf(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            _ => Vec::new(),
        };
        let (is_required, is_clearable) = (presence == Presence::Required, presence == Presence::Clearable);
        Self { key: name, label, help, form, is_required, is_clearable, lookup, choices }
    }

    /// Whether it is filled in as one field: an object of custom fields is filled in field by field.
    pub(super) fn is_filled_in(described: &Described) -> bool {
        described.form != Form::Object
    }

    /// The id in a path.
    pub fn id(name: &str, prefix: &'static str) -> Self {
        Self::of(Described { name: name.into(), presence: Presence::Required, form: Form::Id(prefix) })
    }

    /// Whether several values may be given.
    pub fn is_list(&self) -> bool {
        matches!(self.form, Form::List(_))
    }
}

/// Where ids of this kind are picked from. People are clients or members, by the name of the field.
fn lookup_of(name: &str, form: &Form) -> Option<&'static str> {
    match form {
        Form::Id("u") if name.starts_with("client") => Some("clients"),
        Form::Id("u") => Some("members"),
        Form::Id("co") => Some("companies"),
        Form::Id("fo") => Some("folders"),
        Form::Id("tskb") => Some("boards"),
        Form::Id("tskl") => Some("lists"),
        Form::Id("tsk") => Some("tasks"),
        Form::Id("lbl") => Some("labels"),
        Form::List(of) => lookup_of(name, of),
        _ => None,
    }
}
