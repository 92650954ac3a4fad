//! The custom app for Make: the sections of its editor as files, and `makecomapp.json`, which tells Make's own editor what each is. What is
//! the same whatever the catalogue holds lies under `connectors/templates/make/`, with the schema that all of it is held to.

use super::make_parameters::{limit, parameters, picker};
use super::sample::outputs;
use super::{App, File};
use crate::catalogue::{Action, Call, Catalogue, Lookup, Method, Noun, Search, Trigger, label_of};
use domain::input::Form;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const APP: App = App::Make;
const CONNECTION: &str = "kitchen";
const API_CALL: &str = "makeApiCall";
/// The remote procedures that give a sample: of the event a webhook was made for, and of the event that is asked for.
const SAMPLE_OF_WEBHOOK: &str = "sampleOfWebhook";
const SAMPLE_OF_EVENT: &str = "sampleOfEvent";

/// A connection, a webhook, a module or a remote procedure.
struct Component {
    kind: &'static str,
    key: String,
    /// What the editor is told of it beside its files.
    about: Value,
    /// Its sections, by the names the editor has for them.
    code: Vec<(&'static str, String)>,
}

impl Component {
    fn new(kind: &'static str, key: impl Into<String>, about: Value) -> Self {
        Self { kind, key: key.into(), about, code: Vec::new() }
    }

    fn text(mut self, section: &'static str, text: &str) -> Self {
        self.code.push((section, text.to_owned()));
        self
    }

    fn section(self, section: &'static str, value: &Value) -> Self {
        self.text(section, &pretty(value))
    }

