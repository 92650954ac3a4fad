//! The community node package for n8n: a file of operations for every kind of resource, the events, and what ids are picked from. What runs
//! them lies under `connectors/templates/n8n/`.

use super::js::{Entry, Js, pair};
use super::offers::{self, Words};
use super::{App, File};
use crate::catalogue::{Action, Call, Catalogue, Field, Lookup, Noun, Search, label_of};
use crate::platforms::type_of;
use domain::input::Form;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is the same whatever the catalogue holds.
const TEMPLATES: &[(&str, &str)] = &[
    ("credentials/KitchenApi.credentials.js", include_str!("../../templates/n8n/credentials/KitchenApi.credentials.js")),
    ("nodes/Kitchen/Kitchen.node.js", include_str!("../../templates/n8n/nodes/Kitchen/Kitchen.node.js")),
    ("nodes/Kitchen/Kitchen.node.json", include_str!("../../templates/n8n/nodes/Kitchen/Kitchen.node.json")),
    ("nodes/Kitchen/KitchenTrigger.node.js", include_str!("../../templates/n8n/nodes/Kitchen/KitchenTrigger.node.js")),
    ("nodes/Kitchen/KitchenTrigger.node.json", include_str!("../../templates/n8n/nodes/Kitchen/KitchenTrigger.node.json")),
    ("nodes/Kitchen/fields.js", include_str!("../../templates/n8n/nodes/Kitchen/fields.js")),
    ("nodes/Kitchen/gateway.js", include_str!("../../templates/n8n/nodes/Kitchen/gateway.js")),
    ("nodes/Kitchen/kitchen.svg", include_str!("../../templates/n8n/nodes/Kitchen/kitchen.svg")),
];

/// What the generated files may use of `fields.js`.
const KINDS: &[&str] = &["one", "several", "optional", "criteria", "findBy", "moreFields"];

/// The files of the package.
pub(super) fn files(catalogue: &Catalogue) -> Vec<File> {
    let mut files: Vec<File> = TEMPLATES.iter().map(|(path, text)| File::text(*path, *text)).collect();
    let package = include_str!("../../templates/n8n/package.json").replace("{{version}}", env!("CARGO_PKG_VERSION"));
    files.push(File::text("package.json", package));
    files.push(File::text("README.md", readme(catalogue)));
    files.push(File::text("nodes/Kitchen/events.js", module("./fields", &events(catalogue))));
    files.push(File::text("nodes/Kitchen/lookups.js", module("", &lookups(catalogue))));
    let nouns = nouns(catalogue);
    for noun in &nouns {
        let path = format!("nodes/Kitchen/resources/{}.js", noun.key);
        files.push(File::text(path, module("../fields", &resource(catalogue, *noun))));
    }
    let index = Js::List(nouns.iter().map(|noun| Js::Code(format!("require('./{}')", noun.key))).collect());
    files.push(File::text("nodes/Kitchen/resources/index.js", module("", &index)));
    files
}

/// The kinds of resources that something can be done with or that can be looked for, each once.
fn nouns(catalogue: &Catalogue) -> Vec<Noun> {
    let all = catalogue.actions.iter().map(|action| action.noun).chain(catalogue.searches.iter().map(|search| search.noun));
    let mut nouns: Vec<Noun> = Vec::new();
    for noun in all {
        if nouns.iter().all(|known| known.key != noun.key) {
            nouns.push(noun);
        }
    }
    nouns
}

/// A file that exports this, with those of the kinds of fields that occur in it.
fn module(fields: &str, exported: &Js) -> String {
    let code = exported.print(0, "module.exports = ".len(), 1);
    let used: Vec<&str> = KINDS.iter().copied().filter(|kind| code.contains(&format!("{kind}("))).collect();
    let requires =
        if used.is_empty() { String::new() } else { format!("const {{ {} }} = require('{fields}');\n\n", used.join(", ")) };
    format!(
        "// Generated from the catalogue by `kitchen connectors export {}`; do not edit.\n'use strict';\n\n{requires}module.exports = {code};\n",
        App::N8n.as_str()
    )
}

/// What can be done with one kind of resource.
fn resource(catalogue: &Catalogue, noun: Noun) -> Js {
    let actions = catalogue.actions.iter().filter(|action| action.noun.key == noun.key).map(|action| perform(catalogue, action));
    let of_noun = || catalogue.searches.iter().filter(|search| search.noun.key == noun.key);
    let searches = of_noun().map(|search| look(catalogue, search));
    let pairs = of_noun().filter_map(|search| look_or_perform(catalogue, search));
    Js::Object(vec![
        pair("name", noun.label),
        pair("value", noun.key),
        pair("operations", Js::List(actions.chain(searches).chain(pairs).collect())),
    ])
}

