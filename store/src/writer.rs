//! `SQLite` allows one writer at a time. Here it is one connection, taken in turns, and turns that queue up share a commit:
//! under load one wait for the disk serves many requests, and each request is still answered only after its own
//! changes are on disk.
//!
//! The wait is our own: the connection runs with `synchronous = NORMAL`, which syncs before each checkpoint only, and after a
//! commit that a caller relies on the write-ahead log is synced here, as `FULL` would do it. That spares the wait to commits
//! that would simply be done again, and lets the next batch begin while the disk works.
//!
//! A turn is a savepoint inside the shared transaction, so one that fails or is dropped undoes itself and nothing else. One whose
//! statements are all known beforehand is a single message to the connection's thread, transaction and all: see `Writer::write`.
//! If the engine gives up the whole transaction (a full disk, an I/O error), every member of the batch is told.

use crate::checkpoints::{Checkpoints, LONGEST_LOG};
use crate::engine::Promise;
use crate::script::Script;
use crate::{Result, StoreError};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions as _, SqliteConnection};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

/// The most turns that share one commit: bounds how long the first of them waits.
const MAX_BATCH: usize = 64;

/// What a batch came to; `None` while it is open.
type Verdict = Option<std::result::Result<(), String>>;

struct Seat {
    conn: SqliteConnection,
    batch: Option<Batch>,
    /// `None` when commits need not survive a power cut.
    log: Option<Arc<Log>>,
    checkpoints: Checkpoints,
}

struct Batch {
    verdict: watch::Sender<Verdict>,
    members: usize,
    is_kept: bool,
}

impl Batch {
    fn new() -> Self {
        Self { verdict: watch::channel(None).0, members: 0, is_kept: false }
    }

    fn join(&mut self, promise: Promise) {
        self.members += 1;
        self.is_kept |= promise == Promise::Kept;
    }
}

/// The write-ahead log. It stays the same file for as long as the writing connection is open.
struct Log {
    path: PathBuf,
    file: OnceLock<File>,
}

impl Log {
    fn beside(database: &Path) -> Self {
        let mut path = OsString::from(database);
        path.push("-wal");
        Self { path: path.into(), file: OnceLock::new() }
    }

    fn sync(&self) -> std::io::Result<()> {
        if let Some(file) = self.file.get() {
            return file.sync_data();
        }
        // Not there before the first commit.
        let file = File::open(&self.path)?;
        file.sync_data()?;
        let _ = self.file.set(file);
        Ok(())
    }
}

pub(crate) struct Writer {
    seat: Arc<Mutex<Seat>>,
    queue: Arc<AtomicUsize>,
}

/// One turn at the writing connection. Dropped without [`Turn::commit`], it undoes what it did.
pub(crate) struct Turn {
    seat: Option<OwnedMutexGuard<Seat>>,
    queue: Arc<AtomicUsize>,
    promise: Promise,
}

impl Writer {
    /// `synced` is the database's file, if commits are to survive a power cut.
    pub(crate) async fn open(options: SqliteConnectOptions, synced: Option<&Path>) -> Result<Self> {
        let conn = options.clone().pragma("wal_autocheckpoint", LONGEST_LOG.to_string()).connect().await?;
        let (log, checkpoints) = (synced.map(Log::beside).map(Arc::new), Checkpoints::start(options));
        let seat = Seat { conn, batch: None, log, checkpoints };
        Ok(Self { seat: Arc::new(Mutex::new(seat)), queue: Arc::default() })
    }

    pub(crate) async fn run_migrations(&self, migrator: &Migrator) -> Result<()> {
        let mut seat = self.seat.lock().await;
        Ok(migrator.run_direct(None, &mut seat.conn, false).await?)
    }

    pub(crate) async fn begin(&self, promise: Promise) -> Result<Turn> {
        let (seat, queue) = (Arc::clone(&self.seat), Arc::clone(&self.queue));
        // A task of its own, so that a caller that goes away cannot leave the connection between two statements.
        on_its_own(async move {
            let seat = sit(seat, &queue).await;
            let mut turn = Turn { seat: Some(seat), queue, promise };
            let Some(seat) = turn.seat.as_deref_mut() else { return Err(lost()) };
            if seat.batch.is_some() {
                sqlx::query("SAVEPOINT turn").execute(&mut seat.conn).await?;
            } else {
                // Two statements in one go: each costs a message to the connection's thread and one back.
                sqlx::raw_sql("BEGIN IMMEDIATE; SAVEPOINT turn").execute(&mut seat.conn).await?;
                seat.batch = Some(Batch::new());
            }
            Ok(turn)
        })
        .await
    }

    /// A turn whose statements are all known beforehand. Answers what they return, once they are committed, alone or together with other
    /// turns; if one of them fails, none of them happened.
    pub(crate) async fn write(&self, promise: Promise, script: Script) -> Result<Vec<SqliteRow>> {
        let (seat, queue) = (Arc::clone(&self.seat), Arc::clone(&self.queue));
        let (rows, verdict) = on_its_own(async move {
            let mut seat = sit(seat, &queue).await;
            seat.whole_turn(&queue, promise, script).await
        })
        .await?;
        told(verdict).await?;
        Ok(rows)
    }

    /// Waits for the turn under way; the connection closes with the last user of the store.
    pub(crate) async fn close(&self) {
        drop(self.seat.lock().await);
    }
}

