//! How many deliveries a second a webhook receives: as many as it takes, however many workers there are, and nobody else is slowed.

use crate::deliveries::{make_clients, start_worker_on};
use crate::flow::path;
use harness::{Api, Kitchen, Received, Receiver, Setup, Visitor, on_both_engines};
use queue::RedisQueue;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// Redis goes by its own clock.
const TOLERANCE: Duration = Duration::from_millis(10);

async fn paced(api: &Api, receiver: &Receiver, rate: u32) -> Value {
    let body = json!({"url": receiver.url, "events_types": ["client.created"], "rate_limit": rate});
    api.post_json("/api/webhooks", &body).await.expect(201).json
}

/// Fails if by some moment more had come than a burst and what comes back allow since the first could begin, which in a second is the rate.
/// Whatever a busy machine holds up comes later, and never sooner. That a pause earns no more than a burst is what `domain::pace` is tested
/// for.
fn expect_paced(received: &[Received], begun: Instant, rate: u32) {
    let burst = rate.div_ceil(10);
    for (place, one) in (1_u32..).zip(received) {
        let soonest = SECOND / (rate - burst + 1) * place.saturating_sub(burst);
        let came = one.at.duration_since(begun);
        assert!(came + TOLERANCE >= soonest, "the {place}th came after {came:?}, and might after {soonest:?}");
    }
}

on_both_engines! {
    async fn rate_limit_is_a_choice_with_bounds(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let url = "http://127.0.0.1:9/";
        let made = api.post("/api/webhooks", &[("url", url)]).await.expect(201).json;
        assert_eq!(made["rate_limit"], Value::Null);
        let path = path(&made);
        assert_eq!(api.put(&path, &[("rate_limit", "1000")]).await.expect(200).json["rate_limit"], 1000);
        assert_eq!(api.put(&path, &[("max_in_flight", "2")]).await.expect(200).json["rate_limit"], 1000, "it stays as it is");
        for wrong in ["0", "1001", "-1", "0.5", "fast"] {
            api.put(&path, &[("rate_limit", wrong)]).await.expect_invalid(&["rate_limit"]);
        }
        assert_eq!(api.get(&path).await.expect(200).json["rate_limit"], 1000);
        assert_eq!(api.put_json(&path, &json!({"rate_limit": null})).await.expect(200).json["rate_limit"], Value::Null);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let form = format!("/settings/webhooks/{}/edit", made["id"].as_str().unwrap());
        let typed = |rate| [("url", url), ("events", "all"), ("enabled", "1"), ("was_enabled", "1"), ("rate_limit", rate), ("max_in_flight", "3")];
        let refused = owner.post(&form, &typed("0")).await.expect(422);
        assert!(refused.text.contains("Write a whole number from 1 to 1000, or nothing."), "{}", refused.text);
        owner.post(&form, &typed("7")).await.expect(303);
        let shown = api.get(&path).await.expect(200).json;
        assert_eq!((&shown["rate_limit"], &shown["max_in_flight"]), (&json!(7), &json!(3)));
        owner.post(&form, &typed("")).await.expect(303);
        assert_eq!(api.get(&path).await.expect(200).json["rate_limit"], Value::Null);
        let hook = json!({"target_url": url, "event": "client.created"});
        let hook = api.post_json("/connect/zapier/hooks", &hook).await.expect(201).json;
        let hook = api.get(&crate::flow::path(&hook)).await.expect(200).json;
        assert_eq!(hook["rate_limit"], 30, "what Zapier takes");
        kitchen.stop().await;
    }

    async fn no_second_brings_more_than_the_rate_and_others_are_not_slowed(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, slow, quick) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        paced(&api, &slow, 20).await;
        quick.subscribe(&api, &["client.created"]).await;
        // A second worker, where there can be one, shares the rate with the first.
        let second = kitchen.redis_url.as_ref().map(|url| start_worker_on(&kitchen, RedisQueue::open(url).unwrap().backend()));
        let begun = Instant::now();
        make_clients(&kitchen.store, &api.key().workspace_id, 60).await;
        let (quickest, received) = (quick.wait_for(60).await, slow.wait_for(60).await);
        expect_paced(&received, begun, 20);
        let last = |received: &[Received]| received.iter().map(|one| one.at).max().unwrap();
        assert!(last(&quickest) < last(&received), "the other one was done first");
        // After a rest there is a burst and no more, and what comes singly comes at once: as soon as to the other.
        tokio::time::sleep(SECOND).await;
        let begun = Instant::now();
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        let (soon, paced) = (last(&quick.wait_for(61).await), last(&slow.wait_for(61).await));
        assert!(paced.saturating_duration_since(soon) < SECOND / 2, "{:?} later", paced.saturating_duration_since(soon));
        for number in 0..20 {
            api.post("/api/clients", &[("name", "Bo"), ("email", &format!("bo{number}@example.com"))]).await.expect(201);
        }
        expect_paced(&slow.wait_for(81).await[60..], begun, 20);
        if let Some((stop, worker)) = second {
            stop.cancel();
            worker.await.unwrap();
        }
        kitchen.stop().await;
    }

    async fn while_redis_is_away_a_worker_paces_alone(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        paced(&api, &receiver, 20).await;
        let begun = Instant::now();
        make_clients(&kitchen.store, &api.key().workspace_id, 40).await;
        let (stop, worker) = start_worker_on(&kitchen, RedisQueue::open("redis://127.0.0.1:9/").unwrap().backend());
        expect_paced(&receiver.wait_for(40).await, begun, 20);
        stop.cancel();
        worker.await.unwrap();
        kitchen.stop().await;
    }
}
