//! Claims: keeps as many requests under way as it may, and no webhook may hold more than its share.
//!
//! What is claimed is sent at once, or waits in memory for a place at its webhook while its lease lasts. Everything else
//! stays in the database, where it is due and will be claimed when there is room.

/// Attempts and what comes of them.
mod attempts;

use crate::client::Client;
use crate::held::{Held, Lane, Shipment};
use crate::pacer::{Granted, Pacer};
use crate::recorder::{News, Recorder};
use crate::{Settings, WorkerError};
use bytes::Bytes;
use domain::circuit::Passage;
use domain::clock::Timestamp;
use domain::flow::Flow;
use domain::ids::{EventId, WebhookId};
use domain::pace::Rate;
use domain::room::{Room, Wanting};
use domain::secret::random_base62;
use domain::webhook::{Platform, Webhook};
use queue::SharedLimiter;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::backlog;
use store::claims::{self, ClaimName, Claimed, Due, Lessee, Share};
use store::dispatch::{self, Which};
use store::lanes::{self, Lane as DueLane};
use store::{Store, StoreError};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The most deliveries one claim takes.
const CLAIM_BATCH: usize = 128;
/// Batches of outcomes whose circuits may wait to be heard of.
const NEWS: usize = 64;
/// The most deliveries to a webhook that is disabled or gone that one claim settles.
const SETTLE_BATCH: usize = 256;
/// What is held of one webhook for each request that may be under way to it, so that a place that falls free is filled from memory.
const HELD_PER_REQUEST: usize = 4;
/// The most events one sweep matches before it looks at the clock again.
const SWEEP_BATCH: u32 = 500;
/// How long one sweep moves on what is left of changes of webhooks; the next goes on with it.
const AT_BACKLOGS: Duration = Duration::from_millis(500);
/// Events younger than this are left to the doorbell.
const RING_GRACE: Duration = Duration::from_secs(1);
/// What a lease lasts beyond one attempt: room to wait for a place, and to record the outcome.
const LEASE_MARGIN: Duration = Duration::from_secs(15);
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
    pacer: Pacer,
    /// From the recorder.
    news: tokio::sync::Mutex<mpsc::Receiver<News>>,
    held: Mutex<Held>,
    /// Rung when there may be something due, or room for it again.
    look: Arc<Notify>,
    sweeping: tokio::sync::Mutex<()>,
    attempts: TaskTracker,
    abandon: CancellationToken,
}

/// What a look at the lanes left to be done.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// Whether there may be more to take at once.
    is_more: bool,
    /// When there is more to take of webhooks with a rate.
    again_at: Option<Instant>,
}

/// What a webhook with a rate may begin now.
struct Paced {
    webhook: WebhookId,
    rate: Rate,
    granted: Granted,
}

