//! A backlog, as it stands after a long fault, is sent: each delivery once, and as fast as ever.
#![expect(clippy::print_stdout, reason = "the figures are half of what these tests are for")]

use crate::faults::{Case, ONE_AT_A_TIME, SLACK, on_shared_servers};
use harness::figures::is_full_size;
use harness::{Site, Tally, database, eventually};
use std::time::{Duration, Instant};

/// How many deliveries a backlog has: few enough for a debug build, unless all is asked for.
fn backlog_size() -> i64 {
    if is_full_size() { 100_000 } else { 20_000 }
}

/// Copies the one event and delivery there is, under other ids, for the webhooks in turn.
async fn make_backlog(site: &Site, count: i64) {
    let (numbers, hex) = if site.database_url().starts_with("sqlite") {
        ("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})", "printf('%024x', n)")
    } else {
        ("WITH numbers AS (SELECT generate_series(1, {count}) AS n)", "lpad(to_hex(n), 24, '0')")
    };
    let numbers = numbers.replace("{count}", &count.to_string());
    let statements = [
        // The time of dispatch of the copies is that of the original: they are matched already, and due.
        format!(
            "INSERT INTO events (id, workspace_id, event_type, occurred_at, data, previous, dispatched_at) {numbers} \
             SELECT 'evt_' || {hex}, workspace_id, event_type, occurred_at, \
             replace(data, (SELECT id FROM companies), 'co_' || {hex}), previous, dispatched_at \
             FROM numbers, (SELECT * FROM events WHERE event_type = 'company.created') AS original"
        ),
        format!(
            "INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, fence, \
             created_at, updated_at) {numbers}, \
             hooks AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS position FROM webhooks) \
             SELECT 'dlv_' || {hex}, workspace_id, 'evt_' || {hex}, event_type, hooks.id, 'pending', created_at, created_at, 0, \
             created_at, created_at \
             FROM numbers, (SELECT * FROM deliveries LIMIT 1) AS original, hooks WHERE hooks.position = n % 4"
        ),
    ];
    for statement in statements {
        database::execute(&site.database_url(), &statement).await;
    }
}

async fn drain(site: Site) {
    let _turn = ONE_AT_A_TIME.lock().await;
    let is_embedded = site.database_url().starts_with("sqlite");
    let mut case = Case::prepare("a backlog of due deliveries", site).await;
    case.tally = Tally::start(Duration::ZERO).await;
    let mut gateway = case.site.start(&[if is_embedded { "serve" } else { "gateway" }]).await;
    for _ in 0..4 {
        case.subscribe(&gateway).await;
    }
    let worker = if is_embedded { None } else { Some(case.site.start_worker().await) };
    let mut accepted = vec![case.api(&gateway).post("/api/companies", &[("name", "Original")]).await.expect(201).id()];
    eventually("the original to be delivered", SLACK, || async {
        (case.count("deliveries WHERE state = 'delivered'").await == 4).then_some(())
    })
    .await;
    gateway.terminate().await;
    drop(worker);
    let backlog = backlog_size();
    make_backlog(&case.site, backlog).await;
    let begun = Instant::now();
    let _working = if is_embedded { case.site.launch(&["serve"]) } else { case.site.launch(&["worker"]) };
    accepted.extend((1..=backlog).map(|number| format!("co_{number:024x}")));
    let patience = Duration::from_secs(60 + u64::try_from(backlog).unwrap() / 100);
    case.tally.wait_for_all(&accepted, patience).await;
    let took = begun.elapsed().as_secs_f64();
    let figures = case.settle(&accepted).await;
    println!("  drained in {took:.1} s, {:.0} a second", f64::from(u32::try_from(backlog).unwrap()) / took);
    // The original went to all four webhooks.
    assert_eq!(figures.doubled, 3, "each is sent once");
}

#[tokio::test]
async fn a_backlog_drains_on_sqlite() {
    drain(Site::embedded()).await;
}

#[tokio::test]
async fn a_backlog_drains_on_postgres() {
    drain(on_shared_servers().await).await;
}
