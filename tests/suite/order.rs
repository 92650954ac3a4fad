//! A webhook that is ordered receives one delivery after the other, in the order of the events; what fails holds up the rest.

use crate::deliveries::{make_clients, start_worker};
use crate::flow::path;
use crate::replay;
use domain::ids::WebhookId;
use domain::room::Room;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Visitor, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;
use store::claims::{self, ClaimName, Claimed, Lessee, Share};
use store::dispatch::{self, Which};

async fn ordered(api: &Api, url: &str) -> Value {
    let body = json!({"url": url, "events_types": ["client.created"], "ordered": true});
    api.post_json("/api/webhooks", &body).await.expect(201).json
}

/// Its deliveries, in the order of their events.
async fn all(api: &Api, webhook: &Value) -> Vec<Value> {
    let mut all = api.get(&format!("{}/deliveries?per_page=100", path(webhook))).await.expect(200).rows();
    all.sort_by_key(|one| one["event"].as_str().unwrap().to_owned());
    all
}

fn of(delivery: &Value, what: &str) -> String {
    format!("/api/deliveries/{}/{what}", delivery["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_failure_holds_up_what_is_younger_until_it_is_retried_or_skipped(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let webhook = ordered(&api, &receiver.url).await;
        assert_eq!(webhook["ordered"], true);
        // On SQLite one process works alone.
        let second = kitchen.redis_url.is_some().then(|| start_worker(&kitchen));
        let delay = Duration::from_millis(20);
        let answer = |status| Instruction { delay, ..Instruction::status(status) };
        receiver.answer_always(answer(200));
        receiver.answer_next([answer(200), answer(500)]);
        make_clients(&kitchen.store, &api.key().workspace_id, 12).await;
        let deliveries = eventually("one has failed", Duration::from_secs(10), || async {
            let all = all(&api, &webhook).await;
            (all.len() == 12 && all[1]["state"] == "waiting" && all[1]["is_leased"] == false).then_some(all)
        })
        .await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), 2, "the others wait");
        for behind in &deliveries[2..] {
            assert_eq!((&behind["state"], &behind["waits_for"]), (&json!("pending"), &json!("order")));
        }
        let refused = api.post(&of(&deliveries[2], "retry"), &[]).await.expect(409);
        assert!(refused.text.contains(deliveries[1]["id"].as_str().unwrap()), "{}", refused.text);
        let page = owner.get(&format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(200).text;
        assert!(page.contains("id=\"blocking\"") && page.contains("which was attempted once"), "{page}");

        // It is sent again, and then all others, one after the other.
        receiver.answer_next([answer(200), answer(200), answer(500)]);
        api.post(&of(&deliveries[1], "retry"), &[]).await.expect(200);
        eventually("the fourth has failed", Duration::from_secs(10), || async {
            (all(&api, &webhook).await[3]["state"] == "waiting").then_some(())
        })
        .await;
        let skipped = owner.post(&format!("/settings/deliveries/{}/skip", deliveries[3]["id"].as_str().unwrap()), &[]).await;
        skipped.expect(303);
        let received = receiver.wait_for(13).await;
        let sent: Vec<&str> = received.iter().map(|one| one.header("kitchen-delivery")).collect();
        let id = |index: usize| deliveries[index]["id"].as_str().unwrap();
        let expected: Vec<&str> = [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(id).to_vec();
        assert_eq!(sent, expected);
        assert!(received.windows(2).all(|two| two[1].at.duration_since(two[0].at) >= delay), "two were under way at once");
        let shown = eventually("all are done", Duration::from_secs(5), || async {
            let all = all(&api, &webhook).await;
            (all[11]["state"] == "delivered").then_some(all)
        })
        .await;
        assert_eq!(shown[3]["state"], "cancelled");
        api.post(&of(&deliveries[3], "skip"), &[]).await.expect(409);
        // That is what its page says, also once the webhook is gone.
        api.delete(&path(&webhook)).await.expect(204);
        let page = owner.get(&format!("/settings/deliveries/{}", id(3))).await.expect(200).text;
        assert!(page.contains("It was skipped by hand.") && page.contains("deleted"), "{page}");
        if let Some((stop, worker)) = second {
            stop.cancel();
            worker.await.unwrap();
        }
        kitchen.stop().await;
    }

    /// What two workers do in the worst moment, step by step.
    async fn a_replay_sends_events_of_all_types_in_their_order(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let body = json!({"url": receiver.url, "events_types": ["client.*"], "ordered": true});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        let path = path(&webhook);
        api.put(&path, &[("enabled", "false")]).await.expect(200);
        // More than one step looks at, of three types that take turns.
        for number in 0..30 {
            let client = api.post("/api/clients", &[("name", "Ada"), ("email", &format!("{number}@acme.example"))]).await.expect(201);
            let client = format!("/api/clients/{}", client.id());
            api.put(&client, &[("name", "Ada Lovelace")]).await.expect(200);
            api.delete(&client).await.expect(204);
        }
        replay::all_dispatched(&kitchen).await;
        api.put(&path, &[("enabled", "true")]).await.expect(200);
        for (count, state) in [(90, "missing"), (180, "all")] {
            let begun = replay::begin(&api, &webhook, state, 500).await;
            replay::done(&api, &begun, 90).await;
            receiver.wait_for(count).await;
            let ids: Vec<String> = receiver.received()[count - 90..].iter().map(|one| one.json()["id"].as_str().unwrap().to_owned()).collect();
            assert!(ids.is_sorted(), "{state}: {ids:?}");
        }
        kitchen.stop().await;
    }

    async fn only_the_head_is_claimed_and_nothing_before_what_is_older(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let webhook = ordered(&api, "http://127.0.0.1:9/").await;
        make_clients(&kitchen.store, &api.key().workspace_id, 3).await;
        let mut view = kitchen.store.read(&api.key().workspace_id).await.unwrap();
        let latest = store::feeds::latest(&mut view, "client.created", &store::feeds::Place::default(), 3).await.unwrap().events;
        drop(view);
        let ids: Vec<String> = latest.iter().rev().map(|event| event.id.to_string()).collect();
        let lessee = Lessee { name: "w_first".into(), lease: Duration::from_mins(1) };
        let other = Lessee { name: "w_other".into(), ..lessee.clone() };
        let share = || {
            let webhook = WebhookId::from_stored(webhook["id"].as_str().unwrap().to_owned());
            [Share { webhook, most: 10, probe: None, ordered: true }]
        };
        let claim = async |lessee: &Lessee| claims::claim_due(&kitchen.store, lessee, &share()).await.unwrap().claimed;
        let dispatch = async |ids: &[String]| {
            let done = dispatch::dispatch(&kitchen.store, Which::Named(ids), &lessee, Room::of(10), |_| Some(0)).await.unwrap();
            assert!(done.claimed.is_empty() && done.is_due);
        };
        // The oldest is committed, and the ring for it was lost.
        dispatch(&ids[1..]).await;
        assert!(claim(&lessee).await.is_empty(), "one that is older may come first");
        dispatch(&ids[..1]).await;
        let first = claim(&lessee).await;
        assert_eq!(first.iter().map(|one| one.event.id.as_str()).collect::<Vec<_>>(), [&ids[0]]);
        assert!(claim(&other).await.is_empty(), "one is under way");
        // Its worker died after it had sent, and before it recorded.
        kitchen.clock.advance(Duration::from_secs(61));
        let again = claim(&other).await;
        assert_eq!((again.len(), &again[0].id, again[0].fence), (1, &first[0].id, first[0].fence + 1));
        for _ in 0..10 {
            let name = |one: &Claimed| ClaimName { id: one.id.clone(), fence: one.fence };
            for lessee in [&lessee, &other] {
                let held: Vec<Claimed> = claim(lessee).await;
                assert!(held.is_empty() || held[0].id == first[0].id);
            }
            kitchen.clock.advance(Duration::from_secs(61));
            let (one, two) = tokio::join!(claim(&lessee), claim(&other));
            assert_eq!(one.len() + two.len(), 1, "a single one, however many ask at once");
            claims::release(&kitchen.store, &lessee, &one.iter().map(name).collect::<Vec<_>>()).await.unwrap();
            claims::release(&kitchen.store, &other, &two.iter().map(name).collect::<Vec<_>>()).await.unwrap();
        }
        kitchen.stop().await;
    }
}
