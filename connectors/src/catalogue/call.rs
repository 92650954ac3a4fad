//! What does the work of an action, a search or a look-up: a request of Kitchen's own API. So a rule holds for everybody alike, whichever
//! way they come.

use domain::input::Invalid;
use serde_json::{Map, Value};

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Changes.
    Put,
    /// Deletes.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A request of the API with places for ids: `PUT /api/clients/{client}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its method.
    pub method: Method,
    /// Its path; a part in braces is filled from the input of that name.
    pub path: &'static str,
    /// Inputs that are always the same.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Inputs that say something by being empty: null unless given.
    pub emptied: &'static [&'static str],
}

/// A call with its inputs in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The path with ids.
    pub path: String,
    /// Every other input: the query of a `GET` or `DELETE`, the body otherwise.
    pub rest: Map<String, Value>,
}

impl Call {
    /// A call without fixed inputs.
    pub const fn new(method: Method, path: &'static str) -> Self {
        Self { method, path, fixed: &[], emptied: &[] }
    }

    /// The same with inputs that never change.
    #[must_use]
    pub const fn with(self, fixed: &'static [(&'static str, &'static str)]) -> Self {
        Self { fixed, ..self }
    }

    /// The same with inputs that are null unless given.
    #[must_use]
    pub const fn or_null(self, emptied: &'static [&'static str]) -> Self {
        Self { emptied, ..self }
    }

    /// The names of the parts of the path that are filled in.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Puts inputs into their places. An id that is missing is named; one that is none leads nowhere.
    pub fn place(&self, inputs: &Map<String, Value>) -> Result<Placed, Invalid> {
        let mut invalid = Invalid::default();
        let mut rest = inputs.clone();
        let mut path = String::new();
        for part in self.path.split('/').skip(1) {
            path.push('/');
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
                path.push_str(part);
                continue;
            };
            let value = rest.remove(name);
            let text = value.as_ref().and_then(Value::as_str).map(str::trim).unwrap_or_default();
            if text.is_empty() && value.as_ref().is_none_or(|value| value.is_null() || value.is_string()) {
                invalid.add(name, format!("The {name} field is required."));
            }
            let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            path.push_str(if is_id { text } else { "-" });
        }
        for name in self.emptied {
            rest.entry(*name).or_insert(Value::Null);
        }
        rest.extend(self.fixed.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
        invalid.or(Placed { path, rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inputs_find_their_places() {
        let call = Call::new(Method::Put, "/api/boards/{board}/lists/{list}").with(&[("background", "true")]);
        assert_eq!(call.parameters().collect::<Vec<_>>(), ["board", "list"]);
        let placed = |inputs: Value| call.place(inputs.as_object().unwrap_or(&Map::new()));
        let Ok(whole) = placed(json!({"board": "tskb_1", "list": " tskl_2 ", "title": "Done"})) else { panic!("refused") };
        assert_eq!(whole.path, "/api/boards/tskb_1/lists/tskl_2");
        assert_eq!(Value::from(whole.rest), json!({"title": "Done", "background": "true"}));
        let call_with_default = call.or_null(&["parent"]);
        let parent =
            |inputs: Value| call_with_default.place(inputs.as_object()?).ok().map(|placed| placed.rest["parent"].clone());
        assert_eq!(parent(json!({"board": "1", "list": "2"})), Some(Value::Null));
        assert_eq!(parent(json!({"board": "1", "list": "2", "parent": "fo_1"})), Some(json!("fo_1")));
        let Err(invalid) = placed(json!({"board": ""})) else { panic!("accepted") };
        assert_eq!(invalid.errors.keys().collect::<Vec<_>>(), ["board", "list"]);
        let Ok(strange) = placed(json!({"board": "../me", "list": 7})) else { panic!("refused") };
        assert_eq!(strange.path, "/api/boards/-/lists/-");
    }
}