fn operation(key: &str, label: &str, description: &str, does: Vec<Entry>, fields: Vec<Js>) -> Js {
    let mut entries =
        vec![pair("value", key), pair("name", label), pair("action", &*sentence(label)), pair("description", said(description))];
    entries.extend(does);
    entries.push(pair("fields", Js::List(fields)));
    Js::Object(entries)
}

fn perform(catalogue: &Catalogue, action: &Action) -> Js {
    operation(action.key, &action.label, action.description, vec![pair("perform", action.key)], fields_of(catalogue, action))
}

/// The fields of an action. What may be left out is shown when it is asked for, unless others cannot be picked without it.
fn fields_of(catalogue: &Catalogue, action: &Action) -> Vec<Js> {
    let decides: Vec<&str> = action.more_fields.iter().flat_map(Call::parameters).collect();
    let mut fields = arranged(catalogue, &action.fields, &decides, "optional");
    fields.extend(more_fields(action.more_fields));
    fields
}

/// The fields that exist only for what was picked.
fn more_fields(of: Option<Call>) -> Option<Js> {
    let decides: Vec<&str> = of?.parameters().collect();
    Some(call("moreFields", vec![Js::from(json!(decides))]))
}

fn look(catalogue: &Catalogue, search: &Search) -> Js {
    let mut fields = arranged(catalogue, &search.fields, &[], "criteria");
    fields.extend(more_fields(search.more_fields));
    operation(search.key, &search.label, search.description, vec![pair("search", search.key)], fields)
}

/// A search with the action that makes what it does not find. It looks for what is about to be made, so both share their fields.
fn look_or_perform(catalogue: &Catalogue, search: &Search) -> Option<Js> {
    let action = catalogue.action(search.create?)?;
    let choice = |field: &&Field| json!({"name": field.label, "value": field.key});
    let shared: Value = search.shared_with(action).iter().map(choice).collect();
    if shared == json!([]) {
        return None;
    }
    let within: Vec<&str> = search.call.parameters().collect();
    let mut does = vec![pair("search", search.key), pair("perform", action.key)];
    if !within.is_empty() {
        does.push(pair("within", json!(within)));
    }
    let mut fields = vec![call("findBy", vec![Js::from(shared)])];
    fields.extend(fields_of(catalogue, action));
    let description = format!("{} Makes one if there is none.", search.description);
    Some(operation(&format!("find-or-{}", action.key), &format!("Find or {}", action.label), &description, does, fields))
}

/// The fields of a call as n8n shows them: those that must be there one by one, the others in a collection. A board that may be left out,
/// and what is picked from it, stand beside each other.
fn arranged(catalogue: &Catalogue, fields: &[Field], decides: &[&str], others: &str) -> Vec<Js> {
    let inputs = catalogue.inputs(fields);
    let before = |field: &Field| {
        let lookup = field.lookup.and_then(|key| catalogue.lookup(key));
        lookup.into_iter().flat_map(Lookup::narrowed_by).map(|field| field.key).collect::<Vec<String>>()
    };
    let narrowing: BTreeSet<String> = inputs.iter().flat_map(before).collect();
    let may_be_left: Vec<&str> = fields.iter().filter(|field| !field.is_required).map(|field| field.key.as_str()).collect();
    let is_first = |field: &Field| {
        let decides = narrowing.contains(&field.key) || decides.contains(&field.key.as_str());
        field.is_required || decides || before(field).iter().any(|key| may_be_left.contains(&key.as_str()))
    };
    let (first, rest): (Vec<Field>, Vec<Field>) = inputs.into_iter().partition(is_first);
    let mut arranged: Vec<Js> = first.iter().map(|field| Js::from(property(field))).collect();
    if !rest.is_empty() {
        arranged.push(call(others, vec![Js::List(rest.iter().map(|field| Js::from(property(field))).collect())]));
    }
    arranged
}

/// A field as n8n's editor knows it.
struct Property {
    words: Vec<Entry>,
    lookup: Option<(&'static str, &'static str)>,
}

impl From<Property> for Js {
    fn from(property: Property) -> Self {
        match property.lookup {
            Some((kind, lookup)) => call(kind, vec![Js::from(lookup), Js::Object(property.words)]),
            None => Self::Object(property.words),
        }
    }
}

fn property(field: &Field) -> Property {
    let mut words = vec![pair("displayName", &*field.label), pair("name", &*field.key)];
    let lookup = field.lookup.map(|lookup| (if field.is_list() { "several" } else { "one" }, lookup));
    if lookup.is_none() {
        words.extend(typed(field));
    }
    if field.is_required {
        words.push(pair("required", json!(true)));
    }
    if !field.help.is_empty() {
        words.push(pair("description", said(field.help)));
    }
    Property { words, lookup }
}

