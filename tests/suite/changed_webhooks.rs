//! A webhook that is changed while something is on its way to it: from then on everything goes by what it says now.

use crate::deliveries::{delivery_in, make_clients, make_event};
use crate::flow::{backlog, path};
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Received, Receiver, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// A receiver that takes long, but less than an attempt may, and a webhook to it that allows a single request at once, of which one is
/// under way and three wait in the worker's memory.
async fn busy(kitchen: &Kitchen, api: &Api) -> (Receiver, Value) {
    let receiver = Receiver::start().await;
    receiver.answer_always(Instruction { delay: Duration::from_millis(2500), ..Instruction::status(200) });
    let body = json!({"url": receiver.url, "events_types": ["board.created"], "max_in_flight": 1});
    let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
    backlog(kitchen, &webhook, 4).await;
    receiver.wait_for(1).await;
    (receiver, webhook)
}

fn signed_with(received: &Received, secret: &Value) -> bool {
    let standard = standardwebhooks::Webhook::new(secret.as_str().unwrap()).unwrap();
    let mut headers = axum::http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    standard.verify(&received.body, &headers).is_ok()
}

/// How many of the webhook's deliveries are in each of two states.
async fn in_states(api: &Api, webhook: &Value, states: [&str; 2]) -> [usize; 2] {
    let all = api.get(&format!("{}/deliveries", path(webhook))).await.expect(200).rows();
    states.map(|state| all.iter().filter(|one| one["state"] == state && one["is_leased"] == false).count())
}

on_both_engines! {
    async fn what_waits_in_memory_goes_where_the_webhook_points_now(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (old, moved) = busy(&kitchen, &api).await;
        let new = Receiver::start().await;
        api.put(&path(&moved), &[("url", &new.url)]).await.expect(200);
        let rotated = api.post(&format!("{}/rotate-secret", path(&moved)), &[("overlap", "0")]).await.expect(200).json;
        let received = new.wait_for(3).await;
        assert!(received.iter().all(|one| signed_with(one, &rotated["secret"]) && !signed_with(one, &moved["secret"])));
        eventually("all are delivered", Duration::from_secs(5), || async {
            (in_states(&api, &moved, ["delivered", "pending"]).await == [4, 0]).then_some(())
        })
        .await;
        assert_eq!((old.received().len(), new.received().len()), (1, 3));
        kitchen.stop().await;
    }

    async fn what_waits_in_memory_for_a_webhook_that_is_off_or_gone_is_not_sent(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (off, disabled) = busy(&kitchen, &api).await;
        api.put(&path(&disabled), &[("enabled", "false")]).await.expect(200);
        eventually("what was not sent is held back", Duration::from_secs(5), || async {
            (in_states(&api, &disabled, ["delivered", "paused"]).await == [1, 3]).then_some(())
        })
        .await;
        assert_eq!(off.received().len(), 1);
        kitchen.stop().await;
    }

    async fn what_is_heard_from_the_old_url_says_nothing_about_the_new_one(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (failing, over, new) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        let slow = |status| Instruction { delay: Duration::from_millis(1500), ..Instruction::status(status) };
        failing.answer_always(slow(500));
        over.answer_always(slow(410));
        let first = failing.subscribe(&api, &["client.created"]).await;
        let second = over.subscribe(&api, &["company.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 12).await;
        make_event(&api).await;
        failing.wait_for(12).await;
        over.wait_for(1).await;
        for webhook in [&first, &second] {
            api.put(&path(webhook), &[("url", &new.url)]).await.expect(200);
        }
        delivery_in(&api, &second, "gone").await;
        eventually("all failures are on record", Duration::from_secs(5), || async {
            (in_states(&api, &first, ["waiting", "pending"]).await == [12, 0]).then_some(())
        })
        .await;
        for (webhook, failures) in [(&first, 12), (&second, 1)] {
            let shown = api.get(&path(webhook)).await.expect(200).json;
            assert_eq!((&shown["enabled"], &shown["circuit"]), (&json!(true), &webhook["circuit"]));
            assert_eq!(shown["failed_attempts_count"], failures, "they are counted all the same");
        }
        kitchen.clock.advance(Duration::from_secs(12));
        new.wait_for(12).await;
        kitchen.stop().await;
    }
}
