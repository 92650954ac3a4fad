//! The app for Zapier: a file for every trigger, dropdown, create and search, and an index of them. What the files have in common lies
//! under `connectors/templates/zapier/`.

use super::js::{Entry, Js, pair, quoted};
use super::offers::{self, Words};
use super::sample::outputs;
use super::{App, File};
use crate::catalogue::{Action, CALLBACK, Call, Catalogue, Field, Lookup, Search, Trigger, label_of};
use crate::platforms::{Connector as _, Zapier};
use domain::api_key::DEFAULT_RATE_LIMIT;
use serde_json::{Value, json};

const APP: App = App::Zapier;

/// What is the same whatever the catalogue holds.
const TEMPLATES: &[(&str, &str)] = &[
    (".gitignore", include_str!("../../templates/zapier/gitignore")),
    ("authentication.js", include_str!("../../templates/zapier/authentication.js")),
    ("lib/actions.js", include_str!("../../templates/zapier/lib/actions.js")),
    ("lib/gateway.js", include_str!("../../templates/zapier/lib/gateway.js")),
    ("lib/searches.js", include_str!("../../templates/zapier/lib/searches.js")),
    ("lib/triggers.js", include_str!("../../templates/zapier/lib/triggers.js")),
];

const ICON: &[u8] = include_bytes!("../../templates/icon.png");

/// A file of the app that defines one thing.
struct Module {
    folder: &'static str,
    key: String,
    code: String,
}

/// The files of the app.
pub(super) fn files(catalogue: &Catalogue) -> Vec<File> {
    let triggers = catalogue.triggers.iter().map(|trigger| instant(catalogue, trigger));
    let polling = catalogue.triggers.iter().filter(|trigger| is_polled(trigger)).map(|trigger| polling(catalogue, trigger));
    let dropdowns = catalogue.lookups.iter().map(|lookup| dropdown(catalogue, lookup));
    let creates = catalogue.actions.iter().map(|action| create(catalogue, action));
    let searches = catalogue.searches.iter().map(|found| search(catalogue, found));
    let modules: Vec<Module> = triggers.chain(polling).chain(dropdowns).chain(creates).chain(searches).collect();
    let mut files: Vec<File> = TEMPLATES.iter().map(|(path, text)| File::text(*path, *text)).collect();
    let package = include_str!("../../templates/zapier/package.json").replace("{{version}}", env!("CARGO_PKG_VERSION"));
    files.push(File::text("package.json", package));
    files.push(File::text("README.md", readme(catalogue)));
    files.push(File::bytes("icon.png", ICON));
    files.push(File::text("index.js", index(catalogue, &modules)));
    files.extend(modules.into_iter().map(|module| File::text(format!("{}/{}.js", module.folder, module.key), module.code)));
    files
}

/// `client.created` and `create-client` as Zapier writes keys.
fn key_of(name: &str) -> String {
    name.replace(['.', '-'], "_")
}

fn head() -> String {
    format!("// Generated from the catalogue by `kitchen connectors export {}`; do not edit.\n'use strict';\n\n", APP.as_str())
}

/// A file that exports a definition whose functions come from `lib`.
fn module(folder: &'static str, key: String, uses: &[&str], lib: &str, definition: Vec<Entry>) -> Module {
    let uses = uses.join(", ");
    let code = Js::Object(definition).print(0, "module.exports = ".len(), 1);
    Module { folder, key, code: format!("{}const {{ {uses} }} = require('../lib/{lib}');\n\nmodule.exports = {code};\n", head()) }
}

fn definition(key: &str, noun: &str, display: Value, operation: Vec<Entry>) -> Vec<Entry> {
    vec![pair("key", key), pair("noun", noun), pair("display", display), pair("operation", Js::Object(operation))]
}

/// `name('key')`, or `name('key', ['board'])` with what has to be picked before.
fn call(name: &str, key: &str, needs: &[&str]) -> String {
    let needs: Vec<String> = needs.iter().map(|need| quoted(need)).collect();
    let more = if needs.is_empty() { String::new() } else { format!(", [{}]", needs.join(", ")) };
    format!("{name}({}{more})", quoted(key))
}

