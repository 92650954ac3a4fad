//! The description of the API says what is so: every route is in it and no other, answers look as it says, and the file in the repository
//! is the one that is served.

use crate::additions::with_an_invoice;
use crate::isolation::routes;
use crate::schema::refusals;
use connectors::Catalogue;
use harness::client::send;
use harness::{Api, Browser, Kitchen, Reply, Setup, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every operation, as method and path, with its description.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, place): (&String, &'_ Value)| {
        let path = path.clone();
        let methods: Vec<String> = place.as_object().unwrap().keys().filter(|key| *key != "parameters").cloned().collect();
        methods.into_iter().map(move |method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    let found: Vec<(String, String)> = paths.iter().flat_map(of_path).collect();
    found
        .into_iter()
        .map(|(method, path)| {
            let operation = &document["paths"][&path][method.to_lowercase()];
            (method, path, operation)
        })
        .collect()
}

/// Whether a path that was asked for, or another pattern, is one of this pattern.
fn is_of(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(part, with)| part.starts_with('{') || part == with)
}

/// What is wrong with a value, by a schema of the description; nothing if it fits. A field nobody described is as much a fault as one that
/// is missing.
fn misfits(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    close(&mut schema);
    refusals(&schema, None, value)
}

/// Lets objects have no other fields than those that are described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".into(), json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        _ => {}
    }
}

/// Fails unless an answer is one that the description has for this request.
fn fits(document: &Value, method: &str, path: &str, reply: &Reply) {
    let path = path.split('?').next().unwrap();
    let operations = operations(document);
    // A path that is written out comes before a pattern.
    let matching = operations.iter().filter(|(with, pattern, _)| with == method && is_of(pattern, path));
    let (_, pattern, operation) = matching
        .min_by_key(|(_, pattern, _)| pattern.matches('{').count())
        .unwrap_or_else(|| panic!("{method} {path} is not described"));
    let mut answer = &operation["responses"][reply.status.to_string()];
    if let Some(reference) = answer["$ref"].as_str() {
        answer = document.pointer(reference.trim_start_matches('#')).unwrap();
    }
    assert!(!answer.is_null(), "{method} {pattern} answers {} and nobody says so: {}", reply.status, reply.text);
    for header in answer["headers"].as_object().into_iter().flatten() {
        assert!(reply.headers.contains_key(header.0), "{method} {pattern} has no {}", header.0);
    }
    let schema = &answer["content"]["application/json"]["schema"];
    if !schema.is_null() {
        let misfits = misfits(document, schema, &reply.json);
        assert!(misfits.is_empty(), "{method} {pattern}: {misfits:#?} in {}", reply.text);
    }
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = gateway::openapi(&Catalogue::kitchen());
    let plain = |path: &str| path.replace("/connect/{platform}", "/connect/zapier");
    let described: Vec<(String, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method, plain(&path))).collect();
    let routes: Vec<(String, String)> = routes().into_iter().map(|(method, path)| (method.to_string(), path)).collect();
    for (method, route) in &routes {
        let is_there = described.iter().any(|(with, path)| with == method && (is_of(route, path) || is_of(path, route)));
        assert!(is_there, "{method} {route} is not in gateway/src/openapi/routes.rs");
    }
    for (method, path) in &described {
        assert!(routes.iter().any(|(with, route)| with == method && is_of(route, path)), "there is no {method} {path}");
    }
}

#[test]
fn the_description_holds_together() {
    let document = gateway::openapi(&Catalogue::kitchen());
    let ids: Vec<&str> = operations(&document).iter().map(|(_, _, one)| one["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids of operations are unique");
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if let Some(example) = schema["examples"].get(0) {
            let misfits = misfits(&document, schema, example);
            assert!(misfits.is_empty(), "{name}: {misfits:#?}");
        }
    }
}

#[test]
fn the_file_is_the_one_that_is_served() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let current = kept == gateway::openapi(&Catalogue::kitchen());
    assert!(current, "openapi.json is not current: cargo run -q -- openapi > openapi.json");
}

