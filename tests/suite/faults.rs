//! What a fault of the machines costs: nothing that was accepted is lost, whatever is killed, frozen, emptied, full or late.
//!
//! Each case runs the program itself as processes, with clients that go on through the fault, and prints one line: what was
//! accepted, what of it arrived, what was lost, what came twice. `script/test faults` runs all of them in full size and gathers
//! the lines.

use harness::figures::is_full_size;
use harness::load::Figures;
use harness::{Api, Load, PrivatePostgres, PrivateRedis, Program, Site, Tally, database, eventually, services};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long the deliveries of a killed worker may take: a lease outlasts an attempt, here 2 s, by 15 s.
pub(crate) const LEASE: Duration = Duration::from_secs(17);
/// What a busy machine may take for the rest.
pub(crate) const SLACK: Duration = Duration::from_secs(40);
/// A sweep finds nothing younger than this, so that what arrives sooner was rung for.
const SWEEP: Duration = Duration::from_secs(1);

/// Cases take turns: what one does to the machine must not be another one's fault.
pub(crate) static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// An installation under test, with a receiver and a key.
pub(crate) struct Case {
    name: &'static str,
    pub(crate) site: Site,
    pub(crate) tally: Tally,
    token: String,
}

impl Case {
    /// The receiver thinks for a while, so that a fault always finds attempts under way.
    pub(crate) async fn prepare(name: &'static str, site: Site) -> Self {
        if site.database_url().starts_with("postgres") {
            site.succeed(&["migrate"]).await;
        }
        let token = site.new_key(1_000_000).await;
        Self { name, site, tally: Tally::start(Duration::from_millis(40)).await, token }
    }

    pub(crate) fn api(&self, gateway: &Program) -> Api {
        gateway.api(&self.token)
    }

    pub(crate) async fn subscribe(&self, gateway: &Program) {
        self.api(gateway).post("/api/webhooks", &[("url", &format!("{}/hook", self.tally.url))]).await.expect(201);
    }

    /// Waits until everything accepted has arrived and is on record, and prints what it came to.
    pub(crate) async fn conclude(&self, load: Load) -> Figures {
        let accepted = load.end().await;
        self.tally.wait_for_all(&accepted, LEASE + SLACK).await;
        let figures = self.settle(&accepted).await;
        assert!(accepted.len() >= 100, "{}: the clients got through: {}", self.name, accepted.len());
        figures
    }

    pub(crate) async fn settle(&self, accepted: &[String]) -> Figures {
        let figures = self.tally.figures(accepted);
        if figures.lost == 0 {
            // Only then is it certain that nothing will be sent again.
            eventually("every event dispatched, every delivery recorded as delivered", LEASE + SLACK, || async {
                (self.count("events WHERE dispatched_at IS NULL").await == 0
                    && self.count("deliveries WHERE state <> 'delivered'").await == 0)
                    .then_some(())
            })
            .await;
        }
        let figures = Figures { doubled: self.tally.figures(accepted).doubled, ..figures };
        figures.report(self.name, &self.site.database_url());
        assert_eq!(figures.lost, 0, "{}: {figures:?}", self.name);
        figures
    }

    pub(crate) async fn count(&self, rows: &str) -> usize {
        database::count(&self.site.database_url(), rows).await
    }

    /// Waits until an event arrives sooner than a sweep could have found it.
    async fn wait_for_rings(&self, gateway: &Program) -> Duration {
        let api = self.api(gateway);
        let mut number = 0;
        eventually("a ring to be heard", Duration::from_secs(30), || {
            number += 1;
            let (api, name) = (&api, format!("Probe {number}"));
            async move {
                let begun = Instant::now();
                let id = api.post("/api/companies", &[("name", &name)]).await.expect(201).id();
                eventually("the probe to arrive", LEASE + SLACK, || async { self.tally.has(&id).then_some(()) }).await;
                (begun.elapsed() < SWEEP).then_some(begun.elapsed())
            }
        })
        .await
    }
}

pub(crate) async fn on_shared_servers() -> Site {
    Site::on_servers(&services::new_postgres().await, &services::new_redis())
}