/// The functions of an operation, what it takes, and what it gives.
fn operation(functions: String, inputs: Vec<Js>, sample: Value) -> Vec<Entry> {
    let output = |output: super::sample::Output| Js::from(json!({"key": output.key, "label": output.label, "type": output.kind}));
    let outputs = outputs(&sample).into_iter().map(output).collect();
    let mut operation = vec![Entry::Spread(functions)];
    if !inputs.is_empty() {
        operation.push(pair("inputFields", Js::List(inputs)));
    }
    operation.extend([pair("sample", sample), pair("outputFields", Js::List(outputs))]);
    operation
}

/// The fields a person fills in. What Zapier cannot read off a single field is added: what has to be picked before, and the search that
/// may find the id instead.
fn inputs(catalogue: &Catalogue, fields: &[Field], decides: &[&str]) -> Vec<Js> {
    let inputs = catalogue.inputs(fields);
    let is_required = |key: &str| inputs.iter().any(|field| field.key == key && field.is_required);
    let input = |field: &Field| {
        let mut definition = Zapier.field(field);
        if let Some(lookup) = field.lookup.and_then(|key| catalogue.lookup(key)) {
            // Where the other field is there for the dropdown alone, an id may also come from a step before, without it.
            let before: Vec<String> = lookup.narrowed_by().map(|field| field.key).filter(|key| is_required(key)).collect();
            if !before.is_empty() {
                definition["dependsOn"] = json!(before);
            }
            if let Some(search) = catalogue.searches.iter().find(|search| search.noun.key == lookup.noun.key) {
                definition["search"] = json!(format!("{}.id", key_of(search.key)));
            }
        }
        if decides.contains(&field.key.as_str()) {
            definition["altersDynamicFields"] = json!(true);
        }
        Js::from(definition)
    };
    inputs.iter().map(input).collect()
}

fn instant(catalogue: &Catalogue, trigger: &Trigger) -> Module {
    let event = trigger.event.as_str();
    let key = key_of(event);
    let display = json!({"label": trigger.label, "description": trigger.description});
    let fields = inputs(catalogue, &trigger.fields, &[]);
    let operation = operation(call("instant", event, &[]), fields, APP.sample_of_trigger(trigger));
    module("triggers", key.clone(), &["instant"], "triggers", definition(&key, trigger.noun.label, display, operation))
}

/// What is new can also be asked for, by gateways that may not call out. What changed or went is heard of at once or not at all.
pub(super) fn is_polled(trigger: &Trigger) -> bool {
    trigger.event.verb() == "created"
}

fn polling(catalogue: &Catalogue, trigger: &Trigger) -> Module {
    let event = trigger.event.as_str();
    let key = format!("{}_polling", key_of(event));
    let description =
        format!("{} Asks the gateway every few minutes, for gateways that cannot reach Zapier.", trigger.description);
    let display = json!({"label": format!("{} (Polling)", trigger.label), "description": description});
    let fields = inputs(catalogue, &trigger.fields, &[]);
    let operation = operation(call("polling", event, &[]), fields, APP.sample_of_trigger(trigger));
    module("triggers", key.clone(), &["polling"], "triggers", definition(&key, trigger.noun.label, display, operation))
}

/// A hidden trigger, from which the dropdowns of other fields are filled.
fn dropdown(catalogue: &Catalogue, lookup: &Lookup) -> Module {
    let noun = lookup.noun;
    let display = json!({
        "label": label_of(lookup.key),
        "description": format!("Fills the dropdowns that pick from {}.", noun.plural),
        "hidden": true,
    });
    let before: Vec<Field> = lookup.narrowed_by().collect();
    let needs: Vec<&str> = before.iter().map(|field| field.key.as_str()).collect();
    let sample = (noun.sample)();
    let choice = json!({"id": sample["id"], "name": sample[noun.name]});
    let operation = operation(call("dropdown", lookup.key, &needs), inputs(catalogue, &before, &[]), choice);
    let key = key_of(lookup.key);
    module("dropdowns", key.clone(), &["dropdown"], "triggers", definition(&key, noun.label, display, operation))
}