/// One of everything: what it is called here, where it is made, and of what.
fn things() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("company", "/api/companies", json!({"name": "Acme"})),
        ("client", "/api/clients", json!({"name": "Ada", "email": "ada@example.com", "title": "Head"})),
        ("member", "/api/members", json!({"name": "Grace", "email": "grace@example.com"})),
        ("folder", "/api/folders", json!({"name": "Site", "visibility": "internal"})),
        ("board", "/api/boards", json!({"title": "Design", "visibility": "internal"})),
        ("list", "/api/boards/{board}/lists", json!({"title": "To do"})),
        ("label", "/api/boards/{board}/labels", json!({"hex_color": "#ff8800"})),
        ("field", "/api/boards/{board}/custom-fields", json!({"name": "Speed", "type": "list", "options": [{"name": "Rush"}]})),
        ("task", "/api/boards/{board}/tasks", json!({"title": "Draw", "list": "{list}", "due_at": "2026-03-12T14:18:37Z"})),
        ("comment", "/api/tasks/{task}/comments", json!({"content": "Good", "format": "text"})),
        ("webhook", "/api/webhooks", json!({"url": "http://127.0.0.1:9/hook", "headers": {"x-a": "1"}, "folders": ["{folder}"]})),
        ("key", "/api/api-keys", json!({"name": "Narrow"})),
    ]
}

/// Makes one of everything, and looks at all of it; each answer with the request it is to.
async fn tour(api: &Api) -> Vec<(&'static str, String, Reply)> {
    let mut seen = Vec::new();
    let mut made = std::collections::BTreeMap::new();
    for (name, path, body) in things() {
        let filled = |text: &str| {
            made.iter().fold(text.to_owned(), |text, (name, id): (&&str, &String)| text.replace(&format!("{{{name}}}"), id))
        };
        let (path, body) = (filled(path), serde_json::from_str(&filled(&body.to_string())).unwrap());
        let reply = api.post_json(&path, &body).await.expect(201);
        made.insert(name, reply.id());
        seen.push(("POST", path, reply));
    }
    let filled = |text: &str| made.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id));
    for (path, body) in [
        ("/api/tasks/{task}/labels", json!({"label": "{label}"})),
        ("/api/tasks/{task}/members", json!({"user": "{client}"})),
        ("/api/tasks/{task}/custom-fields", json!({"custom_field": "{field}", "value": "Rush"})),
        ("/api/tasks/{task}/complete", json!({})),
        ("/api/folders/{folder}/duplicate", json!({"callback_url": "http://127.0.0.1:9/done"})),
        ("/api/folders/{folder}/archive", json!({})),
        ("/api/webhooks/{webhook}/test", json!({})),
        ("/api/webhooks/{webhook}/replay", json!({"since": "2026-01-01T00:00:00Z", "dry_run": true})),
        ("/api/clients", json!({"email": "nonsense"})),
        ("/connect/custom/actions/create-company", json!({"name": "Initech"})),
        ("/connect/zapier/hooks", json!({"target_url": "http://127.0.0.1:9/hook", "event": "client.created"})),
    ] {
        let (path, body) = (filled(path), serde_json::from_str(&filled(&body.to_string())).unwrap());
        let reply = api.post_json(&path, &body).await;
        seen.push(("POST", path, reply));
    }
    let operation = seen.iter().find(|(_, path, _)| path.ends_with("/duplicate")).unwrap().2.id();
    let tested = &seen.iter().find(|(_, path, _)| path.ends_with("/test")).unwrap().2;
    let (delivery, event) = (tested.id(), tested.json["event"].as_str().unwrap().to_owned());
    for path in [
        "/api/me",
        "/api/companies",
        "/api/companies/{company}",
        "/api/companies/{company}?expand[]=users",
        "/api/clients",
        "/api/clients/{client}",
        "/api/clients/u_000000000000000000000000",
        "/api/clients?page=2&per_page=1&sort=-name",
        "/api/clients?sort=nonsense",
        "/api/clients/export",
        "/api/members",
        "/api/members/{member}",
        "/api/folders",
        "/api/folders/{folder}",
        "/api/folders/{folder}/children",
        "/api/boards",
        "/api/boards/{board}",
        "/api/boards/{board}/lists",
        "/api/lists/{list}",
        "/api/boards/{board}/labels",
        "/api/boards/{board}/labels/{label}",
        "/api/labels/{label}",
        "/api/boards/{board}/custom-fields",
        "/api/custom-fields/{field}",
        "/api/boards/{board}/tasks",
        "/api/boards/{board}/tasks?expand[]=list&expand[]=board&expand[]=completer",
        "/api/tasks/{task}",
        "/api/tasks/{task}/labels",
        "/api/tasks/{task}/members",
        "/api/tasks/{task}/custom-fields",
        "/api/tasks/{task}/comments",
        "/api/tasks/{task}/comments/{comment}",
        "/api/comments/{comment}",
        "/api/event-types",
        "/api/events?per_page=2",
        "/api/events?state=unmatched&type=client.*",
        "/api/events?page=2",
        "/api/webhooks",
        "/api/webhooks/{webhook}",
        "/api/webhooks/{webhook}/deliveries",
        "/api/operations",
        "/api/api-keys",
        "/api/api-keys/{key}",
        "/connect/make/me",
        "/connect/make/triggers/client.created",
        "/connect/n8n/lookups/boards",
        "/connect/zapier/searches/find-client?name=a",
        "/readyz",
    ] {
        let path = filled(path);
        let reply = api.get(&path).await;
        seen.push(("GET", path, reply));
    }
    for path in [format!("/api/operations/{operation}"), format!("/api/deliveries/{delivery}"), format!("/api/events/{event}")] {
        let reply = api.get(&path).await.expect(200);
        seen.push(("GET", path, reply));
    }
    let path = filled("/api/clients/{client}");
    let reply = api.delete(&path).await.expect(204);
    seen.push(("DELETE", path, reply));
    seen
}

