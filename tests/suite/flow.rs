//! How much of a worker a webhook may take: what one of them does, or has waiting, is nothing to the others.

use crate::deliveries::make_clients;
use harness::hostile::Conduct;
use harness::receiver::Instruction;
use harness::{Api, Hostile, Kitchen, Received, Receiver, Setup, database, eventually, figures, on_both_engines};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A webhook with these fields beside its URL, for companies alone.
async fn webhook(api: &Api, url: &str, mut fields: Value) -> Value {
    fields["url"] = json!(url);
    fields["events_types"] = json!(["company.created"]);
    api.post_json("/api/webhooks", &fields).await.expect(201).json
}

pub(crate) fn path(webhook: &Value) -> String {
    format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())
}

async fn company(api: &Api, name: &str) {
    api.post("/api/companies", &[("name", name)]).await.expect(201);
}

/// The most requests that were under way at once, if each took at least `each`.
fn most_at_once(received: &[Received], each: Duration) -> usize {
    let under_way = |at: Instant| received.iter().filter(|one| one.at <= at && at.duration_since(one.at) < each).count();
    received.iter().map(|one| under_way(one.at)).max().unwrap_or(0)
}

/// Deliveries that are due to a webhook, made behind the gateway's back, with their events.
pub(crate) async fn backlog(kitchen: &Kitchen, webhook: &Value, count: u64) {
    let webhook = webhook["id"].as_str().unwrap();
    let now = kitchen.clock.now().millis() - 3_600_000;
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let id = |prefix: &str| format!("'{prefix}_' || substr('{0}' || i, length('{0}' || i) - 23)", "0".repeat(24));
    let of = format!("(SELECT workspace_id FROM webhooks WHERE id = '{webhook}')");
    for statement in [
        format!(
            "INSERT INTO events (id, workspace_id, event_type, occurred_at, data, dispatched_at) {numbers} \
             SELECT {}, {of}, 'company.created', {now} + i, '{{\"id\": \"co_1\"}}', {now} + i FROM n",
            id("evt")
        ),
        format!(
            "INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, created_at, \
             updated_at) {numbers} SELECT {}, {of}, {}, 'company.created', '{webhook}', 'pending', {now} + i, {now} + i, {now} + i, \
             {now} + i FROM n",
            id("dlv"),
            id("evt")
        ),
        "ANALYZE".to_owned(),
    ] {
        database::execute(&kitchen.database_url, &statement).await;
    }
}

/// How long an event takes from the request that causes it to the receiver.
async fn took(api: &Api, receiver: &Receiver, name: &str) -> Duration {
    let (before, begun) = (receiver.received().len(), Instant::now());
    company(api, name).await;
    receiver.wait_for(before + 1).await[before].at.duration_since(begun)
}

