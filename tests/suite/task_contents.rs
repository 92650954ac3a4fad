//! What tasks hold beside their own fields: custom fields of every type, and comments.

use crate::tasks::{board, forget_events, label, list, path, task};
use harness::shape::{assert_id, assert_keys, column};
use harness::{Api, Kitchen, Receiver, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

async fn field(api: &Api, board: &str, body: Value) -> Value {
    api.post_json(&format!("/api/boards/{board}/custom-fields"), &body).await.expect(201).json
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

on_both_engines! {
    async fn custom_fields_are_made_changed_and_deleted_on_both_paths(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let (here, there) = (board(&api, "Here").await, board(&api, "There").await);
        let fields = format!("/api/boards/{here}/custom-fields");
        let options = json!(["Low", {"name": "High", "color": "#ff0000"}]);
        let priority = field(&api, &here, json!({"name": "Priority", "type": "list", "options": options, "show_icon": "1"})).await;
        assert_keys(&priority, &["id", "board", "name", "type", "color", "show_icon", "visible_to_clients", "options", "created_at", "updated_at"]);
        assert_id(&priority["id"], "cf");
        assert_eq!((&priority["type"], &priority["show_icon"], &priority["visible_to_clients"]), (&json!("list"), &json!(true), &json!(false)));
        assert_id(&priority["options"][1]["id"], "cfo");
        assert_eq!((&priority["options"][0]["name"], &priority["options"][1]["color"]), (&json!("Low"), &json!("#ff0000")));
        let budget = field(&api, &here, json!({"name": "Budget", "type": "number", "color": "#00ff00", "options": []})).await;
        assert_eq!(api.get(&fields).await.expect(200).rows(), [budget.clone(), priority.clone()]);
        assert_eq!(column(&api.get(&format!("{fields}?name=PRI&sort=name")).await.expect(200).rows(), "name"), ["Priority"]);
        for (body, invalid) in [
            (json!({}), &["name", "type"][..]),
            (json!({"name": "N", "type": "colour"}), &["type"]),
            (json!({"name": "N", "type": "list"}), &["options"]),
            (json!({"name": "N", "type": "text", "options": ["A"]}), &["options"]),
            (json!({"name": "N", "type": "list", "options": ["A", "A"]}), &["options.1"]),
            (json!({"name": "N", "type": "list", "options": [{"color": "#000000"}]}), &["options.0"]),
            (json!({"name": "N", "type": "text", "color": "red", "show_icon": "x"}), &["color", "show_icon"]),
        ] {
            api.post_json(&fields, &body).await.expect_invalid(invalid);
        }
        kitchen.clock.advance(Duration::from_secs(1));
        let (alone, on_board) = (format!("/api/custom-fields/{}", id(&priority)), format!("{fields}/{}", id(&priority)));
        let [low, high] = [0, 1].map(|at| priority["options"][at]["id"].as_str().unwrap());
        let changed = api.put_json(&alone, &json!({"name": "Rank", "options": [{"id": high, "name": "Highest"}, "Low", "New"], "type": "list"})).await.expect(200).json;
        assert_eq!((&changed["options"][0]["id"], &changed["options"][0]["name"], &changed["options"][1]["id"]), (&json!(high), &json!("Highest"), &json!(low)));
        assert_eq!(api.put_json(&on_board, &json!({"name": "Rank"})).await.expect(200).json, changed, "nothing changed");
        for path in [&alone, &on_board] {
            assert_eq!(api.get(path).await.expect(200).json, changed);
            api.put_json(path, &json!({"type": "text"})).await.expect_invalid(&["type"]);
            api.put_json(path, &json!({"options": []})).await.expect_invalid(&["options"]);
            api.put_json(path, &json!({"options": [{"id": "cfo_000000000000000000000000", "name": "A"}]})).await.expect_invalid(&["options.0"]);
        }
        let elsewhere = format!("/api/boards/{there}/custom-fields/{}", id(&priority));
        for reply in [api.get(&elsewhere).await, api.put(&elsewhere, &[]).await, api.delete(&elsewhere).await] {
            reply.expect(404);
        }
        api.delete(&on_board).await.expect(204);
        api.get(&alone).await.expect(404);
        api.delete(&format!("/api/custom-fields/{}", id(&budget))).await.expect(204);
        assert_eq!(api.get(&fields).await.expect(200).rows(), Vec::<Value>::new());
        // What was of a board goes with it.
        let gone = field(&api, &there, json!({"name": "Gone", "type": "url"})).await;
        let red = label(&api, &there, "Red").await;
        api.delete(&format!("/api/boards/{there}")).await.expect(204);
        for path in [format!("/api/custom-fields/{}", id(&gone)), format!("/api/boards/{there}/custom-fields"), format!("/api/boards/{there}/labels/{red}"), format!("/api/labels/{red}")] {
            api.get(&path).await.expect(404);
        }
    }

    async fn a_task_says_in_a_custom_field_what_its_type_allows(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (here, there) = (board(&api, "Here").await, board(&api, "There").await);
        let todo = list(&api, &here, "To do").await;
        let task = task(&api, &here, &todo, "T").await;
        let values = format!("{}/custom-fields", path(&task));
        let mut kept = Vec::new();
        for (of, sent, held, wrong) in [
            ("text", json!("line\nline"), json!("line\nline"), json!({})),
            ("number", json!("7.5"), json!(7.5), json!("seven")),
            ("date", json!("2026-03-12"), json!("2026-03-12"), json!("2026-02-30")),
            ("boolean", json!("yes"), json!(true), json!("maybe")),
            ("url", json!("https://acme.example/x"), json!("https://acme.example/x"), json!("javascript:alert(1)")),
            ("email", json!("ada@acme.example"), json!("ada@acme.example"), json!("ada")),
            ("phone", json!("+44 20 7946 0958"), json!("+44 20 7946 0958"), json!("1\n2")),
            ("list", json!("B"), json!("B"), json!("C")),
            ("multi_list", json!(["B", "A", "B"]), json!(["B", "A"]), json!(["A", "C"])),
        ] {
            let mut body = json!({"name": of, "type": of});
            if of.ends_with("list") {
                body["options"] = json!(["A", "B"]);
            }
            let field = field(&api, &here, body).await;
            // Options are kept by their ids.
            let option = |name: &Value| {
                let options = field["options"].as_array().unwrap();
                options.iter().find(|option| option["name"] == *name).map_or(name.clone(), |option| option["id"].clone())
            };
            let held = held.as_array().map_or_else(|| option(&held), |names| names.iter().map(option).collect());
            api.post_json(&values, &json!({"custom_field": field["id"], "value": wrong})).await.expect_invalid(&["value"]);
            let set = api.post_json(&values, &json!({"custom_field": field["id"], "value": sent})).await.expect(201).json;
            assert_eq!(set, json!({"custom_field": field["id"], "value": held}));
            assert_eq!(api.put_json(&format!("{values}/{}", id(&field)), &json!({"value": held})).await.expect(200).json, set);
            kept.push(set);
        }
        assert_eq!(api.get(&path(&task)).await.expect(200).json["custom_fields"], json!(kept));
        assert_eq!(api.get(&format!("{values}?sort=created_at&per_page=2&page=2")).await.expect(200).rows(), kept[2..4]);
        assert_eq!(api.get(&values).await.expect(200).rows()[0], kept[8], "newest first");

        forget_events(&kitchen).await;
        receiver.subscribe(&api, &["task.updated"]).await;
        let [text, number] = [0, 1].map(|at| format!("{values}/{}", kept[at]["custom_field"].as_str().unwrap()));
        let choice = kept[7]["custom_field"].as_str().unwrap();
        api.put_json(&text, &json!({})).await.expect_invalid(&["value"]);
        assert_eq!(api.put(&text, &[("value", "")]).await.expect(200).json["value"], Value::Null);
        assert_eq!(api.post_json(&values, &json!({"custom_field": kept[0]["custom_field"], "value": "again"})).await.expect(200).json["value"], "again");
        api.delete(&number).await.expect(204);
        api.delete(&number).await.expect(404);
        assert_eq!(api.put(&number, &[("value", "1")]).await.expect(200).json["value"], 1);
        // An option that is chosen cannot be taken away; another one can.
        let options = format!("/api/custom-fields/{choice}");
        assert!(api.put_json(&options, &json!({"options": ["A"]})).await.expect_invalid(&["options"]).text.contains("a task has it"));
        api.put_json(&options, &json!({"options": ["B"]})).await.expect(200);
        let foreign = field(&api, &there, json!({"name": "F", "type": "text"})).await;
        for wrong in [id(&foreign), "cf_000000000000000000000000", ""] {
            api.post_json(&values, &json!({"custom_field": wrong, "value": "x"})).await.expect_invalid(&["custom_field"]);
        }
        api.put(&format!("{values}/{}", id(&foreign)), &[("value", "x")]).await.expect(404);
        // A field that goes takes what tasks said in it.
        api.delete(&options).await.expect(204);
        let shown = api.get(&path(&task)).await.expect(200).json;
        assert_eq!(shown["custom_fields"].as_array().unwrap().len(), 8);
        let told = receiver.events(5).await;
        assert_eq!(told[4]["data"], shown);
        assert_eq!(told[4]["previous_attributes"]["custom_fields"].as_array().unwrap().len(), 9);
        kitchen.stop().await;
    }

    async fn comments_are_written_changed_and_deleted(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let board = board(&api, "Board").await;
        let todo = list(&api, &board, "To do").await;
        let (task, other) = (task(&api, &board, &todo, "T").await, task(&api, &board, &todo, "Other").await);
        let comments = format!("{}/comments", path(&task));
        let body = json!({"url": receiver.at("/board"), "events_types": ["task_comment.*"], "boards": [board]});
        api.post_json("/api/webhooks", &body).await.expect(201);
        let html = "<script>alert(1)</script> <b>fine</b>";
        let made = api.post(&comments, &[("content", html), ("format", "html")]).await.expect(201).json;
        assert_keys(&made, &["id", "task", "board", "author", "content", "format", "attachments", "created_at", "updated_at"]);
        assert_id(&made["id"], "tcm");
        assert_eq!((&made["task"], &made["board"], &made["content"], &made["attachments"]), (&json!(task), &json!(board), &json!(html), &json!([])));
        assert!(made["author"].is_string());
        let plain = api.post_json(&comments, &json!({"content": "Fine", "format": "text", "attachments": []})).await.expect(201).json;
        for (wrong, fields) in [
            (json!({}), &["content", "format"][..]),
            (json!({"content": "C", "format": "markdown"}), &["format"]),
            (json!({"content": "x".repeat(10_001), "format": "text"}), &["content"]),
            (json!({"content": "C", "format": "text", "attachments": ["fi_000000000000000000000000"]}), &["attachments"]),
        ] {
            api.post_json(&comments, &wrong).await.expect_invalid(fields);
        }
        assert_eq!(api.get(&comments).await.expect(200).rows(), [plain.clone(), made.clone()]);
        let one = format!("{comments}/{}", id(&made));
        let alone = format!("/api/comments/{}", id(&made));
        assert_eq!((api.get(&one).await.expect(200).json, api.get(&alone).await.expect(200).json), (made.clone(), made.clone()));
        kitchen.clock.advance(Duration::from_secs(1));
        let changed = api.put(&alone, &[("content", "Better"), ("format", "text")]).await.expect(200).json;
        assert_eq!((&changed["content"], &changed["format"]), (&json!("Better"), &json!("html")), "what it says changes, and not how it is written");
        assert_eq!(api.put(&one, &[]).await.expect(200).json, changed);
        api.put(&one, &[("content", "")]).await.expect_invalid(&["content"]);
        api.put(&alone, &[("content", "")]).await.expect_invalid(&["content"]);
        let elsewhere = format!("{}/comments/{}", path(&other), id(&made));
        for reply in [api.get(&elsewhere).await, api.put(&elsewhere, &[]).await, api.delete(&elsewhere).await] {
            reply.expect(404);
        }
        api.delete(&alone).await.expect(204);
        for gone in [api.get(&one).await, api.get(&alone).await] {
            gone.expect(404);
        }
        assert_eq!(api.get(&comments).await.expect(200).rows(), std::slice::from_ref(&plain));
        api.delete(&path(&task)).await.expect(204);
        for gone in [api.get(&format!("/api/comments/{}", id(&plain))).await, api.get(&comments).await, api.get(&format!("{comments}/{}", id(&plain))).await, api.post(&comments, &[("content", "C"), ("format", "text")]).await] {
            gone.expect(404);
        }
        let told = receiver.events(2).await;
        assert_eq!((&told[0]["type"], &told[0]["data"], &told[1]["data"]), (&json!("task_comment.created"), &made, &plain));
        kitchen.stop().await;
    }
}
