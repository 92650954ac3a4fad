//! Operations as their owners see them, and what becomes of them when workers die, come late, or are told to stop.

use crate::deliveries::{make_clients, start_worker};
use crate::replay::{all_delivered, begin, ended, operation, replay};
use harness::receiver::Instruction;
use harness::{Kitchen, Receiver, Visitor, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;
use store::steps;

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
        let dead = steps::claim_due(&kitchen.store, "w_dead", LEASE).await.unwrap().expect("it is due");
        assert!(steps::claim_due(&kitchen.store, "w_other", LEASE).await.unwrap().is_none());
        kitchen.clock.advance(Duration::from_secs(29));
        assert!(steps::claim_due(&kitchen.store, "w_other", LEASE).await.unwrap().is_none());
        kitchen.clock.advance(Duration::from_secs(2));
        let alive = steps::claim_due(&kitchen.store, "w_other", LEASE).await.unwrap().expect("the lease is over");
        assert_eq!((&alive.id, alive.fence), (&dead.id, dead.fence + 1));
        let before = operation(&api, &begun).await;
        steps::take(&kitchen.store, &dead).await.unwrap();
        steps::fail(&kitchen.store, &dead, "late").await.unwrap();
        assert_eq!(operation(&api, &begun).await, before, "a late step changes nothing");
        steps::take(&kitchen.store, &alive).await.unwrap();
        steps::take(&kitchen.store, &alive).await.unwrap();
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

    async fn a_key_meets_the_operations_it_could_have_asked_for(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &[]).await;
        let begun = begin(&api, &webhook, "all", 50).await;
        let path = format!("/api/operations/{}", begun["id"].as_str().unwrap());
        for (scopes, expected, count) in [(json!(["read", "write", "keys"]), 403, 0), (json!(["webhooks"]), 200, 1)] {
            let made = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": scopes})).await.expect(201).json;
            let narrow = harness::Api::new(&kitchen.urls[0], made["token"].as_str().unwrap());
            assert_eq!(narrow.get("/api/operations?kind=webhook.replay").await.expect(200).json["meta"]["total"], count);
            narrow.get(&path).await.expect(expected);
            narrow.post(&format!("{path}/cancel"), &[]).await.expect(expected);
        }
        assert_eq!(operation(&api, &begun).await["state"], "cancelled");
        api.get("/api/operations?kind=nonsense").await.expect_invalid(&["kind"]);
        kitchen.stop().await;
    }

    async fn its_end_is_told_to_the_callback_and_to_webhooks(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (receiver, callback, listener) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        let events = ["operation.succeeded", "operation.failed", "operation.cancelled"];
        listener.subscribe(&api, &events).await;
        listener.subscribe(&other, &events).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 3).await;
        all_delivered(&api, &webhook, 3).await;
        let ask = async |url: &str| replay(&api, &webhook, &json!({"since": "2020-01-01T00:00:00Z", "state": "all", "callback_url": url})).await;
        // Judged like the URL of a webhook, and together with everything else.
        for bad in ["http://10.0.0.1/", "https://user@example.com/", "ftp://example.com/", "nonsense"] {
            ask(bad).await.expect_invalid(&["callback_url"]);
        }
        replay(&api, &webhook, &json!({"state": "x", "callback_url": "nonsense"})).await.expect_invalid(&["callback_url", "since", "state"]);
        assert_eq!(api.get("/api/operations").await.json["meta"]["total"], 0);

        callback.answer_next([Instruction::status(500)]);
        let begun = ask(&callback.at("/end")).await.expect(202).json;
        let secret = begun["callback_secret"].as_str().unwrap().to_owned();
        assert_eq!(begun["callback_url"], callback.at("/end"));
        let end = ended(&api, &begun).await;
        assert!(end.get("callback_secret").is_none());
        let delivery = format!("/api/deliveries/{}", end["callback_delivery"].as_str().unwrap());
        callback.wait_for(1).await;
        // Tried again like any delivery, on its schedule or by hand.
        eventually("the failure is on record", Duration::from_secs(10), || async {
            (api.get(&delivery).await.expect(200).json["state"] == "waiting").then_some(())
        })
        .await;
        kitchen.clock.advance(Duration::from_secs(12));
        let told = callback.wait_for(2).await;
        eventually("it is delivered", Duration::from_secs(10), || async {
            (api.get(&delivery).await.expect(200).json["state"] == "delivered").then_some(())
        })
        .await;
        api.post(&format!("{delivery}/retry"), &[]).await.expect(200);
        callback.wait_for(3).await;
        assert_eq!((told[1].json(), told[1].path.as_str()), (end.clone(), "/end"), "the body is the operation");
        let verifier = standardwebhooks::Webhook::new(&secret).unwrap();
        verifier.verify(&told[1].body, &told[1].headers).unwrap();
        let heard = listener.events(1).await.remove(0);
        assert_eq!((&heard["type"], &heard["data"]), (&json!("operation.succeeded"), &end));

        // What tells an end is no webhook of anybody's.
        let hidden = api.get(&delivery).await.expect(200).json["webhook"].as_str().unwrap().to_owned();
        assert_eq!(api.get("/api/webhooks").await.expect(200).rows().len(), 2);
        api.get(&format!("/api/webhooks/{hidden}")).await.expect(404);
        api.put(&format!("/api/webhooks/{hidden}"), &[("url", "https://example.com/")]).await.expect(404);
        api.delete(&format!("/api/webhooks/{hidden}")).await.expect(404);
        // Only what became of the telling can be looked at.
        assert_eq!(api.get(&format!("/api/webhooks/{hidden}/deliveries")).await.expect(200).rows().len(), 1);
        for path in [delivery.clone(), format!("/api/webhooks/{hidden}/deliveries")] {
            other.get(&path).await.expect(404);
        }
        api.post("/api/clients", &[("name", "Nell"), ("email", "nell@client.example")]).await.expect(201);
        receiver.wait_for(7).await;
        assert_eq!(callback.received().len(), 3, "it receives nothing else");

        // However it ends: cancelled by somebody, failed for a reason.
        let begun = replay(&api, &webhook, &json!({"since": "2020-01-01T00:00:00Z", "state": "all", "rate": 1, "callback_url": callback.at("/two")})).await;
        api.post(&format!("/api/operations/{}/cancel", begun.expect(202).id()), &[]).await.expect(200);
        let cancelled = callback.wait_for(4).await.remove(3).json();
        assert_eq!(cancelled["state"], "cancelled");
        let begun = replay(&api, &webhook, &json!({"since": "2020-01-01T00:00:00Z", "state": "all", "rate": 1, "callback_url": callback.at("/three")})).await;
        begun.expect(202);
        api.delete(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(204);
        let failed = callback.wait_for(5).await.remove(4).json();
        assert_eq!((&failed["state"], &failed["error"]), (&json!("failed"), &json!("The webhook was deleted meanwhile.")));
        let heard: Vec<_> = listener.events(3).await.iter().map(|event| event["type"].clone()).collect();
        assert_eq!(heard, ["operation.succeeded", "operation.cancelled", "operation.failed"]);
        kitchen.stop().await;
    }

    async fn workspaces_take_turns_however_many_operations_one_has(engine: Engine) {
        let (kitchen, busy) = Kitchen::quiet(engine).await;
        let (calm, receiver) = (kitchen.workspace("calm").await, Receiver::start().await);
        let mut begun = Vec::new();
        for api in [&busy, &busy, &busy, &calm] {
            let webhook = receiver.subscribe(api, &["client.created"]).await;
            kitchen.clock.advance(Duration::from_millis(10));
            begun.push(begin(api, &webhook, "all", 1).await["id"].as_str().unwrap().to_owned());
        }
        let mut order = Vec::new();
        for _ in 0..4 {
            kitchen.clock.advance(Duration::from_millis(10));
            let claimed = steps::claim_due(&kitchen.store, "w_one", LEASE).await.unwrap().expect("one is due");
            order.push(begun.iter().position(|id| *id == claimed.id.as_str()).unwrap());
        }
        assert_eq!(order, [0, 3, 1, 2]);
        assert!(steps::claim_due(&kitchen.store, "w_one", LEASE).await.unwrap().is_none());
        kitchen.stop().await;
    }

    async fn the_page_lists_operations_and_stops_them(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        assert!(owner.get("/settings/operations").await.expect(200).text.contains("There are no operations yet"));
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        let begun = begin(&api, &webhook, "all", 50).await;
        let path = format!("/settings/operations/{}", begun["id"].as_str().unwrap());
        let listed = owner.get("/settings/operations?kind=webhook.replay&state=queued").await.expect(200).text;
        for shown in [format!("href=\"{path}\""), format!("action=\"{path}/cancel\""), receiver.at("/hook"), "0 of 0 sent".into()] {
            assert!(listed.contains(&shown), "{shown}");
        }
        assert!(owner.get("/settings/operations?state=failed").await.expect(200).text.contains("No operation matches"));
        owner.post(&format!("{path}/cancel"), &[]).await.expect(303);
        let listed = owner.get("/settings/operations?state=nonsense").await.expect(200).text;
        assert!(listed.contains("Stopped") && !listed.contains("/cancel\""), "{listed}");
        kitchen.stop().await;
    }
}
