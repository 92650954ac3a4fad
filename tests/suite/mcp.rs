//! What agents see at `/mcp`: the catalogue as tools and resources, spoken as JSON-RPC over plain HTTP.

use crate::additions::with_an_invoice;
use connectors::catalogue::Action;
use harness::client::send;
use harness::{Api, Kitchen, Reply, Setup, on_both_engines};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const VERSION: &str = "2025-11-25";

fn message(api: &Api, body: &Value) -> RequestBuilder {
    let request = api.request(Method::POST, "/mcp").header("accept", "application/json, text/event-stream");
    request.header("mcp-protocol-version", VERSION).json(body)
}

async fn ask(api: &Api, method: &str, params: Value) -> Reply {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let reply = send(message(api, &body)).await.expect(200);
    assert_eq!((&reply.json["jsonrpc"], &reply.json["id"]), (&json!("2.0"), &json!(7)), "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/json");
    reply
}

async fn result(api: &Api, method: &str, params: Value) -> Value {
    let mut reply = ask(api, method, params).await;
    assert!(reply.json["error"].is_null(), "{}", reply.text);
    reply.json["result"].take()
}

async fn refusal(api: &Api, method: &str, params: Value) -> (i64, String) {
    let reply = ask(api, method, params).await;
    let error = &reply.json["error"];
    (error["code"].as_i64().unwrap_or_else(|| panic!("{}", reply.text)), error["message"].as_str().unwrap().to_owned())
}

async fn call(api: &Api, tool: &str, arguments: Value) -> Value {
    result(api, "tools/call", json!({"name": tool, "arguments": arguments})).await
}

/// What a call gave; as structure and as text it is the same.
pub(crate) async fn done(api: &Api, tool: &str, arguments: Value) -> Value {
    let result = call(api, tool, arguments).await;
    assert_eq!(result["isError"], false, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), result["structuredContent"]);
    result["structuredContent"].clone()
}

/// What was said of a call that could not be done.
async fn failed(api: &Api, tool: &str, arguments: Value) -> (String, Value) {
    let result = call(api, tool, arguments).await;
    assert_eq!(result["isError"], true, "{result}");
    (result["content"][0]["text"].as_str().unwrap().to_owned(), result["structuredContent"].clone())
}

/// Every item of a list, page after page, and how many pages there were.
async fn pages(api: &Api, method: &str, items: &str) -> (Vec<Value>, usize) {
    let (mut all, mut count, mut params) = (Vec::new(), 0, json!({}));
    loop {
        let page = result(api, method, params).await;
        all.extend(page[items].as_array().unwrap().iter().cloned());
        count += 1;
        assert!(count < 50, "{method} never ends");
        let Some(cursor) = page.get("nextCursor") else { return (all, count) };
        params = json!({"cursor": cursor});
    }
}

pub(crate) async fn tools(api: &Api) -> BTreeMap<String, Value> {
    let (tools, _) = pages(api, "tools/list", "tools").await;
    tools.into_iter().map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool)).collect()
}

async fn with_scopes(kitchen: &Kitchen, api: &Api, scopes: &[&str]) -> Api {
    let made = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": scopes})).await.expect(201);
    Api::new(&kitchen.urls[0], made.json["token"].as_str().unwrap())
}

