//! Operations: asked for and cancelled by people, carried out by the worker.
//!
//! As with deliveries a claim is a lease, and each claim counts `fence` up. What a step reads it reads under the lease, without
//! holding up anybody; what it writes it writes in one transaction together with its checkpoint, and only under the fence it was
//! claimed with. So a step happened as a whole or not at all, and never twice.

use crate::engine::{Conn, Promise};
use crate::insert::Insert;
use crate::paging::{Select, convert};
use crate::work::{Tx, View, damaged};
use crate::{Result, Store, StoreError, Work, due};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::{OperationId, WorkspaceId};
use domain::operation::{Operation, OperationFilter, OperationKind, OperationState};
use domain::page::{Page, PageRequest};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::time::Duration;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    subject_id: String,
    subject_name: String,
    state: String,
    params: String,
    done_count: i64,
    total_count: Option<i64>,
    failures_count: i64,
    result: Option<String>,
    error: Option<String>,
    created_by: String,
    created_at: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
}

const COLUMNS: &str = "id, kind, subject_id, subject_name, state, params, done_count, total_count, failures_count, result, error, \
     created_by, created_at, started_at, ended_at";

fn kind_of(text: &str) -> Result<OperationKind> {
    OperationKind::parse(text).ok_or_else(|| damaged("operation kind", text))
}

impl TryFrom<Row> for Operation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Self {
            id: OperationId::from_stored(row.id),
            kind: kind_of(&row.kind)?,
            state: OperationState::parse(&row.state).ok_or_else(|| damaged("operation state", &row.state))?,
            subject: row.subject_id,
            subject_name: row.subject_name,
            params: serde_json::from_str(&row.params)?,
            done_count: count(row.done_count),
            total_count: row.total_count.map(count),
            failures_count: count(row.failures_count),
            result: row.result.as_deref().map(serde_json::from_str).transpose()?,
            error: row.error,
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            started_at: row.started_at.map(Timestamp::from_millis),
            ended_at: row.ended_at.map(Timestamp::from_millis),
        })
    }
}

/// A page of operations, newest first.
pub async fn list(view: &mut impl View, filter: OperationFilter, page: PageRequest) -> Result<Page<Operation>> {
    let select = Select::from(view, "operations", COLUMNS).and_if("state = ?", filter.state.map(OperationState::as_str));
    convert(select.page::<Row>(view, page).await?)
}

/// One operation.
pub async fn get(view: &mut impl View, id: &OperationId) -> Result<Operation> {
    Select::from(view, "operations", COLUMNS).and("id = ?", id.as_str()).one::<Row>(view).await?.try_into()
}

/// The operation of a kind that is under way on something, if there is one.
pub async fn find_open(view: &mut impl View, kind: OperationKind, subject: &str) -> Result<Option<Operation>> {
    let open: Vec<Row> = Select::from(view, "operations", COLUMNS)
        .and("subject_id = ?", subject)
        .and("kind = ?", kind.as_str())
        .and_is("ended_at IS NULL")
        .first(view, "id", 1)
        .await?;
    open.into_iter().next().map(Operation::try_from).transpose()
}

/// What is to be carried out on what.
pub(crate) struct NewOperation<'a> {
    pub(crate) kind: OperationKind,
    /// The id of the subject, which the caller holds locked: no two of a kind are under way on one thing.
    pub(crate) subject: &'a str,
    pub(crate) subject_name: &'a str,
    pub(crate) params: Value,
    pub(crate) total_count: Option<u64>,
}

/// Asks for an operation.
pub(crate) async fn create(work: &mut Work, new: NewOperation<'_>) -> Result<Operation> {
    if let Some(open) = find_open(work, new.kind, new.subject).await? {
        return Err(StoreError::Conflict(format!(
            "A {} is under way already. Wait until {} has ended, or cancel it.",
            new.kind.in_words(new.subject_name),
            open.id
        )));
    }
    let now = work.now();
    let operation = Operation {
        id: OperationId::new(now),
        kind: new.kind,
        state: OperationState::Queued,
        subject: new.subject.to_owned(),
        subject_name: new.subject_name.to_owned(),
        params: new.params,
        done_count: 0,
        total_count: new.total_count,
        failures_count: 0,
        result: None,
        error: None,
        created_by: work.actor().in_words(),
        created_at: now,
        started_at: None,
        ended_at: None,
    };
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("operations")
            .set("id", operation.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("kind", operation.kind.as_str())
            .set("subject_id", new.subject)
            .set("subject_name", new.subject_name)
            .set("state", operation.state.as_str())
            .set("params", operation.params.to_string())
            .set("total_count", operation.total_count.and_then(|count| i64::try_from(count).ok()))
            .set("created_by", &operation.created_by)
            .set("due_at", now.millis())
            .set("created_at", now.millis()),
    );
    work.note(Action::OPERATION_CREATED, Some(operation.id.as_str()), Some(&operation.kind.in_words(new.subject_name)));
    Ok(operation)
}