    /// `modules/createClient/createClient.static-params.iml.json`.
    fn path(&self, section: &str) -> String {
        let mut name = String::new();
        for letter in section.chars() {
            if letter.is_uppercase() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        format!("{0}s/{1}/{1}.{name}.iml.json", self.kind, self.key)
    }

    /// What `makecomapp.json` says of it.
    fn entry(&self) -> Value {
        let mut entry = self.about.clone();
        let files: Map<String, Value> =
            self.code.iter().map(|(section, _)| ((*section).to_owned(), json!(self.path(section)))).collect();
        entry["codeFiles"] = Value::Object(files);
        entry
    }
}

/// The files of the app.
pub(super) fn files(catalogue: &Catalogue) -> Vec<File> {
    let nouns = nouns(catalogue);
    let mut components = vec![connection(), api_call()];
    components.extend([sample(SAMPLE_OF_WEBHOOK, "webhook.event"), sample(SAMPLE_OF_EVENT, "parameters.event")]);
    for noun in &nouns {
        let triggers: Vec<&Trigger> = catalogue.triggers.iter().filter(|trigger| trigger.noun.key == noun.key).collect();
        if !triggers.is_empty() {
            components.extend([
                webhook(catalogue, *noun, &triggers),
                instant(*noun, &triggers),
                polling(catalogue, *noun, &triggers),
            ]);
        }
    }
    components.extend(catalogue.actions.iter().map(|action| self::action(catalogue, action)));
    components.extend(catalogue.searches.iter().map(|search| self::search(catalogue, search)));
    components.extend(catalogue.lookups.iter().map(choices));
    let of_actions = catalogue.actions.iter().map(|it| ("actions", it.key, &it.label, it.more_fields));
    let of_searches = catalogue.searches.iter().map(|it| ("searches", it.key, &it.label, it.more_fields));
    components
        .extend(of_actions.chain(of_searches).filter_map(|(kind, key, label, call)| Some(more_fields(kind, key, label, call?))));

    let mut files = vec![
        File::text("README.md", include_str!("../../templates/make/README.md").replace("{{offers}}", &offers(catalogue, &nouns))),
        File::bytes("icon.png", include_bytes!("../../templates/icon.png")),
        File::text("makecomapp.json", pretty(&manifest(&components))),
        File::text("general/base.iml.json", include_str!("../../templates/make/base.iml.json")),
        File::text("general/common.json", "{}\n"),
        File::text("general/groups.json", pretty(&groups(catalogue, &nouns))),
        File::text("general/readme.md", include_str!("../../templates/make/readme-of-app.md")),
    ];
    for component in &components {
        files.extend(component.code.iter().map(|(section, text)| File::text(component.path(section), text.as_str())));
    }
    files
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// `create-client` as Make writes names: `createClient`.
pub(super) fn camel(words: &str) -> String {
    let mut name = String::new();
    for (place, word) in words.split(['-', '_', '.', ' ']).enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if place > 0 => name.extend(first.to_uppercase()),
            first => name.extend(first),
        }
        name.push_str(letters.as_str());
    }
    name
}

/// `watchClients`.
fn named(verb: &str, noun: Noun) -> String {
    camel(&format!("{verb} {}", noun.plural))
}

/// What there is something to be watched, done or looked for of.
fn nouns(catalogue: &Catalogue) -> Vec<Noun> {
    let of_triggers = catalogue.triggers.iter().map(|trigger| trigger.noun);
    let of_actions = catalogue.actions.iter().map(|action| action.noun);
    let mut nouns: Vec<Noun> = Vec::new();
    for noun in of_triggers.chain(of_actions).chain(catalogue.searches.iter().map(|search| search.noun)) {
        if nouns.iter().all(|known| known.key != noun.key) {
            nouns.push(noun);
        }
    }
    nouns
}

fn connection() -> Component {
    Component::new("connection", CONNECTION, json!({"label": "Kitchen", "connectionType": "basic"}))
        .text("communication", include_str!("../../templates/make/connection/communication.iml.json"))
        .text("params", include_str!("../../templates/make/connection/params.iml.json"))
}

fn module(key: String, kind: &str, label: &str, description: &str) -> Component {
    let about = json!({"label": label, "description": description, "moduleType": kind, "connection": CONNECTION});
    Component::new("module", key, about)
}

/// A request of the API that nothing else offers.
fn api_call() -> Component {
    let description = "Makes any request of Kitchen's API, for what no other module does.";
    module(API_CALL.into(), "universal", "Make an API Call", description)
        .text("communication", include_str!("../../templates/make/api_call/communication.iml.json"))
        .text("mappableParams", include_str!("../../templates/make/api_call/mappable-params.iml.json"))
        .text("interface", include_str!("../../templates/make/api_call/interface.iml.json"))
        .text("samples", include_str!("../../templates/make/api_call/samples.iml.json"))
}

/// The remote procedure that gives a sample of the event named at this place.
fn sample(key: &str, event: &str) -> Component {
    let communication = json!({
        "url": format!("/triggers/{{{{{event}}}}}/sample"),
        "method": "GET",
        "response": {"output": "{{first(body)}}"},
    });
    procedure(key.into(), "Sample of an Event", &communication)
}

fn procedure(key: String, label: &str, communication: &Value) -> Component {
    Component::new("rpc", key, json!({"label": label, "connection": CONNECTION})).section("communication", communication)
}

/// Which event, and where.
fn about_event(catalogue: &Catalogue, triggers: &[&Trigger]) -> Vec<Value> {
    let option = |trigger: &&Trigger| json!({"label": trigger.label, "value": trigger.event.as_str()});
    let options: Vec<Value> = triggers.iter().map(option).collect();
    let event = json!({"name": "event", "label": "Event", "type": "select", "required": true, "options": options});
    let fields = triggers.first().map_or(&[][..], |trigger| trigger.fields.as_slice());
    [event].into_iter().chain(parameters(catalogue, fields, None)).collect()
}

/// The parts of the tree that events of this kind are narrowed to, as they are sent.
fn places(triggers: &[&Trigger]) -> Map<String, Value> {
    let fields = triggers.first().map_or(&[][..], |trigger| trigger.fields.as_slice());
    fields.iter().map(|field| (field.key.clone(), parameter(&field.key))).collect()
}

/// `{{parameters.name}}`.
fn parameter(key: &str) -> Value {
    json!(format!("{{{{parameters.{key}}}}}"))
}

fn webhook_key(noun: Noun) -> String {
    camel(&format!("{} events", noun.key))
}

fn webhook(catalogue: &Catalogue, noun: Noun, triggers: &[&Trigger]) -> Component {
    let label = format!("{} Events", noun.label);
    let mut body = Map::from_iter([("target_url".into(), json!("{{webhook.url}}")), ("event".into(), parameter("event"))]);
    body.extend(places(triggers));
    let attach = json!({
        "url": "/hooks",
        "method": "POST",
        "body": body,
        "response": {"data": {"externalHookId": "{{body.id}}", "event": "{{body.event}}"}},
    });
    let detach = json!({"url": "/hooks/{{webhook.externalHookId}}", "method": "DELETE"});
    Component::new("webhook", webhook_key(noun), json!({"label": label, "webhookType": "web", "connection": CONNECTION}))
        .section("communication", &json!({"output": "{{body}}"}))
        .section("params", &Value::Array(about_event(catalogue, triggers)))
        .section("attach", &attach)
        .section("detach", &detach)
}

fn instant(noun: Noun, triggers: &[&Trigger]) -> Component {
    let plural = label_of(noun.plural);
    let description = format!("Triggers at once when something happens: {}.", listed(triggers));
    let mut module = module(named("watch", noun), "instant_trigger", &format!("Watch {plural}"), &description);
    module.about["webhook"] = json!(webhook_key(noun));
    module
        .section("communication", &json!({}))
        .section("interface", &interface_of(triggers))
        .section("samples", &json!(format!("rpc://{SAMPLE_OF_WEBHOOK}")))
}

fn polling(catalogue: &Catalogue, noun: Noun, triggers: &[&Trigger]) -> Component {
    let plural = label_of(noun.plural);
    let description = format!(
        "Asks on a schedule what has happened, for gateways that cannot reach Make: {}. Takes the latest 100 at a time.",
        listed(triggers)
    );
    let mut query = Map::from_iter([("limit".into(), json!(100))]);
    query.extend(places(triggers));
    let communication = json!({
        "url": "/triggers/{{parameters.event}}",
        "method": "GET",
        "qs": query,
        "response": {
            "iterate": "{{body}}",
            "limit": "{{parameters.limit}}",
            "trigger": {"type": "date", "order": "desc", "id": "{{item.id}}", "date": "{{item.occurred_at}}"},
            "output": "{{item}}",
        },
    });
    let label = format!("{{{{item.{}}}}}", noun.name);
    let epoch = json!({"response": {"limit": 100, "output": {"label": label, "date": "{{item.occurred_at}}"}}});
    let mut asked = about_event(catalogue, triggers);
    asked.push(limit("How many events one run takes at most."));
    module(camel(&format!("watch {} by polling", noun.plural)), "trigger", &format!("Watch {plural} (Polling)"), &description)
        .section("communication", &communication)
        .section("staticParams", &Value::Array(asked))
        .section("interface", &interface_of(triggers))
        .section("samples", &json!(format!("rpc://{SAMPLE_OF_EVENT}")))
        .section("epoch", &epoch)
}

/// `New Client, Client Updated or Client Deleted`.
fn listed(triggers: &[&Trigger]) -> String {
    let labels: Vec<&str> = triggers.iter().map(|trigger| trigger.label.as_str()).collect();
    match labels.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        labels => labels.join(""),
    }
}

