//! The listening side of the doorbell, as an apalis backend.
//!
//! Owns: how a worker waits for rings, in process or over Redis, behind one type.
//! Refuses: registering workers, heartbeats, acknowledgements, results, retries: apalis' stock machinery for those
//! ends the worker at the first error, and SQL rows do the work. A fault is waited out here; apalis never sees one.

use std::{
    convert::Infallible,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral, future::BoxSyncFuture},
    layers::Identity,
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::context::WorkerContext,
};
use redis::aio::MultiplexedConnection;
use tokio::time::sleep;

use crate::{RedisQueue, Ring, SharedLimiter, accumulator::Accumulator};

/// Pause after the first failure to listen; doubles up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Longest pause between two attempts, and so the longest time a returning Redis goes unnoticed.
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// A worker's source of rings: `WorkerBuilder::new(name).backend(ring_backend)`, with [`Ring`] as the task's argument.
///
/// It never answers an error and never ends. It takes a ring only when the worker has a free place, so nothing piles
/// up in the worker. Clones are independent sources on the same doorbell: each ring goes to one of them. After Redis
/// was away the first task is an empty ring, because rings may have been lost meanwhile.
#[derive(Debug)]
pub struct RingBackend {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Memory(Arc<Accumulator>),
    Redis(Listener),
}

impl RingBackend {
    pub(crate) fn from_memory(accumulator: Arc<Accumulator>) -> Self {
        Self { source: Source::Memory(accumulator) }
    }

    pub(crate) fn from_redis(queue: RedisQueue) -> Self {
        Self { source: Source::Redis(Listener::new(queue)) }
    }

    /// What counts for all workers that listen to the same doorbell; `None` if there can be only one.
    pub fn limiter(&self) -> Option<SharedLimiter> {
        match &self.source {
            Source::Memory(_) => None,
            Source::Redis(listener) => Some(SharedLimiter::new(&listener.queue)),
        }
    }
}

impl Clone for RingBackend {
    fn clone(&self) -> Self {
        match &self.source {
            Source::Memory(accumulator) => Self::from_memory(Arc::clone(accumulator)),
            Source::Redis(listener) => Self::from_redis(listener.queue.clone()),
        }
    }
}

impl Backend for RingBackend {
    type Task = Task<Ring>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        let ring = match &mut self.source {
            Source::Memory(accumulator) => match ready!(accumulator.poll_take(cx)) {
                Some(ring) => ring,
                // Nobody is left to ring. Ending here would end the worker, whose sweeps are still needed.
                None => return Poll::Pending,
            },
            Source::Redis(listener) => ready!(listener.poll_ring(cx)),
        };
        Poll::Ready(Some(Ok(task(ring))))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        if let Source::Redis(listener) = &mut self.source {
            // A question left open at Redis would take a ring that nobody reads.
            listener.listening = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for RingBackend {
    type Args = Ring;
    type Id = u64;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

fn task(ring: Ring) -> Task<Ring> {
    // apalis' tracing layer panics on a task without an id. It need only be unique among the running tasks.
    static NEXT_ID: AtomicU64 = AtomicU64::new(1);
    let id = TaskId::from_int(NEXT_ID.fetch_add(1, Ordering::Relaxed));
    TaskBuilder::new(ring).task_id(id).build()
}

/// Sync as well, because apalis keeps the backend inside a worker factory that threads share.
type Listening = BoxSyncFuture<(MultiplexedConnection, Ring)>;

/// One listener's place at Redis: the connection moves into the waiting future and comes back with the ring.
struct Listener {
    queue: RedisQueue,
    idle: Option<MultiplexedConnection>,
    listening: Option<Listening>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Listener {
    fn new(queue: RedisQueue) -> Self {
        Self { queue, idle: None, listening: None }
    }

    fn poll_ring(&mut self, cx: &mut Context<'_>) -> Poll<Ring> {
        let listening =
            self.listening.get_or_insert_with(|| BoxSyncFuture::new(Box::pin(next_ring(self.queue.clone(), self.idle.take()))));
        let (connection, ring) = ready!(listening.poll_unpin(cx));
        self.listening = None;
        self.idle = Some(connection);
        Poll::Ready(ring)
    }
}

/// Listens until a ring comes, however often Redis goes away meanwhile.
async fn next_ring(queue: RedisQueue, idle: Option<MultiplexedConnection>) -> (MultiplexedConnection, Ring) {
    let mut away = false;
    let mut pause = FIRST_PAUSE;
    let mut connection = idle;
    loop {
        let failure = match connection.take() {
            None => match queue.connect().await {
                Ok(connected) if away => {
                    tracing::info!("Redis is back: listening for rings again");
                    return (connected, Ring::default());
                }
                Ok(connected) => {
                    connection = Some(connected);
                    continue;
                }
                Err(error) => error,
            },
            Some(mut connected) => match RedisQueue::pop(&mut connected).await {
                Ok(None) => {
                    connection = Some(connected);
                    continue;
                }
                Ok(Some(ring)) => return (connected, ring),
                Err(error) => error,
            },
        };
        if !away {
            tracing::warn!(error = %failure, "cannot listen for rings: only sweeps find work until Redis is back");
            away = true;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}
