//! The pushing side of the doorbell.
//!
//! Owns: the promise that ringing never blocks and never fails, and the task that carries rings to Redis.
//! Refuses: delivery. What cannot be carried is dropped and counted; one "look for due work" makes up for it.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, time::sleep};

use crate::{RedisQueue, RingBackend, accumulator::Accumulator};

/// Pause after the first failed push; doubles up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Longest pause between two attempts, and so the longest time a returning Redis goes unnoticed.
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// Announces committed events to workers. Clones are one bell.
#[derive(Clone, Debug)]
pub struct Bell {
    rope: Arc<Rope>,
}

/// What the clones of a bell share; the end of the last one ends the carrying task.
#[derive(Debug)]
struct Rope {
    accumulator: Arc<Accumulator>,
    carrier: Option<Carrier>,
}

#[derive(Debug)]
struct Carrier {
    queue: RedisQueue,
    started: AtomicBool,
}

/// The listening side of a bell inside one process. Clones share the rings: each goes to one of them.
#[derive(Clone, Debug)]
pub struct InProcess {
    accumulator: Arc<Accumulator>,
}

impl InProcess {
    /// A source of rings for one worker of this process.
    pub fn backend(&self) -> RingBackend {
        RingBackend::from_memory(Arc::clone(&self.accumulator))
    }
}

impl Bell {
    /// A bell heard in this process only; needs no Redis and serialises nothing.
    pub fn in_process() -> (Self, InProcess) {
        let accumulator = Arc::new(Accumulator::default());
        let heard = InProcess { accumulator: Arc::clone(&accumulator) };
        (Self { rope: Arc::new(Rope { accumulator, carrier: None }) }, heard)
    }

    /// A bell heard by every worker that listens to the same Redis, which need not be there yet.
    pub fn redis(connection: &RedisQueue) -> Self {
        let carrier = Carrier { queue: connection.clone(), started: AtomicBool::new(false) };
        Self { rope: Arc::new(Rope { accumulator: Arc::default(), carrier: Some(carrier) }) }
    }

    /// Asks workers to look at these events, or, for an empty slice, at whatever is due. Call it after the commit.
    ///
    /// Returns at once and cannot fail. Calls made while an earlier push is under way travel together.
    pub fn ring<Id: AsRef<str>>(&self, event_ids: &[Id]) {
        self.rope.accumulator.append(event_ids);
        self.rope.start_carrier();
    }

    /// How many event ids were dropped since the start, because Redis was away or the memory was full. Each drop was
    /// followed by a "look for due work", so this counts detours, not losses.
    pub fn missed_count(&self) -> u64 {
        self.rope.accumulator.missed()
    }
}

impl Rope {
    /// Started by the first ring rather than with the bell, because a task can only start inside the async runtime.
    fn start_carrier(&self) {
        let Some(carrier) = &self.carrier else { return };
        if carrier.started.load(Ordering::Relaxed) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        if !carrier.started.swap(true, Ordering::Relaxed) {
            runtime.spawn(carry(Arc::clone(&self.accumulator), carrier.queue.clone()));
        }
    }
}

impl Drop for Rope {
    fn drop(&mut self) {
        if self.carrier.is_some() {
            self.accumulator.close();
        }
    }
}

/// Pushes what accumulates, one ring at a time: the pause between two pushes is what lets rings coalesce under load.
async fn carry(accumulator: Arc<Accumulator>, queue: RedisQueue) {
    let mut away = false;
    let mut pause = FIRST_PAUSE;
    while let Some(ring) = poll_fn(|cx| accumulator.poll_take(cx)).await {
        match queue.push(&ring).await {
            Ok(()) if away => {
                tracing::info!(missed = accumulator.missed(), "Redis is back: workers hear of new events at once again");
                (away, pause) = (false, FIRST_PAUSE);
            }
            Ok(()) => {}
            Err(error) => {
                accumulator.give_up(ring.event_ids.len());
                if !away {
                    tracing::warn!(%error, "cannot ring for new events: workers find them by sweeping until Redis is back");
                    away = true;
                }
                if accumulator.is_closed() {
                    return;
                }
                sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            }
        }
    }
}

impl domain::doorbell::Doorbell for Bell {
    fn ring(&self, events: &[domain::ids::EventId]) {
        Self::ring(self, events);
    }
}