/// The type of a field that is typed in or chosen from a few words, and what it is before.
fn typed(field: &Field) -> Vec<Entry> {
    let (is_list, form) = match &field.form {
        Form::List(of) => (true, &**of),
        form => (false, form),
    };
    let of = |kind: &str, unset: Value| vec![pair("type", kind), pair("default", unset)];
    if !field.choices.is_empty() {
        let options: Value = field.choices.iter().map(|word| json!({"name": label_of(word), "value": word})).collect();
        let mut entries = if is_list { of("multiOptions", json!([])) } else { of("options", json!(field.choices.first())) };
        entries.push(pair("options", options));
        return entries;
    }
    match (form, type_of(form)) {
        (Form::Email, _) if !is_list => {
            let mut entries = of("string", json!(""));
            entries.push(pair("placeholder", "name@email.com"));
            entries
        }
        (Form::Integer { min, max }, _) => {
            let mut entries = of("number", json!((*min).max(0)));
            entries.push(pair("typeOptions", json!({"minValue": min, "maxValue": max, "numberPrecision": 0})));
            entries
        }
        (Form::Colour, _) => of("color", json!("")),
        (_, "boolean") => of("boolean", json!(false)),
        (_, "datetime") => of("dateTime", json!("")),
        (_, "object") => of("json", json!("{}")),
        (_, kind) => {
            let mut entries = of("string", if is_list { json!([]) } else { json!("") });
            let options = match kind {
                _ if is_list => json!({"multipleValues": true}),
                "password" => json!({"password": true}),
                "text" => json!({"rows": 4}),
                _ => return entries,
            };
            entries.push(pair("typeOptions", options));
            entries
        }
    }
}

/// What the trigger listens to, and what narrows it down: each field once, shown with the events that have it.
fn events(catalogue: &Catalogue) -> Js {
    let event = |trigger: &crate::catalogue::Trigger| json!({"name": trigger.label, "value": trigger.event.as_str(), "description": said(&trigger.description)});
    let mut filters: Vec<(Field, Vec<&str>)> = Vec::new();
    for trigger in &catalogue.triggers {
        for field in catalogue.inputs(&trigger.fields) {
            match filters.iter_mut().find(|(known, _)| *known == field) {
                Some((_, shown)) => shown.push(trigger.event.as_str()),
                None => filters.push((field, vec![trigger.event.as_str()])),
            }
        }
    }
    let filters = filters.into_iter().map(|(field, shown)| {
        let mut property = property(&field);
        property.words.push(pair("displayOptions", json!({"show": {"event": shown}})));
        Js::from(property)
    });
    Js::Object(vec![
        pair("events", Js::from(catalogue.triggers.iter().map(event).collect::<Value>())),
        pair("filters", Js::List(filters.collect())),
    ])
}

/// What ids are picked from, and what has to be picked before.
fn lookups(catalogue: &Catalogue) -> Js {
    let row = |lookup: &Lookup| {
        let needs: Vec<String> = lookup.narrowed_by().map(|field| field.key).collect();
        json!({"key": lookup.key, "needs": needs})
    };
    Js::from(catalogue.lookups.iter().map(row).collect::<Value>())
}

fn call(name: &str, arguments: Vec<Js>) -> Js {
    Js::Call(name.to_owned(), arguments)
}

/// A description as n8n writes it: one sentence alone has no full stop.
fn said(description: &str) -> &str {
    if description.contains(". ") { description } else { description.trim_end_matches('.') }
}

/// "Create a Client" as n8n lists actions: "Create a client".
fn sentence(label: &str) -> String {
    let is_name = |word: &str| word.chars().skip(1).any(char::is_uppercase);
    let mut words = label.split(' ');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |sentence, word| sentence + " " + &if is_name(word) { word.to_owned() } else { word.to_lowercase() })
}

/// The template with a table of what the package offers.
fn readme(catalogue: &Catalogue) -> String {
    let words = Words {
        trigger: |_| "Trigger",
        action: |_| "Action",
        search: |search| if search.create.is_some() { "Search, or find or create" } else { "Search" },
    };
    include_str!("../../templates/n8n/README.md").replace("{{offers}}", &offers::table(catalogue, &words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_named_like_one_of_the_nodes_own() {
        let catalogue = Catalogue::kitchen();
        let fields = catalogue.actions.iter().flat_map(|action| &action.fields);
        let fields = fields.chain(catalogue.searches.iter().flat_map(|search| &search.fields));
        let own = ["resource", "operation", "event", "additionalFields", "filters", "findBy", "customFields"];
        for field in fields.chain(catalogue.triggers.iter().flat_map(|trigger| &trigger.fields)) {
            assert!(!own.contains(&field.key.as_str()), "{field:?}");
        }
    }

    #[test]
    fn one_sentence_has_no_full_stop() {
        assert_eq!(said("Adds a client."), "Adds a client");
        assert_eq!(said("Changes it. What is left empty stays."), "Changes it. What is left empty stays.");
    }

    #[test]
    fn labels_become_sentences() {
        assert_eq!(sentence("Change a Member's Role"), "Change a member's role");
        assert_eq!(sentence("Set the URL of a Webhook"), "Set the URL of a webhook");
    }
}
