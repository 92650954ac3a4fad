//! The way to Redis: one address, one shared connection for short calls, one connection of its own per listener.
//!
//! Owns: the URL, time limits, reconnecting, the key names, the list the rings lie in.
//! Refuses: needing Redis. Opening never connects; every call that finds Redis away answers so and tries again later.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection},
    io::tcp::TcpSettings,
};
use tokio::time::timeout;

use crate::ring::Part;
use crate::{QueueError, Ring, RingBackend};

/// Everything this product keeps in Redis begins so; dropping all of it loses no work.
pub(crate) const KEY_PREFIX: &str = "kitchen:";

/// A list of ids, not a stream: a listener takes them for good, and the sweeper repairs what a crashed listener took.
const RINGS_KEY: &str = "kitchen:rings";

/// Most ids kept while no worker listens (about 3 MB). The oldest go first: those rows have waited longest, so a sweeper has seen them.
const MAX_KEPT: isize = 100_000;

/// A connection attempt that takes longer has failed.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// An answer that takes longer is lost. Long enough to sit out a stall, a save to disk, a fail-over.
const RESPONSE_LIMIT: Duration = Duration::from_secs(10);

/// Data that the other machine does not acknowledge for so long means that it has vanished. The client library keeps
/// a connection whose answers time out, so without this a lost machine would be missed for a quarter of an hour. A
/// stalled server still acknowledges, and so is waited for.
#[cfg(target_os = "linux")]
const VANISHED_AFTER: Duration = Duration::from_secs(15);

/// How long a listener asks Redis to hold its question open. Well below [`RESPONSE_LIMIT`], so that an idle queue is
/// never mistaken for a dead one, and a dead connection is found out.
const LISTEN_SECONDS: u32 = 4;

/// A health check that takes longer has failed.
const PING_LIMIT: Duration = Duration::from_secs(2);

/// A Redis server (or Valkey) that may be there or not. Clones share one connection.
#[derive(Clone)]
pub struct RedisQueue {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    manager: OnceLock<ConnectionManager>,
}

impl fmt::Debug for RedisQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_struct("RedisQueue").finish_non_exhaustive()
    }
}

impl RedisQueue {
    /// Takes the address of a Redis server, without connecting: Redis may arrive later, or leave and come back empty.
    ///
    /// # Errors
    /// [`QueueError::BadUrl`] when `url` is no address this build can use.
    pub fn open(url: &str) -> Result<Self, QueueError> {
        let client = url
            .into_connection_info()
            .and_then(|address| Client::open(address.set_tcp_settings(tcp_settings())))
            .map_err(|error| QueueError::BadUrl { reason: error.to_string() })?;
        Ok(Self { inner: Arc::new(Inner { client, manager: OnceLock::new() }) })
    }

    /// Asks Redis for a sign of life, for health checks; answers how long that took. Waits 2 s at most.
    ///
    /// # Errors
    /// [`QueueError::TimedOut`] or [`QueueError::Unavailable`].
    pub async fn ping(&self) -> Result<Duration, QueueError> {
        let begun = Instant::now();
        let answer =
            self.retrying_once(|mut connection| async move { redis::cmd("PING").query_async::<()>(&mut connection).await });
        match timeout(PING_LIMIT, answer).await {
            Ok(answer) => answer.map(|()| begun.elapsed()),
            Err(_) => Err(QueueError::TimedOut { waited: PING_LIMIT }),
        }
    }

    /// A source of rings for one worker. Connects when first polled. Make one per worker, or clone it: clones listen
    /// on connections of their own, and each ring goes to one of them.
    pub fn backend(&self) -> RingBackend {
        RingBackend::from_redis(self.clone())
    }

    /// Puts a ring where the next free listener finds it.
    pub(crate) async fn push(&self, ring: &Ring) -> Result<(), QueueError> {
        let mut push = redis::pipe();
        push.cmd("RPUSH").arg(RINGS_KEY).arg(ring.parts()).ignore();
        push.cmd("LTRIM").arg(RINGS_KEY).arg(-MAX_KEPT).arg(-1).ignore();
        let push = &push;
        self.retrying_once(|mut connection| async move { push.exec_async(&mut connection).await }).await
    }

    /// Waits for up to [`LISTEN_SECONDS`], and takes all that one ring can carry: what waited there leaves together. `None` is "none came".
    pub(crate) async fn pop(connection: &mut MultiplexedConnection) -> Result<Option<Ring>, QueueError> {
        let mut pop = redis::pipe();
        pop.cmd("BLPOP").arg(RINGS_KEY).arg(LISTEN_SECONDS);
        // In the same message: it is answered as soon as the first one is.
        pop.cmd("LPOP").arg(RINGS_KEY).arg(Ring::MAX_IDS - 1);
        let (first, others): (Option<(String, Part)>, Option<Vec<Part>>) = pop.query_async(connection).await?;
        let parts: Vec<_> = first.map(|(_key, part)| part).into_iter().chain(others.into_iter().flatten()).collect();
        Ok((!parts.is_empty()).then(|| Ring::of_parts(parts)))
    }

    /// A connection of its own for a listener, whose open question would hold up everybody else's calls. Proven by a
    /// first question: a server that is still loading its data accepts connections already.
    pub(crate) async fn connect(&self) -> Result<MultiplexedConnection, QueueError> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_LIMIT)).set_response_timeout(Some(RESPONSE_LIMIT));
        let mut connection = self.inner.client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(connection)
    }

    /// Runs a short command on the shared connection, a second time if the connection turned out to be dead: that is
    /// how a connection lost while idle is noticed, and the second try waits for its successor.
    pub(crate) async fn retrying_once<T, F>(&self, command: impl Fn(ConnectionManager) -> F) -> Result<T, QueueError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let manager = self.manager()?;
        match command(manager.clone()).await {
            Err(error) if error.is_unrecoverable_error() && !error.is_timeout() => Ok(command(manager).await?),
            answer => Ok(answer?),
        }
    }

    /// Made at the first call and not when opening, because it must be made inside the async runtime.
    fn manager(&self) -> Result<ConnectionManager, QueueError> {
        if let Some(manager) = self.inner.manager.get() {
            return Ok(manager.clone());
        }
        // No retries in there: every caller has a rhythm of its own, and its next call is the next attempt.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT_LIMIT))
            .set_response_timeout(Some(RESPONSE_LIMIT));
        let manager = ConnectionManager::new_lazy_with_config(self.inner.client.clone(), config)?;
        Ok(self.inner.manager.get_or_init(|| manager).clone())
    }
}

/// Rings and their answers are small and must not wait to fill a packet.
fn tcp_settings() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(VANISHED_AFTER);
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_url_is_explained_without_repeating_it() {
        for url in ["", "http://localhost", "redis://:hunter2@", "redis://h:hunter2/x", "rediss://:hunter2@localhost"] {
            let message = RedisQueue::open(url).err().map(|error| error.to_string());
            let message = message.unwrap_or_else(|| panic!("{url} was accepted"));
            assert!(message.starts_with("the Redis URL cannot be used: "), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn opening_needs_no_server_and_no_runtime() {
        assert!(RedisQueue::open("redis://localhost:1/").is_ok());
    }
}
