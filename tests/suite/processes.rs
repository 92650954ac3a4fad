//! The split set-up as it is deployed: two gateways and two workers, each a process, on one Postgres and one Redis.
#![expect(clippy::print_stdout, reason = "the figures are half of what these tests are for")]

use harness::client::try_send;
use harness::{Api, Load, Program, Site, Tally, services};
use reqwest::Method;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The cases take turns: each is about what the processes manage together.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

struct Split {
    site: Site,
    gateways: [Program; 2],
}

impl Split {
    async fn start() -> Self {
        let site = Site::on_servers(&services::new_postgres().await, &services::new_redis());
        let (first, second) = tokio::join!(site.start(&["gateway"]), site.start(&["gateway"]));
        Self { site, gateways: [first, second] }
    }

    /// The same key at both gateways.
    fn apis(&self, token: &str) -> [Api; 2] {
        [self.gateways[0].api(token), self.gateways[1].api(token)]
    }
}

#[tokio::test]
async fn two_gateways_and_two_workers_deliver_each_event_once() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let split = Split::start().await;
    let (mut first, mut second) = tokio::join!(split.site.start_worker(), split.site.start_worker());
    let apis = split.apis(&split.site.new_key(1_000_000).await);
    let tally = Tally::start(Duration::from_millis(5)).await;
    apis[0].post("/api/webhooks", &[("url", &format!("{}/hook", tally.url))]).await.expect(201);
    let load = Load::start(&apis, 8);
    load.accept(300).await;
    assert_eq!(load.refused_count(), 0);
    let accepted = load.end().await;
    tally.wait_for_all(&accepted, Duration::from_secs(30)).await;
    // A second delivery of the same event would be made by a worker that is still at it when told to stop.
    for worker in [&mut first, &mut second] {
        assert_eq!(worker.terminate().await.code(), Some(0));
    }
    let figures = tally.figures(&accepted);
    println!("2 gateways, 2 workers: {figures:?}");
    assert_eq!((figures.lost, figures.doubled), (0, 0), "{figures:?}");
    for worker in [&first, &second] {
        assert!(!worker.log().contains("WARN worker") && !worker.log().contains("ERROR"), "{}", worker.log());
    }
}

#[tokio::test]
async fn a_key_deleted_under_load_opens_nothing_any_more() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let split = Split::start().await;
    let token = split.site.new_key(1_000_000).await;
    let keys = split.site.succeed(&["keys", "list"]).await;
    let id = keys.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("one key").to_owned();
    let stop = CancellationToken::new();
    let successes = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for api in split.apis(&token).into_iter().cycle().take(8) {
        let (stop, successes) = (stop.clone(), Arc::clone(&successes));
        clients.spawn(async move {
            let mut answers = Vec::new();
            while !stop.is_cancelled() {
                let begun = Instant::now();
                let status = try_send(api.request(Method::GET, "/api/me")).await.expect("the gateway answers").status;
                if status == 200 {
                    successes.fetch_add(1, Ordering::Relaxed);
                }
                answers.push((begun, status));
            }
            answers
        });
    }
    harness::eventually("a hundred successes", Duration::from_secs(30), || async {
        (successes.load(Ordering::Relaxed) >= 100).then_some(())
    })
    .await;
    split.site.succeed(&["keys", "delete", &id]).await;
    let deleted_at = Instant::now();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.cancel();
    let (mut before, mut after) = (0, 0);
    while let Some(answers) = clients.join_next().await {
        let answers = answers.expect("a client ends without a panic");
        let (late, early): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(begun, _)| *begun >= deleted_at);
        assert!(early.iter().all(|(_, status)| matches!(status, 200 | 401)), "{early:?}");
        assert!(late.iter().all(|(_, status)| *status == 401), "after the delete was acknowledged: {late:?}");
        assert!(!late.is_empty(), "each client asked after the delete");
        before += early.iter().filter(|(_, status)| *status == 200).count();
        after += late.len();
    }
    println!("key deleted under load: {before} successes before, 0 among {after} requests after");
    let again = split.site.run(&["keys", "delete", &id]).await;
    assert!(!again.status.success() && again.stderr.contains(&id), "a key that is not there is an error: {again:?}");
}

#[tokio::test]
async fn a_limit_holds_over_two_gateways() {
    const LIMIT: u32 = 600;
    let _turn = ONE_AT_A_TIME.lock().await;
    let split = Split::start().await;
    let [first, second] = split.apis(&split.site.new_key(LIMIT).await);
    let stop = CancellationToken::new();
    let refusals = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for api in [first.clone(), second, first] {
        let (stop, refusals) = (stop.clone(), Arc::clone(&refusals));
        clients.spawn(async move {
            let mut successes = 0_u32;
            while !stop.is_cancelled() {
                let reply = try_send(api.request(Method::GET, "/api/me")).await.expect("the gateway answers");
                match reply.status {
                    200 => successes += 1,
                    429 => {
                        assert!(reply.header("retry-after").parse::<u64>().is_ok(), "{:?}", reply.headers);
                        refusals.fetch_add(1, Ordering::Relaxed);
                        // Often enough to take every request that is allowed.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    status => panic!("answered {status}: {}", reply.text),
                }
            }
            successes
        });
    }
    harness::eventually("the limit to be reached", Duration::from_mins(1), || async {
        (refusals.load(Ordering::Relaxed) > 0).then_some(())
    })
    .await;
    // Long enough for the refill, not only the first minute's worth, to show in the figure.
    tokio::time::sleep(Duration::from_secs(6)).await;
    stop.cancel();
    let mut successes = 0;
    while let Some(count) = clients.join_next().await {
        successes += count.expect("a client ends without a panic");
    }
    let took = begun.elapsed().as_secs_f64();
    let allowed = f64::from(LIMIT) * (1.0 + took / 60.0);
    println!("limit over two gateways: {successes} successes in {took:.2} s, {allowed:.1} allowed");
    assert!((f64::from(successes) / allowed - 1.0).abs() < 0.02, "{successes} successes in {took:.2} s, {allowed:.1} allowed");
}
