//! How many requests a key may make: told in headers, counted for each key alone, exact over all gateways, and decided here
//! while Redis is away.

use gateway::Gateway;
use harness::{Api, Kitchen, Setup, on_both_engines};
use queue::{RedisQueue, SharedLimiter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

async fn kitchen(engine: harness::Engine, gateways: usize) -> Kitchen {
    Kitchen::start_with(engine, Setup { gateways, has_worker: false, ..Setup::default() }).await
}

/// `r` and `t` out of `"minute";r=…;t=…`.
fn state(header: &str) -> (u32, u64) {
    let mut parts = header.split(';');
    assert_eq!(parts.next(), Some("\"minute\""), "{header}");
    let mut number =
        |name: &str| parts.next().and_then(|part| part.strip_prefix(name)).unwrap_or_else(|| panic!("{header}")).to_owned();
    (number("r=").parse().unwrap(), number("t=").parse().unwrap())
}

/// Requests until one is refused; how many were let through, and the refusal.
async fn exhaust(api: &Api) -> (u32, harness::Reply) {
    let mut let_in = 0;
    loop {
        let reply = api.get("/api/me").await;
        if reply.status == 429 {
            return (let_in, reply);
        }
        let_in += 1;
        assert!(let_in < 1000, "never refused");
    }
}

on_both_engines! {
    async fn every_answer_tells_the_limit_and_what_is_left_of_it(engine: Engine) {
        let kitchen = kitchen(engine, 1).await;
        let main = kitchen.workspace("main").await;
        let api = kitchen.key(&main.key().workspace_id, 20).await;
        let first = api.get("/api/me").await.expect(200);
        assert_eq!(first.header("ratelimit-policy"), "\"minute\";q=20;w=60");
        assert_eq!(state(first.header("ratelimit")), (19, 3), "one of twenty is back after three seconds");
        // Errors count, and tell it too.
        let second = api.get("/api/clients/u_000000000000000000000000").await.expect(404);
        assert_eq!(state(second.header("ratelimit")).0, 18);
        kitchen.stop().await;
    }

    async fn a_key_that_used_up_its_minute_is_told_in_whole_seconds_when_to_return(engine: Engine) {
        let kitchen = kitchen(engine, 1).await;
        let main = kitchen.workspace("main").await;
        let api = kitchen.key(&main.key().workspace_id, 40).await;
        let begun = Instant::now();
        let (let_in, refusal) = exhaust(&api).await;
        let regained = u32::try_from(begun.elapsed().as_millis() * 40 / 60_000 + 1).unwrap();
        assert!((40..=40 + regained).contains(&let_in), "{let_in} were let through");
        assert_eq!(refusal.json["code"], "rate_limited");
        let retry_after: u64 = refusal.header("retry-after").parse().expect("whole seconds");
        assert!((1..=2).contains(&retry_after), "one request comes back every 1.5 s, not after {retry_after}");
        assert_eq!(state(refusal.header("ratelimit")), (0, retry_after));
        // Another key of the same workspace has its own count.
        let other = kitchen.key(&main.key().workspace_id, 40).await;
        assert_eq!(state(other.get("/api/me").await.expect(200).header("ratelimit")).0, 39);
        // The limiters run on real time: here the wait itself is what is tested.
        tokio::time::sleep(Duration::from_secs(retry_after)).await;
        api.get("/api/me").await.expect(200);
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_clients_on_two_gateways_are_held_to_the_one_limit_of_their_key() {
    const LIMIT: u32 = 600;
    let kitchen = kitchen(harness::Engine::Postgres, 2).await;
    let main = kitchen.workspace("main").await;
    let api = kitchen.key(&main.key().workspace_id, LIMIT).await;
    let let_in = Arc::new(AtomicU32::new(0));
    let begun = Instant::now();
    let clients: Vec<_> = (0..6)
        .map(|connection| {
            // Three clients, each with a connection to either gateway.
            let (api, let_in) = (api.at(&kitchen.urls[connection % 2]), Arc::clone(&let_in));
            tokio::spawn(async move {
                while begun.elapsed() < Duration::from_secs(6) {
                    match api.get("/api/me").await.status {
                        200 => drop(let_in.fetch_add(1, Ordering::Relaxed)),
                        // Less than the 100 ms after which the next one is due: no allowance is left unused.
                        429 => tokio::time::sleep(Duration::from_millis(5)).await,
                        other => panic!("answered {other}"),
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let due = f64::from(LIMIT) * (1.0 + begun.elapsed().as_secs_f64() / 60.0);
    let let_in = f64::from(let_in.load(Ordering::Relaxed));
    assert!((let_in - due).abs() <= due * 0.02, "{let_in} were let through where {due:.0} were due");
    kitchen.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_away_the_gateway_limits_alone_and_is_not_slow() {
    let kitchen = kitchen(harness::Engine::Sqlite, 1).await;
    let main = kitchen.workspace("main").await;
    let key = kitchen.key(&main.key().workspace_id, 30).await;
    // Nothing listens on this port any more.
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let queue = RedisQueue::open(&format!("redis://{dead}/")).unwrap();
    let settings = gateway::Settings {
        public_url: None,
        egress: domain::egress::EgressPolicy::default(),
        head_timeout: Duration::from_secs(15),
        has_mail_server: false,
        trusted_proxies: Vec::new(),
        max_body_bytes: 1024,
        queue: Some(queue.clone()),
        shared_limiter: Some(SharedLimiter::new(&queue)),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let gateway = tokio::spawn(gateway::serve(Gateway::new(kitchen.store.clone(), settings), listener, stop.clone()));
    let api = key.at(&url);
    let begun = Instant::now();
    let (let_in, refusal) = exhaust(&api).await;
    assert!((30..=32).contains(&let_in), "{let_in} were let through");
    assert!(refusal.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(begun.elapsed() < Duration::from_secs(2), "31 requests took {:?}", begun.elapsed());
    stop.cancel();
    gateway.await.unwrap().unwrap();
    kitchen.stop().await;
}