#[tokio::test]
async fn the_only_process_is_killed() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let case = Case::prepare("kill -9 of the all-in-one process", Site::embedded()).await;
    let mut everything = case.site.start(&["serve"]).await;
    case.subscribe(&everything).await;
    let load = Load::start(&[case.api(&everything)], 8);
    for _ in 0..2 {
        load.accept(80).await;
        everything.kill_9().await;
        everything.start_again();
        everything.wait_ready().await;
    }
    load.accept(80).await;
    case.conclude(load).await;
}

#[tokio::test]
async fn the_only_process_is_told_to_stop() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let case = Case::prepare("SIGTERM of the all-in-one process", Site::embedded()).await;
    let mut everything = case.site.start(&["serve"]).await;
    case.subscribe(&everything).await;
    let load = Load::start(&[case.api(&everything)], 8);
    load.accept(100).await;
    let ended = everything.terminate().await;
    assert_eq!(ended.code(), Some(0), "a stop that was asked for is a success");
    assert_eq!(case.count("deliveries WHERE leased_by IS NOT NULL").await, 0, "leases are given back");
    everything.start_again();
    everything.wait_ready().await;
    load.accept(50).await;
    let figures = case.conclude(load).await;
    assert_eq!(figures.doubled, 0, "what was under way was finished and recorded");
}

#[tokio::test]
async fn one_of_two_workers_is_killed() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let case = Case::prepare("kill -9 of one of 2 workers", on_shared_servers().await).await;
    let gateway = case.site.start(&["gateway"]).await;
    let (mut first, _second) = (case.site.start_worker().await, case.site.start_worker().await);
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    first.kill_9().await;
    load.accept(100).await;
    case.conclude(load).await;
}

#[tokio::test]
async fn the_only_worker_is_killed() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let case = Case::prepare("kill -9 of the only worker", on_shared_servers().await).await;
    let gateway = case.site.start(&["gateway"]).await;
    let mut worker = case.site.start_worker().await;
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    worker.kill_9().await;
    // Accepted while nobody delivers.
    load.accept(50).await;
    worker.start_again();
    load.accept(50).await;
    case.conclude(load).await;
}

#[tokio::test]
async fn one_of_two_workers_is_told_to_stop() {
    let _turn = ONE_AT_A_TIME.lock().await;
    // Few places, so that the worker holds deliveries that wait for one.
    let site = on_shared_servers().await.set("KITCHEN_MAX_IN_FLIGHT_PER_WEBHOOK", "2");
    let case = Case::prepare("SIGTERM of one of 2 workers", site).await;
    let gateway = case.site.start(&["gateway"]).await;
    let (mut first, second) = (case.site.start_worker().await, case.site.start_worker().await);
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    let ended = first.terminate().await;
    assert_eq!(ended.code(), Some(0), "a stop that was asked for is a success");
    let holders = "SELECT COUNT(DISTINCT leased_by) FROM deliveries WHERE leased_by IS NOT NULL";
    let holders = database::number(&case.site.database_url(), holders).await;
    assert!(holders <= 1, "the stopped worker has given back what it held");
    let stopped_at = Instant::now();
    let held_back = load.accepted_count();
    eventually("what was accepted before the stop", LEASE, || async { (case.tally.arrived_count() >= held_back).then_some(()) })
        .await;
    assert!(
        stopped_at.elapsed() < LEASE.saturating_sub(Duration::from_secs(2)),
        "the other worker need not wait for the leases to end"
    );
    let figures = case.conclude(load).await;
    assert_eq!(figures.doubled, 0, "what was under way was finished and recorded");
    drop(second);
}

#[tokio::test]
async fn redis_is_killed_and_comes_back_empty() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let mut redis = PrivateRedis::start().await;
    let site = Site::on_servers(&services::new_postgres().await, &redis.url());
    let case = Case::prepare("Redis killed, restarted empty", site).await;
    let gateway = case.site.start(&["gateway"]).await;
    let mut worker = case.site.start_worker().await;
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    let refused_before = load.refused_count();
    redis.kill_9().await;
    load.accept(100).await;
    redis.arrive().await;
    load.accept(100).await;
    assert_eq!(load.refused_count(), refused_before, "no request fails for want of Redis");
    case.wait_for_rings(&gateway).await;
    let figures = case.conclude(load).await;
    assert_eq!(figures.doubled, 0, "Redis holds nothing that decides what is sent");
    assert!(worker.is_running());
}

