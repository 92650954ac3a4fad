//! Claims, attempts, outcomes: keeps as many requests under way as it may, and no webhook may hold more than its share.
//!
//! What is claimed is sent at once, or waits in memory for a place at its webhook while its lease lasts. Everything else
//! stays in the database, where it is due and will be claimed when there is room.

use crate::client::{Answer, Client, Request};
use crate::recorder::Recorder;
use crate::{Settings, WorkerError};
use bytes::Bytes;
use domain::clock::Timestamp;
use domain::delivery::Outcome;
use domain::ids::{EventId, WebhookId};
use domain::retries::{self, Retries};
use domain::secret::random_base62;
use domain::signature::sign;
use domain::webhook::Platform;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::claims::{self, ClaimName, Claimed, Due, Lessee, Opened};
use store::dispatch::{self, Room, Which};
use store::outcomes::AttemptRecord;
use store::{Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The most deliveries one claim takes.
const CLAIM_BATCH: usize = 64;
/// The most events one sweep matches before it looks at the clock again.
const SWEEP_BATCH: u32 = 500;
/// Events younger than this are left to the doorbell.
const RING_GRACE: Duration = Duration::from_secs(1);
/// What a lease lasts beyond one attempt: room to wait for a place, and to record the outcome.
const LEASE_MARGIN: Duration = Duration::from_secs(15);
/// What must be left of a lease beyond the attempt when it begins.
const RECORD_MARGIN: Duration = Duration::from_secs(3);

/// Why a delivery is not sent when its webhook's secret or a header's value cannot be read.
const SEALED: &str = "Not sent. The webhook's secrets cannot be read with the master key that is set; the operator sets the one they \
     were written with.";

/// The delivering half of the worker. Clones are one engine.
#[derive(Clone)]
pub(crate) struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    settings: Settings,
    client: Client,
    lessee: Lessee,
    recorder: Recorder,
    held: Mutex<Held>,
    /// Rung when there may be something due, or room for it again.
    look: Notify,
    sweeping: tokio::sync::Mutex<()>,
    attempts: TaskTracker,
    abandon: CancellationToken,
}

/// What this worker holds leases on.
#[derive(Default)]
struct Held {
    total: usize,
    by_webhook: HashMap<WebhookId, Lane>,
    /// Whether the last look left something due behind.
    is_behind: bool,
    is_closing: bool,
}

/// One webhook's requests under way, and those waiting for a place.
#[derive(Default)]
struct Lane {
    in_flight: usize,
    waiting: VecDeque<Shipment>,
}

/// A claimed delivery with its body.
struct Shipment {
    claimed: Claimed,
    body: Bytes,
}

impl Lane {
    fn held(&self) -> usize {
        self.in_flight + self.waiting.len()
    }
}

