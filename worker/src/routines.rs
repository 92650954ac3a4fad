//! What is done by the clock: which routines there are, when each is due, and what it does. That each time it is due one worker does
//! it once is the store's to see to.

use chrono::{DateTime, TimeZone as _, Utc};
use cron::Schedule;
use domain::clock::Timestamp;
use domain::retention::{Aged, Retention};
use std::pin::Pin;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::routines::{self, ClaimedRun, Ended};
use store::{Store, ages, dry_runs, retention, uploads};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Longer than any run takes: each stops by itself long before.
const PATIENCE: Duration = Duration::from_mins(15);
/// How long one run goes on clearing. What is left is the next run's.
const CLEARING: Duration = Duration::from_mins(5);

/// The future of a run: what it came to, or why it could not.
pub type Running = Pin<Box<dyn Future<Output = store::Result<Ended>> + Send>>;

/// Something that is done by the clock.
pub struct Routine {
    name: &'static str,
    expression: &'static str,
    schedule: Schedule,
    run: Box<dyn Fn(ClaimedRun) -> Running + Send + Sync>,
}

impl Routine {
    /// A routine that is due by this cron expression (seconds first, in UTC).
    pub fn new(
        name: &'static str,
        expression: &'static str,
        run: impl Fn(ClaimedRun) -> Running + Send + Sync + 'static,
    ) -> Result<Self, cron::error::Error> {
        Ok(Self { name, expression, schedule: Schedule::from_str(expression)?, run: Box::new(run) })
    }

    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let after: DateTime<Utc> = Utc.timestamp_millis_opt(after.millis()).single()?;
        self.schedule.after(&after).next().map(|at| Timestamp::from_millis(at.timestamp_millis()))
    }
}

/// The half of the worker that runs routines.
pub struct Routines {
    store: Store,
    all: Vec<Routine>,
    running: Mutex<()>,
}

impl Routines {
    /// These routines, on this database.
    pub fn new(store: Store, all: Vec<Routine>) -> Self {
        Self { store, all, running: Mutex::default() }
    }

    /// The routines of a worker.
    pub(crate) fn of_worker(
        store: &Store,
        kept: &Retention,
        max_delivery_age: Duration,
        stop: &CancellationToken,
    ) -> Result<Self, cron::error::Error> {
        let clearing = Arc::new(Clearing { store: store.clone(), kept: kept.clone(), stop: stop.clone() });
        let (expiring, ageing) = ((store.clone(), stop.clone()), (store.clone(), stop.clone()));
        let mut all = vec![
            Routine::new("clear-old", "0 17 * * * *", move |run| {
                let clearing = Arc::clone(&clearing);
                Box::pin(async move { clearing.run(&run).await })
            })?,
            Routine::new("clear-expired", "0 */10 * * * *", move |_| {
                let (store, stop) = expiring.clone();
                Box::pin(async move { clear_expired(&store, &stop).await })
            })?,
            Routine::new("give-up-old", "30 */10 * * * *", move |_| {
                let (store, stop) = ageing.clone();
                Box::pin(async move { give_up_old(&store, max_delivery_age, &stop).await })
            })?,
        ];
        all.extend(watched()?);
        Ok(Self::new(store.clone(), all))
    }

    /// Takes back runs that died with the process before.
    pub(crate) async fn revoke_runs(&self) {
        if let Err(error) = routines::revoke_runs(&self.store).await {
            tracing::warn!(%error, "cannot take back old runs of routines; they end by themselves");
        }
    }

    /// Runs what is due, unless this worker is at it.
    pub async fn run_due(&self) -> store::Result<()> {
        let Ok(_running) = self.running.try_lock() else { return Ok(()) };
        for routine in &self.all {
            let next = |after| routine.next(after);
            let claimed = routines::claim(&self.store, routine.name, routine.expression, next, PATIENCE).await?;
            let Some(run) = claimed else { continue };
            let checkpoint = run.checkpoint.clone();
            let ended = match (routine.run)(run.clone()).await {
                Ok(ended) => ended,
                Err(error) => {
                    tracing::warn!(routine = routine.name, %error, "a routine failed; it is run again when it is due again");
                    Ended { summary: error.to_string(), is_failed: true, checkpoint }
                }
            };
            routines::end(&self.store, &run, &ended).await?;
        }
        Ok(())
    }
}

