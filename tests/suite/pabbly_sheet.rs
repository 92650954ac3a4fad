//! The set-up sheet for Pabbly Connect: it is held to a schema of its form, and what it says to enter is tried out against a gateway that
//! runs, as Pabbly would send it.

use crate::schema::refusals;
use connectors::Catalogue;
use connectors::export::{App, export};
use harness::client::send;
use harness::{Api, Kitchen, Receiver, Reply, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../../connectors/templates/pabbly/schema.json");

fn sheet() -> (Value, String) {
    let files = export(&Catalogue::kitchen(), App::Pabbly);
    let text = |path: &str| String::from_utf8(files.iter().find(|file| file.path == path).unwrap().contents.clone()).unwrap();
    (serde_json::from_str(&text("app.json")).unwrap(), text("README.md"))
}

fn rows<'a>(app: &'a Value, kind: &str) -> &'a [Value] {
    app[kind].as_array().unwrap()
}

/// The entry of this name.
fn entry<'a>(app: &'a Value, kind: &str, name: &str) -> &'a Value {
    rows(app, kind).iter().find(|entry| entry["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Words in braces, from what was filled in; what was left alone is sent empty.
fn filled(text: &str, inputs: &Value) -> String {
    let mut parts = text.split('{');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or_else(|| panic!("{text} is not closed"));
        whole += inputs[name].as_str().unwrap_or_default();
        whole += rest;
    }
    whole
}

/// Makes a request of the sheet as Pabbly does: every field is sent, as a form.
async fn request(api: &Api, app: &Value, request: &Value, inputs: &Value) -> Reply {
    let path = filled(request["url"].as_str().unwrap().strip_prefix(app["gateway"].as_str().unwrap()).unwrap(), inputs);
    let form = |pairs: &Value| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs.as_object().into_iter().flatten() {
            form.append_pair(name, &filled(value.as_str().unwrap(), inputs));
        }
        form.finish()
    };
    let query = form(&request["query"]);
    let path = if query.is_empty() { path } else { format!("{path}?{query}") };
    let mut sent = api.request(Method::from_bytes(request["method"].as_str().unwrap().as_bytes()).unwrap(), &path);
    if request["body"].is_object() {
        sent = sent.header("content-type", "application/x-www-form-urlencoded").body(form(&request["body"]));
    }
    send(sent).await
}

fn keys(value: &Value) -> BTreeSet<&String> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().collect()
}

#[test]
fn the_sheet_fits_the_form_and_the_page_says_the_same() {
    let (app, page) = sheet();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(refusals(&schema, None, &app), Vec::<String>::new());
    let mut wrong = app.clone();
    wrong["triggers"][0]["subscribe"]["method"] = json!("GET");
    assert!(!refusals(&schema, None, &wrong).is_empty());
    let dropdowns: BTreeSet<&str> = rows(&app, "dropdowns").iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    for kind in ["triggers", "actions", "searches"] {
        for entry in rows(&app, kind) {
            let name = entry["name"].as_str().unwrap();
            let part = page.split(&format!("\n### {name}\n")).nth(1).unwrap_or_else(|| panic!("the page lacks {name}"));
            let part = part.split("\n### ").next().unwrap();
            let fields: BTreeSet<&str> =
                entry["fields"].as_array().unwrap().iter().map(|field| field["key"].as_str().unwrap()).collect();
            assert!(fields.iter().all(|key| part.contains(&format!("| `{key}` |"))), "{name}: {fields:?}");
            for field in entry["fields"].as_array().unwrap() {
                assert!(field["dropdown"].as_str().is_none_or(|name| dropdowns.contains(name)), "{field}");
            }
            for place in ["request", "subscribe", "unsubscribe", "test", "poll"] {
                let request = &entry[place];
                let Some(url) = request["url"].as_str() else { continue };
                assert!(part.contains(&format!("`{} {url}`", request["method"].as_str().unwrap())), "{name}: {url}");
                let taken = format!("{}{}", request["query"], request["body"]);
                let taken = taken.split(":\"{").skip(1).filter_map(|rest| rest.split('}').next());
                for taken in taken {
                    assert!(taken == "webhook_url" || fields.contains(taken), "{name} takes {taken} and asks for {fields:?}");
                }
            }
        }
    }
}

