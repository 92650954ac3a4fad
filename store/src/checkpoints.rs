//! Copies what the write-ahead log of `SQLite` holds into the database file, beside the writer. `SQLite` would do it within a commit, and
//! everybody who writes would wait for it, twice for the disk.
//!
//! Only the writer can begin the log anew, and only once all of it has been copied, which under load it never is when somebody else has
//! copied it. So the writer still does it itself when the log has grown long (`LONGEST_LOG`); of what it then has to copy little is left.

use crate::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Pages of the log that are worth being copied. More at once are cheaper, because many are the same page.
const WORTH: i64 = 2_000;

/// Pages the log has when the writer does it: 32 MiB of 4 KiB each.
pub(crate) const LONGEST_LOG: u32 = 8_000;

/// How often the length of the log is looked at while there are commits.
const PAUSE: Duration = Duration::from_millis(50);

/// Who does it. Dropped, nobody does.
pub(crate) struct Checkpoints {
    committed: Arc<Notify>,
    keeping: JoinHandle<()>,
}

impl Checkpoints {
    /// Begins, with a connection of its own.
    pub(crate) fn start(options: SqliteConnectOptions) -> Self {
        let committed = Arc::new(Notify::new());
        Self { committed: Arc::clone(&committed), keeping: tokio::spawn(keep(options, committed)) }
    }

    /// There is more in the log.
    pub(crate) fn committed(&self) {
        self.committed.notify_one();
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

async fn keep(options: SqliteConnectOptions, committed: Arc<Notify>) {
    let mut conn = None;
    loop {
        committed.notified().await;
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = look(&mut conn, &options).await {
            // The writer meets the same disk, and whoever waits for it is told.
            tracing::debug!(%error, "the log cannot be copied into the database");
            conn = None;
        }
    }
}

/// Copies what is in the log, if that is worth it.
async fn look(conn: &mut Option<SqliteConnection>, options: &SqliteConnectOptions) -> Result<()> {
    let conn = match conn {
        Some(conn) => conn,
        None => conn.insert(options.connect().await?),
    };
    let log = sqlx::query("PRAGMA wal_checkpoint(NOOP)").fetch_one(&mut *conn).await?;
    if log.try_get::<i64, _>("log")? - log.try_get::<i64, _>("checkpointed")? >= WORTH {
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(conn).await?;
    }
    Ok(())
}
