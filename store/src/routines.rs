//! Routines: what is done by the clock. For each time a routine is due one worker begins one run, however many workers there are; what
//! fell due while none was there is made up for by one run. Refuses to know what a routine does, and how a schedule is read.

use crate::engine::Promise;
use crate::{Result, Store};
use domain::clock::Timestamp;
use std::time::Duration;

/// How long runs are remembered.
const HISTORY: Duration = Duration::from_hours(7 * 24);

/// A routine as it stands.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Row {
    schedule: String,
    due_at: i64,
    running_until: Option<i64>,
    checkpoint: Option<String>,
}

/// A run that has begun, and is this worker's to do.
#[derive(Clone, Debug)]
pub struct ClaimedRun {
    /// Which routine.
    pub routine: String,
    /// The time it was due.
    pub due_at: Timestamp,
    /// How far earlier runs came.
    pub checkpoint: Option<String>,
    /// Under which it was begun: another end means that another run has begun since.
    running_until: Timestamp,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What was done, or why it failed, in words.
    pub summary: String,
    /// Whether it failed.
    pub is_failed: bool,
    /// How far it came, for the next run.
    pub checkpoint: Option<String>,
}

/// Begins a run of a routine if it is due, and nobody has begun one. `next` is the first time it is due after a moment; `None` for
/// never. A run that has not ended after `patience` counts as dead.
pub async fn claim(
    store: &Store,
    routine: &str,
    schedule: &str,
    next: impl Fn(Timestamp) -> Option<Timestamp>,
    patience: Duration,
) -> Result<Option<ClaimedRun>> {
    let now = store.clock().now();
    let Some(next_at) = next(now) else { return Ok(None) };
    let mut view = store.read_system().await?;
    let row: Option<Row> = on!(&mut view, conn => sqlx::query_as(
        "SELECT schedule, due_at, running_until, checkpoint FROM routines WHERE name = $1",
    )
    .bind(routine)
    .fetch_optional(conn)
    .await)?;
    drop(view);
    let Some(row) = row.filter(|row| row.schedule == schedule) else {
        plan(store, routine, schedule, next_at).await?;
        return Ok(None);
    };
    if row.due_at > now.millis() || row.running_until.is_some_and(|end| end > now.millis()) {
        return Ok(None);
    }
    let (due_at, running_until) = (Timestamp::from_millis(row.due_at), now.plus(patience));
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let is_ours = in_tx!(tx, conn => sqlx::query(
        "UPDATE routines SET due_at = $3, running_until = $4 WHERE name = $1 AND due_at = $2 \
         AND (running_until IS NULL OR running_until <= $5)",
    )
    .bind(routine)
    .bind(due_at.millis())
    .bind(next_at.millis())
    .bind(running_until.millis())
    .bind(now.millis())
    .execute(conn)
    .await
    .map(|done| done.rows_affected() == 1))?;
    // A clock that was set back brings the same times again; they have been run.
    let is_new = is_ours
        && in_tx!(tx, conn => sqlx::query(
            "INSERT INTO routine_runs (routine, due_at, started_at) VALUES ($1, $2, $3) ON CONFLICT (routine, due_at) DO NOTHING",
        )
        .bind(routine)
        .bind(due_at.millis())
        .bind(now.millis())
        .execute(conn)
        .await
        .map(|done| done.rows_affected() == 1))?;
    if !is_new {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(ClaimedRun { routine: routine.to_owned(), due_at, checkpoint: row.checkpoint, running_until }))
}

