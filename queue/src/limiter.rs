//! A rate limit that is exact over all nodes: the generic cell rate algorithm, run inside Redis on the clock of Redis.
//!
//! A large limit is drawn on in advance: a node takes one part in [`SHARES`] of it at a time and spends that without asking
//! again. Nothing is ever spent that was not counted first; what a node holds may be spent later than it was counted, so over
//! any minute each node can let through one such part more than the limit. What workers send is paced by the same script, in
//! seconds instead of minutes and without shares.
//!
//! Owns: the script, its keys, its own short time limit, and the pause after a failure.
//! Refuses: a verdict without Redis. The caller then falls back to the limiter of its own process.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::pace::Rate;
use redis::{Script, ScriptInvocation};
use tokio::time::timeout;

use crate::{QueueError, RedisQueue, redis_queue::KEY_PREFIX};

/// The time in which a full quota refills.
const PERIOD: Duration = Duration::from_mins(1);

/// A request waits no longer than this for a verdict.
const CHECK_LIMIT: Duration = Duration::from_millis(250);

/// After a failure Redis is left alone for this long, and then one call tries again.
const PAUSE: Duration = Duration::from_secs(1);

/// How small a part of a limit is taken at a time: half a percent. Below 400 a minute that is a single request.
const SHARES: u32 = 200;

/// The most keys whose shares are held; beyond that all are given up, which spends them.
const MOST_HELD: usize = 10_000;

/// State is one number per key: the time at which the quota would be full again ("theoretical arrival time").
/// Whole microseconds stay below 2^53, so Lua's doubles hold them exactly; `%.0f` because `tostring` would round.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit = tonumber(ARGV[1])
local interval = math.max(1, math.floor(tonumber(ARGV[2]) / limit))
local burst = interval * tonumber(ARGV[4])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now) or now
-- Later than burst from now can only mean that the clock went back or the limit was lowered.
full_at = math.max(now, math.min(full_at, now + burst))
local wanted = tonumber(ARGV[3])
-- Fewer than none are given back.
if wanted < 0 then full_at = math.max(now, full_at + interval * wanted) end
local allowed = math.max(0, math.min(wanted, math.floor((now + burst - full_at) / interval)))
if allowed > 0 or wanted < 0 then
  full_at = full_at + interval * allowed
  redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.max(1, math.ceil((full_at - now) / 1000)))
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
    shares: Arc<Mutex<HashMap<String, Share>>>,
}

/// What this node has taken of one key's limit and not spent.
#[derive(Debug)]
struct Share {
    left: u32,
    /// What Redis had left after this share was taken, and when that was.
    remaining: u32,
    taken_at: Instant,
    limit: u32,
    /// Whether somebody is taking the next one: the others meanwhile ask for a single request each.
    is_being_taken: bool,
}

impl SharedLimiter {
    /// A limiter on this Redis, which need not be there yet.
    pub fn new(queue: &RedisQueue) -> Self {
        Self {
            queue: queue.clone(),
            script: Arc::new(Script::new(SCRIPT)),
            breaker: Arc::new(Breaker::new()),
            shares: Arc::default(),
        }
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
        let wanted = match self.spend(key, per_minute) {
            Spent::Held(decision) => return Ok(decision),
            Spent::Ask(wanted) => wanted,
        };
        let taken = self.take(key, per_minute, wanted).await;
        let mut shares = self.shares();
        if wanted > 1
            && let Some(share) = shares.get_mut(key)
        {
            share.is_being_taken = false;
            if let Ok((taken, decision)) = &taken {
                share.left += taken.saturating_sub(1);
                (share.remaining, share.taken_at) = (decision.remaining, Instant::now());
            }
        }
        let held = shares.get(key).map_or(0, |share| share.left);
        taken.map(|(_, decision)| Decision { remaining: decision.remaining.saturating_add(held), ..decision })
    }

