//! The catalogue: every trigger, action, search and look-up, with the words people see. Endpoints, platform-side apps, documents and
//! tools follow from it; what is added here once appears in all of them.
//!
//! It is a value, not a constant, so that a test can add to it and see the addition everywhere.

mod action;
mod call;
mod field;
mod kitchen;
mod lookup;
mod noun;
mod search;
mod trigger;
mod words;

pub use action::{Action, CALLBACK, Yield, deletion};
pub use call::{Call, Method, Placed};
pub use field::Field;
pub use lookup::{Choice, Lookup};
pub use noun::{Noun, OPERATION};
pub use search::Search;
pub use trigger::Trigger;
pub(crate) use words::label_of;

/// Everything platforms are offered.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// What an automation can start from, in the order of the events.
    pub triggers: Vec<Trigger>,
    /// What it can do, resource by resource.
    pub actions: Vec<Action>,
    /// What it can look for.
    pub searches: Vec<Search>,
    /// What a person picks ids from.
    pub lookups: Vec<Lookup>,
}

impl Catalogue {
    /// All that Kitchen has.
    pub fn kitchen() -> Self {
        let nouns = noun::ALL;
        Self {
            triggers: domain::event::EventType::ALL.iter().filter_map(|event| Trigger::of(*event)).collect(),
            actions: kitchen::actions(),
            searches: kitchen::searches(),
            lookups: nouns.iter().filter_map(|noun| Lookup::of(*noun)).chain(kitchen::lookups()).collect(),
        }
    }

    /// The trigger of an event's name.
    pub fn trigger(&self, event: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.event.as_str() == event)
    }

    /// The action of this key.
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.key == key)
    }

    /// The search of this key.
    pub fn search(&self, key: &str) -> Option<&Search> {
        self.searches.iter().find(|search| search.key == key)
    }

    /// The look-up of this key.
    pub fn lookup(&self, key: &str) -> Option<&Lookup> {
        self.lookups.iter().find(|lookup| lookup.key == key)
    }

    /// The fields a person fills in for a call: those it takes, each after the fields its choices depend on.
    pub fn inputs(&self, fields: &[Field]) -> Vec<Field> {
        let mut inputs: Vec<Field> = Vec::with_capacity(fields.len());
        for field in fields {
            let lookup = field.lookup.and_then(|key| self.lookup(key));
            let before = lookup.into_iter().flat_map(Lookup::narrowed_by).map(|narrowing| {
                let own = fields.iter().find(|own| own.key == narrowing.key).cloned();
                own.unwrap_or(Field { is_required: false, ..narrowing })
            });
            for input in before.chain([field.clone()]) {
                if inputs.iter().all(|known| known.key != input.key) {
                    inputs.push(input);
                }
            }
        }
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_those_of_kitchens_own_app() {
        let catalogue = Catalogue::kitchen();
        let labels: Vec<&str> = catalogue.triggers.iter().map(|trigger| trigger.label.as_str()).collect();
        for published in [
            "New Board",
            "Board Updated",
            "Board Deleted",
            "New Client",
            "Client Updated",
            "Client Deleted",
            "New Company",
            "Deleted Company",
            "Folder Updated",
        ] {
            assert!(labels.contains(&published), "{published} is missing");
        }
        assert!(catalogue.actions.iter().any(|action| action.label == "Create a Client"));
    }

    #[test]
    fn keys_are_unique_and_what_is_referred_to_is_there() {
        let catalogue = Catalogue::kitchen();
        let keys: Vec<&str> =
            catalogue.actions.iter().map(|action| action.key).chain(catalogue.searches.iter().map(|search| search.key)).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{keys:?}");
        let fields = catalogue.actions.iter().flat_map(|action| &action.fields);
        for field in fields.chain(catalogue.searches.iter().flat_map(|search| &search.fields)) {
            assert!(field.lookup.is_none_or(|key| catalogue.lookup(key).is_some()), "{field:?}");
        }
        for search in &catalogue.searches {
            assert!(search.create.is_none_or(|key| catalogue.action(key).is_some()), "{search:?}");
        }
        for action in &catalogue.actions {
            for name in action.call.parameters() {
                let field = action.fields.iter().find(|field| field.key == name);
                assert!(field.is_some_and(|field| field.is_required && field.lookup.is_some()), "{name} of {action:?}");
            }
        }
        assert_eq!(catalogue.triggers.len(), domain::event::EventType::ALL.len(), "an event without its noun");
    }

    #[test]
    fn whoever_picks_a_list_picks_its_board_first() {
        let catalogue = Catalogue::kitchen();
        let Some(action) = catalogue.action("update-list") else { panic!("an action is missing") };
        let inputs = catalogue.inputs(&action.fields);
        let keys: Vec<&str> = inputs.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(keys[..2], ["board", "list"]);
        assert!(!inputs[0].is_required && inputs[1].is_required);
        // Of two boards each is picked before what is on it.
        let Some(action) = catalogue.action("move-task") else { panic!("an action is missing") };
        let inputs = catalogue.inputs(&action.fields);
        let keys: Vec<&str> = inputs.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(keys, ["from_board", "task", "board", "list", "position"]);
    }
}
