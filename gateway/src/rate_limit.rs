//! How many requests a key may make: its own number a minute, as a bucket that holds a minute's worth and refills evenly
//! (GCRA, as governor and the shared limiter both count it).
//!
//! With Redis the shared limiter decides, exactly over all gateways; governor then only turns away, without a round
//! trip, what this process alone has seen too much of. While Redis is away, governor decides alone.

use crate::error::whole_seconds;
use axum::http::{HeaderMap, HeaderValue};
use domain::api_key::{ApiKey, TokenHash};
use governor::RateLimiter;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use queue::SharedLimiter;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Keyed = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// What the limit says to one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    pub(crate) is_allowed: bool,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Until one more request is allowed; meaningful when this one is not.
    pub(crate) retry_after: Duration,
}

/// How often something may be done a minute: by an API key, or whatever else is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    key: String,
    per_minute: u32,
}

impl Quota {
    pub(crate) fn of(key: &ApiKey) -> Self {
        Self::new(key.id.to_string(), key.rate_limit)
    }

    /// A count of its own under this name.
    pub(crate) fn new(key: String, per_minute: u32) -> Self {
        Self { key, per_minute }
    }
}

/// The most tokens whose quotas are remembered; beyond that all are forgotten, and looked up first for a while.
const MOST_REMEMBERED: usize = 10_000;

/// The limits of all keys. Clones share their counts.
#[derive(Clone)]
pub(crate) struct Limiter {
    /// governor has one quota per limiter, so there is one limiter for each rate in use.
    by_rate: Arc<Mutex<HashMap<u32, Arc<Keyed>>>>,
    shared: Option<SharedLimiter>,
    /// What tokens that opened something were allowed. A guess at what to count, never a reason to let anyone in.
    remembered: Arc<Mutex<HashMap<TokenHash, Quota>>>,
}

impl Limiter {
    pub(crate) fn new(shared: Option<SharedLimiter>) -> Self {
        Self { by_rate: Arc::default(), shared, remembered: Arc::default() }
    }

    /// What the token of this hash was allowed when it was last seen. Only where counting takes a round trip.
    pub(crate) fn recall(&self, hash: &TokenHash) -> Option<Quota> {
        self.shared.as_ref()?;
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// Keeps what a token is allowed.
    pub(crate) fn remember(&self, hash: TokenHash, quota: Quota) {
        if self.shared.is_some() {
            let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
            if remembered.len() >= MOST_REMEMBERED {
                remembered.clear();
            }
            remembered.insert(hash, quota);
        }
    }

    /// Counts one request of a key.
    pub(crate) async fn check(&self, quota: &Quota) -> Allowance {
        let local = self.check_locally(quota);
        let Some(shared) = &self.shared else { return local };
        if !local.is_allowed {
            return local;
        }
        match shared.check(&quota.key, quota.per_minute).await {
            Ok(decision) => Allowance {
                is_allowed: decision.allowed,
                limit: decision.limit,
                remaining: decision.remaining,
                retry_after: decision.retry_after,
            },
            Err(_) => local,
        }
    }

    fn check_locally(&self, quota: &Quota) -> Allowance {
        let limit = NonZeroU32::new(quota.per_minute).unwrap_or(NonZeroU32::MIN);
        let limiter = {
            let mut by_rate = self.by_rate.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(by_rate.entry(limit.get()).or_insert_with(|| {
                Arc::new(RateLimiter::keyed(governor::Quota::per_minute(limit)).with_middleware::<StateInformationMiddleware>())
            }))
        };
        match limiter.check_key(&quota.key) {
            Ok(snapshot) => Allowance {
                is_allowed: true,
                limit: limit.get(),
                remaining: snapshot.remaining_burst_capacity(),
                retry_after: Duration::ZERO,
            },
            Err(refused) => Allowance {
                is_allowed: false,
                limit: limit.get(),
                remaining: 0,
                retry_after: refused.wait_time_from(DefaultClock::default().now()),
            },
        }
    }

    /// Forgets keys whose buckets are full again, once a minute, for ever: keys never leave governor by themselves.
    pub(crate) async fn forget_idle_keys(self) {
        let mut minutes = tokio::time::interval(Duration::from_mins(1));
        loop {
            minutes.tick().await;
            let limiters: Vec<_> = self.by_rate.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
            for limiter in limiters {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}

impl Allowance {
    /// `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers-10 writes them. `t` is when the bucket is
    /// full again, or, for a refused request, when one more is allowed.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) {
        let wait = if self.is_allowed {
            let used = f64::from(self.limit.saturating_sub(self.remaining));
            Duration::from_secs_f64(used * 60.0 / f64::from(self.limit.max(1)))
        } else {
            self.retry_after
        };
        let policy = format!("\"minute\";q={};w=60", self.limit);
        let state = format!("\"minute\";r={};t={}", self.remaining, whole_seconds(wait));
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}
