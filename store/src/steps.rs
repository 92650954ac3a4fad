//! Carrying out operations: whose turn it is, what a step of each kind is, and that it happens once. Used by the worker only.
//!
//! As with deliveries a claim is a lease, and each claim counts `fence` up. A step is one transaction: what it writes, its events and
//! its checkpoint, and only under the fence it was claimed with. So it happened as a whole or not at all, and never twice. What a step
//! can read without holding up anybody it reads before it writes.

use crate::engine::{Conn, Promise};
use crate::operations::Stop;
use crate::{Result, Store, StoreError, Work, client_imports, due, folder_copies, folder_deletions, operations, replays};
use domain::audit::Actor;
use domain::clock::Timestamp;
use domain::ids::{OperationId, WorkspaceId};
use domain::operation::{OperationKind, OperationState};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::time::Duration;

/// How often a step may fail in a row, for another reason than that the database is away, before its operation does.
const MOST_TRIES: i64 = 10;
/// How long until a step that failed is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// An operation a worker may take one step of.
#[derive(Clone, Debug)]
pub struct ClaimedOperation {
    /// The operation.
    pub id: OperationId,
    /// The number of this claim.
    pub fence: i64,
    /// What it does.
    pub kind: OperationKind,
    workspace: WorkspaceId,
    actor: Actor,
    tries_count: i64,
    pub(crate) subject: String,
    pub(crate) params: String,
    pub(crate) checkpoint: Option<String>,
    /// How it will end, while what it made is being removed.
    ends_as: Option<OperationState>,
}

/// What a step came to.
pub(crate) struct Step {
    /// How far the operation is now, as its kind writes it.
    pub(crate) checkpoint: String,
    /// Rows seen to in this step, failures included.
    pub(crate) done: u64,
    /// Rows of these for which it could not be done.
    pub(crate) failures: u64,
    /// What came of the operation so far.
    pub(crate) result: Value,
    /// How it goes on.
    pub(crate) next: Next,
}

/// How an operation goes on after a step.
pub(crate) enum Next {
    /// The next step may be taken then.
    At(Timestamp),
    /// There is nothing left to do.
    Done,
}

/// What a step may find: that it was taken, or that the operation cannot go on, in words.
pub(crate) enum Taken {
    Step(Step),
    Failed(String),
}

/// Takes one step of an operation. What it did is not written if the operation was cancelled or taken over meanwhile.
pub async fn take(store: &Store, claimed: &ClaimedOperation) -> Result<()> {
    let mut work = store.begin(&claimed.workspace, claimed.actor.clone());
    let taken = match claimed.kind {
        OperationKind::WebhookReplay => replays::step(&mut work, claimed).await?,
        OperationKind::ClientsImport => client_imports::step(&mut work, claimed).await?,
        OperationKind::FolderDuplicate if claimed.ends_as.is_some() => folder_copies::undo(&mut work, claimed).await?,
        OperationKind::FolderDuplicate => folder_copies::step(&mut work, claimed).await?,
        OperationKind::FolderDelete => folder_deletions::step(&mut work, claimed).await?,
    };
    match taken {
        Taken::Step(step) => advance(work, claimed, &step).await,
        Taken::Failed(reason) => {
            drop(work);
            fail(store, claimed, &reason).await
        }
    }
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: String,
    workspace_id: String,
    kind: String,
    subject_id: String,
    params: String,
    actor: Option<String>,
    checkpoint: Option<String>,
    tries_count: i64,
    fence: i64,
    ends_as: Option<String>,
}

/// Leases an operation that is due: of the workspace whose last turn is longest ago, the one that has been due longest. A step moves
/// its operation behind the workspace's others, and its workspace behind all others, so that a large operation delays a small one
/// by one step, and many operations of one workspace one of another by one step too. Kinds that a later version made are left to it.
pub async fn claim_due(store: &Store, worker: &str, lease: Duration) -> Result<Option<ClaimedOperation>> {
    let now = store.clock().now();
    if store.is_sqlite() && !due::is_any(store, "operations", now).await? {
        return Ok(None);
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let skip_locked = match tx.conn() {
        Conn::Sqlite(_) => "",
        Conn::Postgres(_) => "FOR UPDATE OF operations SKIP LOCKED",
    };
    let text = format!(
        "UPDATE operations SET state = 'running', started_at = COALESCE(started_at, $2), leased_by = $1, due_at = $3, fence = fence + 1 \
         WHERE id = (SELECT operations.id FROM operations LEFT JOIN operation_turns USING (workspace_id) WHERE due_at <= $2 AND {} \
         ORDER BY COALESCE(taken_at, 0), due_at, operations.id LIMIT 1 {skip_locked}) \
         RETURNING id, workspace_id, kind, subject_id, params, actor, checkpoint, tries_count, fence, ends_as",
        operations::is_of(OperationKind::ALL)
    );
    let row: Option<ClaimRow> = in_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(text))
        .bind(worker)
        .bind(now.millis())
        .bind(now.plus(lease).millis())
        .fetch_optional(conn)
        .await)?;
    let Some(row) = row else { return Ok(None) };
    in_tx!(tx, conn => sqlx::query(
        "INSERT INTO operation_turns (workspace_id, taken_at) VALUES ($1, $2) \
         ON CONFLICT (workspace_id) DO UPDATE SET taken_at = excluded.taken_at",
    )
    .bind(&row.workspace_id)
    .bind(now.millis())
    .execute(conn)
    .await
    .map(drop))?;
    let claimed = ClaimedOperation {
        id: OperationId::from_stored(row.id),
        fence: row.fence,
        kind: operations::kind_of(&row.kind)?,
        workspace: WorkspaceId::from_stored(row.workspace_id),
        actor: row.actor.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_else(Actor::gateway),
        tries_count: row.tries_count,
        subject: row.subject_id,
        params: row.params,
        checkpoint: row.checkpoint,
        ends_as: row.ends_as.as_deref().map(operations::state_of).transpose()?,
    };
    tx.commit().await?;
    Ok(Some(claimed))
}