impl Engine {
    /// `limiter` is what it shares with other workers.
    pub(crate) fn start(store: Store, settings: Settings, limiter: Option<SharedLimiter>) -> Result<Self, WorkerError> {
        let client = Client::new(&settings)?;
        let lessee = Lessee { name: format!("w_{}", random_base62(16)), lease: settings.attempt_timeout + LEASE_MARGIN };
        let (tell, news) = mpsc::channel(NEWS);
        let look = Arc::new(Notify::new());
        let inner = Inner {
            recorder: Recorder::start(store.clone(), settings.disable_after, tell, Arc::clone(&look)),
            pacer: Pacer::new(limiter),
            news: tokio::sync::Mutex::new(news),
            store,
            settings,
            client,
            lessee,
            held: Mutex::default(),
            look,
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
        self.give_back_outdated().await?;
        while self.take_on(Which::Forgotten { before, limit: SWEEP_BATCH }).await? >= SWEEP_BATCH as usize {}
        let begun = Instant::now();
        while backlog::go_on(&self.inner.store).await? && begun.elapsed() < AT_BACKLOGS {}
        self.inner.look.notify_one();
        Ok(())
    }

    async fn take_on(&self, which: Which<'_>) -> Result<usize, StoreError> {
        let room = self.room();
        let now = self.inner.store.clock().now();
        let most = |webhook: &Webhook| match webhook.circuit.passage(now) {
            Passage::Closed if webhook.flow.is_held_back() => Some(0),
            Passage::Closed => Some(self.most_held(webhook.flow)),
            // Its probes are claimed.
            Passage::HalfOpen | Passage::Open => None,
        };
        let dispatched = dispatch::dispatch(&self.inner.store, which, &self.inner.lessee, room, most).await?;
        self.held().leave(dispatched.left);
        if dispatched.is_due {
            self.inner.look.notify_one();
        }
        self.ship(dispatched.claimed);
        Ok(dispatched.events_count)
    }

    /// Claims what is due whenever there is room, until `stop`.
    pub(crate) async fn keep_claiming(&self, stop: CancellationToken) {
        let mut news = self.inner.news.lock().await;
        let mut again_at = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.inner.look.notified() => {}
                () = until(again_at) => again_at = None,
                Some(news) = news.recv() => self.hear(news).await,
            }
            loop {
                let turn = self.claim().await;
                again_at = again_at.into_iter().chain(turn.again_at).min();
                if !turn.is_more || stop.is_cancelled() {
                    break;
                }
            }
        }
    }

    /// Takes from every lane that is due as much as there is room for, in fair turns, and begins to send. When the database is away the
    /// next sweep looks again.
    async fn claim(&self) -> Turn {
        let mut room = self.room();
        let (behind, first) = {
            let mut held = self.held();
            if room.free() == 0 {
                held.is_crowded = true;
                return Turn::default();
            }
            held.behind.clear();
            held.is_crowded = false;
            held.looks = held.looks.wrapping_add(1);
            (held.looked_at.take(), held.looks)
        };
        let claimed = async {
            let lanes = lanes::look(&self.inner.store, behind.as_ref()).await?;
            let mut shares = self.share(&mut room, &lanes.due, first);
            let wanted: usize = shares.iter().map(|share| share.most).sum();
            let paced = self.pace(&mut shares, &lanes.due).await;
            let due = claims::claim_due(&self.inner.store, &self.inner.lessee, &shares).await;
            let again_at = self.settle_pace(&paced, due.as_ref().map_or(&[], |due| &due.claimed)).await;
            Ok::<_, StoreError>((lanes, wanted, shares, paced, again_at, due?))
        };
        match claimed.await {
            Ok((lanes, wanted, shares, paced, again_at, Due { claimed, mut unfinished })) => {
                let now = self.inner.store.clock().now();
                // For the others there is more when it is their time.
                unfinished.retain(|webhook| !paced.iter().any(|one| one.webhook == *webhook && one.granted.again_at.is_some()));
                // A lane that gave all it was asked for is no reason: it holds what it may, and is looked at again when it is down to half.
                let is_more = lanes.next.is_some() || wanted >= CLAIM_BATCH && !unfinished.is_empty();
                let paced = paced.iter().map(|one| &one.webhook);
                let served: HashSet<&WebhookId> = shares.iter().map(|share| &share.webhook).chain(paced).collect();
                let is_left =
                    |lane: &DueLane| lane.receiver.as_ref().is_some_and(|of| of.circuit.passage(now) == Passage::Closed);
                let left =
                    lanes.due.into_iter().filter(is_left).map(|lane| lane.webhook).filter(|webhook| !served.contains(webhook));
                let mut held = self.held();
                held.leave(left.chain(unfinished));
                held.is_crowded |= lanes.next.is_some();
                held.looked_at = lanes.next;
                drop(held);
                self.ship(claimed);
                Turn { is_more, again_at }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot claim deliveries");
                self.held().is_crowded = true;
                Turn::default()
            }
        }
    }

    /// Lowers the shares of webhooks with a rate to what may begin now.
    async fn pace(&self, shares: &mut Vec<Share>, lanes: &[DueLane]) -> Vec<Paced> {
        let mut paced = Vec::new();
        for lane in lanes {
            let rate = lane.receiver.as_ref().and_then(|receiver| receiver.flow.rate());
            let Some((rate, share)) = rate.zip(shares.iter_mut().find(|share| share.webhook == lane.webhook)) else { continue };
            let granted = self.inner.pacer.take(&lane.webhook, rate, share.most).await;
            share.most = granted.count;
            paced.push(Paced { webhook: lane.webhook.clone(), rate, granted });
        }
        shares.retain(|share| share.most > 0);
        paced
    }

    /// Gives back what was not there to be begun, and says when there is more to begin.
    async fn settle_pace(&self, paced: &[Paced], claimed: &[Claimed]) -> Option<Instant> {
        let mut again_at = None;
        for Paced { webhook, rate, granted } in paced {
            let count = claimed.iter().filter(|one| one.target.webhook.id == *webhook).count();
            if count < granted.count {
                self.inner.pacer.give_back(webhook, *rate, granted.count - count).await;
            } else {
                again_at = again_at.into_iter().chain(granted.again_at).min();
            }
        }
        again_at
    }

    /// Gives back what waits in memory for a receiver that is left alone from now on: nothing of it was attempted.
    async fn hear(&self, news: News) {
        let now = self.inner.store.clock().now();
        let waiting = {
            let mut held = self.held();
            let open = news.iter().filter(|(_, circuit)| circuit.passage(now) == Passage::Open);
            open.flat_map(|(webhook, _)| held.give_up_waiting(webhook)).collect()
        };
        self.release(waiting).await;
        if news.iter().any(|(_, circuit)| circuit.passage(now) == Passage::Closed) {
            // What waited while it was open may be taken now.
            self.inner.look.notify_one();
        }
    }

    /// Gives back what waits in memory for a webhook that was changed, disabled or deleted since it was claimed: claimed anew it goes where
    /// it goes now, signed as it is now. The same for a receiver of which another worker heard that it is to be left alone. One look for
    /// all of them, and none if nothing waits.
    async fn give_back_outdated(&self) -> Result<(), StoreError> {
        let waiting = self.held().waited_for();
        if waiting.is_empty() {
            return Ok(());
        }
        let versions = lanes::versions(&self.inner.store, &waiting).await?;
        let outdated: Vec<ClaimName> = {
            let mut held = self.held();
            waiting.iter().flat_map(|webhook| held.give_up_outdated(webhook, versions.get(webhook).copied())).collect()
        };
        self.release(outdated).await;
        Ok(())
    }

    async fn release(&self, claims: Vec<ClaimName>) {
        if !claims.is_empty()
            && let Err(error) = claims::release(&self.inner.store, &self.inner.lessee, &claims).await
        {
            tracing::warn!(%error, "cannot give back deliveries; they are due again when their leases end");
        }
    }

    /// What is taken of each lane: its turns while its circuit is closed, one probe while it is half-open.
    fn share(&self, room: &mut Room, lanes: &[DueLane], first: usize) -> Vec<Share> {
        let now = self.inner.store.clock().now();
        let (mut wanting, mut webhooks, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for lane in lanes {
            let webhook = &lane.webhook;
            let Some(receiver) = &lane.receiver else {
                shares.push(Share { webhook: webhook.clone(), most: SETTLE_BATCH, probe: None, ordered: false });
                continue;
            };
            let one = Wanting { workspace: &receiver.workspace, webhook, most: self.most_held(receiver.flow) };
            match receiver.circuit.passage(now) {
                Passage::Closed => {
                    wanting.push(one);
                    webhooks.push((webhook, receiver.flow.ordered));
                }
                Passage::HalfOpen if room.take(one) => {
                    shares.push(Share {
                        webhook: webhook.clone(),
                        most: 1,
                        probe: receiver.circuit.probe_at,
                        ordered: receiver.flow.ordered,
                    });
                }
                Passage::HalfOpen | Passage::Open => {}
            }
        }
        let granted = webhooks.into_iter().zip(room.share(&wanting, CLAIM_BATCH, first)).filter(|(_, most)| *most > 0);
        shares.extend(granted.map(|((webhook, ordered), most)| Share { webhook: webhook.clone(), most, probe: None, ordered }));
        shares
    }

    fn most_in_flight(&self, flow: Flow) -> usize {
        flow.max_in_flight.map_or(self.inner.settings.max_in_flight_per_webhook, |count| count as usize)
    }

    /// What one webhook may hold.
    fn most_held(&self, flow: Flow) -> usize {
        if flow.ordered {
            return 1;
        }
        // What is paced begins at once, or the pace would be that of the places.
        self.most_in_flight(flow) * if flow.rate_limit.is_some() { 1 } else { HELD_PER_REQUEST }
    }

    fn room(&self) -> Room {
        let held = self.held();
        let mut room = Room::of(self.inner.settings.max_in_flight);
        for (webhook, lane) in &held.by_webhook {
            room.hold(&lane.workspace, webhook, lane.held());
        }
        room
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
            let webhook = &shipment.claimed.target.webhook;
            let lane = held
                .by_webhook
                .entry(webhook.id.clone())
                .or_insert_with(|| Lane::of(shipment.claimed.event.workspace_id.clone()));
            lane.most_in_flight = self.most_in_flight(webhook.flow);
            lane.low_water = lane.held().div_ceil(2);
            if lane.in_flight < lane.most_in_flight {
                lane.in_flight += 1;
                self.begin(shipment);
            } else {
                lane.waiting.push_back(shipment);
            }
        }
    }

    /// Lets attempts under way end, for at most `grace`, gives back what has not begun, and writes every outcome.
    pub(crate) async fn finish(&self, grace: Duration) {
        let waiting = {
            let mut held = self.held();
            held.is_closing = true;
            let webhooks: Vec<WebhookId> = held.by_webhook.keys().cloned().collect();
            webhooks.iter().flat_map(|webhook| held.give_up_waiting(webhook)).collect()
        };
        self.release(waiting).await;
        self.inner.attempts.close();
        if tokio::time::timeout(grace, self.inner.attempts.wait()).await.is_err() {
            tracing::warn!("attempts still under way are broken off; they are due again when their leases end");
            self.inner.abandon.cancel();
            self.inner.attempts.wait().await;
        }
        self.inner.recorder.finish(grace).await;
    }
}

/// Until then, or for ever.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}
