//! A receiver that fails again and again is left alone, asked now and then whether it is back, and given up in the end; what waits for
//! it loses nothing by that.

use crate::deliveries::{make_clients, start_worker};
use crate::flow::path;
use crate::replay::{begin, ended};
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Setup, Visitor, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

async fn shown(api: &Api, webhook: &Value) -> Value {
    api.get(&path(webhook)).await.expect(200).json
}

async fn all(api: &Api, webhook: &Value) -> Vec<Value> {
    api.get(&format!("{}/deliveries?per_page=100", path(webhook))).await.expect(200).rows()
}

/// The webhook, once its circuit is open and nothing is under way.
async fn open(api: &Api, webhook: &Value) -> Value {
    eventually("the circuit is open and all is quiet", Duration::from_secs(15), || async {
        let is_quiet = all(api, webhook).await.iter().all(|delivery| delivery["is_leased"] == false);
        let shown = shown(api, webhook).await;
        (shown["circuit"]["probe_at"].is_string() && is_quiet).then_some(shown)
    })
    .await
}

/// Waits until so many failures in a row are on record.
async fn failed(api: &Api, webhook: &Value, count: u64) {
    eventually(&format!("{count} failures on record"), Duration::from_secs(10), || async {
        (shown(api, webhook).await["circuit"]["failures_in_row"] == count).then_some(())
    })
    .await;
}