/// Stops an operation. What it has done stays done; a step under way when this is committed is not written. One that is cancelled
/// already stays as it is.
pub async fn cancel(work: &mut Work, id: &OperationId) -> Result<Operation> {
    let operation = get(work, id).await?;
    match operation.state {
        OperationState::Cancelled => return Ok(operation),
        state if !state.is_open() => {
            return Err(StoreError::Conflict("The operation has ended; there is nothing to cancel.".into()));
        }
        _ => {}
    }
    let now = work.now();
    on!(work, conn => sqlx::query(
        "UPDATE operations SET state = $2, ended_at = $3, due_at = NULL, leased_by = NULL, fence = fence + 1 \
         WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id.as_str())
    .bind(OperationState::Cancelled.as_str())
    .bind(now.millis())
    .execute(conn)
    .await
    .map(drop))?;
    work.note(Action::OPERATION_CANCELLED, Some(id.as_str()), Some(&operation.kind.in_words(&operation.subject_name)));
    Ok(Operation { state: OperationState::Cancelled, ended_at: Some(now), ..operation })
}

/// An operation a worker may take one step of.
#[derive(Clone, Debug)]
pub struct ClaimedOperation {
    /// The operation.
    pub id: OperationId,
    /// The number of this claim.
    pub fence: i64,
    /// What it does.
    pub kind: OperationKind,
    pub(crate) workspace: WorkspaceId,
    pub(crate) subject: String,
    pub(crate) params: String,
    pub(crate) checkpoint: Option<String>,
}

/// What a step came to.
pub(crate) struct Step {
    /// How far the operation is now, as its kind writes it.
    pub(crate) checkpoint: String,
    /// Rows seen to in this step.
    pub(crate) done: u64,
    /// Rows of these for which it could not be done.
    pub(crate) failures: u64,
    /// What came of the operation so far.
    pub(crate) result: Value,
    /// When the next step may be taken; `None` when there is nothing left to do.
    pub(crate) next_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: String,
    workspace_id: String,
    kind: String,
    subject_id: String,
    params: String,
    checkpoint: Option<String>,
    fence: i64,
}

/// Leases the operation that has been due longest. Each step moves its operation behind all others that are due: they take turns,
/// and a large one delays a small one by one step.
pub async fn claim_due(store: &Store, worker: &str, lease: Duration) -> Result<Option<ClaimedOperation>> {
    let now = store.clock().now();
    if store.is_sqlite() && !due::is_any(store, "operations", now).await? {
        return Ok(None);
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let skip_locked = match tx.conn() {
        Conn::Sqlite(_) => "",
        Conn::Postgres(_) => "FOR UPDATE SKIP LOCKED",
    };
    let text = format!(
        "UPDATE operations SET state = 'running', started_at = COALESCE(started_at, $2), leased_by = $1, due_at = $3, fence = fence + 1 \
         WHERE id = (SELECT id FROM operations WHERE due_at <= $2 ORDER BY due_at, id LIMIT 1 {skip_locked}) \
         RETURNING id, workspace_id, kind, subject_id, params, checkpoint, fence"
    );
    let row: Option<ClaimRow> = in_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(text))
        .bind(worker)
        .bind(now.millis())
        .bind(now.plus(lease).millis())
        .fetch_optional(conn)
        .await)?;
    let Some(row) = row else { return Ok(None) };
    let claimed = ClaimedOperation {
        id: OperationId::from_stored(row.id),
        fence: row.fence,
        kind: kind_of(&row.kind)?,
        workspace: WorkspaceId::from_stored(row.workspace_id),
        subject: row.subject_id,
        params: row.params,
        checkpoint: row.checkpoint,
    };
    tx.commit().await?;
    Ok(Some(claimed))
}

/// Writes a step's checkpoint and gives the lease back. Comes last in the step's transaction: if it says no, the operation was
/// cancelled or taken over meanwhile, and the transaction must not be committed.
pub(crate) async fn advance(tx: &mut Tx, claimed: &ClaimedOperation, step: &Step, now: Timestamp) -> Result<bool> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let state = if step.next_at.is_some() { OperationState::Running } else { OperationState::Succeeded };
    let moved = in_tx!(tx, conn => sqlx::query(
        "UPDATE operations SET checkpoint = $3, done_count = done_count + $4, failures_count = failures_count + $5, result = $6, \
         due_at = $7, state = $8, ended_at = $9, leased_by = NULL WHERE id = $1 AND fence = $2 AND leased_by IS NOT NULL",
    )
    .bind(claimed.id.as_str())
    .bind(claimed.fence)
    .bind(&step.checkpoint)
    .bind(count(step.done))
    .bind(count(step.failures))
    .bind(step.result.to_string())
    .bind(step.next_at.map(Timestamp::millis))
    .bind(state.as_str())
    .bind(step.next_at.is_none().then_some(now.millis()))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(moved == 1)
}

/// Ends an operation that cannot go on, unless it was cancelled or taken over meanwhile.
pub async fn fail(store: &Store, claimed: &ClaimedOperation, reason: &str) -> Result<()> {
    let now = store.clock().now();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(
        "UPDATE operations SET state = $3, error = $4, ended_at = $5, due_at = NULL, leased_by = NULL \
         WHERE id = $1 AND fence = $2 AND leased_by IS NOT NULL",
    )
    .bind(claimed.id.as_str())
    .bind(claimed.fence)
    .bind(OperationState::Failed.as_str())
    .bind(reason)
    .bind(now.millis())
    .execute(conn)
    .await
    .map(drop))?;
    tx.commit().await
}

/// Takes back what a process that died held; see [`due::revoke_leases`].
pub async fn revoke_leases(store: &Store) -> Result<u64> {
    due::revoke_leases(store, "operations").await
}
