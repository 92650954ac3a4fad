//! The doorbell and the shared limiter, against real Redis servers that come late, die, come back empty or stall.

use apalis::prelude::{BoxDynError, Monitor, MonitorContext, ParallelizeExt as _, WorkerBuilder};
use harness::eventually;
use queue::{Bell, QueueError, RedisQueue, Ring, RingBackend, SharedLimiter};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// A private Redis server. Dropping it kills it.
struct Redis {
    port: u16,
    directory: tempfile::TempDir,
    process: Option<Child>,
}

impl Redis {
    /// Reserves an address at which nothing answers yet.
    fn absent() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, directory: tempfile::tempdir().unwrap(), process: None }
    }

    async fn running() -> Self {
        let mut redis = Self::absent();
        redis.start().await;
        redis
    }

    async fn start(&mut self) {
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(self.directory.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        let queue = self.queue();
        eventually("redis-server answers", SOON, || async { queue.ping().await.ok() }).await;
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    fn cli(&self, arguments: &[&str]) -> String {
        let output = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    fn queue(&self) -> RedisQueue {
        RedisQueue::open(&self.url()).unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A worker that reports every ring it gets.
struct Listener {
    rings: Receiver<Ring>,
    stop: MonitorContext,
    worker: JoinHandle<()>,
}

impl Listener {
    fn start(backend: RingBackend) -> Self {
        let (sender, rings) = channel(1_000);
        let monitor = Monitor::new().register(move |_| {
            let sender = sender.clone();
            WorkerBuilder::new("listener").backend(backend.clone()).parallelize(tokio::spawn).build(move |ring: Ring| {
                let sender = sender.clone();
                async move {
                    let _ = sender.send(ring).await;
                    Ok::<(), BoxDynError>(())
                }
            })
        });
        let stop = monitor.context();
        let worker = tokio::spawn(async move { monitor.run().await.unwrap() });
        Self { rings, stop, worker }
    }

    /// The next ring that names events, and how long it took to come.
    async fn next_named(&mut self, limit: Duration) -> (Ring, Duration) {
        let begun = Instant::now();
        loop {
            let left = limit.saturating_sub(begun.elapsed());
            let ring = timeout(left, self.rings.recv()).await.expect("no ring in time").expect("the worker has died");
            if !ring.event_ids.is_empty() {
                return (ring, begun.elapsed());
            }
        }
    }

    /// Waits for the ring that means "look for due work".
    async fn look_for_due(&mut self, limit: Duration) {
        let ring = timeout(limit, self.rings.recv()).await.expect("no ring in time").expect("the worker has died");
        assert_eq!(ring, Ring::default());
    }

    fn is_alive(&self) -> bool {
        !self.worker.is_finished()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

/// Far below the second after which a sweep would find the work anyway; far above what a ring takes on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(300);
const SOON: Duration = Duration::from_secs(5);

/// The limiter leaves a Redis that failed alone for a second of real time.
const LIMITER_PAUSE: Duration = Duration::from_millis(1_100);

async fn wakes_at_once(bell: Bell, backend: RingBackend) {
    let mut listener = Listener::start(backend);
    for round in 0..20 {
        let id = format!("ev_{round}");
        bell.ring(&[&id]);
        let (ring, waited) = listener.next_named(SOON).await;
        assert_eq!(ring.event_ids, [id]);
        assert!(waited < AT_ONCE, "{waited:?}");
        sleep(Duration::from_millis(5)).await;
    }
    bell.ring::<&str>(&[]);
    listener.look_for_due(AT_ONCE).await;
    assert_eq!(bell.missed_count(), 0);
}

#[tokio::test]
async fn a_ring_in_process_wakes_a_worker_at_once() {
    let (bell, heard) = Bell::in_process();
    wakes_at_once(bell, heard.backend()).await;
}

#[tokio::test]
async fn a_ring_over_redis_wakes_a_worker_at_once() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    wakes_at_once(Bell::redis(&queue), queue.backend()).await;
    assert!(queue.ping().await.unwrap() < AT_ONCE);
}

#[tokio::test]
async fn many_rings_travel_together_and_none_is_lost() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    let mut listener = Listener::start(queue.backend());
    for id in 0..5_000 {
        bell.ring(&[format!("ev_{id}")]);
    }
    let (mut ids, mut rings) = (Vec::new(), 0);
    while ids.len() < 5_000 {
        let (ring, _) = listener.next_named(SOON).await;
        assert!(ring.event_ids.len() <= 500);
        ids.extend(ring.event_ids);
        rings += 1;
    }
    assert!(rings <= 100, "{rings} rings");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5_000);
    assert_eq!(bell.missed_count(), 0);
}

#[tokio::test]
async fn rings_that_wait_in_redis_are_taken_together() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    for id in 0..50 {
        bell.ring(&[format!("ev_{id}")]);
        let pushed = (id + 1).to_string();
        eventually("it lies there", SOON, || async { (redis.cli(&["LLEN", "kitchen:rings"]) == pushed).then_some(()) }).await;
    }
    let mut listener = Listener::start(queue.backend());
    assert_eq!(listener.next_named(SOON).await.0.event_ids.len(), 50);
}

#[tokio::test]
async fn a_saturated_worker_leaves_rings_to_others() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    let (memory_bell, heard) = Bell::in_process();
    for (bell, backend) in [(Bell::redis(&queue), queue.backend()), (memory_bell, heard.backend())] {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let busy = WorkerBuilder::new("busy").backend(backend.clone()).layer(tower::limit::ConcurrencyLimitLayer::new(1)).build(
            move |_: Ring| {
                count.fetch_add(1, Ordering::Relaxed);
                std::future::pending::<Result<(), BoxDynError>>()
            },
        );
        let busy = tokio::spawn(busy.run());
        bell.ring(&["ev_0"]);
        eventually("the busy worker is busy", SOON, || async { (taken.load(Ordering::Relaxed) == 1).then_some(()) }).await;

        let mut idle = Listener::start(backend);
        for id in 1..=5 {
            bell.ring(&[format!("ev_{id}")]);
            idle.next_named(AT_ONCE).await;
        }
        assert_eq!(taken.load(Ordering::Relaxed), 1);
        busy.abort();
    }
}

#[tokio::test]
async fn redis_may_arrive_late() {
    let mut redis = Redis::absent();
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    let mut listener = Listener::start(queue.backend());
    let begun = Instant::now();
    bell.ring(&["ev_1", "ev_2"]);
    assert!(begun.elapsed() < Duration::from_millis(5), "ringing waited");
    assert!(queue.ping().await.is_err());
    eventually("the rings are given up", SOON, || async { (bell.missed_count() == 2).then_some(()) }).await;

    redis.start().await;
    listener.look_for_due(SOON).await;
    // The first ring after the return may wait for the end of a pause; the next does not.
    for (id, limit) in [("ev_3", SOON), ("ev_4", AT_ONCE)] {
        bell.ring(&[id]);
        assert_eq!(listener.next_named(limit).await.0.event_ids, [id]);
    }
}

#[tokio::test]
async fn redis_may_die_and_come_back_empty() {
    let mut redis = Redis::running().await;
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    let mut listener = Listener::start(queue.backend());
    bell.ring(&["ev_1"]);
    listener.next_named(AT_ONCE).await;

    redis.kill();
    bell.ring(&["ev_2"]);
    eventually("the ring is given up", SOON, || async { (bell.missed_count() == 1).then_some(()) }).await;
    redis.start().await;
    listener.look_for_due(SOON).await;
    // The first ring after the return may wait for the end of a pause; the next does not.
    for (id, limit) in [("ev_3", SOON), ("ev_4", AT_ONCE)] {
        bell.ring(&[id]);
        assert_eq!(listener.next_named(limit).await.0.event_ids, [id]);
    }
    assert!(listener.is_alive());
}

#[tokio::test]
async fn a_redis_restarted_between_two_rings_costs_no_ring() {
    let mut redis = Redis::running().await;
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    let mut listener = Listener::start(queue.backend());
    bell.ring(&["ev_1"]);
    listener.next_named(AT_ONCE).await;
    redis.kill();
    redis.start().await;
    listener.look_for_due(SOON).await;
    bell.ring(&["ev_2"]);
    listener.next_named(AT_ONCE).await;
    assert_eq!(bell.missed_count(), 0);
}

#[tokio::test]
async fn a_stall_delays_rings_and_loses_none() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    let mut listener = Listener::start(queue.backend());
    bell.ring(&["ev_0"]);
    listener.next_named(AT_ONCE).await;

    redis.signal("STOP");
    for id in 1..=200 {
        bell.ring(&[format!("ev_{id}")]);
        sleep(Duration::from_millis(10)).await;
    }
    redis.signal("CONT");
    let mut ids = 0;
    while ids < 200 {
        ids += listener.next_named(SOON).await.0.event_ids.len();
    }
    assert_eq!((ids, bell.missed_count()), (200, 0));
    assert!(listener.is_alive());
}

