//! Which events a webhook receives: patterns of types, also of those that come later, and parts of the tree of folders and boards.

use crate::deliveries::{deliveries, make_event};
use crate::replay::{ended, replay};
use harness::{Api, Kitchen, Receiver, Visitor, database, eventually, on_both_engines};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const URL: &str = "http://127.0.0.1:9/hook";

fn path(webhook: &Value) -> String {
    format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())
}

async fn folder(api: &Api, name: &str, parent: &str) -> String {
    api.post("/api/folders", &[("name", name), ("visibility", "shared"), ("folder", parent)]).await.expect(201).id()
}

async fn board(api: &Api, title: &str, folder: &str) -> String {
    api.post("/api/boards", &[("title", title), ("visibility", "shared"), ("folder", folder)]).await.expect(201).id()
}

async fn webhook(api: &Api, body: Value) -> Value {
    api.post_json("/api/webhooks", &body).await.expect(201).json
}

/// `type id` of every delivery to a webhook, by what its events were about.
async fn heard(api: &Api, webhook: &Value, about: &BTreeMap<String, String>) -> BTreeSet<String> {
    let all = deliveries(api, webhook).await;
    all.iter().map(|one| about[one["event"].as_str().unwrap()].clone()).collect()
}

on_both_engines! {
    async fn a_webhooks_page_shows_what_it_was_told(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let folder = folder(&api, "Pro<b>jects", "").await;
        let (plan, gone) = (board(&api, "Plan", &folder).await, board(&api, "Gone", "").await);
        let told = json!({
            "url": URL, "retry_delays": [10, 90, 3600], "headers": {"x-team": "hidden-canary"}, "folders": [folder], "boards": [plan, gone],
        });
        let page = async |webhook: &Value| owner.get(&path(webhook).replace("/api/", "/settings/")).await.expect(200).text;
        let shown = webhook(&api, told).await;
        api.delete(&format!("/api/boards/{gone}")).await.expect(204);
        let shown = page(&shown).await;
        for part in ["After 10 seconds, 90 seconds and 60 minutes", ">x-team</code>", "Folder Pro&#60;b&#62;jects", "Board Plan<", "Board Gone (deleted)"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("hidden-canary"));
        let plain = page(&webhook(&api, json!({"url": URL})).await).await;
        assert!(plain.contains("On the usual schedule") && !plain.contains("id=\"headers\"") && !plain.contains("id=\"places\""), "{plain}");
        let once = page(&webhook(&api, json!({"url": URL, "retry_delays": []})).await).await;
        assert!(once.contains("Never sent again"), "{once}");
        kitchen.stop().await;
    }

    async fn patterns_are_checked_and_mean_later_types_too(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        for (sent, kept) in [
            (json!(["client.*"]), json!(["client.*"])),
            (json!(["*"]), json!(["*"])),
            (json!(["list.*", "board.created", "list.*"]), json!(["board.created", "list.*"])),
        ] {
            assert_eq!(webhook(&api, json!({"url": URL, "events": sent, "enabled": false})).await["events_types"], kept);
        }
        for wrong in ["invoice.*", "*.created", "client.", ".*", "client*", "**", "client.*.*", "webhook.test"] {
            let body = json!({"url": URL, "events_types": [wrong]});
            let refused = api.post_json("/api/webhooks", &body).await.expect_invalid(&["events_types.0"]);
            assert!(refused.text.contains("client.*"), "the patterns are named");
        }
        // A platform's subscription is to one event.
        for wrong in ["client.*", "*"] {
            let body = json!({"target_url": URL, "event": wrong});
            api.post_json("/connect/zapier/hooks", &body).await.expect_invalid(&["event"]);
        }
        let mut made = Vec::new();
        for (path, events) in [("/all", json!(["*"])), ("/clients", json!(["client.*"])), ("/one", json!(["client.created"]))] {
            made.push(webhook(&api, json!({"url": receiver.at(path), "events_types": events})).await);
        }
        make_event(&api).await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        // An event of a type that no version knows yet.
        let later = format!(
            "INSERT INTO events (id, workspace_id, event_type, occurred_at, data) VALUES ('evt_ffffffffffffffffffffffff', '{}', \
             'client.merged', {}, '{{\"id\": \"u_1\"}}')",
            api.key().workspace_id, kitchen.clock.now().millis(),
        );
        database::execute(&kitchen.database_url, &later).await;
        let mut seen: Vec<String> =
            receiver.wait_for(6).await.iter().map(|one| format!("{} {}", one.path, one.json()["type"].as_str().unwrap())).collect();
        seen.sort();
        let expected = [
            "/all client.created", "/all client.merged", "/all company.created", "/clients client.created", "/clients client.merged",
            "/one client.created",
        ];
        assert_eq!(seen, expected);
        // A test is for the one webhook, whatever the others listen to.
        api.post(&format!("{}/test", path(&made[1])), &[]).await.expect(202);
        make_event(&api).await;
        let last: BTreeSet<String> = receiver.wait_for(8).await[6..].iter().map(|one| one.path.clone()).collect();
        assert_eq!((last.len(), receiver.received().len()), (2, 8));
        assert!(last.contains("/all") && last.contains("/clients"));
        kitchen.stop().await;
    }

    async fn a_webhook_hears_of_its_part_of_the_tree_alone(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let outer = folder(&api, "Outer", "").await;
        let inner = folder(&api, "Inner", &outer).await;
        let inside = board(&api, "Inside", &inner).await;
        let other = folder(&api, "Other", "").await;
        let moving = board(&api, "Moving", &other).await;
        let at_root = board(&api, "Root", "").await;
        // What happened so far is not for webhooks that are made later.
        kitchen.clock.advance(Duration::from_secs(10));
        let of_outer = webhook(&api, json!({"url": receiver.at("/outer"), "folders": [outer]})).await;
        let of_board = webhook(&api, json!({"url": receiver.at("/board"), "boards": [inside]})).await;
        let of_both = webhook(&api, json!({"url": receiver.at("/both"), "folders": [other, other], "boards": [inside]})).await;
        assert_eq!((&of_both["folders"], &of_both["boards"]), (&json!([other]), &json!([inside])));
        // Made last: what it has heard of, the others would have.
        let witness = Receiver::start().await;
        let names = webhook(&api, json!({"url": witness.url, "events_types": ["*"]})).await;
        assert_eq!((&names["folders"], &names["boards"]), (&json!([]), &json!([])));

        let rename = async |kind: &str, id: &str, field: &str| {
            api.put(&format!("/api/{kind}/{id}"), &[(field, "Renamed")]).await.expect(200);
        };
        rename("folders", &outer, "name").await;
        rename("folders", &inner, "name").await;
        rename("boards", &inside, "title").await;
        let list = api.post(&format!("/api/boards/{inside}/lists"), &[("title", "L")]).await.expect(201).id();
        rename("folders", &other, "name").await;
        rename("boards", &at_root, "title").await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).id();
        witness.events(7).await;
        api.post(&format!("/api/boards/{moving}/move"), &[("parent", &inner)]).await.expect(200);
        witness.events(8).await;
        api.post(&format!("/api/boards/{moving}/archive"), &[]).await.expect(200);
        witness.events(9).await;
        api.delete(&format!("/api/folders/{outer}")).await.expect(204);
        let all = witness.events(14).await;

        let mut about: BTreeMap<String, String> = BTreeMap::new();
        for event in &all {
            let said = |value: &Value| value.as_str().unwrap().to_owned();
            let archived = if event["data"]["archived_at"].is_null() { "" } else { " archived" };
            about.insert(said(&event["id"]), format!("{} {}{archived}", said(&event["type"]), said(&event["data"]["id"])));
        }
        let expected = |events: &[(&str, &str)]| events.iter().map(|(what, id)| format!("{what} {id}")).collect::<BTreeSet<_>>();
        let gone = format!("{moving} archived");
        let to_outer = [
            ("folder.updated", outer.as_str()), ("folder.updated", &inner), ("board.updated", &inside), ("list.created", &list),
            ("board.updated", &moving), ("board.updated", &gone), ("list.deleted", &list), ("board.deleted", &inside),
            ("board.deleted", &gone), ("folder.deleted", &inner), ("folder.deleted", &outer),
        ];
        assert_eq!(heard(&api, &of_outer, &about).await, expected(&to_outer));
        let to_board = [
            ("board.updated", inside.as_str()), ("list.created", &list), ("list.deleted", &list), ("board.deleted", &inside),
        ];
        assert_eq!(heard(&api, &of_board, &about).await, expected(&to_board));
        // What was moved out of a folder concerned it, and no more after that.
        let mut to_both = expected(&to_board);
        to_both.extend(expected(&[("folder.updated", &other), ("board.updated", &moving)]));
        assert_eq!(heard(&api, &of_both, &about).await, to_both);
        assert_eq!(about.len(), 14, "{client} and {at_root} are nobody's");

        // Its folder is gone; it is kept as it is, and nobody can choose it again.
        let kept = api.put_json(&path(&of_outer), &json!({"folders": [outer], "enabled": true})).await.expect(200).json;
        assert_eq!(kept["folders"], json!([outer]));
        api.post_json("/api/webhooks", &json!({"url": URL, "folders": [outer]})).await.expect_invalid(&["folders.0"]);
        let lifted = api.put_json(&path(&of_outer), &json!({"folders": null})).await.expect(200).json;
        assert_eq!(lifted["folders"], json!([]));
        kitchen.stop().await;
    }

    async fn folders_and_boards_of_other_workspaces_are_like_none(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let stranger = kitchen.workspace("other").await;
        let theirs = json!({"folders": [folder(&stranger, "F", "").await], "boards": [board(&stranger, "B", "").await]});
        let own = (folder(&api, "F", "").await, board(&api, "B", "").await);
        let made = webhook(&api, json!({"url": URL, "folders": [own.0], "boards": [own.1]})).await;
        for (field, unknown) in [("folders", "fo_000000000000000000000000"), ("boards", "tskb_000000000000000000000000")] {
            let mut answers = Vec::new();
            for id in [theirs[field][0].as_str().unwrap(), unknown, "nonsense", "u_000000000000000000000000"] {
                for body in [json!({"url": URL, field: [id]}), json!({"url": URL, field: [made[field][0], id]})] {
                    let place = format!("{field}.{}", body[field].as_array().unwrap().len() - 1);
                    let created = api.post_json("/api/webhooks", &body).await.expect_invalid(&[&place]);
                    let updated = api.put_json(&path(&made), &body).await.expect_invalid(&[&place]);
                    assert_eq!(created.json["errors"], updated.json["errors"]);
                    answers.push(created.json["errors"].to_string());
                }
            }
            assert!(answers.chunks(2).all(|pair| pair == &answers[..2]), "{answers:?}");
            api.post_json("/api/webhooks", &json!({"url": URL, field: vec![own.0.clone(); 51]})).await.expect_invalid(&[field]);
            api.post_json("/api/webhooks", &json!({"url": URL, field: "x"})).await.expect_invalid(&[field]);
        }
        assert_eq!(api.get(&path(&made)).await.expect(200).json, made);
        kitchen.stop().await;
    }

    async fn a_replay_of_what_is_missing_follows_the_same_choice(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let chosen = folder(&api, "Chosen", "").await;
        let inside = board(&api, "Inside", &folder(&api, "Below", &chosen).await).await;
        for _ in 0..3 {
            api.post(&format!("/api/boards/{inside}/lists"), &[("title", "L")]).await.expect(201);
            board(&api, "Elsewhere", "").await;
        }
        kitchen.clock.advance(Duration::from_secs(10));
        let located = webhook(&api, json!({"url": receiver.url, "events_types": ["list.*", "board.created"], "folders": [chosen]})).await;
        let body = |types: Value| json!({"since": "2020-01-01T00:00:00Z", "state": "missing", "events_types": types});
        let count = async |types: Value| {
            let mut body = body(types);
            body["dry_run"] = json!(true);
            replay(&api, &located, &body).await.expect(200).json["count"].as_u64().unwrap()
        };
        // One board and three lists lie there; the two folders are of no type it listens to.
        eventually("everything is dispatched", Duration::from_secs(10), || async { (count(json!([])).await == 4).then_some(()) }).await;
        assert_eq!((count(json!(["list.*"])).await, count(json!(["board.*"])).await, count(json!(["folder.*"])).await), (3, 1, 0));
        let begun = replay(&api, &located, &body(json!(["*"]))).await.expect(202).json;
        assert_eq!(begun["total_count"], 4);
        let over = ended(&api, &begun).await;
        assert_eq!((&over["state"], &over["result"]["created_count"]), (&json!("succeeded"), &json!(4)));
        assert_eq!(receiver.events(4).await.iter().filter(|event| event["type"] == "list.created").count(), 3);
        kitchen.stop().await;
    }

    async fn the_form_offers_patterns_folders_and_boards(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let (chosen, other) = (folder(&api, "Chosen <b>", "").await, folder(&api, "Other", "").await);
        let on = board(&api, "On it", "").await;
        let page = owner.get("/settings/webhooks/new").await.expect(200).text;
        assert!(["Chosen &#60;b&#62;", "On it", "All, also future ones", "value=\"list.*\""].iter().all(|text| page.contains(text)));
        let mut form = vec![("url", URL), ("events", "some"), ("types[]", "client.*"), ("types[]", "list.created"), ("enabled", "1")];
        form.extend([("folders[]", chosen.as_str()), ("boards[]", on.as_str())]);
        let made = owner.post("/settings/webhooks/new", &form).await.expect(303);
        let edit = made.header("location").replace("?done=created", "/edit");
        let shown = async || api.get(&edit.replace("/settings/", "/api/").replace("/edit", "")).await.expect(200).json;
        let webhook = shown().await;
        assert_eq!(webhook["events_types"], json!(["client.*", "list.created"]));
        assert_eq!((&webhook["folders"], &webhook["boards"]), (&json!([chosen]), &json!([on])));
        let page = owner.get(&edit).await.expect(200).text;
        for (id, is_ticked) in [(&chosen, true), (&on, true), (&other, false)] {
            assert_eq!(page.contains(&format!("value=\"{id}\" checked")), is_ticked, "{id}");
        }
        assert!(page.contains("value=\"client.*\" checked") && page.contains("id=\"advanced\" open"));
        assert!(owner.get(&edit.replace("/edit", "")).await.text.contains("Sends client.* and list.created in 1 folder and 1 board."));
        assert!(owner.get("/settings/webhooks").await.text.contains("client.*, list.created in 1 folder and 1 board"));
        // A folder that was deleted is still to be seen where it was chosen, and can be kept or let go.
        api.delete(&format!("/api/folders/{chosen}")).await.expect(204);
        assert!(owner.get(&edit).await.text.contains("(deleted)"));
        assert!(!owner.get("/settings/webhooks/new").await.text.contains("(deleted)"));
        owner.post(&edit, &form).await.expect(303);
        assert_eq!(shown().await["folders"], json!([chosen]));
        let refused = owner.post("/settings/webhooks/new", &form).await.expect(422).text;
        assert!(refused.contains("One folder that was ticked is no longer there."));
        owner.post(&edit, &[("url", URL), ("events", "all"), ("enabled", "1")]).await.expect(303);
        let webhook = shown().await;
        assert_eq!((&webhook["folders"], &webhook["boards"], &webhook["events_types"]), (&json!([]), &json!([]), &json!([])));
        kitchen.stop().await;
    }
}
