//! Headers that a webhook sends beside our own: sent with everything, shown to nobody, and never in the place of ours.

use crate::deliveries::{after_attempts, delivery_in, make_event, retry, shown};
use harness::receiver::Instruction;
use harness::{Kitchen, Receiver, Visitor, database, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

const URL: &str = "http://127.0.0.1:9/hook";
const CANARY: &str = "canary-0f3a";

fn path(webhook: &Value) -> String {
    format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())
}

on_both_engines! {
    async fn headers_go_with_every_request_and_are_shown_to_nobody(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let headers = json!({"X-Api-Key": CANARY, "authorization": format!("Bearer {CANARY}")});
        let made = api.post_json("/api/webhooks", &json!({"url": receiver.url, "headers": headers})).await.expect(201);
        let masked = json!({"authorization": "…", "x-api-key": "…"});
        assert_eq!(made.json["headers"], masked);
        let webhook = made.json.clone();
        receiver.answer_next([Instruction::status(500)]);
        make_event(&api).await;
        delivery_in(&api, &webhook, "waiting").await;
        kitchen.clock.advance(Duration::from_secs(12));
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        retry(&api, &delivered).await.expect(200);
        after_attempts(&api, &webhook, 3).await;
        api.post(&format!("{}/test", path(&webhook)), &[]).await.expect(202);
        let all = receiver.wait_for(4).await;
        for one in &all {
            assert_eq!((one.header("x-api-key"), one.header("authorization")), (CANARY, format!("Bearer {CANARY}").as_str()));
            assert_eq!((one.header("content-type"), one.header("webhook-id").is_empty()), ("application/json", false));
        }
        assert_eq!(all[3].json()["type"], "webhook.test");
        eventually_recorded(&api, &webhook).await;

        // Names are to be seen everywhere, values nowhere.
        let attempts = shown(&api, &delivered).await["attempts"].clone();
        for attempt in attempts.as_array().unwrap() {
            assert!(attempt["request_headers"].as_array().unwrap().contains(&json!(["x-api-key", "…"])), "{attempt}");
        }
        let home = path(&webhook).replace("/api/", "/settings/");
        let delivery_page = format!("/settings/deliveries/{}", delivered["id"].as_str().unwrap());
        let mut texts = vec![made.text, database::dump(&kitchen.database_url).await];
        for path in [path(&webhook), "/api/webhooks".into(), format!("{}/deliveries", path(&webhook))] {
            texts.push(api.get(&path).await.expect(200).text);
        }
        texts.push(api.put(&path(&webhook), &[("enabled", "true")]).await.expect(200).text);
        texts.push(api.post(&format!("{}/rotate-secret", path(&webhook)), &[]).await.expect(200).text);
        for page in [home.clone(), format!("{home}/edit"), delivery_page, "/settings/audit".into(), "/settings/webhooks".into()] {
            texts.push(owner.get(&page).await.expect(200).text);
        }
        assert!(texts.iter().filter(|text| text.contains("x-api-key")).count() >= 6);
        for text in texts {
            assert!(!text.contains(CANARY), "a value is shown: {text}");
        }
        kitchen.stop().await;
    }

    async fn headers_are_replaced_kept_and_removed(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = api.post_json("/api/webhooks", &json!({"url": receiver.url})).await.expect(201).json;
        assert_eq!(webhook["headers"], json!({}));
        let put = async |body: Value| api.put_json(&path(&webhook), &body).await;
        let sent = async |count: usize| {
            make_event(&api).await;
            let one = receiver.wait_for(count).await.remove(count - 1);
            [one.header("x-a").to_owned(), one.header("x-b").to_owned()]
        };
        put(json!({"headers": {"x-a": "1", "x-b": "2"}})).await.expect(200);
        // What was read can be sent back, and what is left out of an update stays.
        let read = api.get(&path(&webhook)).await.expect(200).json;
        assert_eq!(put(read.clone()).await.expect(200).json, read, "nothing changed");
        assert_eq!(put(json!({"headers": {"x-a": "1", "x-b": "2"}})).await.expect(200).json, read, "nor when it is written out");
        put(json!({"enabled": true})).await.expect(200);
        assert_eq!(sent(1).await, ["1", "2"]);
        kitchen.clock.advance(Duration::from_secs(2));
        let changed = put(json!({"headers": {"x-a": "…", "x-b": "3"}})).await.expect(200).json;
        assert!(changed["updated_at"].as_str() > read["updated_at"].as_str(), "another value is a change");
        assert_eq!(sent(2).await, ["1", "3"]);
        put(json!({"headers": {"X-B": "…"}})).await.expect(200);
        assert_eq!(sent(3).await, ["", "3"]);
        put(json!({"headers": {"x-a": "…"}})).await.expect_invalid(&["headers.x-a"]);
        assert_eq!(sent(4).await, ["", "3"], "a refused update changes nothing");
        api.put(&path(&webhook), &[("headers[X-A]", "4")]).await.expect(200);
        assert_eq!(sent(5).await, ["4", ""]);
        api.put(&path(&webhook), &[("headers", "")]).await.expect(200);
        assert_eq!(sent(6).await, ["", ""]);
        api.post_json("/api/webhooks", &json!({"url": URL, "headers": {"x-a": "…"}})).await.expect_invalid(&["headers.x-a"]);
        kitchen.stop().await;
    }

    async fn headers_that_carry_meaning_or_break_a_message_are_refused(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let webhook = api.post_json("/api/webhooks", &json!({"url": URL})).await.expect(201).json;
        for (name, value, field) in [
            ("Host", CANARY, "headers.Host"),
            ("content-length", CANARY, "headers.content-length"),
            ("Transfer-Encoding", CANARY, "headers.Transfer-Encoding"),
            ("webhook-signature", CANARY, "headers.webhook-signature"),
            ("x-a", "canary-0f3a\r\nx-b: 1", "headers.x-a"),
            ("x-a", "canary-0f3a\0", "headers.x-a"),
            ("x-a: 1\r\nx-b", CANARY, "headers.x-a: 1\r\nx-b"),
        ] {
            let body = json!({"url": URL, "headers": {name: value}});
            let refused = [api.post_json("/api/webhooks", &body).await, api.put_json(&path(&webhook), &body).await];
            for reply in refused {
                assert!(!reply.expect_invalid(&[field]).text.contains(CANARY), "an error repeats a value");
            }
        }
        assert_eq!(api.get("/api/webhooks").await.rows().len(), 1);
        kitchen.stop().await;
    }

    async fn the_form_sets_headers_and_never_shows_them_again(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let url = receiver.url.as_str();
        let form = |headers| [("url", url), ("events", "all"), ("enabled", "1"), ("headers", headers)];
        let made = owner.post("/settings/webhooks/new", &form("X-Api-Key: canary-0f3a\r\nx-colons: a:b:c\r\n")).await.expect(303);
        let edit = made.header("location").replace("?done=created", "/edit");
        let page = owner.get(&edit).await.expect(200).text;
        assert!(page.contains("x-api-key: …\nx-colons: …<") && page.contains("id=\"advanced\" open") && !page.contains(CANARY));
        for (headers, said) in [
            ("no colon", "a line of its own"),
            ("x-a: 1\r\nx-a: 2", "The header x-a is there twice."),
            ("Host: a", "The header Host cannot be set"),
            ("x-new: …", "The header x-new has no value yet"),
        ] {
            let refused = owner.post(&edit, &form(headers)).await.expect(422).text;
            assert!(refused.contains(said), "{headers}");
        }
        owner.post(&edit, &form("x-api-key: …\nx-more: 1")).await.expect(303);
        make_event(&api).await;
        let one = receiver.wait_for(1).await.remove(0);
        assert_eq!((one.header("x-api-key"), one.header("x-more"), one.header("x-colons")), (CANARY, "1", ""));
        owner.post(&edit, &form("")).await.expect(303);
        make_event(&api).await;
        assert_eq!(receiver.wait_for(2).await[1].header("x-api-key"), "");
        kitchen.stop().await;
    }
}

/// Waits until both deliveries of a webhook, the test among them, are on record as delivered.
async fn eventually_recorded(api: &harness::Api, webhook: &Value) {
    harness::eventually("both deliveries on record", Duration::from_secs(10), || async {
        let all = crate::deliveries::deliveries(api, webhook).await;
        (all.len() == 2 && all.iter().all(|one| one["state"] == "delivered")).then_some(())
    })
    .await;
}