#[tokio::test]
async fn a_stopped_worker_takes_no_more_rings_and_a_dropped_bell_still_delivers() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    let bell = Bell::redis(&queue);
    let mut stopped = Listener::start(queue.backend());
    bell.ring(&["ev_1"]);
    stopped.next_named(AT_ONCE).await;
    stopped.stop.shutdown().unwrap();
    timeout(SOON, &mut stopped.worker).await.expect("the worker does not stop").unwrap();
    let is_forgotten = || redis.cli(&["INFO", "clients"]).contains("blocked_clients:0");
    eventually("Redis sees that nobody listens", SOON, || async { is_forgotten().then_some(()) }).await;

    bell.ring(&["ev_2"]);
    drop(bell);
    eventually("the ring lies in Redis", SOON, || async { (redis.cli(&["LLEN", "kitchen:rings"]) == "1").then_some(()) }).await;
    let mut next = Listener::start(queue.backend());
    assert_eq!(next.next_named(AT_ONCE).await.0.event_ids, ["ev_2"]);
}

#[tokio::test]
async fn garbage_in_the_queue_is_read_as_look_for_due_work() {
    let redis = Redis::running().await;
    let queue = redis.queue();
    let mut listener = Listener::start(queue.backend());
    for garbage in ["", "nonsense", "[1,2]", r#"{"event_ids":7}"#, r#"{"tasks":["x"]}"#] {
        redis.cli(&["RPUSH", "kitchen:rings", garbage]);
        listener.look_for_due(SOON).await;
    }
    Bell::redis(&queue).ring(&["ev_1"]);
    listener.next_named(AT_ONCE).await;
    assert!(listener.is_alive());
}