on_both_engines! {
    async fn what_is_entered_works_against_a_gateway(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (app, _) = sheet();
        let account = request(&api, &app, &app["connection"]["test"], &json!({})).await.expect(200);
        assert!(!filled(app["connection"]["label"].as_str().unwrap(), &account.json).is_empty());
        for trigger in rows(&app, "triggers") {
            let name = trigger["name"].as_str().unwrap();
            let sample = request(&api, &app, &trigger["test"], &json!({})).await.expect(200).json;
            assert_eq!(sample[0], trigger["sample"], "{name}");
            request(&api, &app, &trigger["poll"], &json!({})).await.expect(200);
            let hook = request(&api, &app, &trigger["subscribe"], &json!({"webhook_url": receiver.at("/hook")})).await.expect(201);
            if name != "New Client" {
                assert_eq!(request(&api, &app, &trigger["unsubscribe"], &json!({"id": hook.id()})).await.expect(200).json, json!({}));
            }
        }
        assert_eq!(api.get("/connect/pabbly/hooks").await.rows().len(), 1);
        // With every other field left empty, as Pabbly sends them.
        let create = entry(&app, "actions", "Create a Client");
        let client = request(&api, &app, &create["request"], &json!({"name": "Ada", "email": "ada@example.com"})).await.expect(201).json;
        assert_eq!(keys(&client), keys(&create["sample"]));
        let pushed = receiver.wait_for(1).await.remove(0).json();
        let trigger = entry(&app, "triggers", "New Client");
        assert_eq!((keys(&pushed), &pushed["client_id"]), (keys(&trigger["sample"]), &client["id"]));
        assert_eq!(request(&api, &app, &trigger["poll"], &json!({})).await.rows(), [pushed]);
        let update = entry(&app, "actions", "Update a Client");
        let changed = request(&api, &app, &update["request"], &json!({"client": client["id"], "title": "Engineer"})).await.expect(200).json;
        assert_eq!((&changed["name"], &changed["title"], &changed["email"]), (&json!("Ada"), &json!("Engineer"), &client["email"]));
        let find = entry(&app, "searches", "Find a Client");
        let found = request(&api, &app, &find["request"], &json!({"email": "ada@example.com"})).await.expect(200).json;
        assert_eq!((keys(&found[0]), &found[0]["id"]), (keys(&find["sample"]), &client["id"]));
        assert_eq!(request(&api, &app, &find["request"], &json!({"email": "no@one.example"})).await.expect(200).json, json!([]));
        // Whatever is offered is there; what is missing is said of the field.
        for action in rows(&app, "actions").iter().chain(rows(&app, "searches")) {
            let is_required = action["fields"].as_array().unwrap().iter().any(|field| field["required"] == true);
            let answer = request(&api, &app, &action["request"], &json!({})).await;
            if is_required || action["request"]["method"] == "GET" {
                assert!(answer.expect(422).json["message"].is_string(), "{}", action["name"]);
            } else {
                assert!(answer.status < 300, "{}: {}", action["name"], answer.text);
            }
        }
        let board = request(&api, &app, &entry(&app, "actions", "Create a Board")["request"], &json!({"title": "Design", "visibility": "internal"})).await.expect(201);
        for dropdown in rows(&app, "dropdowns") {
            let choices = request(&api, &app, &dropdown["request"], &json!({"board": board.id(), "from_board": board.id()})).await.expect(200);
            let is_choice = |choice: &Value| ["value", "label"].iter().all(|part| choice[dropdown[part].as_str().unwrap()].is_string());
            assert!(choices.rows().iter().all(is_choice), "{}", choices.text);
        }
        kitchen.stop().await;
    }
}