fn interface_of(triggers: &[&Trigger]) -> Value {
    triggers.first().map_or_else(|| json!([]), |trigger| interface(&APP.sample_of_trigger(trigger)))
}

/// What a module gives, value by value.
fn interface(sample: &Value) -> Value {
    let kind = |kind| match kind {
        "string" => "text",
        "datetime" => "date",
        kind => kind,
    };
    outputs(sample)
        .into_iter()
        .map(|output| json!({"name": output.key, "label": output.label, "type": kind(output.kind)}))
        .collect()
}

fn action(catalogue: &Catalogue, action: &Action) -> Component {
    let body: Map<String, Value> = match action.more_fields {
        // With fields that are known only once it is set up.
        Some(_) => Map::from_iter([("{{...}}".into(), json!("{{parameters}}"))]),
        None => action.fields.iter().map(|field| (field.key.clone(), parameter(&field.key))).collect(),
    };
    let communication = json!({
        "url": format!("/actions/{}", action.key),
        "method": "POST",
        "body": body,
        "response": {"output": "{{body}}"},
    });
    let more = action.more_fields.map(|call| (call.parameters().last().unwrap_or_default(), fields_key(action.key)));
    let sample = APP.sample_of_action(action);
    let mut module = module(camel(action.key), "action", &action.label, action.description);
    module.about["actionCrud"] = json!(match action.call.method {
        Method::Put => Some("update"),
        Method::Delete => Some("delete"),
        Method::Get => Some("read"),
        Method::Post if action.call.path.ends_with(action.noun.plural) => Some("create"),
        Method::Post => None,
    });
    let fields: Vec<_> =
        action.fields.iter().filter(|field| more.is_none() || !matches!(field.form, Form::Object)).cloned().collect();
    module
        .section("communication", &communication)
        .section("mappableParams", &Value::Array(parameters(catalogue, &fields, more)))
        .section("interface", &interface(&sample))
        .section("samples", &sample)
}

fn search(catalogue: &Catalogue, search: &Search) -> Component {
    let query: Map<String, Value> = match search.more_fields {
        // With fields that are known only once it is set up.
        Some(_) => Map::from_iter([("{{...}}".into(), json!("{{parameters}}"))]),
        None => search.fields.iter().map(|field| (field.key.clone(), parameter(&field.key))).collect(),
    };
    let more = search.more_fields.map(|call| (call.parameters().last().unwrap_or_default(), fields_key(search.key)));
    let communication = json!({
        "url": format!("/searches/{}", search.key),
        "method": "GET",
        "qs": query,
        "response": {"iterate": "{{body}}", "limit": "{{parameters.limit}}", "output": "{{item}}"},
    });
    let mut asked = parameters(catalogue, &search.fields, more);
    asked.push(limit("How many are given at most; the best match comes first."));
    let sample = APP.sample_of_search(search);
    module(camel(search.key), "search", &search.label, search.description)
        .section("communication", &communication)
        .section("mappableParams", &Value::Array(asked))
        .section("interface", &interface(&sample))
        .section("samples", &sample)
}

