//! A receiver that asks to be left alone (`Retry-After`) is: by everything that is on its way to it, and at no cost to that.

use crate::deliveries::{after_attempts, delivery_in, make_clients, make_event, retry};
use crate::flow::path;
use domain::clock::Timestamp;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Visitor, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

fn asking(status: u16, seconds: u32) -> Instruction {
    Instruction { headers: vec![("retry-after", seconds.to_string())], ..Instruction::status(status) }
}

async fn all(api: &Api, webhook: &Value) -> Vec<Value> {
    api.get(&format!("{}/deliveries?per_page=100", path(webhook))).await.expect(200).rows()
}

async fn circuit(api: &Api, webhook: &Value) -> Value {
    api.get(&path(webhook)).await.expect(200).json["circuit"].clone()
}

/// Its circuit, once the receiver has asked and nothing is under way any more.
async fn asked(api: &Api, webhook: &Value) -> Value {
    eventually("the receiver is left alone", Duration::from_secs(10), || async {
        let is_quiet = all(api, webhook).await.iter().all(|one| one["is_leased"] == false);
        let circuit = circuit(api, webhook).await;
        (circuit["asked_until"].is_string() && is_quiet).then_some(circuit)
    })
    .await
}

/// How many seconds from now.
fn ahead(kitchen: &Kitchen, time: &Value) -> u64 {
    let time: Timestamp = serde_json::from_value(time.clone()).unwrap();
    time.since(kitchen.clock.now()).as_secs()
}

/// That nothing more is sent while a sweep or two look.
async fn nothing_comes(receiver: &Receiver) {
    let before = receiver.received().len();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(receiver.received().len(), before, "it asked to be left alone");
}

async fn all_delivered(api: &Api, webhook: &Value) -> Vec<Value> {
    eventually("all are delivered", Duration::from_secs(10), || async {
        let all = all(api, webhook).await;
        all.iter().all(|one| one["state"] == "delivered" && one["is_leased"] == false).then_some(all)
    })
    .await
}

on_both_engines! {
    async fn what_one_delivery_was_asked_holds_for_all(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        // Those that are under way when it asks succeed, a while later.
        receiver.answer_always(Instruction { delay: Duration::from_millis(300), ..Instruction::status(200) });
        receiver.answer_next([asking(429, 60)]);
        let body = json!({"url": receiver.url, "events_types": ["client.created"], "max_in_flight": 2});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        make_clients(&kitchen.store, &api.key().workspace_id, 20).await;
        let circuit_then = asked(&api, &webhook).await;
        assert_eq!(circuit_then["probe_at"], circuit_then["asked_until"]);
        assert!((45..=60).contains(&ahead(&kitchen, &circuit_then["asked_until"])), "{circuit_then}");
        nothing_comes(&receiver).await;
        let sent = receiver.received().len();
        assert!(sent <= 6, "{sent} were sent to a receiver that had asked");
        let waiting: Vec<Value> = all(&api, &webhook).await.into_iter().filter(|one| one["state"] == "pending").collect();
        assert_eq!(waiting.len(), 20 - sent);
        assert!(waiting.iter().all(|one| one["attempts_count"] == 0 && one["waits_for"] == "circuit"), "{waiting:?}");
        let page = owner.get(&path(&webhook).replace("/api/", "/settings/")).await.expect(200).text;
        assert!(page.contains("the receiver asked to be left alone") && page.contains(">Left alone<"), "{page}");

        kitchen.clock.advance(Duration::from_secs(30));
        nothing_comes(&receiver).await;
        kitchen.clock.advance(Duration::from_secs(45));
        let all = all_delivered(&api, &webhook).await;
        let attempts: u64 = all.iter().map(|one| one["attempts_count"].as_u64().unwrap()).sum();
        assert_eq!(attempts, 21, "one more for the one that was answered 429");
        assert_eq!(circuit(&api, &webhook).await, webhook["circuit"]);
        kitchen.stop().await;
    }

    async fn people_may_ask_in_between_and_their_answers_count_too(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["company.created"]).await;
        make_event(&api).await;
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        receiver.answer_next([asking(503, 600), asking(503, 60)]);
        retry(&api, &delivered).await.expect(200);
        after_attempts(&api, &webhook, 2).await;
        assert!(ahead(&kitchen, &asked(&api, &webhook).await["probe_at"]) > 500, "what a retry by hand was answered is heard too");
        make_event(&api).await;
        nothing_comes(&receiver).await;
        // A test is sent at once. It is asked for less; the time that was asked for before holds.
        let test = async || drop(api.post(&format!("{}/test", path(&webhook)), &[]).await.expect(202));
        test().await;
        receiver.wait_for(3).await;
        assert!(ahead(&kitchen, &asked(&api, &webhook).await["probe_at"]) > 500);
        nothing_comes(&receiver).await;
        // The first success sets the others going.
        test().await;
        kitchen.clock.advance(Duration::from_secs(15));
        receiver.wait_for(5).await;
        kitchen.clock.advance(Duration::from_mins(1));
        all_delivered(&api, &webhook).await;
        assert_eq!(circuit(&api, &webhook).await, webhook["circuit"]);
        kitchen.stop().await;
    }

    async fn an_ordered_webhook_waits_and_goes_on_in_order(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let body = json!({"url": receiver.url, "events_types": ["client.created"], "ordered": true});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        receiver.answer_next([Instruction::status(200), asking(429, 40)]);
        make_clients(&kitchen.store, &api.key().workspace_id, 5).await;
        asked(&api, &webhook).await;
        kitchen.clock.advance(Duration::from_secs(25));
        nothing_comes(&receiver).await;
        kitchen.clock.advance(Duration::from_secs(25));
        all_delivered(&api, &webhook).await;
        let mut ids: Vec<String> = receiver.received().iter().map(|one| one.header("webhook-id").to_owned()).collect();
        assert_eq!((ids.len(), ids.is_sorted()), (6, true));
        ids.dedup();
        assert_eq!(ids.len(), 5);
        kitchen.stop().await;
    }
}