    fn shares(&self) -> MutexGuard<'_, HashMap<String, Share>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spends one request of what this node holds, or says how many to ask Redis for.
    fn spend(&self, key: &str, per_minute: u32) -> Spent {
        let size = per_minute / SHARES;
        if size <= 1 {
            return Spent::Ask(1);
        }
        let mut shares = self.shares();
        if shares.len() >= MOST_HELD && !shares.contains_key(key) {
            shares.clear();
        }
        let none = || Share { left: 0, remaining: 0, taken_at: Instant::now(), limit: per_minute, is_being_taken: false };
        let share = shares.entry(key.to_owned()).or_insert_with(none);
        if share.limit != per_minute {
            // The limit was changed; what was taken of the old one is spent.
            *share = Share { is_being_taken: share.is_being_taken, ..none() };
        }
        if share.left > 0 {
            share.left -= 1;
            let regained = share.taken_at.elapsed().as_secs_f64() / PERIOD.as_secs_f64() * f64::from(per_minute);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from floats saturate")]
            let remaining = share.remaining.saturating_add(regained as u32).saturating_add(share.left).min(per_minute - 1);
            let reset_after = PERIOD.mul_f64(f64::from(per_minute.saturating_sub(remaining)) / f64::from(per_minute));
            return Spent::Held(Decision {
                allowed: true,
                limit: per_minute,
                remaining,
                retry_after: Duration::ZERO,
                reset_after,
            });
        }
        if share.is_being_taken {
            return Spent::Ask(1);
        }
        share.is_being_taken = true;
        Spent::Ask(size)
    }

    /// Asks Redis for so many requests; says how many it counted.
    async fn take(&self, key: &str, per_minute: u32, wanted: u32) -> Result<(u32, Decision), QueueError> {
        if !self.breaker.may_try() {
            return Err(QueueError::Pausing);
        }
        let mut call = self.script.key(format!("{KEY_PREFIX}limit:{key}"));
        call.arg(per_minute).arg(PERIOD.as_secs() * 1_000_000).arg(wanted).arg(per_minute);
        let (taken, remaining, retry_after, reset_after) = self.judge(&call).await?;
        let decision = Decision {
            allowed: taken > 0,
            limit: per_minute,
            remaining,
            retry_after: Duration::from_micros(retry_after),
            reset_after: Duration::from_micros(reset_after),
        };
        Ok((taken, decision))
    }

    /// Takes as many of those `wanted` as may begin now over all nodes, and says how many, and how long it takes until as many as a
    /// burst may begin again. Fewer than none are given back.
    ///
    /// # Errors
    /// As [`SharedLimiter::check`].
    pub async fn pace(&self, key: &str, rate: Rate, wanted: i64) -> Result<(u32, Duration), QueueError> {
        if !self.breaker.may_try() {
            return Err(QueueError::Pausing);
        }
        let mut call = self.script.key(format!("{KEY_PREFIX}pace:{key}"));
        let interval = u64::try_from(rate.interval().as_micros()).unwrap_or(u64::MAX);
        call.arg(1).arg(interval).arg(wanted).arg(rate.burst());
        let (taken, _, _, full_after) = self.judge(&call).await?;
        Ok((taken, Duration::from_micros(full_after)))
    }

    /// Runs the script.
    async fn judge(&self, call: &ScriptInvocation<'_>) -> Result<(u32, u32, u64, u64), QueueError> {
        let verdict = self.queue.retrying_once(|mut connection| async move { call.invoke_async(&mut connection).await });
        let verdict: Result<(u32, u32, u64, u64), _> =
            timeout(CHECK_LIMIT, verdict).await.unwrap_or(Err(QueueError::TimedOut { waited: CHECK_LIMIT }));
        self.breaker.record(verdict.is_ok());
        verdict
    }
}

/// What a look at the held share came to.
enum Spent {
    Held(Decision),
    Ask(u32),
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
