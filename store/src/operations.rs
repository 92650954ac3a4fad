//! Operations as people meet them: asked for, looked at, cancelled; and telling how one ended. Carrying them out is in `steps`.

use crate::insert::Insert;
use crate::paging::{Select, convert};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, deliveries, webhooks};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::dialect::canonical;
use domain::ids::{DeliveryId, OperationId, WebhookId};
use domain::operation::{Callback, Operation, OperationFilter, OperationKind, OperationState};
use domain::page::{Page, PageRequest};
use domain::webhook::NewWebhook;
use serde_json::Value;

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
    callback_url: Option<String>,
    callback_id: Option<String>,
    callback_delivery_id: Option<String>,
    ends_as: Option<String>,
}

const COLUMNS: &str = "id, kind, subject_id, subject_name, state, params, done_count, total_count, failures_count, result, error, \
     created_by, created_at, started_at, ended_at, callback_url, callback_id, callback_delivery_id, ends_as";

pub(crate) fn kind_of(text: &str) -> Result<OperationKind> {
    OperationKind::parse(text).ok_or_else(|| damaged("operation kind", text))
}

pub(crate) fn state_of(text: &str) -> Result<OperationState> {
    OperationState::parse(text).ok_or_else(|| damaged("operation state", text))
}

impl TryFrom<Row> for Operation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Self {
            id: OperationId::from_stored(row.id),
            kind: kind_of(&row.kind)?,
            state: state_of(&row.state)?,
            ends_as: row.ends_as.as_deref().map(state_of).transpose()?,
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
            callback_url: row.callback_url,
            callback_delivery: row.callback_delivery_id.map(DeliveryId::from_stored),
        })
    }
}

/// A page of operations of these kinds, newest first.
pub async fn list(
    view: &mut impl View,
    kinds: &[OperationKind],
    filter: OperationFilter,
    page: PageRequest,
) -> Result<Page<Operation>> {
    let select = Select::from(view, "operations", COLUMNS)
        .and_is(&is_of(kinds))
        .and_if("kind = ?", filter.kind.map(OperationKind::as_str))
        .and_if("state = ?", filter.state.map(OperationState::as_str));
    convert(select.page::<Row>(view, page).await?)
}

/// The condition that leaves operations of these kinds.
pub(crate) fn is_of(kinds: &[OperationKind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.as_str())).collect();
    // Of none there is none; an empty list is no SQL.
    if names.is_empty() { "FALSE".into() } else { format!("kind IN ({})", names.join(", ")) }
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
    /// Where its end is to be told.
    pub(crate) callback: Option<&'a Callback>,
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
    let callback = match new.callback {
        Some(Callback { url, secret }) => Some(webhooks::insert(work, NewWebhook::callback(url.clone(), secret.clone()))?.id),
        None => None,
    };
    let now = work.now();
    let operation = Operation {
        id: OperationId::new(now),
        kind: new.kind,
        state: OperationState::Queued,
        ends_as: None,
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
        callback_url: new.callback.map(|callback| callback.url.clone()),
        callback_delivery: None,
    };
    let actor = serde_json::to_string(work.actor())?;
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
            .set("actor", actor)
            .set("callback_url", &operation.callback_url)
            .set("callback_id", callback.as_ref().map(WebhookId::as_str))
            .set("due_at", now.millis())
            .set("created_at", now.millis()),
    );
    work.note(Action::OPERATION_CREATED, Some(operation.id.as_str()), Some(&operation.kind.in_words(new.subject_name)));
    Ok(operation)
}

/// Stops an operation. What it has done stays done, or is removed if its kind is undone; a step under way when this is committed is
/// not written. One that is cancelled already stays as it is.
pub async fn cancel(work: &mut Work, id: &OperationId) -> Result<Operation> {
    let operation = get(work, id).await?;
    match operation.state {
        OperationState::Cancelled => return Ok(operation),
        _ if operation.ends_as.is_some() => return Ok(operation),
        state if !state.is_open() => {
            return Err(StoreError::Conflict("The operation has ended; there is nothing to cancel.".into()));
        }
        _ => {}
    }
    let has_made = operation.kind.is_undone() && operation.result.is_some();
    stop(work, Stop { id, state: OperationState::Cancelled, has_made, error: None, fence: None }).await?;
    work.note(Action::OPERATION_CANCELLED, Some(id.as_str()), Some(&operation.kind.in_words(&operation.subject_name)));
    announce(work, id).await
}