/// Writes a step's checkpoint, gives the lease back, and commits, unless the operation was cancelled or taken over meanwhile.
async fn advance(mut work: Work, claimed: &ClaimedOperation, step: &Step) -> Result<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let now = work.now();
    let (state, due_at) = match step.next {
        Next::At(at) => (OperationState::Running, Some(at)),
        Next::Done => (claimed.ends_as.unwrap_or(OperationState::Succeeded), None),
    };
    // What is added to a folder while it is removed is more than was counted.
    let moved = on!(&mut work, conn => sqlx::query(
        "UPDATE operations SET checkpoint = $3, done_count = done_count + $4, \
         total_count = CASE WHEN total_count < done_count + $4 THEN done_count + $4 ELSE total_count END, failures_count = failures_count + $5, result = $6, \
         due_at = $7, state = $8, ended_at = $9, ends_as = $10, leased_by = NULL, tries_count = 0 \
         WHERE id = $1 AND fence = $2 AND leased_by IS NOT NULL",
    )
    .bind(claimed.id.as_str())
    .bind(claimed.fence)
    .bind(&step.checkpoint)
    .bind(count(step.done))
    .bind(count(step.failures))
    .bind(step.result.to_string())
    .bind(due_at.map(Timestamp::millis))
    .bind(state.as_str())
    .bind(due_at.is_none().then_some(now.millis()))
    .bind(claimed.ends_as.filter(|_| due_at.is_some()).map(OperationState::as_str))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    if moved != 1 {
        return Ok(());
    }
    if due_at.is_none() {
        operations::announce(&mut work, &claimed.id).await?;
    }
    work.commit().await
}

/// Ends an operation that cannot go on, unless it was cancelled or taken over meanwhile. What it made is removed first if its kind is
/// undone; if that is what cannot go on, the rest of it stays.
pub async fn fail(store: &Store, claimed: &ClaimedOperation, reason: &str) -> Result<()> {
    let mut work = store.begin(&claimed.workspace, claimed.actor.clone());
    let (id, fence, is_undoing) = (&claimed.id, Some(claimed.fence), claimed.ends_as.is_some());
    let has_made = claimed.kind.is_undone() && claimed.checkpoint.is_some() && !is_undoing;
    let error = if is_undoing { format!("{reason} Not all that was made could be removed.") } else { reason.to_owned() };
    if !operations::stop(&mut work, Stop { id, state: OperationState::Failed, has_made, error: Some(&error), fence }).await? {
        return Ok(());
    }
    operations::announce(&mut work, &claimed.id).await?;
    work.commit().await
}

/// Gives a lease back after a step that could not be taken, so that it is tried again soon; not for ever, unless the database was
/// away. Says whether the operation has failed with it.
pub async fn give_back(store: &Store, claimed: &ClaimedOperation, error: &StoreError) -> Result<bool> {
    let is_ours = !error.is_unavailable();
    // What is stored in a form that cannot be read stays so.
    if matches!(error, StoreError::Damaged(_)) || (is_ours && claimed.tries_count + 1 >= MOST_TRIES) {
        fail(store, claimed, "Something went wrong on our side. The operator finds it in the log.").await?;
        return Ok(true);
    }
    let due_at = store.clock().now().plus(PAUSE).millis();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(
        "UPDATE operations SET leased_by = NULL, due_at = $3, tries_count = tries_count + $4 \
         WHERE id = $1 AND fence = $2 AND leased_by IS NOT NULL",
    )
    .bind(claimed.id.as_str())
    .bind(claimed.fence)
    .bind(due_at)
    .bind(i64::from(is_ours))
    .execute(conn)
    .await
    .map(drop))?;
    tx.commit().await?;
    Ok(false)
}

/// Takes back what a process that died held; see [`due::revoke_leases`].
pub async fn revoke_leases(store: &Store) -> Result<u64> {
    due::revoke_leases(store, "operations").await
}