#[tokio::test]
async fn redis_arrives_late() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let mut redis = PrivateRedis::absent();
    let site = Site::on_servers(&services::new_postgres().await, &redis.url());
    let case = Case::prepare("Redis absent at the start, arriving later", site).await;
    let gateway = case.site.start(&["gateway"]).await;
    let _worker = case.site.start_worker().await;
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    eventually("deliveries without Redis", SLACK, || async { (case.tally.arrived_count() > 0).then_some(()) }).await;
    redis.arrive().await;
    load.accept(100).await;
    case.wait_for_rings(&gateway).await;
    let figures = case.conclude(load).await;
    assert_eq!(figures.doubled, 0, "Redis holds nothing that decides what is sent");
}

#[tokio::test]
async fn redis_stalls() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let redis = PrivateRedis::start().await;
    let site = Site::on_servers(&services::new_postgres().await, &redis.url());
    let (name, seconds) = if is_full_size() { ("Redis frozen for 5 s", 5) } else { ("Redis frozen for 2 s", 2) };
    let case = Case::prepare(name, site).await;
    let gateway = case.site.start(&["gateway"]).await;
    let (mut first, mut second) = (case.site.start_worker().await, case.site.start_worker().await);
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    let refused_before = load.refused_count();
    redis.pause().await;
    // The length of the fault itself, not a wait for something.
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    redis.resume().await;
    load.accept(100).await;
    assert_eq!(load.refused_count(), refused_before, "no request fails for want of Redis");
    case.wait_for_rings(&gateway).await;
    let figures = case.conclude(load).await;
    assert_eq!(figures.doubled, 0, "Redis holds nothing that decides what is sent");
    for worker in [&mut first, &mut second] {
        assert!(worker.is_running());
        assert!(!worker.log().contains("ended by itself"), "no job runner was lost:\n{}", worker.log());
    }
}

async fn postgres_comes_and_goes(name: &'static str, is_killed: bool) {
    let _turn = ONE_AT_A_TIME.lock().await;
    let mut postgres = PrivatePostgres::start().await;
    let case = Case::prepare(name, Site::on_servers(&postgres.url, &services::new_redis())).await;
    let mut gateway = case.site.start(&["gateway"]).await;
    let (mut first, mut second) = (case.site.start_worker().await, case.site.start_worker().await);
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    if is_killed {
        postgres.kill_9().await;
    } else {
        postgres.stop().await;
    }
    let refused_before = load.refused_count();
    eventually("a request that is refused", SLACK, || async { (load.refused_count() > refused_before).then_some(()) }).await;
    postgres.start_again().await;
    load.accept(100).await;
    case.wait_for_rings(&gateway).await;
    case.conclude(load).await;
    for program in [&mut gateway, &mut first, &mut second] {
        assert!(program.is_running(), "nobody gave up");
    }
}

#[tokio::test]
async fn postgres_is_restarted() {
    postgres_comes_and_goes("Postgres restarted", false).await;
}

#[tokio::test]
async fn postgres_is_killed() {
    postgres_comes_and_goes("Postgres killed with kill -9", true).await;
}

/// A disk without room refuses what cannot be kept, and says so; what was acknowledged before is there, and with room again it goes
/// on by itself.
#[tokio::test]
async fn the_disk_is_full() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let case = Case::prepare("disk full", Site::embedded()).await;
    let gateway = case.site.start(&["serve"]).await;
    case.subscribe(&gateway).await;
    let api = case.api(&gateway);
    let load = Load::start(std::slice::from_ref(&api), 8);
    load.accept(50).await;
    gateway.limit_files(Some(1024 * 1024)).await;
    let refused_before = load.refused_count();
    eventually("requests that are refused", SLACK, || async { (load.refused_count() > refused_before + 20).then_some(()) }).await;
    let refused = api.post("/api/folders", &[("name", "no room"), ("visibility", "private")]).await.expect(503);
    assert_eq!(refused.json["code"], json!("unavailable"), "{}", refused.text);
    assert!(!refused.header("retry-after").is_empty());
    api.get("/api/companies?per_page=1").await.expect(200);
    gateway.limit_files(None).await;
    load.accept(100).await;
    let figures = case.conclude(load).await;
    let made = case.count("events WHERE event_type = 'company.created'").await;
    assert_eq!(made, figures.accepted, "what was refused was not done");
}