on_both_engines! {
    async fn a_receiver_that_keeps_failing_is_left_alone_until_a_probe_gets_through(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        // Slow enough for the outcomes to be on record in between.
        receiver.answer_always(Instruction { delay: Duration::from_millis(50), ..Instruction::status(500) });
        let body = json!({"url": receiver.url, "events_types": ["client.created"], "max_in_flight": 1});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        assert_eq!(webhook["circuit"], json!({"failures_in_row": 0, "since": null, "probe_at": null, "asked_until": null}));
        let page = format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap());
        make_clients(&kitchen.store, &api.key().workspace_id, 30).await;
        let failing = open(&api, &webhook).await;
        let failed = receiver.received().len();
        assert!((10..25).contains(&failed), "{failed} were attempted before the receiver was left alone");
        assert_eq!(failing["circuit"]["failures_in_row"], failed);
        let waiting: Vec<Value> = all(&api, &webhook).await;
        let (tried, untried): (Vec<&Value>, Vec<&Value>) = waiting.iter().partition(|one| one["state"] == "waiting");
        assert_eq!((tried.len(), untried.len()), (failed, 30 - failed));
        for one in &untried {
            assert_eq!((&one["state"], &one["attempts_count"], &one["waits_for"]), (&json!("pending"), &json!(0), &json!("circuit")));
        }
        let text = owner.get(&page).await.expect(200).text;
        assert!(text.contains("Deliveries wait, because the receiver has failed") && text.contains(">Failing<"), "{text}");
        let untried_page = format!("/settings/deliveries/{}", untried[0]["id"].as_str().unwrap());
        assert!(owner.get(&untried_page).await.expect(200).text.contains("which costs it no attempt"));

        // When its time has come there is one probe, however many workers there are.
        let (stop, second) = start_worker(&kitchen);
        kitchen.clock.advance(Duration::from_secs(12));
        let probed = receiver.wait_within(failed + 1, Duration::from_secs(5)).await;
        let again = eventually("the next probe is planned", Duration::from_secs(5), || async {
            let shown = open(&api, &webhook).await;
            (shown["circuit"]["failures_in_row"] == failed + 1).then_some(shown)
        })
        .await;
        assert!(again["circuit"]["probe_at"].as_str() > failing["circuit"]["probe_at"].as_str());
        assert_eq!(again["circuit"]["since"], failing["circuit"]["since"]);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), probed.len(), "a single one was tried");

        // Somebody who asks for an attempt gets it at once, and first.
        let mine = all(&api, &webhook).await.into_iter().find(|one| one["attempts_count"] == 0).unwrap();
        api.post(&format!("/api/deliveries/{}/retry", mine["id"].as_str().unwrap()), &[]).await.expect(200);
        let asked = receiver.wait_within(failed + 2, Duration::from_secs(5)).await.pop().unwrap();
        assert_eq!(asked.header("kitchen-delivery"), mine["id"].as_str().unwrap());
        open(&api, &webhook).await;

        // The first success sets all others going, each with the attempts it had left.
        receiver.answer_always(Instruction::status(200));
        api.post(&format!("{}/test", path(&webhook)), &[]).await.expect(202);
        eventually("all that was never attempted is delivered", Duration::from_secs(10), || async {
            let all = all(&api, &webhook).await;
            (!all.iter().any(|one| one["state"] == "pending")).then_some(())
        })
        .await;
        assert_eq!(shown(&api, &webhook).await["circuit"], webhook["circuit"]);
        kitchen.clock.advance(Duration::from_secs(30));
        let all = eventually("all are delivered", Duration::from_secs(10), || async {
            let all = all(&api, &webhook).await;
            all.iter().all(|one| one["state"] == "delivered").then_some(all)
        })
        .await;
        for one in all.iter().filter(|one| untried.iter().any(|before| before["id"] == one["id"])) {
            assert!(one["attempts_count"].as_u64().unwrap() <= 2 && one["waits_for"].is_null(), "{one}");
        }
        stop.cancel();
        second.await.unwrap();
        kitchen.stop().await;
    }

    async fn no_probe_is_planned_for_a_webhook_that_is_off(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.answer_always(Instruction::status(500));
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 12).await;
        let failures = open(&api, &webhook).await["circuit"]["failures_in_row"].clone();
        let off = api.put(&path(&webhook), &[("enabled", "false")]).await.expect(200).json;
        for seen in [off, shown(&api, &webhook).await] {
            assert_eq!((&seen["circuit"]["probe_at"], &seen["circuit"]["failures_in_row"]), (&Value::Null, &failures));
        }
        kitchen.stop().await;
    }

    async fn what_waits_behind_it_is_given_up_when_it_is_too_old(engine: Engine) {
        let setup = Setup { max_delivery_age: Duration::from_hours(1), ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.answer_always(Instruction { delay: Duration::from_millis(50), ..Instruction::status(500) });
        let body = json!({"url": receiver.url, "events_types": ["client.created"], "max_in_flight": 1});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        make_clients(&kitchen.store, &api.key().workspace_id, 20).await;
        let failures = open(&api, &webhook).await["circuit"]["failures_in_row"].as_u64().unwrap();
        kitchen.clock.advance(Duration::from_mins(50));
        failed(&api, &webhook, failures + 1).await;
        // Younger than the others.
        api.post("/api/clients", &[("name", "Young"), ("email", "young@example.com")]).await.expect(201);
        kitchen.clock.advance(Duration::from_mins(21));
        let all = eventually("all but the young one are given up", Duration::from_secs(10), || async {
            let all = all(&api, &webhook).await;
            (all.iter().filter(|one| one["state"] == "exhausted").count() == 20).then_some(all)
        })
        .await;
        let untried: Vec<&Value> = all.iter().filter(|one| one["attempts_count"] == 0).collect();
        assert!(untried.len() > 3, "{}", untried.len());
        for one in untried {
            let is_young = one["state"] == "pending" && one["last_error"].is_null();
            assert!(is_young || one["last_error"] == "Too old; deliveries are given up after 1 h.", "{one}");
        }
        // Replayed, they are as young as that.
        receiver.answer_always(Instruction::status(200));
        ended(&api, &begin(&api, &webhook, "failed", 500).await).await;
        api.post(&format!("{}/test", path(&webhook)), &[]).await.expect(202);
        kitchen.clock.advance(Duration::from_mins(11));
        eventually("all are delivered", Duration::from_secs(10), || async {
            self::all(&api, &webhook).await.iter().all(|one| one["state"] == "delivered").then_some(())
        })
        .await;
        kitchen.stop().await;
    }

    async fn a_webhook_that_only_fails_for_days_is_disabled_and_the_others_are_told(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, broken, healthy) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        broken.answer_always(Instruction::status(500));
        let webhook = broken.subscribe(&api, &["company.created", "webhook.disabled"]).await;
        healthy.subscribe(&api, &["webhook.disabled"]).await;
        api.post("/api/companies", &[("name", "First")]).await.expect(201);
        failed(&api, &webhook, 1).await;
        kitchen.clock.advance(DAY * 4);
        failed(&api, &webhook, 2).await;
        assert_eq!(shown(&api, &webhook).await["enabled"], true);
        kitchen.clock.advance(DAY + Duration::from_mins(1));
        api.post("/api/companies", &[("name", "Second")]).await.expect(201);
        let told = healthy.events(1).await.remove(0);
        let disabled = shown(&api, &webhook).await;
        assert_eq!((&disabled["enabled"], &disabled["disabled_reason"]), (&json!(false), &json!("Nothing but failures for 5 days.")));
        assert_eq!((&told["type"], &told["data"]["id"]), (&json!("webhook.disabled"), &webhook["id"]));
        assert_eq!((&told["data"]["disabled_reason"], &told["data"]["enabled"]), (&disabled["disabled_reason"], &json!(false)));
        assert!(!told.to_string().contains(&webhook["secret"].as_str().unwrap()[6..]), "{told}");
        let log = owner.get("/settings/audit?about=webhooks").await.expect(200).text;
        assert!(log.contains("Disabled the webhook") && log.contains("Kitchen Gateway"), "{log}");
        let page = owner.get(&format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(200).text;
        assert!(page.contains("Nothing but failures for 5 days."));

        // Enabled again it begins anew, and what happened meanwhile can be sent then.
        api.post("/api/companies", &[("name", "Missed")]).await.expect(201);
        broken.answer_always(Instruction::status(200));
        let enabled = api.put(&path(&webhook), &[("enabled", "true")]).await.expect(200).json;
        assert_eq!((&enabled["disabled_reason"], &enabled["circuit"]["failures_in_row"]), (&Value::Null, &json!(0)));
        let names = |receiver: &Receiver| {
            let received = receiver.received();
            received.iter().filter(|one| one.answered == 200).map(|one| one.json()["data"]["name"].clone()).collect::<Vec<_>>()
        };
        ended(&api, &begin(&api, &webhook, "missing", 100).await).await;
        eventually("what was missed is delivered", Duration::from_secs(10), || async {
            names(&broken).contains(&json!("Missed")).then_some(())
        })
        .await;
        kitchen.stop().await;
    }

    async fn a_platform_that_subscribes_anew_to_what_was_given_up_hears_again(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        receiver.answer_always(Instruction::status(500));
        let body = json!({"target_url": receiver.url, "event": "company.created"});
        let hook = api.post_json("/connect/n8n/hooks", &body).await.expect(201).json;
        api.post("/api/companies", &[("name", "First")]).await.expect(201);
        failed(&api, &hook, 1).await;
        kitchen.clock.advance(DAY * 6);
        let place = format!("/connect/n8n/hooks/{}", hook["id"].as_str().unwrap());
        eventually("it is given up", Duration::from_secs(10), || async {
            (api.get(&place).await.expect(200).json["enabled"] == false).then_some(())
        })
        .await;
        receiver.answer_always(Instruction::status(200));
        let again = api.post_json("/connect/n8n/hooks", &body).await.expect(200).json;
        assert_eq!((&again["id"], &again["enabled"]), (&hook["id"], &json!(true)));
        assert_eq!(api.get(&place).await.expect(200).json, again);
        let enabled = shown(&api, &hook).await;
        assert_eq!((&enabled["disabled_reason"], &enabled["circuit"]["failures_in_row"]), (&Value::Null, &json!(0)));
        let log = owner.get("/settings/audit?about=webhooks").await.expect(200).text;
        assert!(log.contains("Resumed the webhook"), "{log}");
        api.post("/api/companies", &[("name", "Second")]).await.expect(201);
        eventually("it hears again", Duration::from_secs(10), || async {
            let heard = receiver.received().into_iter().any(|one| one.answered == 200 && one.json()["data"]["name"] == "Second");
            heard.then_some(())
        })
        .await;
        kitchen.stop().await;
    }

    async fn a_410_is_told_to_the_others_and_what_matched_nothing_is_kept(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, gone, healthy) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        // Nobody is there for this one.
        api.post("/api/companies", &[("name", "Nobody's")]).await.expect(201);
        healthy.subscribe(&api, &["webhook.disabled"]).await;
        gone.answer_next([Instruction::status(410)]);
        kitchen.clock.advance(Duration::from_secs(10));
        let webhook = gone.subscribe(&api, &["company.created"]).await;
        api.post("/api/companies", &[("name", "Refused")]).await.expect(201);
        let told = healthy.events(1).await.remove(0);
        assert_eq!((&told["data"]["id"], &told["data"]["disabled_reason"]), (&webhook["id"], &json!("The receiver answered 410 Gone.")));
        api.post("/api/companies", &[("name", "Unheard")]).await.expect(201);
        api.put(&path(&webhook), &[("enabled", "true")]).await.expect(200);
        ended(&api, &begin(&api, &webhook, "missing", 100).await).await;
        let mut names: Vec<Value> = gone.wait_for(3).await[1..].iter().map(|one| one.json()["data"]["name"].clone()).collect();
        names.sort_by_key(Value::to_string);
        assert_eq!(names, [json!("Nobody's"), json!("Unheard")]);
        kitchen.stop().await;
    }
}
