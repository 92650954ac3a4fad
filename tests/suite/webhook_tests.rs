//! Trying a webhook out: a test event goes to that webhook alone, and is delivered like any other.

use crate::deliveries::{deliveries, delivery_in};
use harness::receiver::Instruction;
use harness::{Kitchen, Receiver, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

fn test_of(webhook: &Value) -> String {
    format!("/api/webhooks/{}/test", webhook["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_test_event_reaches_its_webhook_alone_and_no_feed(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver, other) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        let (webhook, everything) = (receiver.subscribe(&api, &["board.created"]).await, other.subscribe(&api, &[]).await);
        let sent = api.post(&test_of(&webhook), &[]).await.expect(202).json;
        assert_eq!((&sent["event_type"], &sent["state"], &sent["webhook"]), (&json!("webhook.test"), &json!("pending"), &webhook["id"]));
        let received = receiver.wait_for(1).await.remove(0);
        let envelope = received.json();
        assert_eq!((&envelope["type"], &envelope["id"]), (&json!("webhook.test"), &sent["event"]));
        assert_eq!((&envelope["data"]["id"], &envelope["data"]["url"]), (&webhook["id"], &webhook["url"]));
        assert!(envelope["data"]["message"].as_str().unwrap().contains("try the webhook out"));
        assert_eq!((received.header("webhook-id"), received.header("kitchen-delivery")), (sent["event"].as_str().unwrap(), sent["id"].as_str().unwrap()));
        let mut headers = axum::http::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, received.header(name).parse().unwrap());
        }
        let library = standardwebhooks::Webhook::new(webhook["secret"].as_str().unwrap()).unwrap();
        library.verify(&received.body, &headers).expect("a test is signed like everything else");
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        assert_eq!(delivered["id"], sent["id"]);
        let shown = api.get(&format!("/api/deliveries/{}", sent["id"].as_str().unwrap())).await.expect(200).json;
        assert_eq!(shown["attempts"].as_array().unwrap().len(), 1);

        // A real event shows that nothing else was on its way: the other webhook hears of that alone.
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        assert_eq!(other.wait_for(1).await[0].json()["type"], "company.created");
        delivery_in(&api, &everything, "delivered").await;
        kitchen.clock.advance(Duration::from_secs(5));
        assert_eq!((deliveries(&api, &everything).await.len(), receiver.received().len()), (1, 1));
        // No platform knows the event, and nobody subscribes to it.
        api.get("/connect/zapier/triggers/webhook.test").await.expect(404);
        for feed in ["board.created", "client.created"] {
            assert_eq!(api.get(&format!("/connect/zapier/triggers/{feed}")).await.expect(200).json, json!([]));
        }
        assert!(!api.get("/connect/zapier/triggers").await.text.contains("webhook.test"));
        api.post_json("/api/webhooks", &json!({"url": receiver.url, "events_types": ["webhook.test"]})).await.expect(422);
        kitchen.stop().await;
    }

    async fn a_test_that_fails_is_tried_again(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &[]).await;
        receiver.answer_next([Instruction::status(500)]);
        let sent = api.post(&test_of(&webhook), &[]).await.expect(202).json;
        assert_eq!(delivery_in(&api, &webhook, "waiting").await["last_error"], "The receiver answered 500.");
        kitchen.clock.advance(Duration::from_secs(12));
        let both = receiver.wait_for(2).await;
        assert_eq!(both[0].header("webhook-id"), both[1].header("webhook-id"));
        assert_eq!(delivery_in(&api, &webhook, "delivered").await["id"], sent["id"]);
        kitchen.stop().await;
    }

    async fn a_test_is_refused_where_nothing_can_be_received(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let webhook = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/hook"), ("enabled", "false")]).await.expect(201).json;
        let refused = api.post(&test_of(&webhook), &[]).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("disabled"), "{}", refused.text);
        // A Zap would take it for a real event and act.
        let hook = api.post_json("/connect/zapier/hooks", &json!({"target_url": "http://127.0.0.1:9/zap", "event": "client.created"})).await;
        let refused = api.post(&test_of(&hook.expect(201).json), &[]).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("automation"), "{}", refused.text);
        assert!(deliveries(&api, &webhook).await.is_empty());
        kitchen.workspace("other").await.post(&test_of(&webhook), &[]).await.expect(404);
        api.post("/api/webhooks/wh_000000000000000000000000/test", &[]).await.expect(404);
        kitchen.stop().await;
    }

    async fn a_url_that_leads_nowhere_is_refused_when_it_is_saved(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        for url in ["https://./", "https://a..b/hook", "https://.example.com/", "https://example.com:0/", "http://127.0.0.1:0/"] {
            api.post("/api/webhooks", &[("url", url)]).await.expect_invalid(&["url"]);
        }
        kitchen.stop().await;
    }
}