/// How an operation is ended before its time.
pub(crate) struct Stop<'a> {
    pub(crate) id: &'a OperationId,
    /// How it ends: at once, or once what it made is removed.
    pub(crate) state: OperationState,
    /// Whether there is something to be removed before.
    pub(crate) has_made: bool,
    pub(crate) error: Option<&'a str>,
    /// Only while this claim of it holds; otherwise as long as it has not ended.
    pub(crate) fence: Option<i64>,
}

/// Ends an operation before its time, or has what it made removed first. Says whether it had not ended or gone on without the caller.
pub(crate) async fn stop(work: &mut Work, stop: Stop<'_>) -> Result<bool> {
    let (now, at_once) = (work.now().millis(), !stop.has_made);
    let stopped = on!(work, conn => sqlx::query(
        "UPDATE operations SET state = $3, ends_as = $4, error = $5, ended_at = $6, due_at = $7, leased_by = NULL, tries_count = 0, \
         fence = fence + 1 WHERE id = $1 AND ended_at IS NULL AND fence = COALESCE($2, fence) \
         AND (leased_by IS NOT NULL OR CAST($2 AS BIGINT) IS NULL)",
    )
    .bind(stop.id.as_str())
    .bind(stop.fence)
    .bind(if at_once { stop.state } else { OperationState::Running }.as_str())
    .bind(stop.has_made.then_some(stop.state.as_str()))
    .bind(stop.error)
    .bind(at_once.then_some(now))
    .bind(stop.has_made.then_some(now))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    if stop.has_made {
        work.make_due();
    }
    Ok(stopped == 1)
}

/// Tells whoever wants to hear of it that an operation has ended, in the transaction that ends it: webhooks by its event, and its
/// callback by a delivery of its own.
pub(crate) async fn announce(work: &mut Work, id: &OperationId) -> Result<Operation> {
    let row: Row = Select::from(work, "operations", COLUMNS).and("id = ?", id.as_str()).one(work).await?;
    let callback = row.callback_id.clone().map(WebhookId::from_stored);
    let mut operation = Operation::try_from(row)?;
    let Some(event) = operation.event() else { return Ok(operation) };
    // The object names the delivery, which is of the event, which holds the object.
    operation.callback_delivery = callback.as_ref().map(|_| DeliveryId::new(work.now()));
    let event_id = work.announce(event, &canonical(&operation));
    if let (Some(webhook), Some(delivery)) = (callback, operation.callback_delivery.clone()) {
        deliveries::create(work, delivery.clone(), event_id, event, &webhook);
        on!(work, conn => sqlx::query("UPDATE operations SET callback_delivery_id = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(delivery.as_str())
            .execute(conn)
            .await
            .map(drop))?;
        work.make_due();
    }
    Ok(operation)
}

/// Something that could not be done.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Failure {
    /// The line of the file.
    pub line: i64,
    /// Which field is at fault; empty if the row as a whole is.
    pub field: String,
    /// Why, in words.
    pub reason: String,
}

/// What an operation could not do, behind a line and field, at most `limit` of it. The caller has looked at the operation.
pub async fn failures(view: &mut impl View, id: &OperationId, behind: (i64, &str), limit: u32) -> Result<Vec<Failure>> {
    Ok(on!(view, conn => sqlx::query_as(
        "SELECT line, field, reason FROM operation_failures WHERE operation_id = $1 AND (line, field) > ($2, $3) \
         ORDER BY line, field LIMIT $4",
    )
    .bind(id.as_str())
    .bind(behind.0)
    .bind(behind.1)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await)?)
}