#[tokio::test]
async fn rings_nobody_hears_are_bounded() {
    let redis = Redis::running().await;
    redis.cli(&["EVAL", "for i = 1, 100100 do redis.call('RPUSH', 'kitchen:rings', i) end", "0"]);
    let bell = Bell::redis(&redis.queue());
    bell.ring(&["ev_1"]);
    let last = || redis.cli(&["LINDEX", "kitchen:rings", "-1"]);
    eventually("the new ring is the last", SOON, || async { (last() == "ev_1").then_some(()) }).await;
    assert_eq!(redis.cli(&["LLEN", "kitchen:rings"]), "100000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_shared_limit_is_exact_over_nodes() {
    let redis = Redis::running().await;
    let nodes = [SharedLimiter::new(&redis.queue()), SharedLimiter::new(&redis.queue())];
    for (key, per_minute) in [("key_a", 50), ("key_b", 7), ("key_c", 300)] {
        let begun = Instant::now();
        let callers: Vec<_> = (0..8)
            .map(|caller: usize| {
                let limiter = nodes[caller % 2].clone();
                tokio::spawn(async move {
                    let mut allowed = 0;
                    for _ in 0..per_minute {
                        allowed += u32::from(limiter.check(key, per_minute).await.unwrap().allowed);
                    }
                    allowed
                })
            })
            .collect();
        let mut allowed = 0;
        for caller in callers {
            allowed += caller.await.unwrap();
        }
        let regained = begun.elapsed().as_secs_f64() * f64::from(per_minute) / 60.0;
        let most = f64::from(per_minute) + regained.ceil();
        assert!((f64::from(per_minute)..=most).contains(&f64::from(allowed)), "{allowed} of {most}");
    }
}

#[tokio::test]
async fn a_decision_says_when_to_come_back() {
    let redis = Redis::running().await;
    let limiter = SharedLimiter::new(&redis.queue());
    let first = limiter.check("key", 3).await.unwrap();
    assert_eq!((first.allowed, first.limit, first.remaining), (true, 3, 2));
    assert_eq!(first.retry_after, Duration::ZERO);
    assert_eq!(first.reset_after, Duration::from_secs(20));
    limiter.check("key", 3).await.unwrap();
    let last = limiter.check("key", 3).await.unwrap();
    assert_eq!((last.allowed, last.remaining), (true, 0));
    let denied = limiter.check("key", 3).await.unwrap();
    assert_eq!((denied.allowed, denied.remaining), (false, 0));
    assert!((19..=20).contains(&denied.retry_after.as_secs()), "{denied:?}");
    assert!((59..=60).contains(&denied.reset_after.as_secs()), "{denied:?}");
    assert!(limiter.check("other", 3).await.unwrap().allowed);
    assert!(!limiter.check("none", 0).await.unwrap().allowed);

    // The key leaves by itself, nonsense in it is a full quota, and a quota of 6,000 regains one in 10 ms.
    let lifetime: i64 = redis.cli(&["PTTL", "kitchen:limit:key"]).parse().unwrap();
    assert!((1..=60_000).contains(&lifetime), "{lifetime}");
    redis.cli(&["SET", "kitchen:limit:key", "nonsense"]);
    assert!(limiter.check("key", 3).await.unwrap().allowed);
    for _ in 0..2 {
        let fast = limiter.check("fast", 6_000).await.unwrap();
        assert_eq!(fast.remaining, 5_999);
        sleep(fast.reset_after + Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn an_absent_or_stalled_redis_costs_the_limiter_no_time() {
    let mut redis = Redis::absent();
    let limiter = SharedLimiter::new(&redis.queue());
    let begun = Instant::now();
    assert!(matches!(limiter.check("key", 10).await, Err(QueueError::Unavailable { .. })));
    for _ in 0..1_000 {
        assert!(matches!(limiter.check("key", 10).await, Err(QueueError::Pausing)));
    }
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());

    redis.start().await;
    sleep(LIMITER_PAUSE).await;
    assert!(limiter.check("key", 10).await.unwrap().allowed, "not tried again after its pause");

    redis.signal("STOP");
    let begun = Instant::now();
    assert!(matches!(limiter.check("key", 10).await, Err(QueueError::TimedOut { .. })));
    for _ in 0..1_000 {
        assert!(limiter.check("key", 10).await.is_err());
    }
    assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
    redis.signal("CONT");
    sleep(LIMITER_PAUSE).await;
    assert!(limiter.check("key", 10).await.unwrap().allowed);

    redis.kill();
    redis.start().await;
    assert!(limiter.check("key", 10).await.unwrap().allowed, "a script forgotten by Redis is sent again");
}
