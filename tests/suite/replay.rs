//! Past events sent to a webhook once more: which they are, that each is sent once, at its pace, whatever happens to the worker, and
//! that nothing else is disturbed by it.

use crate::deliveries::{after_attempts, deliveries, delivery_in, make_clients, start_worker};
use domain::clock::Timestamp;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Reply, Setup, database, eventually, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

pub(crate) async fn replay(api: &Api, webhook: &Value, body: &Value) -> Reply {
    api.post_json(&format!("/api/webhooks/{}/replay", webhook["id"].as_str().unwrap()), body).await
}

/// A replay of everything of this choice, at this rate.
pub(crate) async fn begin(api: &Api, webhook: &Value, state: &str, rate: u32) -> Value {
    replay(api, webhook, &json!({"since": LONG_AGO, "state": state, "rate": rate})).await.expect(202).json
}

/// What a dry run says there is to send.
async fn dry_run(api: &Api, webhook: &Value, mut body: Value) -> u64 {
    body["dry_run"] = json!(true);
    let said = replay(api, webhook, &body).await.expect(200).json;
    assert_eq!(said["is_exact"], true);
    said["count"].as_u64().unwrap()
}

pub(crate) async fn operation(api: &Api, operation: &Value) -> Value {
    api.get(&format!("/api/operations/{}", operation["id"].as_str().unwrap())).await.expect(200).json
}

/// The operation, once it has ended.
pub(crate) async fn ended(api: &Api, begun: &Value) -> Value {
    eventually("the operation has ended", Duration::from_mins(2), || async {
        let now = operation(api, begun).await;
        (!now["ended_at"].is_null()).then_some(now)
    })
    .await
}

/// Waits until the operation has seen to so many.
pub(crate) async fn done(api: &Api, begun: &Value, count: u64) -> Value {
    eventually(&format!("{count} are done"), Duration::from_secs(20), || async {
        let now = operation(api, begun).await;
        (now["done_count"].as_u64().unwrap() >= count).then_some(now)
    })
    .await
}

/// How often each event came, by its id.
pub(crate) fn times(receiver: &Receiver) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for one in receiver.received() {
        *times.entry(one.header("webhook-id").to_owned()).or_default() += 1;
    }
    times
}

async fn make_companies(api: &Api, names: &[&str]) {
    for name in names {
        api.post("/api/companies", &[("name", name)]).await.expect(201);
    }
}

/// Waits until nobody will dispatch anything any more.
pub(crate) async fn all_dispatched(kitchen: &Kitchen) {
    eventually("every event is dispatched", Duration::from_secs(10), || async {
        let all = database::execute(&kitchen.database_url, "UPDATE events SET dispatched_at = dispatched_at").await;
        let done = "UPDATE events SET dispatched_at = dispatched_at WHERE dispatched_at IS NOT NULL";
        (database::execute(&kitchen.database_url, done).await == all).then_some(())
    })
    .await;
}

/// Waits until so many of the webhook's deliveries are delivered and none is held.
pub(crate) async fn all_delivered(api: &Api, webhook: &Value, count: usize) {
    let path = format!("/api/webhooks/{}/deliveries?per_page=100", webhook["id"].as_str().unwrap());
    eventually(&format!("{count} are delivered"), Duration::from_secs(20), || async {
        let all = api.get(&path).await.expect(200).rows();
        let settled = |one: &&Value| one["state"] == "delivered" && one["is_leased"] == false;
        (all.iter().filter(settled).count() == count && all.len() == count).then_some(())
    })
    .await;
}

/// Deliveries that were given up, without the three days that takes.
pub(crate) async fn give_up(kitchen: &Kitchen, event_type: &str) -> u64 {
    let text = format!(
        "UPDATE deliveries SET state = 'exhausted', due_at = NULL, next_attempt_at = NULL \
         WHERE event_type = '{event_type}' AND leased_by IS NULL"
    );
    database::execute(&kitchen.database_url, &text).await
}