impl Engine {
    pub(crate) fn start(store: Store, settings: Settings) -> Result<Self, WorkerError> {
        let client = Client::new(settings.egress.clone(), settings.attempt_timeout)?;
        let lessee = Lessee { name: format!("w_{}", random_base62(16)), lease: settings.attempt_timeout + LEASE_MARGIN };
        let inner = Inner {
            recorder: Recorder::start(store.clone()),
            store,
            settings,
            client,
            lessee,
            held: Mutex::default(),
            look: Notify::new(),
            sweeping: tokio::sync::Mutex::default(),
            attempts: TaskTracker::new(),
            abandon: CancellationToken::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Takes back what a process that died on this machine held; see [`claims::revoke_leases`].
    pub(crate) async fn revoke_leases(&self) {
        match claims::revoke_leases(&self.inner.store).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deliveries that were under way when the last process ended are due again"),
            // They come back by themselves when their leases end.
            Err(error) => tracing::warn!(%error, "cannot take back old leases"),
        }
    }

    /// Matches these events with webhooks and begins to send. No ids: rings were lost, or something else became due, so it
    /// looks for everything that waits.
    pub(crate) async fn dispatch(&self, event_ids: &[String]) -> Result<(), StoreError> {
        if event_ids.is_empty() {
            return self.sweep_before(self.inner.store.clock().now()).await;
        }
        self.take_on(Which::Named(event_ids)).await.map(drop)
    }

    /// Matches events nobody rang for, then looks for what is due.
    pub(crate) async fn sweep(&self) -> Result<(), StoreError> {
        self.sweep_before(self.inner.store.clock().now().minus(RING_GRACE)).await
    }

    /// Does nothing while a sweep is under way. A limit on the job would do that too, but while it holds the job back the next
    /// tick passes, and apalis-cron answers a tick in the past with an error that ends its worker.
    async fn sweep_before(&self, before: Timestamp) -> Result<(), StoreError> {
        let Ok(_sweeping) = self.inner.sweeping.try_lock() else { return Ok(()) };
        while self.take_on(Which::Forgotten { before, limit: SWEEP_BATCH }).await? >= SWEEP_BATCH as usize {}
        self.inner.look.notify_one();
        Ok(())
    }

    async fn take_on(&self, which: Which<'_>) -> Result<usize, StoreError> {
        let room = self.room();
        let dispatched = dispatch::dispatch(&self.inner.store, which, &self.inner.lessee, room).await?;
        if dispatched.claimed.len() < dispatched.deliveries_count {
            self.held().is_behind = true;
        }
        self.ship(dispatched.claimed);
        Ok(dispatched.events_count)
    }

    /// Claims what is due whenever there is room, until `stop`.
    pub(crate) async fn keep_claiming(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.inner.look.notified() => {}
            }
            while let Some(Due { claimed, is_more }) = self.claim().await {
                self.ship(claimed);
                if !is_more || stop.is_cancelled() {
                    break;
                }
            }
        }
    }

    /// `None` when there is no room, or the database is away; the next sweep looks again.
    async fn claim(&self) -> Option<Due> {
        let (limit, full) = {
            let mut held = self.held();
            let free = self.most_held().saturating_sub(held.total);
            held.is_behind = true;
            let full: Vec<WebhookId> =
                held.by_webhook.iter().filter(|(_, lane)| lane.held() >= self.crowded()).map(|(id, _)| id.clone()).collect();
            (free.min(CLAIM_BATCH), full)
        };
        if limit == 0 {
            return None;
        }
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        match claims::claim_due(&self.inner.store, &self.inner.lessee, limit, &full).await {
            Ok(due) => {
                // Nothing is left behind when less came than was asked for and no webhook was passed over.
                self.held().is_behind = due.is_more || !full.is_empty();
                Some(due)
            }
            Err(error) => {
                tracing::warn!(%error, "cannot claim deliveries");
                None
            }
        }
    }

    /// Everything that may be held: twice what may be under way, so that a place that falls free is filled from memory.
    fn most_held(&self) -> usize {
        self.inner.settings.max_in_flight * 2
    }

    /// What one webhook may hold.
    fn most_held_per_webhook(&self) -> usize {
        self.inner.settings.max_in_flight_per_webhook * 4
    }

    /// From here on a webhook is passed over when claiming; the rest of its share absorbs one batch.
    fn crowded(&self) -> usize {
        self.inner.settings.max_in_flight_per_webhook * 2
    }

    fn room(&self) -> Room {
        let held = self.held();
        Room {
            total: self.most_held().saturating_sub(held.total),
            per_webhook: self.most_held_per_webhook(),
            held: held.by_webhook.iter().map(|(id, lane)| (id.clone(), lane.held())).collect(),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins what can begin, and lets the rest wait for a place at its webhook.
    fn ship(&self, claimed: Vec<Claimed>) {
        // Written once per event and platform, however many webhooks receive it.
        let mut bodies: HashMap<(EventId, Platform), Bytes> = HashMap::new();
        let mut held = self.held();
        for claimed in claimed {
            let platform = claimed.target.webhook.platform;
            let body = bodies
                .entry((claimed.event.id.clone(), platform))
                .or_insert_with(|| connectors::body(platform, &claimed.event).into())
                .clone();
            let shipment = Shipment { claimed, body };
            held.total += 1;
            let lane = held.by_webhook.entry(shipment.claimed.target.webhook.id.clone()).or_default();
            if lane.in_flight < self.inner.settings.max_in_flight_per_webhook {
                lane.in_flight += 1;
                self.begin(shipment);
            } else {
                lane.waiting.push_back(shipment);
            }
        }
    }

    /// Runs one lane's place: this shipment, and then whatever waits behind it.
    fn begin(&self, shipment: Shipment) {
        let engine = self.clone();
        self.inner.attempts.spawn(async move {
            let webhook = shipment.claimed.target.webhook.id.clone();
            let mut next = Some(shipment);
            while let Some(shipment) = next {
                tokio::select! {
                    () = engine.inner.abandon.cancelled() => return,
                    () = engine.attempt(shipment) => {}
                }
                next = engine.next_in(&webhook);
            }
        });
    }

    /// Ends one shipment of a lane and takes the next, or closes the place.
    fn next_in(&self, webhook: &WebhookId) -> Option<Shipment> {
        let mut held = self.held();
        held.total = held.total.saturating_sub(1);
        let is_closing = held.is_closing;
        let lane = held.by_webhook.get_mut(webhook)?;
        let next = if is_closing { None } else { lane.waiting.pop_front() };
        if next.is_none() {
            lane.in_flight = lane.in_flight.saturating_sub(1);
        }
        let held_here = lane.held();
        if held_here == 0 {
            held.by_webhook.remove(webhook);
        }
        let has_room = held_here + 1 == self.crowded() || held_here == 0 || held.total + 1 == self.inner.settings.max_in_flight;
        if held.is_behind && has_room {
            self.inner.look.notify_one();
        }
        next
    }

    async fn attempt(&self, shipment: Shipment) {
        let Shipment { claimed, body } = shipment;
        let inner = &self.inner;
        let started_at = inner.store.clock().now();
        if started_at.plus(inner.settings.attempt_timeout + RECORD_MARGIN) > claimed.leased_until {
            // It waited too long: another worker may take it over while we send.
            return;
        }
        let webhook = &claimed.target.webhook;
        let answer = match &claimed.target.opened {
            None => Answer::unsent(SEALED),
            Some(Opened { secret, headers }) => {
                let previous = claimed.target.previous_secret(started_at);
                let signatures = sign(secret, previous, claimed.event.id.as_str(), started_at, &body);
                let request = Request {
                    url: &webhook.url,
                    body,
                    event_id: claimed.event.id.as_str(),
                    delivery_id: claimed.id.as_str(),
                    timestamp: started_at.seconds(),
                    signatures,
                    headers,
                };
                inner.client.post(request).await
            }
        };
        let (now, max_age) = (inner.store.clock().now(), inner.settings.max_delivery_age);
        let asked = answer.status.zip(answer.retry_after.as_deref()).and_then(|(status, text)| retries::asked(status, text, now));
        let retries = Retries { delays: webhook.delays(), asked, ends_at: claimed.created_at.plus(max_age), jitter: jitter() };
        inner.recorder.record(outcome(&claimed, started_at, answer, now, &retries)).await;
    }

    /// Lets attempts under way end, for at most `grace`, gives back what has not begun, and writes every outcome.
    pub(crate) async fn finish(&self, grace: Duration) {
        let waiting: Vec<ClaimName> = {
            let mut held = self.held();
            held.is_closing = true;
            let waiting = held.by_webhook.values_mut().flat_map(|lane| lane.waiting.drain(..));
            waiting.map(|shipment| ClaimName { id: shipment.claimed.id, fence: shipment.claimed.fence }).collect()
        };
        if !waiting.is_empty()
            && let Err(error) = claims::release(&self.inner.store, &self.inner.lessee, &waiting).await
        {
            tracing::warn!(%error, "cannot give back deliveries; they are due again when their leases end");
        }
        self.inner.attempts.close();
        if tokio::time::timeout(grace, self.inner.attempts.wait()).await.is_err() {
            tracing::warn!("attempts still under way are broken off; they are due again when their leases end");
            self.inner.abandon.cancel();
            self.inner.attempts.wait().await;
        }
        self.inner.recorder.finish(grace).await;
    }
}

fn outcome(claimed: &Claimed, started_at: Timestamp, answer: Answer, now: Timestamp, retries: &Retries<'_>) -> AttemptRecord {
    let outcome = match (answer.status, &answer.error) {
        (Some(status), None) => Outcome::of_status(status),
        _ => Outcome::Failure,
    };
    let error = match (outcome, answer.error, answer.status) {
        (Outcome::Success, _, _) => None,
        (_, Some(error), _) => Some(error),
        (_, None, Some(status @ 300..=399)) => Some(format!("The receiver answered {status}; redirects are not followed.")),
        (_, None, Some(status)) => Some(format!("The receiver answered {status}.")),
        (_, None, None) => Some("No answer.".into()),
    };
    AttemptRecord {
        delivery: claimed.id.clone(),
        fence: claimed.fence,
        webhook: claimed.target.webhook.id.clone(),
        number: claimed.attempts_count + 1,
        is_manual: claimed.is_manual,
        started_at,
        duration_ms: u32::try_from(answer.duration.as_millis()).unwrap_or(u32::MAX),
        status: answer.status,
        outcome,
        error,
        request_headers: answer.request_headers,
        response_headers: answer.response_headers,
        response_body: answer.body,
        progress: claimed.progress.after(outcome, claimed.is_manual, now, retries),
    }
}

/// Evenly from 0 to 1.
fn jitter() -> f64 {
    f64::from(u32::from_le_bytes(domain::secret::random_bytes())) / f64::from(u32::MAX)
}
