//! What Zapier's runtime asks of the gateway, down to the byte. What every platform must do is in `connect`.

use crate::replay::{begin, done, ended};
use crate::tasks;
use domain::audit::Actor;
use domain::egress::{EgressPolicy, parse_opened};
use domain::webhook::{NewWebhook, Platform};
use harness::client::send;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Setup, eventually, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

const HOOKS: &str = "/connect/zapier/hooks";
pub(crate) const EVENTS: [&str; 26] = [
    "client.created",
    "client.updated",
    "client.deleted",
    "company.created",
    "company.updated",
    "company.deleted",
    "folder.created",
    "folder.updated",
    "folder.deleted",
    "board.created",
    "board.updated",
    "board.deleted",
    "list.created",
    "list.updated",
    "list.deleted",
    "task.created",
    "task.updated",
    "task.completed",
    "task.reopened",
    "task.moved",
    "task.deleted",
    "task_comment.created",
    "webhook.disabled",
    "operation.succeeded",
    "operation.failed",
    "operation.cancelled",
];

async fn without_worker(engine: harness::Engine) -> Kitchen {
    Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await
}

async fn subscribe(api: &Api, url: &str, event: &str) -> harness::Reply {
    api.post_json(HOOKS, &json!({"target_url": url, "event": event})).await
}

async fn feed(api: &Api, event: &str) -> Vec<Value> {
    let reply = api.get(&format!("/connect/zapier/triggers/{event}")).await.expect(200);
    assert!(reply.json.is_array(), "a feed is a bare array: {}", reply.text);
    reply.rows()
}

fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

/// Makes, changes and deletes one of everything; the task goes through a list that is there already.
pub(crate) async fn live_through_everything(kitchen: &Kitchen, api: &Api, elsewhere: &str) {
    for (path, create, update) in [
        ("/api/companies", json!({"name": "Acme"}), json!({"name": "Acme Ltd"})),
        ("/api/clients", json!({"name": "Ada", "email": "ada@example.com"}), json!({"title": "Head of Engines"})),
        ("/api/folders", json!({"name": "Site", "visibility": "shared"}), json!({"description": "All of it"})),
    ] {
        let id = api.post_json(path, &create).await.expect(201).id();
        api.put_json(&format!("{path}/{id}"), &update).await.expect(200);
        api.delete(&format!("{path}/{id}")).await.expect(204);
    }
    let board = api.post_json("/api/boards", &json!({"title": "Design", "visibility": "internal"})).await.expect(201).id();
    let list = api.post_json(&format!("/api/boards/{board}/lists"), &json!({"title": "To do"})).await.expect(201).id();
    api.put_json(&format!("/api/lists/{list}"), &json!({"title": "Doing"})).await.expect(200);
    let task = tasks::task(api, &board, &list, "Draw").await;
    live_as_a_task(kitchen, api, &task, elsewhere).await;
    api.delete(&format!("/api/lists/{list}")).await.expect(204);
    api.put_json(&format!("/api/boards/{board}"), &json!({"title": "Designs"})).await.expect(200);
    api.delete(&format!("/api/boards/{board}")).await.expect(204);
}

/// Changes a task in every way once, and deletes it.
pub(crate) async fn live_as_a_task(kitchen: &Kitchen, api: &Api, task: &str, elsewhere: &str) {
    let path = tasks::path(task);
    let later = || kitchen.clock.advance(Duration::from_secs(2));
    later();
    api.put(&path, &[("title", "Another name")]).await.expect(200);
    for completed in ["1", "0"] {
        later();
        api.post(&format!("{path}/complete"), &[("completed", completed)]).await.expect(200);
    }
    api.post(&format!("{path}/comments"), &[("content", "Fine"), ("format", "text")]).await.expect(201);
    later();
    api.post(&format!("{path}/move"), &[("list", elsewhere), ("position", "2")]).await.expect(200);
    api.delete(&path).await.expect(204);
}

