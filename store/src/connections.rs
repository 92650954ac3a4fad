//! Connections to Postgres, and those that read from `SQLite`. The pool of sqlx asks a connection for a sign of life each time it is given
//! back, which for the short statements of a gateway doubles the messages; here some that were just in use wait aside, and are used again
//! as they are. One to Postgres that waited longer goes back to the pool, and is asked there; a file does not go away.

use crate::Result;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Database, Pool, Postgres, Sqlite, Transaction};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a connection may lie idle and still be used without asking whether it lives.
const UNTESTED_IDLE: Duration = Duration::from_secs(1);

/// Counts losses: an error that says that a connection, and so perhaps the server, is gone. What waits aside from before it is not
/// trusted any more. One count for all, because an error does not say whose connection it was.
static LOSSES: AtomicU64 = AtomicU64::new(0);

/// Something failed because the database is away.
pub(crate) fn count_loss() {
    LOSSES.fetch_add(1, Ordering::Relaxed);
}

/// Connections with the same settings: cheap to clone.
#[derive(Clone)]
pub(crate) struct Connections<DB: Database> {
    pool: Pool<DB>,
    aside: Arc<Mutex<Aside<DB>>>,
}

/// Connections that were just in use, the latest last.
struct Aside<DB: Database> {
    waiting: Vec<(PoolConnection<DB>, Instant)>,
    /// How long one may wait.
    longest: Duration,
    /// The losses when the first of them came to wait.
    losses: u64,
    /// How many may wait; zero once everything is closed.
    most: usize,
}

/// A connection for single statements. Dropped, it waits aside for the next user.
pub(crate) struct Lent<DB: Database> {
    conn: Option<PoolConnection<DB>>,
    losses: u64,
    aside: Arc<Mutex<Aside<DB>>>,
}

/// At most `max` at once, and whoever needs one more waits for `acquire_timeout`.
fn pool<DB: Database>(max: u32, acquire_timeout: Duration) -> PoolOptions<DB> {
    PoolOptions::new().max_connections(max).acquire_timeout(acquire_timeout).test_before_acquire(false)
}

impl Connections<Postgres> {
    /// Opens none yet.
    pub(crate) fn to_server(connect: PgConnectOptions, max: u32, acquire_timeout: Duration) -> Self {
        let tested = pool(max, acquire_timeout).before_acquire(|conn: &mut sqlx::PgConnection, meta| {
            Box::pin(async move {
                if meta.idle_for > UNTESTED_IDLE {
                    conn.ping().await?;
                }
                Ok(true)
            })
        });
        // A quarter: transactions take theirs from the pool itself, and must find some there.
        Self::of(tested.connect_lazy_with(connect), UNTESTED_IDLE, max / 4)
    }
}

impl Connections<Sqlite> {
    /// Opens none yet.
    pub(crate) fn to_file(connect: SqliteConnectOptions, max: u32, acquire_timeout: Duration) -> Self {
        Self::of(pool(max, acquire_timeout).connect_lazy_with(connect), Duration::MAX, max)
    }
}

impl<DB: Database> Connections<DB> {
    fn of(pool: Pool<DB>, longest: Duration, most: u32) -> Self {
        let most = usize::try_from(most).unwrap_or(0);
        Self { pool, aside: Arc::new(Mutex::new(Aside { waiting: Vec::new(), longest, losses: 0, most })) }
    }

    /// A connection for single statements.
    pub(crate) async fn lend(&self) -> Result<Lent<DB>> {
        let losses = LOSSES.load(Ordering::Relaxed);
        let conn = match self.take_from_aside(losses) {
            Some(conn) => conn,
            None => self.pool.acquire().await?,
        };
        Ok(Lent { conn: Some(conn), losses, aside: Arc::clone(&self.aside) })
    }

    fn take_from_aside(&self, losses: u64) -> Option<PoolConnection<DB>> {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let (conn, since) = aside.waiting.pop()?;
        if since.elapsed() <= aside.longest && aside.losses == losses {
            return Some(conn);
        }
        // Those below have waited even longer. All of them go back to the pool, which asks whether they live.
        aside.waiting.clear();
        None
    }

    /// A transaction; dropped without a commit, it is undone.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, DB>> {
        Ok(self.pool.begin().await?)
    }

    /// A connection that the pool forgets about.
    pub(crate) async fn detach(&self) -> Result<DB::Connection> {
        Ok(self.pool.acquire().await?.detach())
    }

    /// Closes all, after what is under way has ended.
    pub(crate) async fn close(&self) {
        {
            let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
            aside.most = 0;
            aside.waiting.clear();
        }
        self.pool.close().await;
    }
}

impl<DB: Database> Drop for Lent<DB> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let losses = LOSSES.load(Ordering::Relaxed);
        if self.losses == losses && aside.waiting.len() < aside.most {
            if aside.losses != losses {
                aside.waiting.clear();
                aside.losses = losses;
            }
            aside.waiting.push((conn, Instant::now()));
        }
    }
}

#[expect(clippy::expect_used, reason = "the connection is taken out only by drop")]
impl<DB: Database> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.conn.as_ref().expect("a lent connection is there until it is given back")
    }
}

#[expect(clippy::expect_used, reason = "the connection is taken out only by drop")]
impl<DB: Database> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.conn.as_mut().expect("a lent connection is there until it is given back")
    }
}
