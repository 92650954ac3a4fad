//! The wall between workspaces. Over the whole route table, taken from the router's own text so that no route escapes:
//! another workspace's id answers, to the byte, like an id that never existed and like no id at all.

use harness::client::send;
use harness::shape::column;
use harness::{Api, Kitchen, Receiver, Reply, eventually, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const ROUTER: &str = include_str!("../../gateway/src/router.rs");

/// Every method of every route under a prefix, as the router's text has it.
pub(crate) fn routes() -> Vec<(Method, String)> {
    let text: String = ROUTER.chars().filter(|c| !c.is_whitespace()).collect();
    let prefix_of = |function: &str| {
        let (before, _) =
            text.split_once(&format!(",{function}())")).unwrap_or_else(|| panic!("{function} is not nested anywhere"));
        before.rsplit('"').nth(1).unwrap().to_owned()
    };
    let mut found = Vec::new();
    for function in ROUTER.replace("\npub fn ", "\nfn ").split("\nfn ").skip(1) {
        let (name, body) = function.split_once('(').unwrap();
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        // One platform stands for all: they have the same routes.
        let prefix = if name == "router" { String::new() } else { prefix_of(name).replace("{platform}", "zapier") };
        for route in body.split(".route(\"").skip(1) {
            let (path, handlers) = route.split_once('"').unwrap();
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let call = format!("{}(", method.as_str().to_lowercase());
                if handlers.split_once(&call).is_some_and(|(before, _)| before.ends_with([',', '.'])) {
                    found.push((method, format!("{prefix}{path}")));
                }
            }
        }
    }
    found
}

#[test]
fn the_table_has_every_route_of_the_router() {
    let found = routes();
    let paths: std::collections::BTreeSet<_> = found.iter().map(|(_, path)| path.as_str()).collect();
    assert_eq!(paths.len(), ROUTER.matches(".route(").count(), "each `.route(` was read, and each path once: {paths:?}");
    let handlers = ["get(", "post(", "put(", "delete(", "patch("].map(|call| ROUTER.matches(call).count()).iter().sum::<usize>();
    assert_eq!(found.len(), handlers, "each method was read: {found:?}");
    for other in ["any(", ".fallback(", "route_service(", "nest_service(", "on(Method"] {
        assert!(!ROUTER.contains(other), "`{other}` in the router is not covered by this matrix");
    }
    for expected in ["/api/clients/{id}", "/api/deliveries/{id}/retry", "/connect/zapier/hooks/{key}", "/healthz"] {
        assert!(paths.contains(expected), "{expected}");
    }
}

/// What the ids in a path are of: the words before them. Fails for a word it does not know, so that new routes are thought of.
fn kinds_of(path: &str) -> Vec<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    parts.windows(2).filter(|two| two[1].starts_with('{')).filter_map(|two| kind_of(two[0])).collect()
}

fn kind_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "api-keys" => "api key",
        "clients" => "client",
        "companies" => "company",
        "members" => "member",
        "folders" => "folder",
        "boards" => "board",
        "lists" => "list",
        "tasks" => "task",
        "labels" => "label",
        "custom-fields" => "custom field",
        "comments" => "comment",
        "webhooks" => "webhook",
        "hooks" => "hook",
        "deliveries" => "delivery",
        "events" => "event",
        "operations" => "operation",
        // Names of events and keys of the catalogue, the same for everybody.
        "triggers" | "actions" | "searches" | "lookups" => return None,
        other => panic!("what is an id in /{other}/? Add it here and to `furnish`."),
    })
}

/// Something the catalogue has, where a path names that.
fn named(path: &str) -> &'static str {
    match path.split('/').nth(3) {
        Some("actions") => "create-client",
        Some("searches") => "find-client",
        Some("lookups") => "clients",
        _ => "client.created",
    }
}

/// The path with ids in their places.
fn fill<'i>(path: &str, ids: impl IntoIterator<Item = &'i str>) -> String {
    ids.into_iter().fold(path.to_owned(), |path, id| {
        let (before, rest) = path.split_once('{').unwrap();
        format!("{before}{id}{}", rest.split_once('}').unwrap().1)
    })
}