/// The remote procedure that fills a dropdown: three pages of it; more are found by name.
fn choices(lookup: &Lookup) -> Component {
    let narrowing = lookup.narrowed_by().map(|field| (field.key.clone(), parameter(&field.key)));
    let mut query = Map::from_iter([("search".into(), parameter("search"))]);
    query.extend(narrowing);
    let communication = json!({
        "url": format!("/lookups/{}", lookup.key),
        "method": "GET",
        "qs": query,
        "pagination": {"condition": "{{length(body) = 100}}", "qs": {"page": "{{pagination.page}}"}},
        "response": {"limit": 300, "iterate": "{{body}}", "output": {"label": "{{item.label}}", "value": "{{item.value}}"}},
    });
    procedure(picker(lookup), &format!("Pick {}", label_of(lookup.key)), &communication)
}

fn fields_key(of: &str) -> String {
    camel(&format!("fields-of-{of}"))
}

/// The remote procedure that gives the fields which depend on what was picked.
fn more_fields(kind: &str, key: &str, label: &str, call: Call) -> Component {
    let query: Map<String, Value> = call.parameters().map(|name| (name.to_owned(), parameter(name))).collect();
    let communication = json!({
        "url": format!("/{kind}/{key}/fields"),
        "method": "GET",
        "qs": query,
        "response": {
            "iterate": {"container": "{{body}}", "condition": "{{substring(item.name; 0; 3) = 'cf_'}}"},
            "output": "{{item}}",
        },
    });
    procedure(fields_key(key), &format!("Custom Fields of {label}"), &communication)
}

fn manifest(components: &[Component]) -> Value {
    let of = |kind: &str| -> Value {
        components
            .iter()
            .filter(|component| component.kind == kind)
            .map(|it| (it.key.clone(), it.entry()))
            .collect::<Map<_, _>>()
            .into()
    };
    json!({
        "fileVersion": 1,
        "generalCodeFiles": {
            "base": "general/base.iml.json",
            "common": "general/common.json",
            "readme": "general/readme.md",
            "groups": "general/groups.json",
        },
        "components": {
            "connection": of("connection"),
            "webhook": of("webhook"),
            "module": of("module"),
            "rpc": of("rpc"),
            "function": {},
        },
        "origins": [],
    })
}

/// Modules in the order they are offered in, by what they are about.
fn groups(catalogue: &Catalogue, nouns: &[Noun]) -> Value {
    let group = |noun: &Noun| {
        let is_watched = catalogue.triggers.iter().any(|trigger| trigger.noun.key == noun.key);
        let watching = [named("watch", *noun), camel(&format!("watch {} by polling", noun.plural))];
        let actions = catalogue.actions.iter().filter(|action| action.noun.key == noun.key).map(|action| camel(action.key));
        let searches = catalogue.searches.iter().filter(|search| search.noun.key == noun.key).map(|search| camel(search.key));
        let modules: Vec<String> = watching.into_iter().filter(|_| is_watched).chain(actions).chain(searches).collect();
        json!({"label": label_of(noun.plural), "modules": modules})
    };
    nouns.iter().map(group).chain([json!({"label": "Other", "modules": [API_CALL]})]).collect()
}

/// A table of the modules.
fn offers(catalogue: &Catalogue, nouns: &[Noun]) -> String {
    let mut rows = String::from("| | | |\n| --- | --- | --- |\n");
    for noun in nouns {
        let triggers: Vec<&Trigger> = catalogue.triggers.iter().filter(|trigger| trigger.noun.key == noun.key).collect();
        if !triggers.is_empty() {
            let _ = writeln!(rows, "| Trigger, instant or polling | Watch {} | {} |", label_of(noun.plural), listed(&triggers));
        }
    }
    for action in &catalogue.actions {
        let _ = writeln!(rows, "| Action | {} | {} |", action.label, action.description);
    }
    for search in &catalogue.searches {
        let _ = writeln!(rows, "| Search | {} | {} |", search.label, search.description);
    }
    rows.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_make_wants_them() {
        assert_eq!(
            ["create-client", "task_comments", "watch task_lists by polling"].map(camel),
            ["createClient", "taskComments", "watchTaskListsByPolling"]
        );
        let module = module("findClient".into(), "search", "Find", "Finds.");
        assert_eq!(module.path("mappableParams"), "modules/findClient/findClient.mappable-params.iml.json");
    }
}
