//! How many deliveries to a webhook with a rate may begin now. Each worker counts for itself; over Redis they share one count besides,
//! and while Redis is away each goes by its own.
//!
//! It goes by the real time and not by the clock of the store: what counts is what the receiver sees.

use domain::ids::WebhookId;
use domain::pace::{Pace, Rate};
use queue::SharedLimiter;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most webhooks that are counted; beyond that those at rest are forgotten.
const MOST_COUNTED: usize = 10_000;

pub(crate) struct Pacer {
    begun: Instant,
    shared: Option<SharedLimiter>,
    paces: Mutex<HashMap<WebhookId, Paced>>,
}

#[derive(Default)]
struct Paced {
    pace: Pace,
    /// Before that it is not worth asking, counted from the beginning.
    again_at: Duration,
}

/// What may begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted {
    pub(crate) count: usize,
    /// When there is more, if this is less than was wanted.
    pub(crate) again_at: Option<Instant>,
}

impl Pacer {
    /// Shares its count through `shared`, if that is there.
    pub(crate) fn new(shared: Option<SharedLimiter>) -> Self {
        Self { begun: Instant::now(), shared, paces: Mutex::default() }
    }

    fn paces(&self) -> MutexGuard<'_, HashMap<WebhookId, Paced>> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes as many of those that are wanted as may begin now.
    pub(crate) async fn take(&self, webhook: &WebhookId, rate: Rate, wanted: usize) -> Granted {
        let (now, wanted) = (self.begun.elapsed(), u32::try_from(wanted).unwrap_or(u32::MAX));
        let (mine, mut full_after) = {
            let mut counted = self.paces();
            if counted.len() >= MOST_COUNTED {
                counted.retain(|_, paced| paced.again_at.max(now + paced.pace.full_after(now)) > now);
            }
            let paced = counted.entry(webhook.clone()).or_default();
            if paced.again_at > now {
                return Granted { count: 0, again_at: Some(self.begun + paced.again_at) };
            }
            (paced.pace.take(rate, now, wanted), paced.pace.full_after(now))
        };
        let mut count = mine;
        if let Some(shared) = self.shared.as_ref().filter(|_| mine > 0) {
            match shared.pace(webhook.as_str(), rate, mine.into()).await {
                Ok((ours, full_after_ours)) => {
                    count = ours.min(mine);
                    full_after = full_after.max(full_after_ours);
                }
                Err(error) => tracing::debug!(%error, "pacing alone"),
            }
        }
        let mut counted = self.paces();
        let paced = counted.entry(webhook.clone()).or_default();
        paced.pace.give_back(rate, mine - count);
        if count >= wanted {
            return Granted { count: count as usize, again_at: None };
        }
        paced.again_at = now + rate.pause(full_after);
        Granted { count: count as usize, again_at: Some(self.begun + paced.again_at) }
    }

    /// Takes back what was granted and not begun.
    pub(crate) async fn give_back(&self, webhook: &WebhookId, rate: Rate, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if let Some(paced) = self.paces().get_mut(webhook) {
            paced.pace.give_back(rate, count);
            paced.again_at = Duration::ZERO;
        }
        if let Some(shared) = &self.shared {
            // Without Redis there is nothing to give back to.
            let _ = shared.pace(webhook.as_str(), rate, -i64::from(count)).await;
        }
    }
}
