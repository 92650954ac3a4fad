//! What a fault costs: nothing that was accepted is lost, whatever is killed, frozen, emptied or late.
//!
//! Each case runs the program itself as processes, with clients that go on through the fault, and prints one line: what was
//! accepted, what of it arrived, what was lost, what came twice. `script/test -- --nocapture faults` shows the lines.
#![expect(clippy::print_stdout, reason = "the figures are half of what these tests are for")]

use harness::load::Figures;
use harness::{Api, Load, PrivatePostgres, PrivateRedis, Program, Site, Tally, eventually, services};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

/// How long the deliveries of a killed worker may take: a lease outlasts an attempt, here 2 s, by 15 s.
const LEASE: Duration = Duration::from_secs(17);
/// What a busy machine may take for the rest.
const SLACK: Duration = Duration::from_secs(40);
/// A sweep finds nothing younger than this, so that what arrives sooner was rung for.
const SWEEP: Duration = Duration::from_secs(1);

/// Cases take turns: what one does to the machine must not be another one's fault.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// An installation under test, with a receiver and a key.
struct Case {
    name: &'static str,
    site: Site,
    tally: Tally,
    token: String,
}

impl Case {
    /// The receiver thinks for a while, so that a fault always finds attempts under way.
    async fn prepare(name: &'static str, site: Site) -> Self {
        if site.database_url().starts_with("postgres") {
            site.succeed(&["migrate"]).await;
        }
        let token = site.new_key(1_000_000).await;
        Self { name, site, tally: Tally::start(Duration::from_millis(40)).await, token }
    }

    fn api(&self, gateway: &Program) -> Api {
        gateway.api(&self.token)
    }

    async fn subscribe(&self, gateway: &Program) {
        self.api(gateway).post("/api/webhooks", &[("url", &format!("{}/hook", self.tally.url))]).await.expect(201);
    }

    /// Waits until everything accepted has arrived and is on record, and prints what it came to.
    async fn conclude(&self, load: Load) -> Figures {
        let accepted = load.end().await;
        self.tally.wait_for_all(&accepted, LEASE + SLACK).await;
        let figures = self.settle(&accepted).await;
        assert!(accepted.len() >= 100, "{}: the clients got through: {}", self.name, accepted.len());
        figures
    }

    async fn settle(&self, accepted: &[String]) -> Figures {
        let engine = if self.site.database_url().starts_with("sqlite") { "SQLite" } else { "Postgres, Redis" };
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
        let Figures { accepted, received, lost, doubled } = figures;
        println!("{:<46} | {engine:<15} | {accepted:>8} | {received:>8} | {lost:>4} | {doubled:>7}", self.name);
        assert_eq!(lost, 0, "{}: of {accepted} accepted events", self.name);
        figures
    }

    async fn count(&self, rows: &str) -> i64 {
        ask(&self.site, &format!("SELECT COUNT(*) FROM {rows}")).await
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

/// One number from the database.
async fn ask(site: &Site, statement: &str) -> i64 {
    match connect(site).await {
        Connection::Sqlite(mut file) => sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut file).await,
        Connection::Postgres(mut server) => sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut server).await,
    }
    .expect("an answer")
}

async fn execute(site: &Site, statement: &str) {
    match connect(site).await {
        Connection::Sqlite(mut file) => sqlx::query(AssertSqlSafe(statement)).execute(&mut file).await.map(drop),
        Connection::Postgres(mut server) => sqlx::query(AssertSqlSafe(statement)).execute(&mut server).await.map(drop),
    }
    .expect("it is done");
}

enum Connection {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

async fn connect(site: &Site) -> Connection {
    let url = site.database_url();
    if url.starts_with("sqlite") {
        let options = sqlx::sqlite::SqliteConnectOptions::from_str(&url).expect("a URL").busy_timeout(Duration::from_secs(30));
        Connection::Sqlite(options.connect().await.expect("the file opens"))
    } else {
        Connection::Postgres(sqlx::PgConnection::connect(&url).await.expect("Postgres answers"))
    }
}

async fn on_shared_servers() -> Site {
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
    let holders = ask(&case.site, "SELECT COUNT(DISTINCT leased_by) FROM deliveries WHERE leased_by IS NOT NULL").await;
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
async fn redis_stalls_for_two_seconds() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let redis = PrivateRedis::start().await;
    let site = Site::on_servers(&services::new_postgres().await, &redis.url());
    let case = Case::prepare("Redis frozen for 2 s", site).await;
    let gateway = case.site.start(&["gateway"]).await;
    let (mut first, mut second) = (case.site.start_worker().await, case.site.start_worker().await);
    case.subscribe(&gateway).await;
    let load = Load::start(&[case.api(&gateway)], 8);
    load.accept(100).await;
    let refused_before = load.refused_count();
    redis.pause().await;
    // The length of the fault itself, not a wait for something.
    tokio::time::sleep(Duration::from_secs(2)).await;
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

/// How many deliveries a backlog has: few enough for a debug build, unless all is asked for.
fn backlog_size() -> i64 {
    if std::env::var_os("KITCHEN_TEST_FULL").is_some() { 100_000 } else { 20_000 }
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
        execute(site, &statement).await;
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

/// A disk without room refuses what cannot be kept, and says so; what was acknowledged before is there, and with room again it goes
/// on by itself.
#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let case = Case::prepare("full disk", Site::embedded()).await;
    let gateway = case.site.start(&["serve"]).await;
    let api = case.api(&gateway);
    gateway.limit_files(Some(2 * 1024 * 1024)).await;
    let mut accepted = 0;
    let refused = loop {
        let reply = api.post("/api/folders", &[("name", &*"a long name ".repeat(20)), ("visibility", "private")]).await;
        if reply.status != 201 {
            break reply;
        }
        accepted += 1;
        assert!(accepted < 5_000, "the limit has no effect");
    };
    assert_eq!((refused.status, &refused.json["code"]), (503, &serde_json::json!("unavailable")), "{}", refused.text);
    assert!(!refused.header("retry-after").is_empty() && accepted > 10, "{accepted} were accepted before");
    assert_eq!(api.get("/api/folders?per_page=1").await.expect(200).json["meta"]["total"], accepted);
    gateway.limit_files(None).await;
    api.post("/api/folders", &[("name", "room again"), ("visibility", "private")]).await.expect(201);
    assert_eq!(api.get("/api/folders?per_page=1").await.expect(200).json["meta"]["total"], accepted + 1);
}
