//! Where in the tree of folders and boards an event happened, for webhooks that listen in a part of it only.
//!
//! An event says of itself which folder and board it is about; what lies above these is looked up by the store.

use serde_json::Value;
use std::collections::BTreeSet;

/// The folders and boards an event concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Folders, by their ids.
    pub folders: BTreeSet<String>,
    /// Boards, by their ids.
    pub boards: BTreeSet<String>,
}

impl Location {
    /// What an event says: the resource itself, and what it lies in, after the change and before it. What was moved out of a folder
    /// concerns that folder too.
    pub fn of(event_type: &str, data: &Value, previous: Option<&Value>) -> Self {
        let mut location = Self::default();
        let states = [Some(data), previous];
        for (field, found) in [("folder", &mut location.folders), ("board", &mut location.boards)] {
            found.extend(states.iter().flatten().filter_map(|state| text(state, field)));
            if event_type.split_once('.').is_some_and(|(noun, _)| noun == field) {
                found.extend(text(data, "id"));
            }
        }
        location
    }

    /// Whether it concerns one of these.
    pub fn is_in<'i>(&self, folders: impl IntoIterator<Item = &'i str>, boards: impl IntoIterator<Item = &'i str>) -> bool {
        folders.into_iter().any(|id| self.folders.contains(id)) || boards.into_iter().any(|id| self.boards.contains(id))
    }
}

fn text(state: &Value, field: &str) -> Option<String> {
    state.get(field).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_says_what_it_concerns() {
        let of = |event_type: &str, data: Value, previous: Option<Value>| {
            let location = Location::of(event_type, &data, previous.as_ref());
            (location.folders.into_iter().collect::<Vec<_>>(), location.boards.into_iter().collect::<Vec<_>>())
        };
        let nothing: Vec<String> = Vec::new();
        assert_eq!(of("client.created", json!({"id": "u"}), None), (nothing.clone(), nothing.clone()));
        assert_eq!(of("folder.deleted", json!({"id": "fo_1", "folder": null}), None), (vec!["fo_1".into()], nothing.clone()));
        let moved = of("board.updated", json!({"id": "b", "folder": "fo_2"}), Some(json!({"folder": "fo_1"})));
        assert_eq!(moved, (vec!["fo_1".into(), "fo_2".into()], vec!["b".into()]));
        let from_the_root = of("folder.updated", json!({"id": "fo_3", "folder": "fo_2"}), Some(json!({"folder": null})));
        assert_eq!(from_the_root.0, ["fo_2", "fo_3"]);
        assert_eq!(of("list.created", json!({"id": "l", "board": "b"}), None), (nothing, vec!["b".into()]));
    }
}
