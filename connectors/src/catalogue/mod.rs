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

/// Said of a field that is there for the choices of another one alone.
const NARROWING: &str = "What the choices below are taken from. It may stay empty where ids are entered.";

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
                own.unwrap_or(Field { is_required: false, help: NARROWING, ..narrowing })
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
    fn what_a_label_does_not_say_is_said_below_it() {
        let evident = ["Name", "Title", "Description", "Phone Number", "Address"];
        let catalogue = Catalogue::kitchen();
        let actions = catalogue.actions.iter().map(|action| (action.key, &action.fields));
        for (key, fields) in actions.chain(catalogue.searches.iter().map(|search| (search.key, &search.fields))) {
            for field in catalogue.inputs(fields) {
                // What it is done to is picked by the name of its kind.
                let is_subject = field.is_required && field.lookup.is_some();
                let is_evident = is_subject || evident.contains(&field.label.as_str());
                assert!(is_evident || field.help.ends_with('.'), "{key} does not say what to put into {}", field.label);
            }
        }
    }

    #[test]
    fn what_is_offered_is_what_can_be_had() {
        let catalogue = Catalogue::kitchen();
        let field = |key: &str, name: &str| {
            let action = catalogue.action(key).map(|action| &action.fields);
            let fields = action.or_else(|| catalogue.search(key).map(|search| &search.fields));
            fields.into_iter().flatten().find(|field| field.key == name).cloned()
        };
        for key in ["invite-member", "update-member"] {
            assert_eq!(field(key, "role").map(|role| role.choices), Some(vec!["member".to_owned(), "admin".to_owned()]));
        }
        assert!(field("find-company", "name").is_some() && field("find-company", "title").is_none());
        assert!(field("find-task", "repeating").is_none());
        let labels = |key, name| field(key, name).map(|field| field.label);
        assert_eq!(labels("add-task-member", "user"), labels("remove-task-member", "user"));
        assert_eq!(labels("create-client", "color"), labels("create-label", "hex_color"));
        let help = |key| field(key, "parent").map(|field| field.help);
        assert_ne!(help("duplicate-folder"), help("move-folder"), "a copy lies beside the original unless it is told otherwise");
        assert!(help("create-task").is_some_and(|help| help.contains("part of")));
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