/// One of everything, by kind.
async fn furnish(api: &Api, receiver: &Receiver, mark: &str) -> BTreeMap<&'static str, String> {
    let folder = api.post("/api/folders", &[("name", mark), ("visibility", "private")]).await.expect(201).id();
    let board = [("title", mark), ("visibility", "private"), ("folder", &folder)];
    let board = api.post("/api/boards", &board).await.expect(201).id();
    let company = api.post("/api/companies", &[("name", mark)]).await.expect(201).id();
    let client = [("name", mark), ("email", &format!("{mark}@example.com")), ("company", &company)];
    let client = api.post("/api/clients", &client).await.expect(201).id();
    let member = column(&api.get("/api/members").await.expect(200).rows(), "id").remove(0);
    let hook = [("target_url", receiver.at("/zap")), ("event", "folder.deleted".to_owned())];
    let hook = hook.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    let hook = api.post("/connect/zapier/hooks", &hook).await.expect(201).id();
    let webhook = receiver.subscribe(api, &["list.created"]).await["id"].as_str().unwrap().to_owned();
    let list = api.post(&format!("/api/boards/{board}/lists"), &[("title", mark)]).await.expect(201).id();
    let task = [("title", mark), ("list", &list), ("assignee", &client), ("members[]", &client)];
    let task = api.post(&format!("/api/boards/{board}/tasks"), &task).await.expect(201).id();
    // Done, so that whoever looks at everything, by the GET that completes tasks too, changes nothing.
    api.post(&format!("/api/tasks/{task}/complete"), &[]).await.expect(200);
    let label = [("title", mark), ("hex_color", "#ff8800")];
    let label = api.post(&format!("/api/boards/{board}/labels"), &label).await.expect(201).id();
    let field = [("name", mark), ("type", "text")];
    let field = api.post(&format!("/api/boards/{board}/custom-fields"), &field).await.expect(201).id();
    let value = [("custom_field", field.as_str()), ("value", mark)];
    api.post(&format!("/api/tasks/{task}/custom-fields"), &value).await.expect(201);
    let comment = [("content", mark), ("format", "html")];
    let comment = api.post(&format!("/api/tasks/{task}/comments"), &comment).await.expect(201).id();
    let deliveries = format!("/api/webhooks/{webhook}/deliveries?state=delivered");
    let delivery = eventually("the delivery on record", Duration::from_secs(15), || async {
        api.get(&deliveries).await.expect(200).rows().first().cloned()
    })
    .await;
    let [delivery, event] = ["id", "event"].map(|name| delivery[name].as_str().unwrap().to_owned());
    let replay = [("since", "2026-01-01T00:00:00Z")];
    let operation = api.post(&format!("/api/webhooks/{webhook}/replay"), &replay).await.expect(202).id();
    eventually("the operation has ended", Duration::from_secs(15), || async {
        (api.get(&format!("/api/operations/{operation}")).await.expect(200).json["state"] == "succeeded").then_some(())
    })
    .await;
    let key = api.post("/api/api-keys", &[("name", mark)]).await.expect(201).id();
    BTreeMap::from([
        ("api key", key),
        ("folder", folder),
        ("board", board),
        ("company", company),
        ("client", client),
        ("member", member),
        ("hook", hook),
        ("webhook", webhook),
        ("list", list),
        ("task", task),
        ("label", label),
        ("custom field", field),
        ("comment", comment),
        ("delivery", delivery),
        ("event", event),
        ("operation", operation),
    ])
}

/// Everything a workspace can see of itself.
async fn everything(api: &Api, ids: &BTreeMap<&'static str, String>) -> Vec<(String, Value)> {
    let mut seen = Vec::new();
    for (method, path) in routes() {
        if method != Method::GET || is_open(&path) {
            continue;
        }
        let path = match kinds_of(&path).as_slice() {
            [] if path.contains('{') => fill(&path, [named(&path)]),
            kinds => fill(&path, kinds.iter().map(|kind| ids[kind].as_str())),
        };
        let queries = if path.ends_with("find-client") { ["?name=o", "?name=f"] } else { ["", "?state=all"] };
        for query in queries {
            let reply = api.get(&format!("{path}{query}")).await;
            // Only some lists know the filter; the others ignore it or, for deliveries, refuse this value.
            assert!(reply.status == 200 || query == "?state=all", "{path}{query}: {}", reply.text);
            seen.push((format!("{path}{query}"), if reply.status == 200 { reply.json } else { Value::Null }));
        }
    }
    seen
}

/// The routes that are open to everybody and belong to no workspace.
fn is_open(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/openapi.json")
}

/// What must not differ: status, headers, body, without what differs between any two requests.
fn essence(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "request-id" | "ratelimit" | "ratelimit-policy"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (reply.status, headers, reply.text.replace(reply.header("request-id"), "req"))
}

