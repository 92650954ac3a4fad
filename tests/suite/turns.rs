//! What two do to the same webhook at once, and what a wrong clock does to the order of things: nothing is left behind.

use crate::deliveries::{make_clients, start_worker};
use domain::ids::WebhookId;
use domain::room::Room;
use harness::{Engine, Kitchen, Receiver, database, eventually};
use sqlx::{Connection as _, PgConnection};
use std::time::Duration;
use store::claims::{self, Lessee, Share};
use store::dispatch::{self, Which};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_claimed_while_its_webhook_is_enabled_is_not_paused_for_ever() {
    let (kitchen, api) = Kitchen::quiet(Engine::Postgres).await;
    let webhook = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/")]).await.expect(201).id();
    make_clients(&kitchen.store, &api.key().workspace_id, 1).await;
    let lessee = Lessee { name: "w_one".into(), lease: Duration::from_mins(1) };
    let which = Which::Forgotten { before: kitchen.clock.now(), limit: 10 };
    dispatch::dispatch(&kitchen.store, which, &lessee, Room::of(10), |_| Some(0)).await.unwrap();
    let path = format!("/api/webhooks/{webhook}");
    api.put(&path, &[("enabled", "false")]).await.expect(200);
    let shares = [Share { webhook: WebhookId::from_stored(webhook.clone()), most: 10, probe: None, ordered: false }];
    let claim = async || claims::claim_due(&kitchen.store, &lessee, &shares).await.unwrap().claimed;
    let state = async || api.get(&format!("{path}/deliveries")).await.expect(200).rows()[0]["state"].clone();

    // Somebody has enabled it and resumed what was paused, and is about to commit. A worker still sees it disabled.
    let mut other = PgConnection::connect(&kitchen.database_url).await.unwrap();
    let mut enabling = other.begin().await.unwrap();
    sqlx::query("UPDATE webhooks SET enabled = TRUE WHERE id = $1").bind(&webhook).execute(&mut *enabling).await.unwrap();
    assert!(claim().await.is_empty());
    enabling.commit().await.unwrap();
    assert_eq!(state().await, "pending");
    let claimed = claim().await;
    assert_eq!(claimed.len(), 1, "it is due, and sent");

    // While it stays disabled, what is due is paused.
    kitchen.clock.advance(Duration::from_mins(2));
    api.put(&path, &[("enabled", "false")]).await.expect(200);
    assert!(claim().await.is_empty());
    assert_eq!(state().await, "paused");
    kitchen.stop().await;
}

/// Alone: ids rise in the order in which a process makes them, and other tests move their clocks by days.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_made_while_the_clock_was_behind_is_for_the_webhooks_of_before() {
    harness::alone("turns::an_event_made_while_the_clock_was_behind_is_for_the_webhooks_of_before", || async {
        deliver_what_was_made_while_the_clock_was_behind(Engine::Sqlite).await;
        deliver_what_was_made_while_the_clock_was_behind(Engine::Postgres).await;
    })
    .await;
}

async fn deliver_what_was_made_while_the_clock_was_behind(engine: Engine) {
    let (kitchen, api) = Kitchen::quiet(engine).await;
    let (before, after) = (Receiver::start().await, Receiver::start().await);
    before.subscribe(&api, &["company.created"]).await;
    kitchen.clock.set_back(Duration::from_hours(1));
    api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
    kitchen.clock.advance(Duration::from_hours(1));
    after.subscribe(&api, &["company.created"]).await;
    let (stop, working) = start_worker(&kitchen);
    assert_eq!(before.wait_for(1).await[0].json()["data"]["name"], "Acme");
    eventually("all are dispatched", Duration::from_secs(5), || async {
        (database::count(&kitchen.database_url, "events WHERE dispatched_at IS NULL").await == 0).then_some(())
    })
    .await;
    assert_eq!(database::count(&kitchen.database_url, "deliveries").await, 1, "and not for one that was made later");
    stop.cancel();
    working.await.unwrap();
    kitchen.stop().await;
}