on_both_engines! {
    async fn what_the_dry_run_says_is_what_is_sent(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        // Three that happened too early, a fourth of a kind that is not wanted; then two that arrive, two that are given up, a test.
        make_companies(&api, &["Early 1", "Early 2", "Early 3"]).await;
        api.post("/api/boards", &[("title", "Early"), ("visibility", "shared")]).await.expect(201);
        all_dispatched(&kitchen).await;
        kitchen.clock.advance(Duration::from_mins(10));
        let webhook = receiver.subscribe(&api, &["company.created", "client.created"]).await;
        let between = kitchen.clock.now();
        make_companies(&api, &["Late 1", "Late 2"]).await;
        all_delivered(&api, &webhook, 2).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 2).await;
        all_delivered(&api, &webhook, 4).await;
        assert_eq!(give_up(&kitchen, "client.created").await, 2);
        api.post(&format!("/api/webhooks/{}/test", webhook["id"].as_str().unwrap()), &[]).await.expect(202);
        receiver.wait_for(5).await;
        delivery_in(&api, &webhook, "delivered").await;
        // All at one moment, so that what one replay delivers is no news to the next dry run.
        let said = async |body: Value| dry_run(&api, &webhook, body).await;
        let companies = json!(["company.created"]);
        for (body, count) in [
            (json!({"since": LONG_AGO}), 2),
            (json!({"since": LONG_AGO, "state": "failed", "events_types": companies}), 0),
            (json!({"since": LONG_AGO, "state": "missing"}), 3),
            (json!({"since": between.to_string(), "state": "missing"}), 0),
            (json!({"since": LONG_AGO, "until": between.to_string(), "state": "all"}), 3),
            (json!({"since": LONG_AGO, "state": "missing", "events_types": ["board.created"]}), 0),
            (json!({"since": LONG_AGO, "state": "all", "events_types": companies}), 5),
            (json!({"since": LONG_AGO, "state": "all"}), 7),
        ] {
            assert_eq!(said(body.clone()).await, count, "{body}");
        }
        assert_eq!((receiver.received().len(), api.get("/api/operations").await.json["meta"]["total"].clone()), (5, json!(0)), "nothing is made");

        let mut sent = 5;
        for (state, count) in [("failed", 2), ("missing", 3), ("all", 7), ("failed", 0), ("missing", 0)] {
            let before = times(&receiver);
            let said = dry_run(&api, &webhook, json!({"since": LONG_AGO, "state": state})).await;
            assert_eq!(said, count, "{state}");
            let begun = begin(&api, &webhook, state, 500).await;
            assert_eq!((&begun["state"], &begun["total_count"]), (&json!("queued"), &json!(said)));
            let end = ended(&api, &begun).await;
            assert_eq!((&end["state"], &end["done_count"], &end["failures_count"]), (&json!("succeeded"), &json!(said), &json!(0)));
            sent += usize::try_from(said).unwrap();
            receiver.wait_for(sent).await;
            let again = times(&receiver).into_iter().filter(|(id, count)| before.get(id).copied().unwrap_or(0) + 1 == *count).count();
            assert_eq!(again as u64, said, "each once more: {state}");
            // The tests' own delivery, the four late ones, and from then on the early ones.
            eventually("all are delivered", Duration::from_secs(10), || async {
                let all = deliveries(&api, &webhook).await;
                all.iter().all(|one| one["state"] == "delivered" && one["is_leased"] == false).then_some(())
            })
            .await;
        }
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), sent);
        let test_type = |one: &harness::Received| one.json()["type"] == "webhook.test";
        assert_eq!(receiver.received().iter().filter(|one| test_type(one)).count(), 1, "a test is never replayed");
        kitchen.stop().await;
    }

    async fn an_interrupted_replay_goes_on_where_it_was(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["client.created", "company.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 20).await;
        let (stop, working) = start_worker(&kitchen);
        receiver.wait_for(20).await;
        all_delivered(&api, &webhook, 20).await;
        let begun = begin(&api, &webhook, "all", 8).await;
        done(&api, &begun, 1).await;
        stop.cancel();
        working.await.unwrap();
        let halfway = operation(&api, &begun).await["done_count"].as_u64().unwrap();
        assert!((1..20).contains(&halfway), "it was interrupted after {halfway}");
        // What happens meanwhile is not part of it.
        make_companies(&api, &["Meanwhile"]).await;
        // Two that work together from here on.
        let others = [start_worker(&kitchen), start_worker(&kitchen)];
        let end = ended(&api, &begun).await;
        assert_eq!((&end["state"], &end["done_count"], &end["total_count"]), (&json!("succeeded"), &json!(20), &json!(20)));
        assert_eq!(end["result"], json!({"retried_count": 20, "created_count": 0, "under_way_count": 0}));
        receiver.wait_for(41).await;
        all_delivered(&api, &webhook, 21).await;
        let times = times(&receiver);
        assert_eq!(times.values().filter(|count| **count == 2).count(), 20, "{times:?}");
        assert_eq!(times.values().filter(|count| **count == 1).count(), 1, "{times:?}");
        for (stop, working) in others {
            stop.cancel();
            working.await.unwrap();
        }
        kitchen.stop().await;
    }

    async fn the_schedule_of_a_waiting_delivery_stays_as_it_was(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &[]).await;
        receiver.answer_always(Instruction::status(500));
        make_companies(&api, &["Acme"]).await;
        let waiting = delivery_in(&api, &webhook, "waiting").await;
        assert_eq!(dry_run(&api, &webhook, json!({"since": LONG_AGO, "state": "failed"})).await, 0, "it has not failed yet");
        ended(&api, &begin(&api, &webhook, "all", 50).await).await;
        let after = async |count: u64| {
            eventually(&format!("{count} attempts"), Duration::from_secs(10), || async {
                deliveries(&api, &webhook).await.into_iter().find(|one| one["attempts_count"] == count && one["is_leased"] == false)
            })
            .await
        };
        let replayed = after(2).await;
        assert_eq!((&replayed["state"], &replayed["next_attempt_at"]), (&json!("waiting"), &waiting["next_attempt_at"]));
        receiver.answer_always(Instruction::status(200));
        kitchen.clock.advance(Duration::from_secs(12));
        let delivered = after(3).await;
        assert_eq!(delivered["state"], "delivered");
        let shown = api.get(&format!("/api/deliveries/{}", delivered["id"].as_str().unwrap())).await.expect(200).json;
        let manual: Vec<&Value> = shown["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["is_manual"]).collect();
        assert_eq!(manual, [false, true, false]);
        kitchen.stop().await;
    }

    async fn what_was_given_up_begins_anew_with_its_whole_schedule(engine: Engine) {
        let setup = Setup { max_delivery_age: Duration::from_hours(1), ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let body = json!({"url": receiver.url, "events_types": ["company.created"], "retry_delays": [30]});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        receiver.answer_always(Instruction::status(503));
        make_companies(&api, &["Acme"]).await;
        let one = async |attempts: u64| after_attempts(&api, &webhook, attempts).await;
        assert_eq!(one(1).await["state"], "waiting");
        kitchen.clock.advance(Duration::from_secs(34));
        assert_eq!(one(2).await["state"], "exhausted");
        // Older than a delivery becomes; its age counts from the replay.
        kitchen.clock.advance(Duration::from_hours(2));
        let end = ended(&api, &begin(&api, &webhook, "failed", 50).await).await;
        assert_eq!(end["result"], json!({"retried_count": 1, "created_count": 0, "under_way_count": 0}));
        let again = one(3).await;
        assert_eq!((&again["state"], again["next_attempt_at"].is_string()), (&json!("waiting"), true));
        receiver.answer_always(Instruction::status(200));
        kitchen.clock.advance(Duration::from_secs(34));
        let delivered = one(4).await;
        assert_eq!(delivered["state"], "delivered");
        let shown = api.get(&format!("/api/deliveries/{}", delivered["id"].as_str().unwrap())).await.expect(200).json;
        assert!(shown["attempts"].as_array().unwrap().iter().all(|attempt| attempt["is_manual"] == false));
        assert_eq!(times(&receiver).into_values().collect::<Vec<_>>(), [4], "under one id");
        kitchen.stop().await;
    }

    async fn what_it_began_anew_is_not_begun_again_whatever_becomes_of_it(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["company.created"]).await;
        make_companies(&api, &["A", "B", "C"]).await;
        all_delivered(&api, &webhook, 3).await;
        give_up(&kitchen, "company.created").await;
        receiver.answer_always(Instruction::status(500));
        let begun = begin(&api, &webhook, "failed", 1).await;
        let first = eventually("one has failed again", Duration::from_secs(10), || async {
            let all = deliveries(&api, &webhook).await;
            all.into_iter().find(|one| one["state"] == "waiting" && one["is_leased"] == false)
        })
        .await;
        // Cancelled deliveries come behind exhausted ones.
        api.post(&format!("/api/deliveries/{}/skip", first["id"].as_str().unwrap()), &[]).await.expect(200);
        let end = ended(&api, &begun).await;
        assert_eq!((&end["state"], &end["done_count"]), (&json!("succeeded"), &json!(3)));
        let after = deliveries(&api, &webhook).await.into_iter().find(|one| one["id"] == first["id"]).unwrap();
        assert_eq!(after["state"], "cancelled");
        // Another replay begins it anew.
        assert_eq!(dry_run(&api, &webhook, json!({"since": LONG_AGO})).await, 1);
        kitchen.stop().await;
    }

    async fn a_replay_keeps_its_pace_and_holds_nobody_up(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, busy, other) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        let large = busy.subscribe(&api, &["client.created"]).await;
        let small = other.subscribe(&api, &["company.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 60).await;
        make_companies(&api, &["A", "B"]).await;
        all_delivered(&api, &large, 60).await;
        all_delivered(&api, &small, 2).await;
        let begun = Instant::now();
        let slow = begin(&api, &large, "all", 10).await;
        done(&api, &slow, 1).await;
        // Another replay, and a fresh event, are there long before the slow one has ended.
        ended(&api, &begin(&api, &small, "all", 50).await).await;
        other.wait_for(4).await;
        let at = Instant::now();
        make_companies(&api, &["C"]).await;
        let fresh = other.wait_for(5).await.pop().unwrap().at.duration_since(at);
        assert!(fresh < Duration::from_secs(1), "{fresh:?}");
        let now = operation(&api, &slow).await;
        let most = (begun.elapsed().as_secs_f64() * 10.0) + 20.0;
        assert_eq!(now["state"], "running");
        assert!(now["done_count"].as_f64().unwrap() <= most, "{} of at most {most}", now["done_count"]);
        let end = ended(&api, &slow).await;
        let took = begun.elapsed();
        assert!((4..12).contains(&took.as_secs()), "60 at 10 a second took {took:?}");
        assert_eq!(end["done_count"], 60);
        busy.wait_for(120).await;
        kitchen.stop().await;
    }

    async fn a_replay_ends_with_the_reason_when_nothing_can_be_sent_any_more(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        for (change, reason) in [("pause", "The webhook was disabled meanwhile."), ("delete", "The webhook was deleted meanwhile.")] {
            let webhook = receiver.subscribe(&api, &["client.created"]).await;
            make_clients_again(&kitchen, &api, 6, change).await;
            all_delivered(&api, &webhook, 6).await;
            let begun = begin(&api, &webhook, "all", 1).await;
            done(&api, &begun, 1).await;
            let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
            if change == "pause" {
                api.put(&path, &[("enabled", "false")]).await.expect(200);
            } else {
                api.delete(&path).await.expect(204);
            }
            let end = ended(&api, &begun).await;
            assert_eq!((&end["state"], &end["error"]), (&json!("failed"), &json!(reason)));
            let refused = replay(&api, &webhook, &json!({"since": LONG_AGO, "dry_run": true})).await.expect(409);
            assert!(refused.json["message"].as_str().unwrap().contains(if change == "pause" { "disabled" } else { "deleted" }));
            replay(&api, &webhook, &json!({"since": LONG_AGO})).await.expect(409);
        }
        kitchen.stop().await;
    }

    async fn what_makes_no_sense_is_refused_and_makes_nothing(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let (webhook, stranger) = (receiver.subscribe(&api, &[]).await, kitchen.workspace("other").await);
        replay(&api, &webhook, &json!({})).await.expect_invalid(&["since"]);
        let tomorrow = kitchen.clock.now().plus(Duration::from_hours(24)).to_string();
        replay(&api, &webhook, &json!({"since": tomorrow})).await.expect_invalid(&["since"]);
        replay(&api, &webhook, &json!({"since": LONG_AGO, "until": LONG_AGO})).await.expect_invalid(&["until"]);
        let wrong = json!({"since": "x", "until": "y", "state": "lost", "rate": 0, "dry_run": "maybe", "events_types": ["x.y"]});
        replay(&api, &webhook, &wrong).await.expect_invalid(&["since", "until", "state", "rate", "dry_run", "events_types.0"]);
        for id in ["wh_000000000000000000000000", "x"] {
            replay(&api, &json!({"id": id}), &json!({"since": LONG_AGO})).await.expect(404);
        }
        replay(&stranger, &webhook, &json!({"since": LONG_AGO})).await.expect(404);
        api.delete(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(204);
        replay(&api, &webhook, &json!({"since": LONG_AGO})).await.expect(409);
        replay(&stranger, &webhook, &json!({"since": LONG_AGO})).await.expect(404);
        assert_eq!(api.get("/api/operations").await.expect(200).json["meta"]["total"], 0);
        kitchen.stop().await;
    }

    async fn two_that_are_asked_for_at_once_are_one(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &[]).await;
        let body = json!({"since": LONG_AGO, "state": "all"});
        let ask = || replay(&api, &webhook, &body);
        let replies = tokio::join!(ask(), ask(), ask(), ask());
        let replies = [replies.0, replies.1, replies.2, replies.3];
        let accepted: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 202).collect();
        assert_eq!((accepted.len(), replies.iter().filter(|reply| reply.status == 409).count()), (1, 3));
        assert_eq!(accepted[0].header("location"), format!("/api/operations/{}", accepted[0].id()));
        let refused = replies.iter().find(|reply| reply.status == 409).unwrap();
        assert!(refused.json["message"].as_str().unwrap().contains(&accepted[0].id()), "{}", refused.text);
        api.post(&format!("/api/operations/{}/cancel", accepted[0].id()), &[]).await.expect(200);
        ask().await.expect(202);
        kitchen.stop().await;
    }
}

