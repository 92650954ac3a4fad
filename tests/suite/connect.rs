//! What every platform must do, whichever it is: the same subscriptions, feeds, samples, actions, searches and look-ups, each in its own
//! shapes. A platform that is added is held to this by being in the list of platforms.

use crate::tasks;
use crate::zapier::{EVENTS, live_through_everything, operate};
use connectors::platforms;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Setup, eventually, on_both_engines};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::View as _;

pub(crate) fn names() -> Vec<&'static str> {
    platforms::ALL.iter().map(|connector| connector.platform().as_str()).collect()
}

/// The rows of an answer that is a bare list, or has them under `data` or `results`.
pub(crate) fn rows(value: &Value) -> Vec<Value> {
    let list = if value.is_array() { value } else { value.get("data").or_else(|| value.get("results")).unwrap_or(&Value::Null) };
    list.as_array().unwrap_or_else(|| panic!("no list: {value}")).clone()
}

/// Every key at every depth, with what it leads to: `data.name`.
fn paths(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        found.insert(key.clone());
        // What an operation was asked for and came to differs from kind to kind.
        if !matches!(key.as_str(), "params" | "result" | "previous_attributes") {
            found.extend(paths(value).into_iter().map(|inner| format!("{key}.{inner}")));
        }
    }
    found
}

async fn feed(api: &Api, platform: &str, event: &str, query: &str) -> (Vec<Value>, Option<String>) {
    let reply = api.get(&format!("/connect/{platform}/triggers/{event}{query}")).await.expect(200);
    let cursor = Some(reply.header("kitchen-cursor")).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
    (rows(&reply.json), cursor)
}

pub(crate) async fn subscribe(api: &Api, platform: &str, url: &str, event: &str) -> harness::Reply {
    api.post_json(&format!("/connect/{platform}/hooks"), &json!({"target_url": url, "event": event})).await
}