/// One operation that is cancelled, one that fails, one that succeeds.
pub(crate) async fn operate(api: &Api) {
    let elsewhere = Receiver::start().await;
    // It was not there when these happened.
    let webhook = elsewhere.subscribe(api, &["client.created", "board.created", "list.created"]).await;
    let slow = begin(api, &webhook, "missing", 1).await;
    done(api, &slow, 1).await;
    api.post(&format!("/api/operations/{}/cancel", slow["id"].as_str().unwrap()), &[]).await.expect(200);
    ended(api, &begin(api, &webhook, "missing", 50).await).await;
    let slow = begin(api, &webhook, "all", 1).await;
    done(api, &slow, 1).await;
    api.delete(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(204);
    ended(api, &slow).await;
}

on_both_engines! {
    async fn a_connection_is_tested_and_named(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let me = api.get("/connect/zapier/me").await.expect(200).json;
        assert_eq!(me["id"], api.key().id.as_str());
        assert_eq!((&me["name"], &me["email"], &me["workspace_slug"]), (&json!("Agency main"), &json!("olive@main.example"), &json!("main")));
        assert!(me["label"].as_str().is_some_and(|label| label.contains("Agency main")), "{me}");
        assert!(!me.to_string().contains(api.token()));
        for path in ["/me", "/hooks", "/triggers", "/triggers/client.created", "/triggers/client.created/sample", "/searches/find-client?name=x"] {
            let refused = send(api.anonymous(Method::GET, &format!("/connect/zapier{path}")).header("authorization", "Bearer nonsense")).await;
            assert_eq!((refused.status, &refused.json["code"]), (401, &json!("credential_invalid")), "{path}");
            assert!(refused.json["message"].is_string(), "{path}: a plain message in JSON");
        }
        kitchen.stop().await;
    }

    async fn subscribing_is_answered_201_once_and_200_with_the_same_id_after_that(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let url = "http://127.0.0.1:9/hooks/standard/1/abc/";
        let first = subscribe(&api, url, "client.created").await.expect(201);
        assert_eq!(keys(&first.json), ["created_at", "enabled", "event", "id", "target_url", "updated_at"]);
        assert_eq!((&first.json["target_url"], &first.json["event"]), (&json!(url), &json!("client.created")));
        let again = subscribe(&api, url, "client.created").await.expect(200);
        assert_eq!(again.json, first.json);
        // The forms in which Zapier and its kin send it.
        for (kind, body) in [
            ("application/json; charset=utf-8", json!({"target_url": url, "event": "client.created", "zap_id": 7}).to_string()),
            ("application/x-www-form-urlencoded", "target_url=http%3A%2F%2F127.0.0.1%3A9%2Fhooks%2Fstandard%2F1%2Fabc%2F&event=client.created".into()),
        ] {
            let reply = send(api.request(Method::POST, HOOKS).header("content-type", kind).body(body)).await.expect(200);
            assert_eq!(reply.json, first.json, "{kind}");
        }
        let other_event = subscribe(&api, url, "client.updated").await.expect(201);
        let other_url = subscribe(&api, "http://127.0.0.1:9/hooks/standard/2/", "client.created").await.expect(201);
        let listed = api.get(HOOKS).await.expect(200);
        assert_eq!(listed.json, json!([other_url.json, other_event.json, first.json]), "a bare array, newest first");
        assert_eq!(api.get(&format!("{HOOKS}/{}", first.id())).await.expect(200).json, first.json);
        for id in ["wh_000000000000000000000000", "nonsense"] {
            api.get(&format!("{HOOKS}/{id}")).await.expect(404);
        }
        for (body, field) in [
            (json!({"event": "client.created"}), "target_url"),
            (json!({"target_url": url}), "event"),
            (json!({"target_url": url, "event": "client.exploded"}), "event"),
            (json!({"target_url": "", "event": "client.created"}), "target_url"),
        ] {
            let refused = api.post_json(HOOKS, &body).await.expect(422);
            assert_eq!(keys(&refused.json["errors"]), [field], "{body}");
        }
        kitchen.stop().await;
    }

    async fn subscriptions_that_arrive_together_are_one(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let requests: Vec<_> = (0..12)
            .map(|_| {
                let api = api.clone();
                tokio::spawn(async move { subscribe(&api, "http://127.0.0.1:9/same", "list.created").await })
            })
            .collect();
        let (mut statuses, mut ids) = (Vec::new(), HashSet::new());
        for request in requests {
            let reply = request.await.unwrap();
            statuses.push(reply.status);
            ids.insert(reply.id());
        }
        statuses.sort_unstable();
        assert_eq!((statuses[10], statuses[11], ids.len()), (200, 201, 1), "{statuses:?} {ids:?}");
        // The same with certainty: the second arrives while the first is not committed yet.
        let policy = EgressPolicy { allowed: parse_opened("127.0.0.0/8").unwrap(), is_http_allowed: false };
        let body = json!({"target_url": "http://127.0.0.1:9/certain", "event": "list.created"});
        let new = NewWebhook::read_subscription(&body, Platform::Zapier, &policy, &["list.created"]).unwrap();
        let mut first = kitchen.store.begin(&api.key().workspace_id, Actor::command_line());
        let (made, is_new) = store::webhooks::subscribe(&mut first, new).await.unwrap();
        assert!(is_new);
        let second = tokio::spawn(async move { subscribe(&api, "http://127.0.0.1:9/certain", "list.created").await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!second.is_finished(), "the second waits for the first");
        first.commit().await.unwrap();
        assert_eq!(second.await.unwrap().expect(200).id(), made.id.as_str());
        kitchen.stop().await;
    }

    async fn unsubscribing_answers_an_empty_object_whatever_the_id_and_deletes_only_its_own(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let (api, stranger) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let mine = subscribe(&api, "http://127.0.0.1:9/a", "client.created").await.expect(201).id();
        let theirs = subscribe(&stranger, "http://127.0.0.1:9/a", "client.created").await.expect(201).id();
        assert_ne!(mine, theirs, "another workspace's subscription is another");
        let by_hand = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/by-hand")]).await.expect(201).id();
        for id in ["wh_000000000000000000000000", "nonsense", &theirs, &by_hand, &mine, &mine] {
            let reply = api.delete(&format!("{HOOKS}/{id}")).await.expect(200);
            assert_eq!(reply.text, "{}", "{id}");
        }
        assert_eq!(api.get(HOOKS).await.expect(200).json, json!([]));
        api.get(&format!("/api/webhooks/{by_hand}")).await.expect(200);
        api.get(&format!("{HOOKS}/{by_hand}")).await.expect(404);
        assert_eq!(stranger.get(HOOKS).await.expect(200).rows().len(), 1);
        // What was switched off can be switched on again, as a new subscription.
        assert_ne!(subscribe(&api, "http://127.0.0.1:9/a", "client.created").await.expect(201).id(), mine);
        kitchen.stop().await;
    }

    async fn a_feed_is_newest_first_and_as_long_as_asked_for(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let (api, stranger) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        assert_eq!(feed(&api, "company.created").await, Vec::<Value>::new());
        for number in 0..5 {
            api.post("/api/companies", &[("name", &format!("Company {number}"))]).await.expect(201);
        }
        let names = |items: &[Value]| items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&feed(&api, "company.created").await), ["Company 4", "Company 3", "Company 2", "Company 1", "Company 0"]);
        assert_eq!(names(&feed(&api, "company.created?limit=2").await), ["Company 4", "Company 3"]);
        assert_eq!(feed(&api, "company.created?limit=100").await.len(), 5);
        assert_eq!(feed(&api, "company.created?limit=").await.len(), 5, "blank is absent");
        for limit in ["0", "-1", "101", "1e9", "ten", "99999999999999999999"] {
            let refused = api.get(&format!("/connect/zapier/triggers/company.created?limit={limit}")).await.expect(422);
            assert_eq!(keys(&refused.json["errors"]), ["limit"], "{limit}");
        }
        assert_eq!(feed(&stranger, "company.created").await, Vec::<Value>::new(), "another workspace's events are not shown");
        for unknown in ["company.exploded", "company", "x"] {
            api.get(&format!("/connect/zapier/triggers/{unknown}")).await.expect(404);
            api.get(&format!("/connect/zapier/triggers/{unknown}/sample")).await.expect(404);
        }
        kitchen.stop().await;
    }

    async fn a_hook_that_answers_410_is_gone_and_can_be_made_anew(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let hook = subscribe(&api, &receiver.url, "company.created").await.expect(201).id();
        receiver.answer_next([Instruction::status(410)]);
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        eventually("the hook is gone", Duration::from_secs(10), || async {
            (api.get(&format!("{HOOKS}/{hook}")).await.status == 404).then_some(())
        })
        .await;
        assert_eq!(api.get(HOOKS).await.expect(200).json, json!([]));
        let anew = subscribe(&api, &receiver.url, "company.created").await.expect(201).id();
        assert_ne!(anew, hook);
        api.post("/api/companies", &[("name", "Bolt")]).await.expect(201);
        assert_eq!(receiver.wait_for(2).await[1].json()["name"], "Bolt");
        kitchen.stop().await;
    }

    async fn a_client_is_created_with_blank_fields_and_found_again(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let (api, stranger) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let blank = json!({"name": "Ada Lovelace", "email": "Ada@Example.com", "title": "", "phone": "", "company": "", "language": null, "unknown": 1});
        let created = api.post_json("/connect/zapier/actions/create-client", &blank).await.expect(201);
        let client = &created.json;
        assert_eq!((&client["title"], &client["phone"], &client["company"]), (&Value::Null, &Value::Null, &Value::Null));
        let id = created.id();
        assert_eq!(client["url"], format!("{}/api/clients/{id}", api.base()));
        assert_eq!(api.get(&format!("/api/clients/{id}")).await.expect(200).json["name"], "Ada Lovelace");
        let search = |query: &str| {
            let path = format!("/connect/zapier/searches/find-client?{query}");
            let api = api.clone();
            async move { api.get(&path).await }
        };
        for hit in ["email=ada%40example.com", "email=ADA@example.com&name=", "name=ada+lovelace", "name=love&email="] {
            assert_eq!(search(hit).await.expect(200).json, json!([client]), "{hit}: found as it was created");
        }
        for miss in ["email=bob@example.com", "name=Bob", "name=Ada&email=bob@example.com"] {
            assert_eq!(search(miss).await.expect(200).text, "[]", "{miss}");
        }
        for neither in ["", "name=&email=", "q=x"] {
            assert!(search(neither).await.expect(422).json["errors"]["email"].is_array(), "{neither}");
        }
        assert_eq!(stranger.get("/connect/zapier/searches/find-client?name=ada").await.expect(200).text, "[]");
        let refused = api.post_json("/connect/zapier/actions/create-client", &blank).await;
        assert_eq!((refused.status, keys(&refused.json["errors"])), (422, vec!["email".to_owned()]), "{}", refused.text);
        kitchen.stop().await;
    }

    async fn the_best_match_comes_first_however_many_others_are_newer(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let exact = api.post("/api/clients", &[("name", "Ann"), ("email", "ann@example.com")]).await.expect(201).id();
        for number in 0..30 {
            api.post("/api/clients", &[("name", &format!("Joanna {number}")), ("email", &format!("j{number}@example.com"))]).await.expect(201);
        }
        let found = api.get("/connect/zapier/searches/find-client?name=ANN").await.expect(200).rows();
        assert_eq!(found[0]["id"], exact, "the exact name is the best match");
        assert_eq!(found.len(), 25);
        assert_eq!((&found[1]["name"], &found[2]["name"]), (&json!("Joanna 9"), &json!("Joanna 8")), "then the closest, newest first");
        kitchen.stop().await;
    }
}