fn create(catalogue: &Catalogue, action: &Action) -> Module {
    let key = key_of(action.key);
    let display = json!({"label": action.label, "description": action.description});
    // The app says by itself where it waits for the end.
    let fields: Vec<Field> = action.fields.iter().filter(|field| field.key != CALLBACK).cloned().collect();
    let decides: Vec<&str> = action.more_fields.iter().flat_map(Call::parameters).collect();
    let mut inputs = inputs(catalogue, &fields, &decides);
    let name = if action.goes_on() { "longAction" } else { "action" };
    let mut uses = vec![name];
    if action.more_fields.is_some() {
        uses.push("moreFields");
        inputs.push(Js::Code(call("moreFields", action.key, &decides)));
    }
    let operation = operation(call(name, action.key, &[]), inputs, APP.sample_of_action(action));
    module("creates", key.clone(), &uses, "actions", definition(&key, action.noun.label, display, operation))
}

fn search(catalogue: &Catalogue, found: &Search) -> Module {
    let key = key_of(found.key);
    let display = json!({"label": found.label, "description": found.description});
    let decides: Vec<&str> = found.more_fields.iter().flat_map(Call::parameters).collect();
    let mut inputs = inputs(catalogue, &found.fields, &decides);
    let mut uses = vec!["search"];
    if found.more_fields.is_some() {
        uses.push("moreFields");
        inputs.push(Js::Code(call("moreFields", found.key, &decides)));
    }
    let operation = operation(call("search", found.key, &[]), inputs, APP.sample_of_search(found));
    module("searches", key.clone(), &uses, "searches", definition(&key, found.noun.label, display, operation))
}

/// `index.js`: everything by its key, and the searches that make what they do not find.
fn index(catalogue: &Catalogue, modules: &[Module]) -> String {
    let of = |folders: &[&str]| {
        let modules = modules.iter().filter(|module| folders.contains(&module.folder));
        Js::Object(modules.map(|it| pair(&*it.key, Js::Code(format!("require('./{}/{}')", it.folder, it.key)))).collect())
    };
    let pairs = catalogue.searches.iter().filter_map(|search| Some((search, catalogue.action(search.create?)?)));
    let pairs = pairs.map(|(search, action)| {
        let key = key_of(search.key);
        let display = json!({
            "label": format!("Find or {}", action.label),
            "description": format!("{} Makes one if there is none.", search.description),
        });
        let of = json!({"key": key, "display": display, "search": key, "create": key_of(action.key)});
        pair(key.clone(), of)
    });
    let app = Js::Object(vec![
        pair("version", Js::Code("require('./package.json').version".into())),
        pair("platformVersion", Js::Code("require('zapier-platform-core').version".into())),
        pair("authentication", Js::Code("require('./authentication')".into())),
        pair("beforeRequest", Js::Code("[toGateway]".into())),
        pair("afterResponse", Js::Code("[explained]".into())),
        pair("flags", Js::Code("{ cleanInputData: true, throwForThrottlingEarly: false }".into())),
        pair("throttle", json!({"window": 60, "limit": DEFAULT_RATE_LIMIT, "scope": ["auth"]})),
        pair("triggers", of(&["triggers", "dropdowns"])),
        pair("creates", of(&["creates"])),
        pair("searches", of(&["searches"])),
        pair("searchOrCreates", Js::Object(pairs.collect())),
    ]);
    let app = app.print(0, "module.exports = ".len(), 1);
    format!("{}const {{ toGateway, explained }} = require('./lib/gateway');\n\nmodule.exports = {app};\n", head())
}

/// The template with a table of what the app offers.
fn readme(catalogue: &Catalogue) -> String {
    let words = Words {
        trigger: |trigger| if is_polled(trigger) { "Trigger, instant or polling" } else { "Trigger, instant" },
        action: |action| if action.goes_on() { "Action that is waited for" } else { "Action" },
        search: |search| if search.create.is_some() { "Search, or find-or-create" } else { "Search" },
    };
    include_str!("../../templates/zapier/README.md").replace("{{offers}}", &offers::table(catalogue, &words))
}
