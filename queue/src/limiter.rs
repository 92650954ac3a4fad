//! A rate limit that is exact over all nodes: the generic cell rate algorithm, run inside Redis on the clock of Redis.
//!
//! Owns: the script, its keys, its own short time limit, and the pause after a failure.
//! Refuses: a verdict without Redis. The caller then falls back to the limiter of its own process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use redis::Script;
use tokio::time::timeout;

use crate::{QueueError, RedisQueue, redis_queue::KEY_PREFIX};

/// The time in which a full quota refills.
const PERIOD: Duration = Duration::from_mins(1);

/// A request waits no longer than this for a verdict.
const CHECK_LIMIT: Duration = Duration::from_millis(250);

/// After a failure Redis is left alone for this long, and then one call tries again.
const PAUSE: Duration = Duration::from_secs(1);

/// State is one number per key: the time at which the quota would be full again ("theoretical arrival time").
/// Whole microseconds stay below 2^53, so Lua's doubles hold them exactly; `%.0f` because `tostring` would round.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit = tonumber(ARGV[1])
local interval = math.max(1, math.floor(tonumber(ARGV[2]) / limit))
local burst = interval * limit
local full_at = tonumber(redis.call('GET', KEYS[1]) or now) or now
-- Later than burst from now can only mean that the clock went back or the limit was lowered.
full_at = math.max(now, math.min(full_at, now + burst))
local allowed = 0
if full_at + interval - burst <= now then
  allowed = 1
  full_at = full_at + interval
  redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
end
local remaining = math.floor((now + burst - full_at) / interval)
return {allowed, remaining, math.max(0, full_at + interval - burst - now), full_at - now}
";

/// The verdict on one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may proceed; if so, it has been counted.
    pub allowed: bool,
    /// The quota it was judged by, in requests per minute; also the largest burst.
    pub limit: u32,
    /// How many more requests would be allowed at this moment.
    pub remaining: u32,
    /// How long until one more request is allowed; zero while `remaining` is not.
    pub retry_after: Duration,
    /// How long until the whole quota is available again, if no request comes.
    pub reset_after: Duration,
}

/// One rate limit shared by all nodes. Clones share the pause after a failure.
#[derive(Clone, Debug)]
pub struct SharedLimiter {
    queue: RedisQueue,
    script: Arc<Script>,
    breaker: Arc<Breaker>,
}

impl SharedLimiter {
    /// A limiter on this Redis, which need not be there yet.
    pub fn new(queue: &RedisQueue) -> Self {
        Self { queue: queue.clone(), script: Arc::new(Script::new(SCRIPT)), breaker: Arc::new(Breaker::new()) }
    }

    /// Counts one request against `key` (the id of an API key), which may make `per_minute` requests in a burst and
    /// regains them evenly over a minute. Exact however many callers on however many nodes ask at once. A
    /// `per_minute` of zero allows nothing.
    ///
    /// # Errors
    /// No verdict: [`QueueError::TimedOut`] after 250 ms, [`QueueError::Unavailable`], or at once
    /// [`QueueError::Pausing`] in the second after either of them.
    pub async fn check(&self, key: &str, per_minute: u32) -> Result<Decision, QueueError> {
        if per_minute == 0 {
            let (allowed, remaining) = (false, 0);
            return Ok(Decision { allowed, limit: 0, remaining, retry_after: PERIOD, reset_after: PERIOD });
        }
        if !self.breaker.may_try() {
            return Err(QueueError::Pausing);
        }
        let mut call = self.script.key(format!("{KEY_PREFIX}limit:{key}"));
        call.arg(per_minute).arg(PERIOD.as_secs() * 1_000_000);
        let call = &call;
        let verdict = self.queue.retrying_once(|mut connection| async move { call.invoke_async(&mut connection).await });
        let verdict: Result<(u8, u32, u64, u64), _> =
            timeout(CHECK_LIMIT, verdict).await.unwrap_or(Err(QueueError::TimedOut { waited: CHECK_LIMIT }));
        self.breaker.record(verdict.is_ok());
        let (allowed, remaining, retry_after, reset_after) = verdict?;
        Ok(Decision {
            allowed: allowed == 1,
            limit: per_minute,
            remaining,
            retry_after: Duration::from_micros(retry_after),
            reset_after: Duration::from_micros(reset_after),
        })
    }
}

/// Keeps an absent Redis from costing every request its time limit.
#[derive(Debug)]
struct Breaker {
    begun: Instant,
    /// Milliseconds after `begun` before which nobody tries; zero while all is well.
    closed_until: AtomicU64,
}

impl Breaker {
    fn new() -> Self {
        Self { begun: Instant::now(), closed_until: AtomicU64::new(0) }
    }

    /// Milliseconds after `begun`.
    fn at(&self, time: Instant) -> u64 {
        u64::try_from(time.duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    fn pause_end(&self) -> u64 {
        self.at(Instant::now() + PAUSE)
    }

    /// True for everybody while all is well; after a pause true for one caller, whose success lets in the others.
    fn may_try(&self) -> bool {
        let closed_until = self.closed_until.load(Ordering::Relaxed);
        closed_until == 0
            || (closed_until <= self.at(Instant::now())
                && self
                    .closed_until
                    .compare_exchange(closed_until, self.pause_end(), Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok())
    }

    fn record(&self, success: bool) {
        let closed_until = if success { 0 } else { self.pause_end() };
        if self.closed_until.load(Ordering::Relaxed) != closed_until {
            self.closed_until.store(closed_until, Ordering::Relaxed);
        }
    }
}