on_both_engines! {
    async fn answers_look_as_the_description_says(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let document = send(api.anonymous(Method::GET, "/openapi.json")).await.expect(200).json;
        assert_eq!(document["openapi"], "3.1.0");
        for (method, path, reply) in tour(&api).await {
            fits(&document, method, &path, &reply);
        }
        // What is not described is not there, and an answer says what is.
        for path in document["paths"].as_object().unwrap().keys().filter(|path| !path.contains('{')) {
            let refused = send(api.request(Method::PATCH, path)).await.expect(405);
            let mut allowed: Vec<&str> = refused.header("allow").split(',').map(str::trim).filter(|method| *method != "HEAD").collect();
            allowed.sort_unstable();
            let operations = operations(&document);
            let mut described: Vec<&str> =
                operations.iter().filter(|(_, with, _)| with == path).map(|(method, _, _)| method.as_str()).collect();
            described.sort_unstable();
            assert_eq!(allowed, described, "{path}");
        }
        kitchen.stop().await;
    }
}

/// What is added to the catalogue is described, and people find all of it on a page without a script.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_what_there_is() {
    let setup = Setup { has_worker: false, catalogue: with_an_invoice(), ..Setup::default() };
    let kitchen = Kitchen::start_with(harness::Engine::Sqlite, setup).await;
    let api = kitchen.workspace("main").await;
    let document = send(api.anonymous(Method::GET, "/openapi.json")).await.expect(200).json;
    for path in ["/connect/{platform}/actions/pay-invoice", "/connect/{platform}/triggers/invoice.paid"] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    let page = send(api.anonymous(Method::GET, "/docs")).await.expect(200);
    assert!(page.header("content-type").starts_with("text/html") && !page.text.contains("<script"), "{}", page.text);
    for (method, path, _) in operations(&document) {
        assert!(page.text.contains(&format!("{path}</code>")), "{method} {path} is not on the page");
    }
    let browser = Browser::start(&kitchen.urls[0]).await;
    browser.goto("/docs").await;
    browser.click("summary").await;
    let barriers = browser.barriers().await;
    assert!(barriers.is_empty(), "{barriers:#?}");
    browser.screenshot("docs").await;
    browser.close().await;
    kitchen.stop().await;
}