on_both_engines! {
    async fn an_agent_is_greeted_and_shown_what_there_is(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let hello = json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "suite", "version": "1"}});
        let greeted = ask(&api, "initialize", hello).await;
        assert_eq!(greeted.json["result"]["protocolVersion"], VERSION);
        assert_eq!(greeted.json["result"]["serverInfo"]["name"], "kitchen-gateway");
        assert_eq!(greeted.json["result"]["capabilities"], json!({"tools": {}, "resources": {}}));
        assert!(greeted.json["result"]["instructions"].is_string());
        assert!(!greeted.headers.contains_key("mcp-session-id"), "any gateway can take the next request");
        send(message(&api, &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))).await.expect(202);

        let tools = tools(&api).await;
        // What the platforms are offered is here too, whatever that is.
        for kind in ["actions", "searches", "lookups"] {
            for row in api.get(&format!("/connect/custom/{kind}")).await.expect(200).json.as_array().unwrap() {
                let key = row["key"].as_str().unwrap();
                let name = if kind == "lookups" { format!("list-{}", key.split('_').next().unwrap()) } else { key.to_owned() };
                assert!(tools.contains_key(&name), "{name} is missing");
            }
        }
        // Of each kind one list will do: an agent has no form in which two boards need two names.
        assert!(!tools.keys().any(|name| name.contains("to_move")), "{:?}", tools.keys());
        let events = tools["list-events"]["inputSchema"]["properties"]["event"]["enum"].as_array().unwrap();
        let triggers = api.get("/connect/custom/triggers").await.expect(200);
        assert_eq!(events.len(), triggers.json.as_array().unwrap().len());
        for (name, tool) in &tools {
            assert!(tool["title"].is_string() && tool["description"].is_string(), "{tool}");
            assert_eq!((&tool["inputSchema"]["type"], &tool["inputSchema"]["additionalProperties"]), (&json!("object"), &json!(false)));
            let looks = name.starts_with("find-") || name.starts_with("list-");
            assert_eq!(tool["annotations"]["readOnlyHint"], looks, "{name}");
        }
        let create = &tools["create-client"];
        assert_eq!(create["title"], "Create a Client");
        assert_eq!(create["inputSchema"]["required"], json!(["name", "email"]));
        let properties = &create["inputSchema"]["properties"];
        assert_eq!(properties["email"]["format"], "email");
        assert_eq!(properties["company"]["pattern"], "^co_[0-9a-f]{24}$");
        assert!(properties["company"]["description"].as_str().unwrap().contains("list-companies"), "where an id comes from");
        let hints = |name: &str| (tools[name]["annotations"]["destructiveHint"].clone(), tools[name]["annotations"]["idempotentHint"].clone());
        assert_eq!(hints("create-client"), (json!(false), json!(false)));
        assert_eq!(hints("delete-client"), (json!(true), json!(true)));
        assert_eq!(tools["create-folder"]["inputSchema"]["properties"]["visibility"]["enum"], json!(["private", "internal", "shared"]));
        assert_eq!(tools["update-client"]["inputSchema"]["properties"]["title"]["type"], json!(["string", "null"]));
        assert!(tools["delete-folder"]["inputSchema"]["properties"].get("callback_url").is_none());
        kitchen.stop().await;
    }

    async fn an_agent_finds_makes_changes_and_deletes(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let company = done(&api, "create-company", json!({"name": "Acme"})).await;
        let listed = done(&api, "list-companies", json!({"search": "acm"})).await;
        assert_eq!(listed, json!({"data": [{"id": company["id"], "name": "Acme"}], "next_page": null}));
        let ada = json!({"name": "Ada", "email": "ada@example.com", "title": "Head", "company": company["id"]});
        let client = done(&api, "create-client", ada).await;
        let id = client["id"].as_str().unwrap();
        assert_eq!(client["company"], company["id"]);
        assert_eq!(client["url"], format!("{}/api/clients/{id}", kitchen.urls[0]));
        let found = done(&api, "find-client", json!({"email": "ada@example.com"})).await;
        assert_eq!(found["data"][0]["id"], client["id"]);
        assert_eq!(done(&api, "find-client", json!({"name": "Nobody"})).await, json!({"data": []}), "a miss is no error");
        // Left out is left alone, null clears.
        let changed = done(&api, "update-client", json!({"client": id, "phone": "123", "title": null})).await;
        assert_eq!((&changed["phone"], &changed["title"], &changed["name"]), (&json!("123"), &Value::Null, &json!("Ada")));
        assert_eq!(done(&api, "delete-client", json!({"client": id})).await, json!({"id": id, "deleted": true}));
        api.get(&format!("/api/clients/{id}")).await.expect(404);

        // What happened, each page going on from the last.
        let events = done(&api, "list-events", json!({"event": "client.created"})).await;
        assert_eq!((&events["data"][0]["event"], &events["data"][0]["data"]["id"]), (&json!("client.created"), &json!(id)));
        let after = done(&api, "list-events", json!({"event": "client.created", "since": events["next_cursor"]})).await;
        assert_eq!(after["data"], json!([]));

        // What goes on after it was answered is followed as a resource.
        let folder = done(&api, "create-folder", json!({"name": "Old", "visibility": "internal"})).await;
        let operation = done(&api, "delete-folder", json!({"folder": folder["id"]})).await;
        assert_eq!((&operation["kind"], operation.get("callback_secret")), (&json!("folder.delete"), None));
        let uri = format!("kitchen://operations/{}", operation["id"].as_str().unwrap());
        let read = result(&api, "resources/read", json!({"uri": uri})).await;
        assert!(read["contents"][0]["text"].as_str().unwrap().contains("folder.delete"), "{read}");
        kitchen.stop().await;
    }

    async fn what_goes_wrong_is_told_so_that_an_agent_can_mend_it(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let (words, error) = failed(&api, "create-client", json!({"name": "Ada", "email": "nonsense"})).await;
        assert!(words.starts_with("email: The email field must be"), "{words}");
        assert_eq!(error["code"], "invalid");
        assert!(error["errors"]["email"].is_array() && error["request_id"].is_string(), "{error}");
        let (words, _) = failed(&api, "create-client", json!({})).await;
        assert!(words.contains("name: ") && words.contains("email: "), "{words}");
        let (words, error) = failed(&api, "create-client", json!({"name": "Ada", "email": "a@b.example", "colour": "#ffffff"})).await;
        assert!(words.contains("no field colour") && words.contains("color"), "{words}");
        assert_eq!(error["errors"].as_object().unwrap().keys().collect::<Vec<_>>(), ["colour"]);
        let missing = json!({"client": "u_000000000000000000000000", "name": "Eve"});
        let (words, error) = failed(&api, "update-client", missing).await;
        assert!(words.starts_with("client: ") && error["errors"]["client"].is_array(), "{words}");
        let (words, _) = failed(&api, "find-client", json!({})).await;
        assert!(words.contains("name") && words.contains("email"), "{words}");
        let (words, _) = failed(&api, "list-events", json!({"event": "client.exploded"})).await;
        assert!(words.contains("client.created"), "what there is: {words}");
        // Another workspace's ids are like ids that never were, to the letter.
        let other = kitchen.workspace("other").await;
        let theirs = done(&other, "create-client", json!({"name": "Eve", "email": "eve@example.com"})).await;
        for tool in ["update-client", "delete-client"] {
            let nothing = failed(&api, tool, json!({"client": "u_000000000000000000000000"})).await.0;
            assert_eq!(failed(&api, tool, json!({"client": theirs["id"]})).await.0, nothing);
        }
        // What no agent could mend is an error of the protocol.
        let (code, words) = refusal(&api, "tools/call", json!({"name": "explode", "arguments": {}})).await;
        assert!(code == -32602 && words.contains("explode"), "{code} {words}");
        assert_eq!(refusal(&api, "tools/list", json!({"cursor": "nowhere"})).await.0, -32602);
        assert_eq!(refusal(&api, "resources/list", json!({"cursor": "nowhere"})).await.0, -32602);
        assert_eq!(refusal(&api, "prompts/get", json!({"name": "x"})).await.0, -32601);
        for uri in [
            format!("kitchen://clients/{}", theirs["id"].as_str().unwrap()),
            "kitchen://clients/u_000000000000000000000000".to_owned(),
            "kitchen://clients/../me".to_owned(),
            "kitchen://webhooks/wh_000000000000000000000000".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            assert_eq!(refusal(&api, "resources/read", json!({"uri": uri})).await, (-32002, "There is nothing here, or it belongs to another workspace.".to_owned()), "{uri}");
        }
        kitchen.stop().await;
    }

    async fn resources_are_listed_page_by_page_and_read_by_their_id(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let mut made = BTreeSet::new();
        for (path, body, plural) in [
            ("/api/clients", json!({"name": "Ada", "email": "ada@example.com"}), "clients"),
            ("/api/companies", json!({"name": "Acme"}), "companies"),
            ("/api/boards", json!({"title": "Design", "visibility": "internal"}), "boards"),
        ] {
            made.insert(format!("kitchen://{plural}/{}", api.post_json(path, &body).await.expect(201).id()));
        }
        let board = made.iter().find_map(|uri| uri.strip_prefix("kitchen://boards/")).unwrap().to_owned();
        let label = done(&api, "create-label", json!({"board": board, "hex_color": "#ff8800"})).await;
        let label = format!("kitchen://labels/{}", label["id"].as_str().unwrap());
        let webhook = api.post_json("/api/webhooks", &json!({"url": "http://127.0.0.1:9/hook"})).await.expect(201);
        let (resources, count) = pages(&api, "resources/list", "resources").await;
        let uris: BTreeSet<String> = resources.iter().map(|resource| resource["uri"].as_str().unwrap().to_owned()).collect();
        assert!(made.is_subset(&uris) && count > 1, "{uris:?}");
        assert!(resources.iter().any(|resource| resource["name"] == "Design" && resource["mimeType"] == "application/json"));
        for uri in made.iter().chain([&label]) {
            let read = result(&api, "resources/read", json!({"uri": uri})).await;
            let text = &read["contents"][0];
            assert_eq!((&text["uri"], &text["mimeType"]), (&json!(uri), &json!("application/json")));
            let resource: Value = serde_json::from_str(text["text"].as_str().unwrap()).unwrap();
            assert!(uri.ends_with(resource["id"].as_str().unwrap()), "{resource}");
        }
        let templates = result(&api, "resources/templates/list", json!({})).await;
        let templates: Vec<&str> =
            templates["resourceTemplates"].as_array().unwrap().iter().map(|template| template["uriTemplate"].as_str().unwrap()).collect();
        for plural in ["lists", "tasks", "labels", "comments", "operations"] {
            assert!(templates.contains(&&*format!("kitchen://{plural}/{{id}}")), "{plural}: {templates:?}");
        }
        // A webhook shows its secret to whoever reads it, so it is not here.
        assert!(!templates.iter().any(|template| template.contains("webhooks")), "{templates:?}");
        let uri = format!("kitchen://webhooks/{}", webhook.id());
        assert_eq!(refusal(&api, "resources/read", json!({"uri": uri})).await.0, -32002);
        kitchen.stop().await;
    }

    async fn a_key_sees_the_tools_it_may_use_and_no_others(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let narrow = with_scopes(&kitchen, &api, &["clients:read"]).await;
        let all = tools(&narrow).await;
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        assert_eq!(names, ["find-client", "list-clients", "list-events"]);
        let events = all["list-events"]["inputSchema"]["properties"]["event"]["enum"].as_array().unwrap();
        assert!(!events.is_empty() && events.iter().all(|event| event.as_str().unwrap().starts_with("client.")), "{events:?}");
        let (words, error) = failed(&narrow, "create-client", json!({"name": "Ada", "email": "ada@example.com"})).await;
        assert!(words.contains("may not write clients"), "{words}");
        assert_eq!(error["code"], "insufficient_scope");
        assert!(failed(&narrow, "list-events", json!({"event": "board.created"})).await.0.contains("may not read boards"));
        assert_eq!(refusal(&narrow, "resources/read", json!({"uri": "kitchen://boards/tskb_000000000000000000000000"})).await.0, -32602);
        let templates = result(&narrow, "resources/templates/list", json!({})).await;
        let of_clients = |template: &Value| template["uriTemplate"] == "kitchen://clients/{id}";
        assert!(templates["resourceTemplates"].as_array().unwrap().iter().any(of_clients));
        assert!(!templates.to_string().contains("kitchen://boards/"), "{templates}");
        let nothing = with_scopes(&kitchen, &api, &["keys"]).await;
        assert!(tools(&nothing).await.is_empty());
        assert_eq!(result(&nothing, "resources/list", json!({})).await["resources"], json!([]));
        kitchen.stop().await;
    }

    async fn the_door_is_that_of_the_api(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
        let anonymous = api.anonymous(Method::POST, "/mcp").json(&body);
        let refused = send(anonymous).await.expect(401);
        assert_eq!((&refused.json["code"], refused.header("www-authenticate")), (&json!("credential_missing"), "Bearer realm=\"kitchen\""));
        // Requests are counted, and nobody gets around the limit by speaking another protocol.
        let few = kitchen.key(&api.key().workspace_id, 2).await;
        send(message(&few, &body)).await.expect(200);
        assert!(send(message(&few, &body)).await.expect(200).header("ratelimit").contains("r=0"));
        let refused = send(message(&few, &body)).await.expect(429);
        assert!(refused.header("retry-after").parse::<u64>().is_ok() && refused.json["code"] == "rate_limited");
        // A page under a made-up name for this address cannot call from a browser.
        for (origin, status) in [("http://evil.example", 403), ("null", 403), ("http://localhost:6274", 200)] {
            send(message(&api, &body).header("origin", origin)).await.expect(status);
        }
        for method in [Method::GET, Method::DELETE] {
            let refused = send(api.request(method, "/mcp").header("accept", "text/event-stream")).await.expect(405);
            assert_eq!((refused.header("allow"), &refused.json["code"]), ("POST", &json!("method_not_allowed")));
        }
        let post = || api.request(Method::POST, "/mcp").header("accept", "application/json, text/event-stream");
        let said = post().header("content-type", "application/json");
        for (request, status, code) in [
            (said.try_clone().unwrap().body("{"), 400, -32700),
            (said.try_clone().unwrap().body("[]"), 400, -32600),
            (said.try_clone().unwrap().body("{}"), 400, -32600),
        ] {
            let refused = send(request).await.expect(status);
            assert_eq!((&refused.json["error"]["code"], &refused.json["id"]), (&json!(code), &Value::Null), "{}", refused.text);
        }
        send(post().header("content-type", "text/plain").body(body.to_string())).await.expect(415);
        // Also whoever sends on and on is told what is wrong with it.
        let long = format!("{{\"jsonrpc\": \"{}\"}}", "2".repeat(8 * 1024 * 1024));
        for _ in 0..10 {
            let refused = send(said.try_clone().unwrap().body(long.clone())).await.expect(413);
            assert_eq!(refused.json["code"], "body_too_large");
        }
        let deaf = api.request(Method::POST, "/mcp").header("accept", "text/html").json(&body);
        assert!(send(deaf).await.expect(406).json["message"].as_str().unwrap().contains("application/json"));
        // The revision without a greeting: each request says for itself what it speaks.
        let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}, "io.modelcontextprotocol/clientInfo": {"name": "suite", "version": "1"}});
        let later = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
        let later = post().header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/list").json(&later);
        assert!(send(later).await.expect(200).json["result"]["tools"].is_array());
        kitchen.stop().await;
    }
}

