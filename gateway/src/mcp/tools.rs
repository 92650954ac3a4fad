//! Which tools there are, and what each takes: every action, search and look-up of the catalogue, and one tool for all of its events.
//! A tool for each event would cost an agent many descriptions that differ in one word.

use crate::auth::Caller;
use crate::connect::triggers::FEED_LIMIT;
use crate::scope::{may, may_hear};
use connectors::Catalogue;
use connectors::catalogue::{Action, Field, Lookup, Method, Search, Trigger, Yield};
use connectors::schema;
use domain::input::{Described, Form, Presence};
use rmcp::model::{ListToolsResult, Tool as Definition, ToolAnnotations};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::sync::Arc;

/// Tools a page: more than there are, because many programs read the first page alone; fewer than would make an answer too long.
const PER_PAGE: usize = 100;
/// The one tool for all events.
pub(super) const LIST_EVENTS: &str = "list-events";
/// Events a call gives unless asked otherwise: an agent reads all that it is given.
pub(super) const FEW: u32 = 20;

/// One tool.
pub(super) enum Tool<'c> {
    Search(&'c Search),
    Lookup(&'c Lookup),
    /// With the events there are.
    Events(&'c [Trigger]),
    Action(&'c Action),
}

/// Every tool: those that look first, then those that do.
fn all(catalogue: &Catalogue) -> impl Iterator<Item = Tool<'_>> {
    // An agent names what it looks at as it likes: of each kind one list will do.
    let lookups = catalogue.lookups.iter().filter(|lookup| lookup.is_usual());
    let looking = catalogue.searches.iter().map(Tool::Search).chain(lookups.map(Tool::Lookup));
    looking.chain([Tool::Events(&catalogue.triggers)]).chain(catalogue.actions.iter().map(Tool::Action))
}

/// A page of the tools a key may use; `None` if the cursor is none of ours. A cursor is the name of the last tool before it.
pub(super) fn list(catalogue: &Catalogue, caller: &Caller, cursor: Option<&str>) -> Option<ListToolsResult> {
    let mut tools = all(catalogue);
    if let Some(cursor) = cursor {
        tools.find(|tool| tool.name() == cursor)?;
    }
    let mut tools = tools.filter(|tool| tool.is_open_to(caller)).peekable();
    let page: Vec<Definition> = tools.by_ref().take(PER_PAGE).map(|tool| tool.definition(catalogue, caller)).collect();
    let next_cursor = page.last().filter(|_| tools.peek().is_some()).map(|last| last.name.to_string());
    Some(ListToolsResult { next_cursor, ..ListToolsResult::with_all_items(page) })
}

/// The events that a key may hear of.
pub(super) fn heard<'c>(triggers: &'c [Trigger], caller: &Caller) -> impl Iterator<Item = &'c Trigger> {
    triggers.iter().filter(|trigger| may_hear(caller, trigger.event.as_str()))
}

impl<'c> Tool<'c> {
    /// The tool of this name.
    pub(super) fn named(catalogue: &'c Catalogue, name: &str) -> Option<Self> {
        all(catalogue).find(|tool| tool.name() == name)
    }

    fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Search(search) => search.key.into(),
            Self::Lookup(lookup) => list_name(lookup).into(),
            Self::Events(_) => LIST_EVENTS.into(),
            Self::Action(action) => action.key.into(),
        }
    }

    /// Whether a key may use it.
    pub(super) fn is_open_to(&self, caller: &Caller) -> bool {
        match self {
            Self::Search(search) => may(caller, search.call.method, search.call.path),
            Self::Lookup(lookup) => may(caller, lookup.call.method, lookup.call.path),
            Self::Events(triggers) => heard(triggers, caller).next().is_some(),
            Self::Action(action) => may(caller, action.call.method, action.call.path),
        }
    }

    /// What it takes from whoever has this key.
    pub(super) fn fields(&self, caller: &Caller) -> Vec<Field> {
        match self {
            Self::Search(search) => search.fields.clone(),
            Self::Lookup(lookup) => lookup
                .narrowed_by()
                .chain([
                    plain("search", Form::Text { max: 255, is_line: true }, "Only those with this in their name."),
                    plain("page", Form::Integer { min: 1, max: i64::from(u32::MAX) }, "Left out: the first."),
                ])
                .collect(),
            Self::Events(triggers) => {
                let heard = heard(triggers, caller).map(|trigger| trigger.event.as_str());
                let which = Described { name: "event".into(), presence: Presence::Required, form: Form::OneOf(heard.collect()) };
                let limit = plain("limit", Form::Integer { min: 1, max: FEED_LIMIT }, "How many at most. Left out: 20.");
                let since = plain(
                    "since",
                    Form::Text { max: 64, is_line: true },
                    "A next_cursor: only what came after it, oldest first. Left out: the latest.",
                );
                let places = triggers.iter().map(|trigger| &trigger.fields).find(|fields| !fields.is_empty());
                [Field::of(which), limit, since].into_iter().chain(places.into_iter().flatten().cloned()).collect()
            }
            // An agent has no address at which it could be called back: it looks at the operation.
            Self::Action(action) if matches!(action.yields, Yield::Operation(_)) => {
                action.fields.iter().filter(|field| field.key != "callback_url").cloned().collect()
            }
            Self::Action(action) => action.fields.clone(),
        }
    }

    /// Whether inputs are named by ids of custom fields too.
    pub(super) fn has_custom_fields(&self) -> bool {
        match self {
            Self::Action(action) => action.more_fields.is_some(),
            Self::Search(search) => search.more_fields.is_some(),
            Self::Lookup(_) | Self::Events(_) => false,
        }
    }

    fn definition(&self, catalogue: &Catalogue, caller: &Caller) -> Definition {
        let (title, description) = self.words(caller);
        let annotations = self.annotations().open_world(false);
        Definition::new(self.name(), description, Arc::new(self.schema(catalogue, caller)))
            .with_title(title)
            .with_annotations(annotations)
    }

    fn words(&self, caller: &Caller) -> (String, String) {
        match self {
            Self::Search(search) => {
                let criteria = search.criteria().join(", ");
                let description = search.description;
                (search.label.clone(), format!("{description} Give at least one of: {criteria}. The best match comes first."))
            }
            Self::Lookup(lookup) => {
                let noun = lookup.noun.label.to_lowercase();
                let words =
                    format!("Ids and names to choose a {noun} from, sorted by name; next_page is there while there are more.");
                (format!("List {}", lookup.key), words)
            }
            Self::Events(triggers) => {
                let lines: Vec<String> =
                    heard(triggers, caller).map(|trigger| format!("{}: {}", trigger.event.as_str(), trigger.summary)).collect();
                let words = "What happened, newest first, each with the resource as it was then. To follow along, pass next_cursor as since.";
                ("List Events".into(), format!("{words}\n{}", lines.join("\n")))
            }
            Self::Action(action) => {
                let ends =
                    if matches!(action.yields, Yield::Operation(_)) { " Answers an operation, which goes on." } else { "" };
                (action.label.clone(), format!("{}{ends}", action.description))
            }
        }
    }

    /// What was there is lost by a change or a deletion; doing either once more changes nothing. Whatever else is done adds something, or
    /// can be undone.
    fn annotations(&self) -> ToolAnnotations {
        let Self::Action(action) = self else { return ToolAnnotations::new().read_only(true) };
        let replaces = matches!(action.call.method, Method::Put | Method::Delete);
        ToolAnnotations::new().read_only(action.call.method == Method::Get).destructive(replaces).idempotent(replaces)
    }

    fn schema(&self, catalogue: &Catalogue, caller: &Caller) -> Map<String, Value> {
        let fields = self.fields(caller);
        let mut schema = schema::of_fields(&fields);
        for field in &fields {
            if let Some(lookup) = field.lookup.and_then(|key| catalogue.lookup(key)) {
                let property = &mut schema["properties"][&field.key];
                let said = property["description"].as_str().unwrap_or_default();
                property["description"] = json!(format!("{said} An id, as {} gives it.", list_name(lookup)).trim_start());
            }
        }
        if self.has_custom_fields() {
            schema["patternProperties"] = schema::of_custom_fields();
        }
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }
}

fn list_name(lookup: &Lookup) -> String {
    format!("list-{}", lookup.noun.plural)
}

fn plain(name: &str, form: Form, help: &'static str) -> Field {
    Field { help, ..Field::of(Described { name: name.into(), presence: Presence::Optional, form }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_such_as_every_program_takes() {
        let catalogue = Catalogue::kitchen();
        let names: Vec<String> = all(&catalogue).map(|tool| tool.name().into_owned()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        for name in &names {
            let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            assert!(is_plain && name.len() <= 64, "{name}");
        }
    }
}