impl Turn {
    #[expect(clippy::expect_used, reason = "the seat is taken out only by commit and drop, which end the turn")]
    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.seat.as_deref_mut().expect("a turn under way holds the seat").conn
    }

    /// Returns when the changes are committed, alone or together with those of the turns that were waiting.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let (Some(mut seat), queue, promise) = (self.seat.take(), Arc::clone(&self.queue), self.promise) else {
            return Err(lost());
        };
        let verdict = on_its_own(async move {
            let Some(verdict) = seat.batch.as_ref().map(|batch| batch.verdict.subscribe()) else { return Err(lost()) };
            seat.end_turn(&queue, Ok(promise)).await;
            Ok(verdict)
        })
        .await?;
        told(verdict).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (Some(mut seat), queue) = (self.seat.take(), Arc::clone(&self.queue)) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move { seat.end_turn(&queue, Err(None)).await });
    }
}

impl Seat {
    /// Whether the next in the queue goes on with the transaction once this turn is over.
    fn is_left_open(&self, queue: &AtomicUsize) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.members < MAX_BATCH) && queue.load(Ordering::SeqCst) > 0
    }

    /// Takes a turn from its beginning to its end.
    async fn whole_turn(
        &mut self,
        queue: &AtomicUsize,
        promise: Promise,
        script: Script,
    ) -> Result<(Vec<SqliteRow>, watch::Receiver<Verdict>)> {
        let is_first = self.batch.is_none();
        let verdict = self.batch.get_or_insert_with(Batch::new).verdict.subscribe();
        let is_left_open = self.is_left_open(queue);
        let (before, after) = match (is_first, is_left_open) {
            // Nobody else is in the transaction: what undoes it undoes the turn.
            (true, false) => ("BEGIN IMMEDIATE; ", "; COMMIT"),
            (true, true) => ("BEGIN IMMEDIATE; SAVEPOINT turn; ", "; RELEASE turn"),
            (false, true) => ("SAVEPOINT turn; ", "; RELEASE turn"),
            (false, false) => ("SAVEPOINT turn; ", "; RELEASE turn; COMMIT"),
        };
        match script.run_between(before, after, &mut self.conn).await {
            Ok(rows) => {
                if let Some(batch) = &mut self.batch {
                    batch.join(promise);
                }
                if !is_left_open {
                    self.answer();
                }
                Ok((rows, verdict))
            }
            Err(error) if is_first && !is_left_open => {
                self.give_up(&error).await;
                Err(error.into())
            }
            Err(error) => {
                self.end_turn(queue, Err(Some(&error))).await;
                Err(error.into())
            }
        }
    }

    /// Ends a turn: with what hangs on it; or it is to be undone, perhaps for an error. Commits if nobody waits to join or the batch is
    /// full; otherwise leaves the transaction to the next in the queue.
    async fn end_turn(&mut self, queue: &AtomicUsize, end: std::result::Result<Promise, Option<&sqlx::Error>>) {
        let Some(batch) = &mut self.batch else { return };
        if let Ok(promise) = end {
            batch.join(promise);
        }
        let is_left_open = self.is_left_open(queue);
        // One message to the connection's thread, whatever is to be done.
        let statements = match (end, is_left_open) {
            (Ok(_), true) => "RELEASE turn",
            (Ok(_), false) => "RELEASE turn; COMMIT",
            (Err(_), true) => "ROLLBACK TO turn; RELEASE turn",
            (Err(_), false) => "ROLLBACK TO turn; RELEASE turn; COMMIT",
        };
        match sqlx::raw_sql(statements).execute(&mut self.conn).await {
            Ok(_) if is_left_open => {}
            Ok(_) => self.answer(),
            // The disk refused, or the engine had undone the whole transaction before: other members' work is gone with it.
            Err(error) => self.give_up(end.err().flatten().unwrap_or(&error)).await,
        }
    }

    /// Tells the members of a committed batch, as soon as what they rely on is on disk.
    fn answer(&mut self) {
        let Some(batch) = self.batch.take() else { return };
        self.checkpoints.committed();
        match self.log.as_ref().filter(|_| batch.is_kept) {
            None => drop(batch.verdict.send_replace(Some(Ok(())))),
            Some(log) => {
                let log = Arc::clone(log);
                tokio::task::spawn_blocking(move || {
                    let synced = log.sync().map_err(|error| format!("the log cannot be written to disk: {error}"));
                    batch.verdict.send_replace(Some(synced));
                });
            }
        }
    }

    async fn give_up(&mut self, error: &sqlx::Error) {
        // Fails when the engine has rolled back by itself; either way no transaction is open afterwards.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.conn).await;
        if let Some(batch) = self.batch.take() {
            batch.verdict.send_replace(Some(Err(error.to_string())));
        }
    }
}

/// Waits for the turn.
async fn sit(seat: Arc<Mutex<Seat>>, queue: &AtomicUsize) -> OwnedMutexGuard<Seat> {
    queue.fetch_add(1, Ordering::SeqCst);
    let seat = seat.lock_owned().await;
    queue.fetch_sub(1, Ordering::SeqCst);
    seat
}

/// Waits until it is known what the batch came to.
async fn told(mut verdict: watch::Receiver<Verdict>) -> Result<()> {
    let verdict = verdict.wait_for(Option::is_some).await.map_err(|_| lost())?;
    match &*verdict {
        Some(Ok(())) => Ok(()),
        // Whatever keeps a commit from the disk is nothing the caller could mend.
        Some(Err(reason)) => Err(StoreError::Database(sqlx::Error::Io(std::io::Error::other(reason.clone())))),
        None => Err(lost()),
    }
}

async fn on_its_own<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await.unwrap_or_else(|_| Err(lost()))
}

fn lost() -> StoreError {
    StoreError::Database(sqlx::Error::WorkerCrashed)
}