/// In a debug build that is told to by `KITCHEN_TEST_EACH_SECOND`, a routine that is due each second and only says so, for a test to watch
/// several workers at it. A release build has none of this.
#[cfg(debug_assertions)]
fn watched() -> Result<Option<Routine>, cron::error::Error> {
    if std::env::var_os("KITCHEN_TEST_EACH_SECOND").is_none() {
        return Ok(None);
    }
    let routine = Routine::new("each-second", "* * * * * *", |run| {
        Box::pin(async move {
            tracing::info!("each-second is run for {}.", run.due_at.millis());
            Ok(Ended { summary: String::new(), is_failed: false, checkpoint: None })
        })
    })?;
    Ok(Some(routine))
}

#[cfg(not(debug_assertions))]
fn watched() -> Result<Option<Routine>, cron::error::Error> {
    Ok(None)
}

/// A run that does batch after batch.
struct Batches<'s> {
    stop: &'s CancellationToken,
    run_begun: Instant,
    batch_begun: Instant,
}

impl<'s> Batches<'s> {
    fn begin(stop: &'s CancellationToken) -> Self {
        Self { stop, run_begun: Instant::now(), batch_begun: Instant::now() }
    }

    /// Whether another one may begin, which it then does.
    fn begins(&mut self) -> bool {
        self.batch_begun = Instant::now();
        !self.stop.is_cancelled() && self.run_begun.elapsed() <= CLEARING
    }

    /// Rests for as long as the batch worked: requests and deliveries have the database to themselves at least half of the time.
    async fn rest(&self) {
        tokio::time::sleep(self.batch_begun.elapsed()).await;
    }
}

async fn clear_expired(store: &Store, stop: &CancellationToken) -> store::Result<Ended> {
    let (mut batches, count) = (Batches::begin(stop), retention::clear_expired(store, store.clock().now()).await?);
    while batches.begins() && (uploads::delete_forgotten(store).await? | dry_runs::clear(store).await?) {
        batches.rest().await;
    }
    let summary = format!("Removed {count} sessions, codes, rolled tokens and rotated secrets that had expired.");
    Ok(Ended { summary, is_failed: false, checkpoint: None })
}

/// Gives up deliveries that became too old while they waited.
async fn give_up_old(store: &Store, max_age: Duration, stop: &CancellationToken) -> store::Result<Ended> {
    let (mut batches, mut count) = (Batches::begin(stop), 0);
    while batches.begins() {
        let batch = ages::give_up(store, max_age).await?;
        count += batch;
        if batch < ages::BATCH {
            break;
        }
        batches.rest().await;
    }
    let summary = match count {
        0 => "No delivery was too old.".into(),
        count => format!("Gave up {count} deliveries that had become too old while they waited."),
    };
    Ok(Ended { summary, is_failed: false, checkpoint: None })
}

/// Removes what is older than it is kept.
struct Clearing {
    store: Store,
    kept: Retention,
    stop: CancellationToken,
}

impl Clearing {
    /// Every kind, one after the other, for as long as a run may take. How far the contents of attempts are emptied is remembered: that
    /// is the one kind that stays in the way afterwards.
    async fn run(&self, run: &ClaimedRun) -> store::Result<Ended> {
        let (mut batches, now) = (Batches::begin(&self.stop), self.store.clock().now());
        let (mut words, mut emptied) = (Vec::new(), run.checkpoint.clone());
        for what in Aged::ALL {
            let Some(oldest) = self.kept.oldest(what, now) else { continue };
            let mut place = if what == Aged::Bodies { emptied.clone() } else { None };
            let mut count = 0;
            while batches.begins() {
                let batch = retention::clear(&self.store, what, oldest, place.as_deref()).await?;
                count += batch.count;
                let Some(next) = batch.next else { break };
                if what == Aged::Bodies {
                    emptied = Some(next.clone());
                }
                place = Some(next);
                batches.rest().await;
            }
            if count > 0 {
                words.push(format!("{count} {}", what.in_words()));
            }
        }
        let summary = if words.is_empty() { "Nothing was old enough.".into() } else { format!("Removed {}.", words.join(", ")) };
        Ok(Ended { summary, is_failed: false, checkpoint: emptied })
    }
}