/// A routine that is new, or has another schedule than before, is due when that says so for the first time.
async fn plan(store: &Store, routine: &str, schedule: &str, at: Timestamp) -> Result<()> {
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(
        "INSERT INTO routines (name, schedule, due_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, due_at = excluded.due_at \
         WHERE routines.schedule <> excluded.schedule",
    )
    .bind(routine)
    .bind(schedule)
    .bind(at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    tx.commit().await
}

/// Records how a run ended. One that counts as dead meanwhile keeps its line in the history, and changes nothing else.
pub async fn end(store: &Store, run: &ClaimedRun, ended: &Ended) -> Result<()> {
    let now = store.clock().now();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(
        "UPDATE routine_runs SET ended_at = $3, summary = $4, is_failed = $5 WHERE routine = $1 AND due_at = $2",
    )
    .bind(&run.routine)
    .bind(run.due_at.millis())
    .bind(now.millis())
    .bind(&ended.summary)
    .bind(ended.is_failed)
    .execute(conn)
    .await
    .map(drop))?;
    in_tx!(tx, conn => sqlx::query(
        "UPDATE routines SET running_until = NULL, checkpoint = $3 WHERE name = $1 AND running_until = $2",
    )
    .bind(&run.routine)
    .bind(run.running_until.millis())
    .bind(&ended.checkpoint)
    .execute(conn)
    .await
    .map(drop))?;
    in_tx!(tx, conn => sqlx::query("DELETE FROM routine_runs WHERE routine = $1 AND started_at < $2")
        .bind(&run.routine)
        .bind(now.minus(HISTORY).millis())
        .execute(conn)
        .await
        .map(drop))?;
    tx.commit().await
}

/// On the embedded engine, where one process works alone: runs found at start died with the process before.
pub async fn revoke_runs(store: &Store) -> Result<()> {
    if !store.is_sqlite() {
        return Ok(());
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query("UPDATE routines SET running_until = NULL WHERE running_until IS NOT NULL")
        .execute(conn)
        .await
        .map(drop))?;
    tx.commit().await
}

/// A run in the history.
#[derive(Clone, Debug)]
pub struct Run {
    /// The time it was due.
    pub due_at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it is under way, and for ever if whoever began it died.
    pub ended_at: Option<Timestamp>,
    /// See [`Ended::summary`].
    pub summary: Option<String>,
    /// See [`Ended::is_failed`].
    pub is_failed: bool,
}

/// A routine with its newest runs.
#[derive(Clone, Debug)]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// When it is due, as a cron expression with seconds, in UTC.
    pub schedule: String,
    /// When it is due next.
    pub due_at: Timestamp,
    /// The newest first.
    pub runs: Vec<Run>,
}

#[derive(sqlx::FromRow)]
struct RunRow {
    due_at: i64,
    started_at: i64,
    ended_at: Option<i64>,
    summary: Option<String>,
    is_failed: bool,
}

/// Every routine that was ever planned, by name, each with so many runs.
pub async fn list(store: &Store, runs_count: u32) -> Result<Vec<Routine>> {
    let mut view = store.read_system().await?;
    let rows: Vec<(String, String, i64)> = on!(&mut view, conn => sqlx::query_as(
        "SELECT name, schedule, due_at FROM routines ORDER BY name",
    )
    .fetch_all(conn)
    .await)?;
    let mut routines = Vec::with_capacity(rows.len());
    for (name, schedule, due_at) in rows {
        let runs: Vec<RunRow> = on!(&mut view, conn => sqlx::query_as(
            "SELECT due_at, started_at, ended_at, summary, is_failed FROM routine_runs WHERE routine = $1 ORDER BY due_at DESC LIMIT $2",
        )
        .bind(&name)
        .bind(i64::from(runs_count))
        .fetch_all(conn)
        .await)?;
        let run = |row: RunRow| Run {
            due_at: Timestamp::from_millis(row.due_at),
            started_at: Timestamp::from_millis(row.started_at),
            ended_at: row.ended_at.map(Timestamp::from_millis),
            summary: row.summary,
            is_failed: row.is_failed,
        };
        let due_at = Timestamp::from_millis(due_at);
        routines.push(Routine { name, schedule, due_at, runs: runs.into_iter().map(run).collect() });
    }
    Ok(routines)
}
