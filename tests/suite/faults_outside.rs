//! What faults from outside cost: receivers that misbehave, a clock that is set, one event for very many webhooks. Nothing is lost, and
//! nothing comes twice.

use harness::figures::is_full_size;
use harness::load::{Figures, Manner};
use harness::{Api, Kitchen, Load, Setup, Tally, database, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(40);

async fn subscribe(api: &Api, tally: &Tally) {
    api.post("/api/webhooks", &[("url", &format!("{}/hook", tally.url))]).await.expect(201);
}

/// Waits until everything has arrived and is on record as delivered; nothing may be lost.
async fn settle(name: &str, kitchen: &Kitchen, tally: &Tally, accepted: &[String]) -> Figures {
    tally.wait_for_all(accepted, PATIENCE).await;
    let url = &kitchen.database_url;
    if tally.figures(accepted).lost == 0 {
        eventually("every delivery recorded as delivered", PATIENCE, || async {
            let rest = database::count(url, "events WHERE dispatched_at IS NULL").await
                + database::count(url, "deliveries WHERE state <> 'delivered'").await;
            (rest == 0).then_some(())
        })
        .await;
    }
    let figures = tally.figures(accepted);
    figures.report(name, url);
    assert_eq!(figures.lost, 0, "{name}: {figures:?}");
    figures
}

/// A receiver that misbehaves, and behaves again by the time of the next attempt.
async fn misbehave(engine: harness::Engine, name: &str, manner: Manner) {
    let setup = Setup { attempt_timeout: Duration::from_secs(1), ..Setup::default() };
    let kitchen = Kitchen::start_with(engine, setup).await;
    let (api, tally) = (kitchen.workspace("main").await, Tally::start_in(manner).await);
    subscribe(&api, &tally).await;
    let load = Load::start(&[api], 4);
    load.accept(if is_full_size() { 200 } else { 40 }).await;
    let accepted = load.end().await;
    if !matches!(manner, Manner::Endless) {
        let url = &kitchen.database_url;
        eventually("so many failures that the rest is held back", PATIENCE, || async {
            let attempts = database::count(url, "attempts").await;
            let under_way = database::count(url, "deliveries WHERE leased_by IS NOT NULL").await;
            (attempts >= 10 && under_way == 0).then_some(())
        })
        .await;
        assert!(tally.refused_count() >= 10);
        tally.answer(Manner::Well(Duration::ZERO));
        kitchen.clock.advance(Duration::from_secs(15));
    }
    let figures = settle(name, &kitchen, &tally, &accepted).await;
    assert_eq!(figures.doubled, 0, "{name}: {figures:?}");
    kitchen.stop().await;
}

on_both_engines! {
    async fn a_receiver_hangs(engine: Engine) {
        misbehave(engine, "receiver hangs, then answers", Manner::Hang).await;
    }

    async fn a_receiver_breaks_off(engine: Engine) {
        misbehave(engine, "receiver closes early, then answers", Manner::BreakOff).await;
    }

    async fn a_receiver_never_ends(engine: Engine) {
        misbehave(engine, "receiver answers without end", Manner::Endless).await;
    }

    async fn the_clock_is_set(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, tally) = (kitchen.workspace("main").await, Tally::start(Duration::from_millis(20)).await);
        subscribe(&api, &tally).await;
        let load = Load::start(&[api], 4);
        load.accept(50).await;
        kitchen.clock.advance(Duration::from_hours(1));
        load.accept(50).await;
        kitchen.clock.set_back(Duration::from_hours(1));
        load.accept(50).await;
        kitchen.clock.set_back(Duration::from_hours(1));
        load.accept(50).await;
        let accepted = load.end().await;
        eventually("every event dispatched", PATIENCE, || async {
            (database::count(&kitchen.database_url, "events WHERE dispatched_at IS NULL").await == 0).then_some(())
        })
        .await;
        // What was to be done at a time that is in the future again waits for it: late, by as much as the clock was wrong.
        kitchen.clock.advance(Duration::from_hours(2));
        settle("clock set forward and back by 1 h", &kitchen, &tally, &accepted).await;
        kitchen.stop().await;
    }

    async fn one_event_is_for_very_many_webhooks(engine: Engine) {
        let count = if is_full_size() { 1000 } else { 200 };
        let kitchen = Kitchen::start(engine).await;
        let (api, tally) = (kitchen.workspace("main").await, Tally::start(Duration::ZERO).await);
        let make = |number: usize| {
            let body = json!({"url": format!("{}/hook/{number}", tally.url), "events_types": ["company.created"]});
            let api = api.clone();
            async move { drop(api.post_json("/api/webhooks", &body).await.expect(201)) }
        };
        for begin in (0..count).step_by(8) {
            futures_util::future::join_all((begin..count.min(begin + 8)).map(make)).await;
        }
        let id = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
        let expected: Vec<String> = (0..count).map(|number| format!("{id}/{number}")).collect();
        let name = format!("one event for {count} webhooks");
        let figures = settle(&name, &kitchen, &tally, &expected).await;
        assert_eq!((figures.received, figures.doubled), (count, 0), "{name}: {figures:?}");
        kitchen.stop().await;
    }
}