on_both_engines! {
    async fn what_is_pushed_what_is_polled_and_what_is_promised_are_the_same(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        // A list to move a task to, of whose making nobody hears.
        let elsewhere = tasks::list(&api, &tasks::board(&api, "Elsewhere").await, "Elsewhere").await;
        tasks::task(&api, &tasks::board_of(&api, &elsewhere).await, &elsewhere, "There already").await;
        tasks::forget_events(&kitchen).await;
        let expected = names().len() * EVENTS.len();
        for platform in names() {
            for event in EVENTS {
                subscribe(&api, platform, &receiver.at(&format!("/{platform}/{event}")), event).await.expect(201);
            }
        }
        // Whose webhook is disabled at the only event it hears of.
        let gone = Receiver::start().await;
        gone.answer_always(Instruction::status(410));
        gone.subscribe(&api, &["list.deleted"]).await;
        live_through_everything(&kitchen, &api, &elsewhere).await;
        receiver.wait_for(expected - 3 * names().len()).await;
        operate(&api).await;
        let mut pushed = BTreeMap::new();
        for one in receiver.wait_for(expected).await {
            assert_eq!(one.json()["id"], one.header("webhook-id"), "the item's id is the event's");
            assert!(pushed.insert(one.path.trim_start_matches('/').to_owned(), one.json()).is_none(), "{} came twice", one.path);
        }
        for platform in names() {
            for event in EVENTS {
                let body = &pushed[&format!("{platform}/{event}")];
                let (polled, cursor) = feed(&api, platform, event, "").await;
                assert_eq!(polled, std::slice::from_ref(body), "{platform} {event}: the feed's item is the delivered body");
                let (after, again) = feed(&api, platform, event, &format!("?since={}", cursor.clone().unwrap())).await;
                assert_eq!((after.len(), again), (0, cursor), "{platform} {event}: nothing comes after the last");
                let sample = api.get(&format!("/connect/{platform}/triggers/{event}/sample")).await.expect(200);
                assert_eq!(rows(&sample.json).len(), 1, "{platform} {event}");
                assert_eq!(paths(&rows(&sample.json)[0]), paths(body), "{platform} {event}: the sample has the keys of the real thing");
                let is_flat = body.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array());
                assert_eq!(is_flat, !matches!(platform, "n8n" | "custom"), "{platform} {event}: {body}");
            }
        }
        kitchen.stop().await;
    }

    async fn a_subscription_lives_alike_on_every_platform(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let board = api.post_json("/api/boards", &json!({"title": "Design", "visibility": "internal"})).await.expect(201).id();
        for platform in names() {
            let (hooks, url) = (format!("/connect/{platform}/hooks"), "http://127.0.0.1:9/hook");
            let account = api.get(&format!("/connect/{platform}/me")).await.expect(200).json;
            assert!(account["label"].is_string() && account["id"].is_string() && account["name"].is_string(), "{account}");
            let made = subscribe(&api, platform, url, "list.created").await.expect(201);
            assert_eq!(subscribe(&api, platform, url, "list.created").await.expect(200).id(), made.id(), "{platform}: once is enough");
            api.put(&format!("/api/webhooks/{}", made.id()), &[("enabled", "false")]).await.expect(200);
            let again = subscribe(&api, platform, url, "list.created").await.expect(200).json;
            assert_eq!((&again["id"], &again["enabled"]), (&made.json["id"], &json!(true)), "{platform}: who subscribes wants to hear");
            let narrow = json!({"url": url, "event": "list.created", "board": board});
            let narrow = api.post_json(&hooks, &narrow).await.expect(201);
            assert_eq!(narrow.json["board"], json!(board), "{platform}: elsewhere is another subscription");
            assert_eq!(made.json["secret"].is_string(), platform == "custom", "{platform}");
            let listed = rows(&api.get(&format!("{hooks}?target_url=http%3A%2F%2F127.0.0.1%3A9%2Fhook")).await.expect(200).json);
            assert_eq!(listed.iter().map(|hook| hook["id"].as_str().unwrap()).collect::<Vec<_>>(), [narrow.id(), made.id()]);
            assert_eq!(rows(&api.get(&format!("{hooks}?target_url=http://elsewhere")).await.expect(200).json).len(), 0);
            api.get(&format!("{hooks}/{}", made.id())).await.expect(200);
            other.get(&format!("{hooks}/{}", made.id())).await.expect(404);
            for refused in [json!({"target_url": url, "event": "list.exploded"}), json!({"target_url": url, "event": "list.created", "board": "x"})] {
                api.post_json(&hooks, &refused).await.expect(422);
            }
            for id in [made.id(), narrow.id(), made.id()] {
                assert_eq!(api.delete(&format!("{hooks}/{id}")).await.expect(200).text, "{}");
            }
        }
        api.get("/connect/unheard-of/me").await.expect(404);
        kitchen.stop().await;
    }

    async fn what_tools_without_code_send_is_understood(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let act = async |platform: &str, key: &str, inputs: Value| {
            api.post_json(&format!("/connect/{platform}/actions/{key}"), &inputs).await
        };
        let board = act("zapier", "create-board", json!({"title": "Design", "visibility": "internal"})).await.expect(201).id();
        let list = act("zapier", "create-list", json!({"board": board, "title": "To do"})).await.expect(201).id();
        let client = async |name: &str| {
            let inputs = json!({"name": name, "email": format!("{name}@example.com"), "notification": "no"});
            act("zapier", "create-client", inputs).await.expect(201).id()
        };
        let (ada, tom) = (client("ada").await, client("tom").await);
        let dump = harness::database::dump(&kitchen.database_url).await;
        assert!(!dump.contains("invitations: "), "no is no invitation");
        let due = json!({"board": board, "list": list, "title": "Draw", "due_at": "2026-03-12"});
        let task = act("make", "create-task", due).await.expect(201);
        assert_eq!(task.json["due_at"], "2026-03-12T00:00:00.000Z");
        // A list as one text, as flat items have it; one value alone; and both within a list.
        let two = act("pabbly", "update-task", json!({"task": task.id(), "members": format!("{ada}, {tom}")})).await.expect(200).json;
        assert_eq!(two["members"], json!(format!("{ada}, {tom}")));
        for members in [json!(ada), json!([format!("{ada},{tom}")])] {
            act("zapier", "update-task", json!({"task": task.id(), "members": members})).await.expect(200);
        }
        for query in [format!("members={ada}"), format!("members={ada},%20{tom}"), format!("members[]={tom}")] {
            let found = api.get(&format!("/connect/zapier/searches/find-task?board={board}&{query}")).await.expect(200).json;
            assert_eq!(found[0]["id"], json!(task.id()), "{query}");
        }
        // Who is added may be a client; their address leads somewhere.
        let added = api.post_json(&format!("/api/tasks/{}/members", task.id()), &json!({"user": ada})).await.expect(200);
        let fields = api.get("/connect/custom/actions/remove-task-member").await.expect(200).json["fields"].clone();
        let who = fields.as_array().unwrap().iter().map(|field| field["key"].as_str().unwrap()).find(|key| matches!(*key, "user" | "member")).unwrap().to_owned();
        let both = |user: &str| json!({"task": task.id(), "user": user, "member": user});
        act("zapier", "remove-task-member", both(&added.id())).await.expect(200);
        let again = act("zapier", "remove-task-member", both(&ada)).await.expect_invalid(&[who.as_str()]);
        assert!(again.text.contains("this task has no such"), "{}", again.text);
        let url = act("custom", "add-task-member", both(&ada)).await.expect(201).json["url"].as_str().unwrap().to_owned();
        api.get(&url[url.find("/api/").unwrap()..]).await.expect(200);
        // A hook where nothing of the kind happens would never be heard of, and a place that is not there is named as it was sent.
        let hook = |event: &str, place: &str| json!({"target_url": "https://127.0.0.1:9/Hook", "event": event, "board": place});
        let hooks = "/connect/make/hooks";
        assert!(api.post_json(hooks, &hook("client.created", &board)).await.expect_invalid(&["board"]).text.contains("client.created"));
        api.post_json(hooks, &hook("task.created", "tskb_000000000000000000000000")).await.expect_invalid(&["board"]);
        let made = api.post_json(hooks, &hook("task.created", &board)).await.expect(201).id();
        let found = api.get(&format!("{hooks}?target_url=HTTPS%3A%2F%2F127.1%3A9%2FHook")).await.expect(200).json;
        assert_eq!(rows(&found)[0]["id"], json!(made));
        kitchen.stop().await;
    }

    async fn a_cursor_never_passes_what_is_committed_late(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let company = |name: &str| domain::company::NewCompany::read(&json!({"name": name})).unwrap();
        api.post("/api/companies", &[("name", "First")]).await.expect(201);
        let mut late = kitchen.store.begin(&api.key().workspace_id, domain::audit::Actor::command_line());
        store::companies::create(&mut late, company("Late")).unwrap();
        if engine == harness::Engine::Postgres {
            // Written, and not committed.
            late.conn().await.unwrap();
        }
        api.post("/api/companies", &[("name", "Second")]).await.expect(201);
        let event = "company.created";
        let (seen, cursor) = feed(&api, "custom", event, "").await;
        assert_eq!(seen.iter().map(|item| item["data"]["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Second", "First"]);
        late.commit().await.unwrap();
        api.post("/api/companies", &[("name", "Third")]).await.expect(201);
        // Whatever else is open on this server, other tests' changes too, holds cursors back until it has ended.
        let since = format!("?since={}", cursor.unwrap());
        let mut cursor = eventually("what was committed late, and later", Duration::from_secs(15), || async {
            let (items, cursor) = feed(&api, "custom", event, &since).await;
            let names: Vec<&str> = items.iter().map(|item| item["data"]["name"].as_str().unwrap()).collect();
            (names.contains(&"Late") && names.contains(&"Third")).then_some(cursor)
        })
        .await;
        // A page at a time, oldest page first, and nothing twice from one cursor to the next.
        for number in 0..5 {
            api.post("/api/companies", &[("name", &format!("Company {number}"))]).await.expect(201);
        }
        let all = format!("?since={}", cursor.clone().unwrap());
        eventually("all of it is settled", Duration::from_secs(15), || async {
            (feed(&api, "custom", event, &all).await.0.len() == 5).then_some(())
        })
        .await;
        let mut found = Vec::new();
        loop {
            let path = format!("/connect/custom/triggers/{event}?limit=2&since={}", cursor.clone().unwrap());
            let page = api.get(&path).await.expect(200).json;
            let mut names: Vec<String> = rows(&page).iter().map(|item| item["data"]["name"].as_str().unwrap().to_owned()).collect();
            names.reverse();
            found.extend(names);
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if page["has_more"] == false {
                break;
            }
        }
        assert_eq!(found, (0..5).map(|number| format!("Company {number}")).collect::<Vec<_>>());
        // An event's id is a place to go on from too.
        let first = seen.last().unwrap()["id"].as_str().unwrap();
        assert_eq!(feed(&api, "custom", event, &format!("?since={first}")).await.0.len(), 8);
        for nonsense in ["x", "1.x", "-1.evt_000000000000000000000000", "evt_000000000000000000000000"] {
            let refused = api.get(&format!("/connect/zapier/triggers/{event}?since={nonsense}")).await.expect(422);
            assert!(refused.json["errors"]["since"].is_array(), "{nonsense}: {}", refused.text);
        }
        kitchen.stop().await;
    }

    async fn a_feed_of_one_place_tells_what_a_hook_there_is_told(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let folder = api.post_json("/api/folders", &json!({"name": "Site", "visibility": "shared"})).await.expect(201).id();
        let inside = api.post_json("/api/boards", &json!({"title": "In", "visibility": "internal", "folder": folder})).await.expect(201).id();
        let outside = api.post_json("/api/boards", &json!({"title": "Out", "visibility": "internal"})).await.expect(201).id();
        for board in [&inside, &outside] {
            api.post_json(&format!("/api/boards/{board}/lists"), &json!({"title": board})).await.expect(201);
        }
        for (query, expected) in [(String::new(), 2), (format!("?board={inside}"), 1), (format!("?folder={folder}"), 1), (format!("?board={outside}&folder={folder}"), 2)] {
            assert_eq!(feed(&api, "zapier", "list.created", &query).await.0.len(), expected, "{query}");
        }
        let fields = api.get("/connect/zapier/triggers/list.created/fields").await.expect(200).rows();
        assert_eq!(fields.iter().map(|field| field["key"].as_str().unwrap()).collect::<Vec<_>>(), ["folder", "board"]);
        assert_eq!(api.get("/connect/zapier/triggers/client.created/fields").await.expect(200).json, json!([]));
    }

    async fn every_action_and_search_runs_on_every_platform(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let other = kitchen.workspace("other").await;
        for platform in names() {
            let run = |key: &'static str, inputs: Value| {
                let (api, path) = (api.clone(), format!("/connect/{platform}/actions/{key}"));
                async move { api.post_json(&path, &inputs).await }
            };
            let company = run("create-company", json!({"name": format!("Acme {platform}"), "website": ""})).await.expect(201);
            assert_eq!(company.json["url"], format!("{}/api/companies/{}", api.base(), company.id()));
            assert!(company.json["created_at"].as_str().unwrap().ends_with('Z'), "{platform}: milliseconds");
            let email = format!("ada@{platform}.example");
            let client = run("create-client", json!({"name": "Ada", "email": email, "title": "Engineer", "company": company.id()})).await.expect(201);
            let changed = run("update-client", json!({"client": client.id(), "name": "Ada Lovelace", "title": "", "phone": null})).await.expect(200);
            assert_eq!((&changed.json["name"], &changed.json["title"]), (&json!("Ada Lovelace"), &json!("Engineer")), "blank changes nothing");
            let found = api.get(&format!("/connect/{platform}/searches/find-client?email={email}")).await.expect(200);
            assert_eq!(rows(&found.json), [changed.json], "{platform}: found as it was answered");
            assert_eq!(rows(&api.get(&format!("/connect/{platform}/searches/find-client?email=no@one.example")).await.expect(200).json).len(), 0);
            api.get(&format!("/connect/{platform}/searches/find-client")).await.expect(422);
            let board = run("create-board", json!({"title": "Design", "visibility": "internal"})).await.expect(201).id();
            let list = run("create-list", json!({"board": board, "title": "To do"})).await.expect(201).id();
            assert_eq!(run("update-list", json!({"board": board, "list": list, "title": "Done"})).await.expect(200).json["title"], "Done");
            let folder = run("create-folder", json!({"name": "Site", "visibility": "shared"})).await.expect(201).id();
            let moved = run("move-board", json!({"board": board, "parent": folder})).await.expect(200);
            assert_eq!(moved.json["folder"], json!(folder));
            let moved = run("move-board", json!({"board": board, "parent": ""})).await.expect(200);
            assert_eq!(moved.json["folder"], json!(null), "{platform}: left empty it is the top level");
            let operation = run("duplicate-folder", json!({"folder": folder, "callback_url": "http://127.0.0.1:9/done"})).await.expect(202);
            assert_eq!(operation.json["url"], format!("{}/api/operations/{}", api.base(), operation.id()));
            // A task is picked from one board and moved to another: the form has both.
            let elsewhere = run("create-board", json!({"title": "Print", "visibility": "internal"})).await.expect(201).id();
            let there = run("create-list", json!({"board": elsewhere, "title": "There"})).await.expect(201).id();
            let task = run("create-task", json!({"board": board, "list": list, "title": "Draw"})).await.expect(201).id();
            let fields = api.get(&format!("/connect/{platform}/actions/move-task/fields")).await.expect(200).text;
            assert!(fields.contains("From Board") && fields.contains("To Board") && fields.contains("To List"), "{platform}: {fields}");
            for (lookup, one) in [(format!("tasks_to_move?from_board={board}"), &task), (format!("lists?board={elsewhere}"), &there)] {
                let found = api.get(&format!("/connect/{platform}/lookups/{lookup}")).await.expect(200);
                assert_eq!((rows(&found.json).len(), found.text.contains(one.as_str())), (1, true), "{platform} {lookup}: {}", found.text);
            }
            let moved = run("move-task", json!({"from_board": board, "task": task, "board": elsewhere, "list": there})).await.expect(200);
            assert_eq!((&moved.json["board"], &moved.json["list"]), (&json!(elsewhere), &json!(there)), "{platform}");
            let moved = run("move-task", json!({"from_board": elsewhere, "task": task, "board": "", "list": list, "position": "top"})).await.expect(200);
            assert_eq!(moved.json["board"], json!(board), "{platform}: a list is of one board");
            let gone = run("delete-list", json!({"list": list})).await.expect(200);
            assert_eq!(gone.json, json!({"id": list, "deleted": true}));
            // What is not there, of this workspace or another, is said of the field.
            let mut answers = Vec::new();
            for id in [list.as_str(), "tskl_000000000000000000000000", "nonsense"] {
                let refused = run("update-list", json!({"list": id, "title": "x"})).await.expect(422);
                assert!(refused.json["errors"]["list"].is_array(), "{}", refused.text);
                answers.push(refused.json["errors"].clone());
            }
            let foreign = other.post_json(&format!("/connect/{platform}/actions/update-client"), &json!({"client": client.id(), "name": "x"})).await.expect(422);
            assert!(foreign.json["errors"]["client"].is_array(), "{}", foreign.text);
            assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
            let missing = run("update-list", json!({"title": "x"})).await.expect(422);
            assert_eq!(missing.json["errors"]["list"], json!(["The list field is required."]));
            // Everything the catalogue has answers, and says what it takes.
            let actions = rows(&api.get(&format!("/connect/{platform}/actions")).await.expect(200).json);
            for action in &actions {
                let shown = api.get(&format!("/connect/{platform}/actions/{}", action["key"].as_str().unwrap())).await.expect(200).json;
                assert!(shown["fields"].is_array() && shown["sample"]["id"].is_string(), "{shown}");
            }
            run("no-such-action", json!({})).await.expect(404);
        }
        kitchen.stop().await;
    }

    async fn a_task_is_made_found_and_changed_with_what_its_board_asks_for(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let board = api.post_json("/api/boards", &json!({"title": "Design", "visibility": "internal"})).await.expect(201).id();
        let list = api.post_json(&format!("/api/boards/{board}/lists"), &json!({"title": "To do"})).await.expect(201).id();
        let field = async |name: &str, of: &str, options: Value| {
            let body = json!({"name": name, "type": of, "options": options});
            api.post_json(&format!("/api/boards/{board}/custom-fields"), &body).await.expect(201).id()
        };
        let text = field("Client's own number", "text", Value::Null).await;
        let number = field("Hours", "number", Value::Null).await;
        let several = field("Channels", "multi_list", json!([{"name": "Web"}, {"name": "Print"}])).await;
        for platform in names() {
            let fields = api.get(&format!("/connect/{platform}/actions/create-task/fields?board={board}")).await.expect(200);
            for known in [&text, &number, &several] {
                assert!(fields.text.contains(known.as_str()), "{platform}: {}", fields.text);
            }
            assert!(fields.text.contains("Client's own number") && fields.text.contains("Print"), "{platform}: {}", fields.text);
            assert!(!fields.text.contains("custom_fields"), "{platform}: each is a field of its own");
            assert!(fields.text.contains(r#""type":"number""#), "{platform}: {}", fields.text);
            let sought = api.get(&format!("/connect/{platform}/searches/find-task/fields?board={board}")).await.expect(200);
            for known in [&text, &number, &several] {
                assert!(sought.text.contains(known.as_str()), "{platform}: {}", sought.text);
            }
            let unpicked = api.get(&format!("/connect/{platform}/searches/find-task/fields")).await.expect(200);
            assert!(!unpicked.text.contains("cf_"), "{platform}: {}", unpicked.text);
        }
        let own = |title: &str, of_text: &str| json!({"board": board, "list": list, "title": title, text.as_str(): of_text, number.as_str(): "7.5", several.as_str(): ["Web"]});
        let made = api.post_json("/connect/custom/actions/create-task", &own("One", "A-1_%")).await.expect(201);
        assert_eq!(made.json["custom_fields"].as_array().unwrap().len(), 3, "{}", made.text);
        api.post_json("/connect/custom/actions/create-task", &own("Two", "B-2")).await.expect(201);
        let find = async |query: String| rows(&api.get(&format!("/connect/custom/searches/find-task?board={board}&{query}")).await.expect(200).json);
        let titles = |tasks: &[Value]| tasks.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(titles(&find(format!("{text}=A-1_%25")).await), ["One"]);
        assert_eq!(titles(&find(format!("{number}=7.5")).await).len(), 2);
        assert_eq!(titles(&find(format!("{several}=Web&title=two")).await), ["Two"]);
        // Nothing found would be taken for a reason to make one.
        let stranger = "cf_000000000000000000000000";
        for place in [format!("/connect/custom/searches/find-task?board={board}&{stranger}=1"), format!("/api/boards/{board}/tasks?custom_fields[{stranger}]=1")] {
            let refused = api.get(&place).await.expect(422);
            assert!(refused.json["errors"][format!("custom_fields.{stranger}")].is_array(), "{}", refused.text);
        }
        assert!(find(format!("{several}=Print")).await.is_empty() && find(format!("{several}=Radio")).await.is_empty());
        let changed = json!({"task": made.id(), text.as_str(): "C-3", number.as_str(): ""});
        let changed = api.post_json("/connect/zapier/actions/update-task", &changed).await.expect(200);
        assert!(changed.json["custom_fields"].as_str().unwrap().contains("C-3"), "{}", changed.text);
        assert!(changed.json["custom_fields"].as_str().unwrap().contains("7.5"), "blank changes nothing: {}", changed.text);
        // In the API an empty value empties the field.
        let emptied = api.put_json(&format!("/api/tasks/{}", made.id()), &json!({"custom_fields": {number.as_str(): null}})).await.expect(200);
        assert_eq!(emptied.json["custom_fields"].as_array().unwrap().len(), 2, "{}", emptied.text);
        for (bad, field) in [(json!({number.as_str(): "many"}), number.as_str()), (json!({"cf_000000000000000000000000": 1}), "cf_000000000000000000000000")] {
            let refused = api.put_json(&format!("/api/tasks/{}", made.id()), &json!({"custom_fields": bad})).await.expect(422);
            assert!(refused.json["errors"][format!("custom_fields.{field}")].is_array(), "{}", refused.text);
        }
        let done = api.post_json("/connect/zapier/actions/complete-task", &json!({"task": made.id()})).await.expect(200);
        assert_eq!(done.json["completed"], 1);
        assert_eq!(api.post_json("/connect/zapier/actions/reopen-task", &json!({"task": made.id()})).await.expect(200).json["completed"], 0);
        let comment = json!({"task": made.id(), "content": "Fine", "format": "text"});
        let comment = api.post_json("/connect/zapier/actions/comment-on-task", &comment).await.expect(201);
        assert_eq!((&comment.json["url"], &comment.json["content"]), (&json!(format!("{}/api/comments/{}", api.base(), comment.id())), &json!("Fine")));
        let label = json!({"board": board, "title": "Urgent", "hex_color": "#ff8800"});
        let label = api.post_json("/connect/zapier/actions/create-label", &label).await.expect(201);
        assert_eq!(label.json["url"], format!("{}/api/labels/{}", api.base(), label.id()));
        let label = label.id();
        let renamed = json!({"label": label, "title": "Urgent!"});
        assert_eq!(api.post_json("/connect/zapier/actions/update-label", &renamed).await.expect(200).json["hex_color"], "#ff8800");
        let picked = rows(&api.get(&format!("/connect/zapier/lookups/labels?board={board}")).await.expect(200).json);
        assert_eq!(picked, [json!({"id": label, "name": "Urgent!"})]);
        api.post_json("/connect/zapier/actions/add-task-label", &json!({"task": made.id(), "label": label})).await.expect(201);
        assert_eq!(titles(&find(format!("labels[]={label}")).await), ["One"]);
        kitchen.stop().await;
    }

    async fn an_id_is_picked_from_a_list_by_name(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let board = api.post_json("/api/boards", &json!({"title": "Design", "visibility": "internal"})).await.expect(201).id();
        for title in ["Zebra", "apple", "Mango"] {
            api.post_json(&format!("/api/boards/{board}/lists"), &json!({"title": title})).await.expect(201);
        }
        let look = async |query: &str| rows(&api.get(&format!("/connect/zapier/lookups/lists?{query}")).await.expect(200).json);
        let names = |choices: Vec<Value>| choices.iter().map(|choice| choice["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        for first in ["", "&page=0", "&page=1", "&page="] {
            assert_eq!(names(look(&format!("board={board}{first}")).await), ["apple", "Mango", "Zebra"], "{first}");
        }
        assert_eq!(names(look(&format!("board={board}&search=MAN")).await), ["Mango"]);
        assert!(look(&format!("board={board}&page=2")).await.is_empty());
        let refused = api.get("/connect/zapier/lookups/lists").await.expect(422);
        assert_eq!(refused.json["errors"]["board"], json!(["The board field is required."]));
        let value = api.get(&format!("/connect/make/lookups/lists?board={board}")).await.expect(200).json[0].clone();
        assert_eq!((&value["label"], value["value"].is_string()), (&json!("apple"), true));
        assert_eq!(api.get("/connect/n8n/lookups/boards").await.expect(200).json, json!({"results": [{"name": "Design", "value": board}], "paginationToken": null}));
        assert_eq!(api.get("/connect/custom/lookups/boards").await.expect(200).json, json!({"data": [{"id": board, "name": "Design"}], "next_page": null}));
        api.get("/connect/zapier/lookups/unheard-of").await.expect(404);
    }

    async fn a_key_does_through_a_platform_what_it_may_do_without(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let narrow = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": ["clients:read"]})).await.expect(201);
        let narrow = Api::new(api.base(), narrow.json["token"].as_str().unwrap());
        narrow.get("/connect/zapier/searches/find-client?name=x").await.expect(200);
        narrow.get("/connect/zapier/lookups/clients").await.expect(200);
        for refused in [
            narrow.post_json("/connect/zapier/actions/create-client", &json!({"name": "N", "email": "n@example.com"})).await,
            narrow.post_json("/connect/zapier/actions/create-board", &json!({"title": "N", "visibility": "internal"})).await,
            narrow.get("/connect/zapier/searches/find-board?title=x").await,
            narrow.get("/connect/zapier/lookups/boards").await,
            narrow.get("/connect/zapier/triggers/board.created").await,
            narrow.get("/connect/zapier/hooks").await,
        ] {
            assert_eq!((refused.status, &refused.json["code"]), (403, &json!("insufficient_scope")), "{}", refused.text);
        }
    }
}