/// What is added to the catalogue is a tool, and a list of tools that is too long for one answer goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_come_from_the_catalogue_page_by_page() {
    let mut catalogue = with_an_invoice();
    let first = catalogue.actions[0].clone();
    let keys: Vec<&'static str> = (0..120).map(|number| &*format!("wave-{number}").leak()).collect();
    catalogue.actions.extend(keys.iter().map(|key| Action { key, label: "Wave to a Client".into(), ..first.clone() }));
    let setup = Setup { has_worker: false, catalogue, ..Setup::default() };
    let kitchen = Kitchen::start_with(harness::Engine::Sqlite, setup).await;
    let api = kitchen.workspace("main").await;
    let (listed, count) = pages(&api, "tools/list", "tools").await;
    assert_eq!(count, 2);
    let names: BTreeSet<&str> = listed.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert!(names.len() == listed.len() && keys.iter().all(|key| names.contains(key)), "each once: {names:?}");
    assert!(names.contains("pay-invoice"));
    let events = listed.iter().find(|tool| tool["name"] == "list-events").unwrap();
    assert!(events["inputSchema"]["properties"]["event"]["enum"].as_array().unwrap().contains(&json!("invoice.paid")));
    let waved = done(&api, "wave-7", json!({"name": "Ada", "email": "ada@example.com"})).await;
    assert_eq!(waved["name"], "Ada");
    kitchen.stop().await;
}

/// Two gateways over one database: a conversation goes on at the other one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_not_matter_which_gateway_a_request_reaches() {
    let setup = Setup { gateways: 2, has_worker: false, ..Setup::default() };
    let kitchen = Kitchen::start_with(harness::Engine::Postgres, setup).await;
    let first = kitchen.workspace("main").await;
    let second = first.at(&kitchen.urls[1]);
    let hello = json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "suite", "version": "1"}});
    ask(&first, "initialize", hello).await;
    let made = done(&second, "create-company", json!({"name": "Acme"})).await;
    let listed = done(&first, "list-companies", json!({})).await;
    assert_eq!(listed["data"][0]["id"], made["id"]);
    kitchen.stop().await;
}
