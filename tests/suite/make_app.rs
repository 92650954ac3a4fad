//! The app for Make, run as far as it can be without Make: its sections are held to a schema written from Make's documentation, and its
//! requests are made as Make would make them, against a gateway that runs.

use crate::schema::refusals;
use connectors::Catalogue;
use connectors::export::{App, export};
use harness::client::send;
use harness::{Api, Kitchen, Receiver, Reply, on_both_engines};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA: &str = include_str!("../../connectors/templates/make/schema.json");

/// The app's files: text by path.
fn files() -> BTreeMap<String, String> {
    let text = |contents: Vec<u8>| String::from_utf8(contents).unwrap_or_default();
    export(&Catalogue::kitchen(), App::Make).into_iter().map(|file| (file.path, text(file.contents))).collect()
}

/// The definition in the schema that holds for a section of a component.
fn definition(kind: &str, about: &Value, section: &str) -> &'static str {
    match (kind, about["moduleType"].as_str().unwrap_or_default(), section) {
        (_, _, "params" | "staticParams" | "mappableParams") => "parameters",
        (_, _, "interface") => "interface",
        (_, _, "samples") => "samples",
        (_, _, "epoch") => "epoch",
        (_, _, "attach") => "attach",
        (_, _, "detach") => "detach",
        ("connection", _, _) => "connection",
        ("webhook", _, _) | (_, "instant_trigger", _) => "incoming",
        ("rpc", _, _) => "procedure",
        (_, "trigger", _) => "polling",
        (_, "search", _) => "search",
        (_, "action" | "universal", _) => "action",
        other => panic!("say here what holds for {other:?}"),
    }
}

/// The app as Make has it once it is deployed, with one connection.
struct Deployed {
    manifest: Value,
    files: BTreeMap<String, String>,
    api: Api,
    connection: Value,
}

impl Deployed {
    fn new(api: &Api) -> Self {
        let files = files();
        let manifest = serde_json::from_str(&files["makecomapp.json"]).unwrap();
        let connection = json!({"url": api.base(), "apiKey": api.token()});
        Self { manifest, files, api: api.clone(), connection }
    }

    fn all(&self, kind: &str) -> Vec<(String, Value)> {
        self.manifest["components"][kind].as_object().unwrap().clone().into_iter().collect()
    }