/// Clients under addresses of their own.
async fn make_clients_again(kitchen: &Kitchen, api: &Api, count: usize, mark: &str) {
    for number in 0..count {
        let email = format!("{mark}{number}@example.com");
        api.post("/api/clients", &[("name", mark), ("email", &email)]).await.expect(201);
    }
    all_dispatched(kitchen).await;
}

on_both_engines! {
    async fn what_is_too_much_to_count_is_counted_up_to_a_bound(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["list.created"]).await;
        let before = kitchen.clock.now().minus(Duration::from_hours(1));
        insert_events(&kitchen, &api, before, 100_050).await;
        let body = json!({"since": LONG_AGO, "state": "missing", "dry_run": true});
        let said = replay(&api, &webhook, &body).await.expect(200).json;
        assert_eq!(said, json!({"count": 100_000, "is_exact": false}));
        let operation = begin(&api, &webhook, "missing", 500).await;
        assert_eq!(operation["total_count"], Value::Null);
        kitchen.stop().await;
    }
}

/// Events that are long dispatched, one statement for all.
async fn insert_events(kitchen: &Kitchen, api: &Api, at: Timestamp, count: u32) {
    let id = if kitchen.store.is_sqlite() { "printf('evt_%024x', n)" } else { "'evt_' || lpad(to_hex(n), 24, '0')" };
    let text = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
         INSERT INTO events (id, workspace_id, event_type, occurred_at, data, dispatched_at) \
         SELECT {id}, '{}', 'list.created', {}, '{{}}', 1 FROM numbers",
        api.key().workspace_id,
        at.millis()
    );
    database::execute(&kitchen.database_url, &text).await;
}
