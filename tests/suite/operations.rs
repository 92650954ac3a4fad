//! Operations as their owners see them, and what becomes of them when workers die, come late, or are told to stop.

use crate::deliveries::{make_clients, start_worker};
use crate::replay::{begin, ended, operation};
use harness::{Kitchen, Receiver, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;
use store::operations;

const LEASE: Duration = Duration::from_secs(30);

on_both_engines! {
    async fn an_operation_tells_what_it_does_and_how_far_it_is(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 3).await;
        receiver.wait_for(3).await;
        let begun = begin(&api, &webhook, "all", 50).await;
        assert_eq!((&begun["kind"], &begun["subject"], &begun["subject_name"]), (&json!("webhook.replay"), &webhook["id"], &webhook["url"]));
        assert_eq!((&begun["created_by"], &begun["started_at"], &begun["result"]), (&json!("API key Test key"), &json!(null), &json!(null)));
        assert_eq!(begun["params"]["since"], "2020-01-01T00:00:00+00:00");
        assert_eq!((&begun["params"]["state"], &begun["params"]["rate"]), (&json!("all"), &json!(50)));
        let end = ended(&api, &begun).await;
        assert_eq!((&end["state"], &end["done_count"], &end["total_count"], &end["error"]), (&json!("succeeded"), &json!(3), &json!(3), &json!(null)));
        assert!(end["started_at"].is_string() && end["ended_at"].is_string());
        // Newest first, by state, and a finished one is not cancelled any more.
        let second = begin(&api, &webhook, "missing", 50).await;
        let second = ended(&api, &second).await;
        assert_eq!((&second["state"], &second["total_count"]), (&json!("succeeded"), &json!(0)));
        let listed = api.get("/api/operations?state=succeeded").await.expect(200).rows();
        assert_eq!(listed, [second.clone(), end]);
        assert_eq!(api.get("/api/operations?state=failed").await.expect(200).json["meta"]["total"], 0);
        api.get("/api/operations?state=lost").await.expect_invalid(&["state"]);
        let refused = api.post(&format!("/api/operations/{}/cancel", second["id"].as_str().unwrap()), &[]).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("has ended"), "{}", refused.text);
        kitchen.stop().await;
    }

    async fn cancelling_stops_what_was_not_done_yet(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 40).await;
        receiver.wait_for(40).await;
        let begun = begin(&api, &webhook, "all", 3).await;
        receiver.wait_for(41).await;
        let cancel = format!("/api/operations/{}/cancel", begun["id"].as_str().unwrap());
        other.post(&cancel, &[]).await.expect(404);
        other.get(cancel.strip_suffix("/cancel").unwrap()).await.expect(404);
        assert_eq!(other.get("/api/operations").await.expect(200).json["meta"]["total"], 0);
        let cancelled = api.post(&cancel, &[]).await.expect(200).json;
        assert_eq!((&cancelled["state"], cancelled["ended_at"].is_string()), (&json!("cancelled"), true));
        // What was set going arrives; nothing else does.
        let done = usize::try_from(cancelled["done_count"].as_u64().unwrap()).unwrap();
        receiver.wait_for(40 + done).await;
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert_eq!(receiver.received().len(), 40 + done);
        assert_eq!(operation(&api, &begun).await, cancelled);
        // Twice is no error.
        assert_eq!(api.post(&cancel, &[]).await.expect(200).json, cancelled);
        kitchen.stop().await;
    }

    async fn what_a_dead_worker_held_is_taken_over_and_its_late_step_changes_nothing(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 10).await;
        let (stop, working) = start_worker(&kitchen);
        receiver.wait_for(10).await;
        let begun = begin(&api, &webhook, "all", 4).await;
        eventually("the first step", Duration::from_secs(10), || async {
            (operation(&api, &begun).await["done_count"] != 0).then_some(())
        })
        .await;
        stop.cancel();
        working.await.unwrap();
        // One claims it and is never heard of again; while its lease lasts nobody else gets it.
        kitchen.clock.advance(Duration::from_secs(2));
        let dead = operations::claim_due(&kitchen.store, "w_dead", LEASE).await.unwrap().expect("it is due");
        assert!(operations::claim_due(&kitchen.store, "w_other", LEASE).await.unwrap().is_none());
        kitchen.clock.advance(Duration::from_secs(29));
        assert!(operations::claim_due(&kitchen.store, "w_other", LEASE).await.unwrap().is_none());
        kitchen.clock.advance(Duration::from_secs(2));
        let alive = operations::claim_due(&kitchen.store, "w_other", LEASE).await.unwrap().expect("the lease is over");
        assert_eq!((&alive.id, alive.fence), (&dead.id, dead.fence + 1));
        let before = operation(&api, &begun).await;
        store::replays::step(&kitchen.store, &dead).await.unwrap();
        operations::fail(&kitchen.store, &dead, "late").await.unwrap();
        assert_eq!(operation(&api, &begun).await, before, "a late step changes nothing");
        store::replays::step(&kitchen.store, &alive).await.unwrap();
        store::replays::step(&kitchen.store, &alive).await.unwrap();
        let after = operation(&api, &begun).await;
        assert_eq!(after["done_count"].as_u64(), Some(before["done_count"].as_u64().unwrap() + 4), "and one is not taken twice");
        let (stop, working) = start_worker(&kitchen);
        let end = ended(&api, &begun).await;
        assert_eq!((&end["state"], &end["done_count"]), (&json!("succeeded"), &json!(10)));
        let all = receiver.wait_for(20).await;
        let mut ids: Vec<&str> = all.iter().map(|one| one.header("webhook-id")).collect();
        ids.sort_unstable();
        assert!(ids.chunks(2).all(|pair| pair[0] == pair[1]) && ids.len() == 20, "each exactly once more: {ids:?}");
        stop.cancel();
        working.await.unwrap();
        kitchen.stop().await;
    }

    async fn a_key_needs_the_scope_of_webhooks(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &[]).await;
        let begun = begin(&api, &webhook, "all", 50).await;
        let path = format!("/api/operations/{}", begun["id"].as_str().unwrap());
        for (scopes, expected) in [(json!(["read", "write", "keys"]), 403), (json!(["webhooks"]), 200)] {
            let made = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": scopes})).await.expect(201).json;
            let narrow = harness::Api::new(&kitchen.urls[0], made["token"].as_str().unwrap());
            narrow.get("/api/operations").await.expect(expected);
            narrow.get(&path).await.expect(expected);
            narrow.post(&format!("{path}/cancel"), &[]).await.expect(expected);
        }
        assert_eq!(operation(&api, &begun).await["state"], "cancelled");
        kitchen.stop().await;
    }
}