on_both_engines! {
    async fn max_in_flight_is_a_choice_with_bounds(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let url = "http://127.0.0.1:9/";
        let made = webhook(&api, url, json!({})).await;
        assert_eq!(made["max_in_flight"], Value::Null);
        let path = path(&made);
        assert_eq!(api.put(&path, &[("max_in_flight", "3")]).await.expect(200).json["max_in_flight"], 3);
        assert_eq!(api.put(&path, &[("url", url)]).await.expect(200).json["max_in_flight"], 3, "it stays as it is");
        for wrong in ["0", "257", "-1", "1.5", "many"] {
            api.put(&path, &[("max_in_flight", wrong)]).await.expect_invalid(&["max_in_flight"]);
        }
        api.post("/api/webhooks", &[("url", url), ("max_in_flight", "0")]).await.expect_invalid(&["max_in_flight"]);
        assert_eq!(api.get(&path).await.expect(200).json["max_in_flight"], 3);
        assert_eq!(api.put_json(&path, &json!({"max_in_flight": null})).await.expect(200).json["max_in_flight"], Value::Null);
        assert_eq!(webhook(&api, url, json!({"max_in_flight": 256})).await["max_in_flight"], 256);
        kitchen.stop().await;
    }

    async fn no_more_requests_are_under_way_than_a_webhook_allows(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, narrow, wide) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        let each = Duration::from_millis(150);
        for receiver in [&narrow, &wide] {
            receiver.answer_always(Instruction { delay: each, ..Instruction::status(200) });
        }
        let one = json!({"url": narrow.url, "max_in_flight": 2});
        api.post_json("/api/webhooks", &one).await.expect(201);
        wide.subscribe(&api, &[]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 16).await;
        // A little less than each took, as the clock is read on this side.
        let each = each.saturating_sub(Duration::from_millis(20));
        assert_eq!(most_at_once(&narrow.wait_for(16).await, each), 2);
        assert!(most_at_once(&wide.wait_for(16).await, each) > 2);
        kitchen.stop().await;
    }

    async fn a_smaller_max_in_flight_holds_for_what_waits_already(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let each = Duration::from_millis(250);
        receiver.answer_always(Instruction { delay: each, ..Instruction::status(200) });
        let made = webhook(&api, &receiver.url, json!({"max_in_flight": 8})).await;
        backlog(&kitchen, &made, 44).await;
        receiver.wait_for(8).await;
        api.put(&path(&made), &[("max_in_flight", "1")]).await.expect(200);
        kitchen.store.ring(&[]);
        let received = receiver.wait_for(44).await;
        let each = each.saturating_sub(Duration::from_millis(20));
        assert_eq!((most_at_once(&received[..8], each), most_at_once(&received[38..], each)), (8, 1));
        kitchen.stop().await;
    }

    /// However many events wait for a receiver that hangs, trickles or fails, the others are not held up by it.
    async fn a_backlog_of_one_webhook_is_nothing_to_another(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { attempt_timeout: Duration::from_secs(15), ..Setup::default() }).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (healthy, elsewhere) = (Receiver::start().await, Receiver::start().await);
        webhook(&api, &healthy.url, json!({})).await;
        webhook(&other, &elsewhere.url, json!({})).await;
        let count = figures::size(100_000, 20_000);
        let (hanging, trickling) = (Hostile::start(Conduct::Hang).await, Hostile::start(Conduct::TrickleBody).await);
        let hung = webhook(&api, &hanging.url, json!({})).await;
        webhook(&api, &trickling.url, json!({})).await;
        backlog(&kitchen, &hung, count).await;
        eventually("all its places are taken", Duration::from_secs(10), || async {
            (hanging.connections() >= 10).then_some(())
        })
        .await;
        let lanes = store::lanes::look(&kitchen.store, None).await.unwrap();
        assert!(lanes.due.iter().any(|lane| lane.webhook.as_str() == hung["id"].as_str().unwrap()));
        let (mut beside, mut elsewhere_took) = (Vec::new(), Vec::new());
        for number in 0..40 {
            let name = format!("Company {number}");
            beside.push(took(&api, &healthy, &name).await);
            elsewhere_took.push(took(&other, &elsewhere, &name).await);
        }
        // Were one of them in the way, it would be so for as long as an attempt may take.
        let slowest = beside.into_iter().chain(elsewhere_took).max().unwrap();
        assert!(slowest < Duration::from_secs(5), "{slowest:?} beside {count} that wait");
        kitchen.stop().await;
    }

    async fn many_webhooks_that_hang_leave_room_for_another_workspace(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { attempt_timeout: Duration::from_secs(15), ..Setup::default() }).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (healthy, hanging) = (Receiver::start().await, Hostile::start(Conduct::Hang).await);
        for _ in 0..20 {
            webhook(&api, &hanging.url, json!({})).await;
        }
        webhook(&other, &healthy.url, json!({})).await;
        for number in 0..40 {
            company(&api, &format!("Company {number}")).await;
        }
        eventually("the worker holds what it may", Duration::from_secs(10), || async {
            (hanging.connections() >= 100).then_some(())
        })
        .await;
        let begun = Instant::now();
        for number in 0..20 {
            company(&other, &format!("Company {number}")).await;
        }
        let last = healthy.wait_for(20).await.pop().unwrap();
        assert!(last.at.duration_since(begun) < Duration::from_secs(2), "{:?}", last.at.duration_since(begun));
        kitchen.stop().await;
    }
}