fn with_body(api: &Api, method: &Method, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
    let request = api.request(method.clone(), path);
    match body {
        Some(body) if *method != Method::GET => request.json(body),
        _ => request,
    }
}

/// Of the right form, and never given out.
fn unknown(id: &str) -> String {
    format!("{}_000000000000000000000000", id.split_once('_').unwrap().0)
}

on_both_engines! {
    async fn a_foreign_id_an_unknown_one_and_no_id_are_answered_alike_on_every_route(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let (own, foreign) = (furnish(&api, &receiver, "own").await, furnish(&other, &receiver, "foreign").await);
        let before = everything(&other, &foreign).await;
        let good = json!({
            "name": "Taken over", "title": "Taken over", "visibility": "shared", "parent": null, "email": "taken@example.com",
            "url": "http://127.0.0.1:9/", "since": "2026-01-01T00:00:00Z", "list": "tskl_000000000000000000000000",
            "label": "lbl_000000000000000000000000", "user": "u_000000000000000000000000", "hex_color": "#000000",
            "type": "text", "custom_field": "cf_000000000000000000000000", "value": "Taken over", "content": "Taken over", "format": "text",
        });
        let bad = json!({"name": [], "title": {}, "email": 7, "url": true, "visibility": "x", "parent": "x"});
        let mut compared = 0;
        for (method, path) in routes() {
            for (place, kind) in kinds_of(&path).iter().enumerate() {
            // All other ids of the path are the caller's own.
            let with = |id: &str| {
                let ids: Vec<&str> = kinds_of(&path).iter().map(|kind| own[kind].as_str()).collect();
                fill(&path, ids.iter().enumerate().map(|(other, own)| if other == place { id } else { *own }))
            };
            let id = &foreign[kind];
            let wrong_kind = own
                .iter()
                .find(|(other, _)| {
                    !matches!(
                        (*kind, **other),
                        ("client" | "member", "client" | "member") | ("hook" | "webhook", "hook" | "webhook")
                    ) && *other != kind
                })
                .unwrap()
                .1;
            let nothing = [
                unknown(id),
                "x".to_owned(),
                id.to_uppercase(),
                format!("{id}0"),
                format!("%20{id}"),
                wrong_kind.clone(),
                "%ff".into(),
                "%00".into(),
                "%2e%2e%2f".into(),
                "'%20OR%201=1--".into(),
                "9".repeat(3000),
            ];
            for body in [Some(&good), Some(&bad), None] {
                let reply = send(with_body(&api, &method, &with(id), body)).await;
                let is_unsubscribe = path == "/connect/zapier/hooks/{key}" && method == Method::DELETE;
                let expected = if is_unsubscribe { 200 } else { 404 };
                let is_checked_first = body != Some(&good) && reply.status == 422;
                assert!(reply.status == expected || is_checked_first, "{method} {path}: {}", reply.text);
                assert!(!reply.text.contains(id.as_str()) && !reply.text.contains("foreign"), "{method} {path}: {}", reply.text);
                for nothing in &nothing {
                    let like = send(with_body(&api, &method, &with(nothing), body)).await;
                    assert_eq!(essence(&reply), essence(&like), "{method} {path} with {nothing}, body {body:?}");
                    compared += 1;
                }
            }
            }
        }
        assert!(compared > 800, "only {compared} comparisons: the table has shrunk");
        for (was, is) in before.iter().zip(everything(&other, &foreign).await) {
            assert_eq!(*was, is, "something changed in the other workspace");
        }
        kitchen.stop().await;
    }

    async fn a_foreign_id_inside_a_body_is_refused_like_an_unknown_one(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let (own, foreign) = (furnish(&api, &receiver, "own").await, furnish(&other, &receiver, "foreign").await);
        let before = (everything(&api, &own).await, everything(&other, &foreign).await);
        let (client, folder, board, list, task) = (&own["client"], &own["folder"], &own["board"], &own["list"], &own["task"]);
        let (tasks, on_list) = (format!("/api/boards/{board}/tasks"), json!({"title": "N", "list": list}));
        for (method, path, field, kind, rest) in [
            (Method::POST, "/api/clients".to_owned(), "company", "company", json!({"name": "N", "email": "n@example.com"})),
            (Method::PUT, format!("/api/clients/{client}"), "company", "company", json!({"name": "N"})),
            (
                Method::POST,
                "/connect/zapier/actions/create-client".into(),
                "company",
                "company",
                json!({"name": "N", "email": "n@example.com"}),
            ),
            (Method::POST, "/api/folders".into(), "folder", "folder", json!({"name": "N", "visibility": "private"})),
            (Method::POST, "/api/boards".into(), "folder", "folder", json!({"title": "N", "visibility": "private"})),
            (Method::POST, format!("/api/folders/{folder}/move"), "parent", "folder", json!({})),
            (Method::POST, format!("/api/folders/{folder}/move"), "folder", "folder", json!({})),
            (Method::POST, format!("/api/boards/{board}/move"), "parent", "folder", json!({})),
            (Method::POST, format!("/api/boards/{board}/move"), "folder", "folder", json!({})),
            (Method::POST, tasks.clone(), "list", "list", json!({"title": "N"})),
            (Method::POST, tasks.clone(), "assignee", "client", on_list.clone()),
            (Method::POST, tasks.clone(), "parent", "task", on_list.clone()),
            (Method::PUT, format!("/api/tasks/{task}"), "assignee", "member", json!({"title": "N"})),
            (Method::PUT, format!("/api/tasks/{task}"), "parent", "task", json!({"title": "N"})),
            (Method::POST, format!("/api/tasks/{task}/move"), "list", "list", json!({})),
            (Method::POST, format!("/api/tasks/{task}/move"), "board", "board", json!({"list": list})),
            (Method::POST, format!("/api/tasks/{task}/labels"), "label", "label", json!({})),
            (Method::POST, format!("/api/tasks/{task}/members"), "user", "client", json!({})),
            (Method::POST, format!("/api/tasks/{task}/custom-fields"), "custom_field", "custom field", json!({"value": "N"})),
        ] {
            let body = |id: &str| {
                let mut body = rest.clone();
                body[field] = json!(id);
                body
            };
            let reply = send(with_body(&api, &method, &path, Some(&body(&foreign[kind])))).await;
            reply.clone().expect_invalid(&[field]);
            assert!(!reply.text.contains("foreign"), "{}", reply.text);
            for like in [unknown(&foreign[kind]), "x".into(), foreign[kind].to_uppercase(), foreign["company"].clone()] {
                let like = send(with_body(&api, &method, &path, Some(&body(&like)))).await;
                assert_eq!(essence(&reply), essence(&like), "{method} {path}, {field}");
            }
        }
        assert_eq!(before.0, everything(&api, &own).await, "a refused body changes nothing");
        assert_eq!(before.1, everything(&other, &foreign).await);
        kitchen.stop().await;
    }

    async fn nothing_of_another_workspace_is_in_any_answer(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let (own, foreign) = (furnish(&api, &receiver, "own").await, furnish(&other, &receiver, "foreign").await);
        let event = other.get(&format!("/api/deliveries/{}", foreign["delivery"])).await.expect(200).json["event"].clone();
        for (path, answer) in everything(&api, &own).await {
            let text = answer.to_string();
            for (kind, id) in &foreign {
                assert!(!text.contains(id.as_str()), "{path} shows the other workspace's {kind}");
            }
            assert!(!text.contains("foreign") && !text.contains(event.as_str().unwrap()), "{path}: {text}");
        }
        let by_event = format!("/api/webhooks/{}/deliveries?event={}", own["webhook"], event.as_str().unwrap());
        assert_eq!(api.get(&by_event).await.expect(200).rows(), Vec::<Value>::new());
        for query in ["name=foreign", "email=foreign@example.com"] {
            assert_eq!(api.get(&format!("/api/clients?{query}")).await.expect(200).json["meta"]["total"], 0);
            assert_eq!(api.get(&format!("/connect/zapier/searches/find-client?{query}")).await.expect(200).json, json!([]));
        }
        // Without a key, or with one that is mistyped, every route with a key answers alike.
        for (method, path) in routes().into_iter().filter(|(_, path)| !is_open(path)) {
            let path = fill(&path, vec![own["client"].as_str(); path.matches('{').count()]);
            let anonymous = send(api.anonymous(method.clone(), &path)).await.expect(401);
            assert_eq!(
                (anonymous.json["code"].as_str(), anonymous.header("www-authenticate")),
                (Some("credential_missing"), "Bearer realm=\"kitchen\"")
            );
            let mut token = api.token().to_owned();
            let last = token.pop().unwrap();
            token.push(if last == 'a' { 'b' } else { 'a' });
            let mistyped = send(api.anonymous(method, &path).bearer_auth(token)).await.expect(401);
            assert_eq!(mistyped.json["code"], "credential_invalid", "{path}");
        }
        kitchen.stop().await;
    }
}