    fn section(&self, kind: &str, key: &str, section: &str) -> Value {
        let path = self.manifest["components"][kind][key]["codeFiles"][section].as_str();
        let path = path.unwrap_or_else(|| panic!("{kind} {key} has no {section}"));
        serde_json::from_str(&self.files[path]).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Makes a request of a section; what is in `scope` can be named in templates.
    async fn request(&self, section: &Value, scope: Value) -> Reply {
        let base: Value = serde_json::from_str(&self.files["general/base.iml.json"]).unwrap();
        let mut scope = scope;
        scope["connection"] = self.connection.clone();
        let text = |value: &Value| match filled(value, &scope) {
            Value::String(text) => text,
            Value::Null => String::new(),
            value => value.to_string(),
        };
        let url = text(&section["url"]);
        let url = if url.starts_with('/') { text(&base["baseUrl"]) + &url } else { url };
        let path = url.strip_prefix(self.api.base()).unwrap_or_else(|| panic!("{url} leads elsewhere"));
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in filled(&section["qs"], &scope).as_object().into_iter().flatten() {
            query.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let query = query.finish();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let mut request = self.api.anonymous(Method::from_bytes(text(&section["method"]).as_bytes()).unwrap(), &path);
        let headers = if section["headers"].is_object() { &section["headers"] } else { &base["headers"] };
        for (name, value) in headers.as_object().unwrap() {
            request = request.header(name, text(value));
        }
        let body = filled(&section["body"], &scope);
        if !body.is_null() {
            request = request.json(&body);
        }
        send(request).await
    }

    /// What a section makes of an answer: one thing, or with `iterate` one for each.
    fn output(section: &Value, answer: &Reply) -> Vec<Value> {
        let response = &section["response"];
        let container = response["iterate"].get("container").unwrap_or(&response["iterate"]);
        if container.is_null() {
            return vec![filled(&response["output"], &json!({"body": answer.json}))];
        }
        let items = filled(container, &json!({"body": answer.json}));
        let items = items.as_array().unwrap_or_else(|| panic!("{container} is no list: {}", answer.text)).clone();
        items.iter().map(|item| filled(&response["output"], &json!({"item": item}))).collect()
    }

    async fn call(&self, procedure: &str, scope: Value) -> Vec<Value> {
        let section = self.section("rpc", procedure, "communication");
        Self::output(&section, &self.request(&section, scope).await.expect(200))
    }
}

/// A template with its places filled in; `{{…}}` alone gives the value itself.
fn filled(template: &Value, scope: &Value) -> Value {
    match template {
        Value::String(text) => match text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
            Some(name) if !name.contains("{{") => named(name, scope),
            _ => {
                let mut parts = text.split("{{");
                let mut whole = parts.next().unwrap_or_default().to_owned();
                for part in parts {
                    let (name, rest) = part.split_once("}}").unwrap_or_else(|| panic!("{text} is not closed"));
                    let value = named(name, scope);
                    whole += value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str();
                    whole += rest;
                }
                Value::from(whole)
            }
        },
        Value::Object(fields) => {
            let mut whole = Map::new();
            for (name, value) in fields {
                match (name.as_str(), filled(value, scope)) {
                    ("{{...}}", Value::Object(spread)) => whole.extend(spread),
                    // What is not there is not sent.
                    ("{{...}}", _) | (_, Value::Null) => {}
                    (name, value) => drop(whole.insert(name.to_owned(), value)),
                }
            }
            Value::Object(whole)
        }
        other => other.clone(),
    }
}

fn named(name: &str, scope: &Value) -> Value {
    if let Some(list) = name.strip_prefix("first(").and_then(|rest| rest.strip_suffix(')')) {
        return named(list, scope)[0].clone();
    }
    name.split('.').fold(scope.clone(), |value, part| value.get(part).cloned().unwrap_or(Value::Null))
}

/// Every parameter at every depth, and every remote procedure it names.
fn parameters(list: &Value, names: &mut BTreeSet<String>, procedures: &mut BTreeSet<String>) {
    let mut note =
        |reference: &Value| procedures.extend(reference.as_str().and_then(|text| text.strip_prefix("rpc://")).map(str::to_owned));
    for parameter in list.as_array().into_iter().flatten() {
        note(parameter);
        note(&parameter["rpc"]["url"]);
        note(&parameter["options"]);
        note(&parameter["options"]["store"]);
    }
    for parameter in list.as_array().into_iter().flatten().filter(|parameter| parameter.is_object()) {
        names.insert(parameter["name"].as_str().unwrap().to_owned());
        parameters(&parameter["options"]["nested"], names, procedures);
        parameters(&parameter["options"]["placeholder"]["nested"], names, procedures);
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().cloned().collect()
}

fn names(interface: &Value) -> BTreeSet<String> {
    interface.as_array().unwrap().iter().map(|output| output["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_section_is_as_make_documents_it_and_names_what_is_there() {
    let app = Deployed::new(&Api::new("https://kitchen.example.com", "kk_none"));
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let held = |name: &str, path: &str| {
        let value: Value = serde_json::from_str(&app.files[path]).unwrap_or_else(|error| panic!("{path}: {error}"));
        let refused = refusals(&schema, Some(name), &value);
        assert!(refused.is_empty(), "{path} is no {name}: {refused:?}");
    };
    held("manifest", "makecomapp.json");
    held("base", "general/base.iml.json");
    held("groups", "general/groups.json");
    let mut listed: BTreeSet<String> =
        ["LICENSE", "README.md", "makecomapp.json", "icon.png", ".kitchen-export"].map(String::from).into();
    listed.extend(app.manifest["generalCodeFiles"].as_object().unwrap().values().map(|path| path.as_str().unwrap().to_owned()));
    let exists = |kind: &str, name: &str| !app.manifest["components"][kind][name].is_null();
    for kind in ["connection", "webhook", "module", "rpc"] {
        for (key, about) in app.all(kind) {
            for (section, path) in about["codeFiles"].as_object().unwrap() {
                held(definition(kind, &about, section), path.as_str().unwrap());
                listed.insert(path.as_str().unwrap().to_owned());
                let (mut names, mut procedures) = (BTreeSet::new(), BTreeSet::new());
                let value = app.section(kind, &key, section);
                if section.to_lowercase().ends_with("params") {
                    parameters(&value, &mut names, &mut procedures);
                }
                procedures.extend(value.as_str().and_then(|text| text.strip_prefix("rpc://")).map(str::to_owned));
                assert!(procedures.iter().all(|name| exists("rpc", name)), "{key}: {procedures:?}");
                // Whatever a request takes from a person can be entered.
                let taken = value.to_string();
                let taken: Vec<&str> = taken.split("{{parameters.").skip(1).filter_map(|rest| rest.split("}}").next()).collect();
                let asked =
                    ["params", "staticParams", "mappableParams"].into_iter().find(|name| about["codeFiles"][*name].is_string());
                if let (Some(asked), false, "module" | "webhook") = (asked, taken.is_empty(), kind) {
                    parameters(&app.section(kind, &key, asked), &mut names, &mut procedures);
                    assert!(taken.iter().all(|name| names.contains(*name)), "{key} takes {taken:?} and asks for {names:?}");
                }
            }
            assert!(about["connection"].as_str().is_none_or(|name| exists("connection", name)), "{key}");
            assert_eq!(
                about["moduleType"] == "instant_trigger",
                about["webhook"].as_str().is_some_and(|name| exists("webhook", name)),
                "{key}"
            );
        }
    }
    assert_eq!(listed, app.files.keys().cloned().collect(), "every file is named, and every name is a file");
    let groups: Value = serde_json::from_str(&app.files["general/groups.json"]).unwrap();
    let grouped: Vec<String> = groups
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["modules"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()))
        .collect();
    let modules: BTreeSet<String> = app.all("module").into_iter().map(|(key, _)| key).collect();
    assert_eq!(
        (grouped.iter().cloned().collect::<BTreeSet<_>>(), grouped.len()),
        (modules.clone(), modules.len()),
        "each module once"
    );
    // The schema refuses what is wrong.
    for (name, wrong) in [
        ("parameters", json!([{"name": "x", "type": "string"}])),
        ("parameters", json!([{"name": "x", "type": "select"}])),
        ("attach", json!({"url": "/hooks", "method": "POST", "body": {}, "response": {"data": {}}})),
        (
            "polling",
            json!({"url": "/x", "method": "GET", "response": {"iterate": "{{body}}", "limit": 1, "output": "{{item}}", "trigger": {"type": "date", "order": "desc", "id": "x"}}}),
        ),
        ("base", json!({"baseUrl": "http://elsewhere.example", "headers": {}, "response": {}, "log": {"sanitize": []}})),
    ] {
        assert!(!refusals(&schema, Some(name), &wrong).is_empty(), "{wrong} passes for a {name}");
    }
}

on_both_engines! {
    async fn the_app_works_against_a_gateway(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let app = Deployed::new(&api);
        // The connection: its test, the label it is known by, and what is said of a bad key.
        let test = app.section("connection", "kitchen", "communication");
        let account = app.request(&test, json!({"parameters": app.connection})).await.expect(200);
        assert_eq!(filled(&test["response"]["metadata"]["value"], &json!({"body": account.json})), account.json["label"]);
        let refused = app.request(&test, json!({"parameters": {"url": api.base(), "apiKey": "kk_wrong"}})).await.expect(401);
        let message = filled(&test["response"]["error"]["message"], &json!({"statusCode": 401, "body": refused.json}));
        assert!(message.as_str().unwrap().starts_with("[401] ") && message.as_str().unwrap().len() > 10, "{message}");

        // Every webhook for every event it offers: attached, its sample, detached.
        let mut attached = BTreeMap::new();
        for (key, about) in app.all("module").into_iter().filter(|(_, about)| about["moduleType"] == "instant_trigger") {
            let hook = about["webhook"].as_str().unwrap();
            let events = app.section("webhook", hook, "params")[0]["options"].clone();
            for event in events.as_array().unwrap() {
                let event = event["value"].as_str().unwrap().to_owned();
                let scope = json!({"webhook": {"url": receiver.at(&format!("/{event}"))}, "parameters": {"event": event}});
                let attach = app.section("webhook", hook, "attach");
                let answer = app.request(&attach, scope).await.expect(201);
                let data = filled(&attach["response"]["data"], &json!({"body": answer.json}));
                let sample = app.call("sampleOfWebhook", json!({"webhook": data})).await.remove(0);
                assert_eq!(keys(&sample), names(&app.section("module", &key, "interface")), "{key} {event}");
                attached.insert(event, (key.clone(), hook.to_owned(), data));
            }
        }
        let catalogue = Catalogue::kitchen();
        assert_eq!(attached.len(), catalogue.triggers.len(), "every event can be watched");
        let run = async |module: &str, inputs: Value| {
            let section = app.section("module", module, "communication");
            let answer = app.request(&section, json!({"parameters": inputs})).await;
            let output = if answer.status < 300 { Deployed::output(&section, &answer) } else { Vec::new() };
            (answer, output)
        };
        let (answer, made) = run("createClient", json!({"name": "Ada", "email": "ada@example.com"})).await;
        answer.expect(201);
        assert_eq!(keys(&made[0]), names(&app.section("module", "createClient", "interface")));
        let pushed = receiver.wait_for(1).await.remove(0);
        assert_eq!((pushed.path.as_str(), &pushed.json()["client_id"]), ("/client.created", &made[0]["id"]));
        let incoming = app.section("webhook", "clientEvents", "communication");
        let watched = filled(&incoming["output"], &json!({"body": pushed.json()}));
        assert_eq!(keys(&watched), names(&app.section("module", "watchClients", "interface")));
        for (_, hook, data) in attached.values() {
            app.request(&app.section("webhook", hook, "detach"), json!({"webhook": data})).await.expect(200);
        }
        assert_eq!(api.get("/connect/make/hooks").await.expect(200).json, json!([]));
        // Asked for, it is what was pushed.
        let (answer, polled) = run("watchClientsByPolling", json!({"event": "client.created", "limit": 10})).await;
        assert_eq!((answer.status, polled.as_slice()), (200, [watched].as_slice()));
        let trigger = &app.section("module", "watchClientsByPolling", "communication")["response"]["trigger"];
        let item = json!({"item": polled[0]});
        assert!(filled(&trigger["id"], &item).as_str().unwrap().starts_with("evt_") && filled(&trigger["date"], &item).is_string());
        let epoch = app.section("module", "watchClientsByPolling", "epoch");
        assert_eq!(filled(&epoch["response"]["output"], &item)["label"], "Ada");

        // Every other module reaches something that knows it; what is missing is said of the field.
        let (mut actions, mut searches) = (0, 0);
        for (key, about) in app.all("module") {
            let communication = app.section("module", &key, "communication");
            let path = communication["url"].as_str().unwrap_or_default();
            match about["moduleType"].as_str().unwrap() {
                "trigger" => {
                    for event in app.section("module", &key, "staticParams")[0]["options"].as_array().unwrap() {
                        let (answer, _) = run(&key, json!({"event": event["value"], "limit": 1})).await;
                        answer.expect(200);
                        let sample = app.call("sampleOfEvent", json!({"parameters": {"event": event["value"]}})).await.remove(0);
                        assert_eq!(keys(&sample), names(&app.section("module", &key, "interface")), "{key}");
                    }
                }
                "action" | "search" => {
                    let shown = api.get(&format!("/connect/make{path}/fields")).await.expect(200).json;
                    let (mut asked, mut procedures) = (BTreeSet::new(), BTreeSet::new());
                    parameters(&app.section("module", &key, "mappableParams"), &mut asked, &mut procedures);
                    asked.remove("limit");
                    assert_eq!(asked, names(&shown), "{key} asks for what {path} takes");
                    let is_required = shown.as_array().unwrap().iter().any(|field| field["required"] == true);
                    if is_required || about["moduleType"] == "search" {
                        let (answer, _) = run(&key, json!({"limit": 1})).await;
                        assert!(answer.expect(422).json["message"].is_string(), "{key}");
                    }
                    actions += usize::from(about["moduleType"] == "action");
                    searches += usize::from(about["moduleType"] == "search");
                }
                _ => {}
            }
        }
        assert_eq!((actions, searches), (catalogue.actions.len(), catalogue.searches.len()));
        let (_, found) = run("findClient", json!({"email": "ada@example.com", "limit": 1})).await;
        assert_eq!((found.len(), &found[0]["id"]), (1, &made[0]["id"]));
        assert_eq!(keys(&found[0]), names(&app.section("module", "findClient", "interface")));
        let (_, board) = run("createBoard", json!({"title": "Design", "visibility": "internal"})).await;
        let (_, list) = run("createList", json!({"board": board[0]["id"], "title": "To do"})).await;
        for lookup in &catalogue.lookups {
            let narrowed: Map<String, Value> = lookup.narrowed_by().map(|field| (field.key, board[0]["id"].clone())).collect();
            let picked = app.call(&format!("pick{}", lookup.key[..1].to_uppercase() + &camel(&lookup.key[1..])), json!({"parameters": narrowed})).await;
            assert!(picked.iter().all(|choice| choice["label"].is_string() && choice["value"].is_string()), "{picked:?}");
        }
        assert_eq!(app.call("pickLists", json!({"parameters": {"board": board[0]["id"]}})).await, [json!({"label": "To do", "value": list[0]["id"]})]);
        assert_eq!(app.call("pickBoards", json!({"parameters": {"search": "no such"}})).await.len(), 0);
        let (answer, _) = run("makeApiCall", json!({"url": "clients", "method": "GET"})).await;
        assert_eq!(answer.expect(200).json["data"][0]["name"], "Ada");
        kitchen.stop().await;
    }
}

/// `task_lists` behind its first letter: `askLists`.
fn camel(rest: &str) -> String {
    let mut words = rest.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}
