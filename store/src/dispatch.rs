//! Matching events with webhooks, and claiming what is due. Used by the worker only.
//!
//! A claim is a lease: the delivery's `due_at` moves to the end of the lease, so that a delivery whose worker died is
//! found by the same index as every other one that is due. Each claim counts `fence` up; outcomes name the fence they were
//! claimed with, and one that comes too late changes nothing.

use crate::engine::{Conn, Promise};
use crate::paging::json_array;
use crate::work::{Tx, View as _, damaged};
use crate::{Reading, Result, Store, deliveries, events, webhooks};
use domain::clock::Timestamp;
use domain::delivery::{DeliveryState, Progress};
use domain::event::Event;
use domain::ids::{DeliveryId, WebhookId, WorkspaceId};
use domain::secret::Secret;
use domain::webhook::Webhook;
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Where a delivery goes.
#[derive(Debug)]
pub struct Target {
    /// The webhook.
    pub webhook: Webhook,
    /// What to sign with.
    pub secret: Secret,
}

/// A delivery a worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The delivery.
    pub id: DeliveryId,
    /// The number of this claim.
    pub fence: i64,
    /// When the lease ends: until then no other worker touches the delivery.
    pub leased_until: Timestamp,
    /// State and schedule as they stand.
    pub progress: Progress,
    /// Attempts made before this one.
    pub attempts_count: u32,
    /// Whether a person asked for this attempt.
    pub is_manual: bool,
    /// What to send.
    pub event: Arc<Event>,
    /// Where to.
    pub target: Arc<Target>,
}

impl Claimed {
    /// A delivery that was just made and not leased has never been claimed.
    fn is_leased(&self) -> bool {
        self.fence > 0
    }

    /// When it may be claimed: at the end of its lease, or now.
    fn due_at(&self, now: Timestamp) -> Timestamp {
        if self.is_leased() { self.leased_until } else { now }
    }
}

/// A worker's name and how long its leases last.
#[derive(Clone, Debug)]
pub struct Lessee {
    /// Unique among all workers that ever run.
    pub name: String,
    /// Longer than the longest attempt.
    pub lease: Duration,
}

/// Rows one statement names at most: keeps statements, and the time one transaction takes, bounded.
const CHUNK: usize = 500;

/// Which events to match with webhooks.
pub enum Which<'a> {
    /// These, as far as they have not been dispatched yet.
    Named(&'a [String]),
    /// Any that nobody has dispatched, oldest first.
    Forgotten {
        /// Younger ones are left to the doorbell.
        before: Timestamp,
        /// At most this many.
        limit: u32,
    },
}

/// What a dispatch did.
#[derive(Debug, Default)]
pub struct Dispatched {
    /// Events that were matched.
    pub events_count: usize,
    /// Deliveries that were made, those in `claimed` included.
    pub deliveries_count: usize,
    /// Deliveries leased to the lessee in the same step, ready to be sent.
    pub claimed: Vec<Claimed>,
}

/// How many deliveries a worker can take on: in all, and for one webhook.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// In all.
    pub total: usize,
    /// For one webhook, those it holds already included.
    pub per_webhook: usize,
    /// What the worker holds for each webhook.
    pub held: HashMap<WebhookId, usize>,
}

impl Room {
    /// Takes a place, if there is one.
    fn take(&mut self, webhook: &WebhookId) -> bool {
        let held = self.held.entry(webhook.clone()).or_default();
        let is_free = self.total > 0 && *held < self.per_webhook;
        if is_free {
            self.total -= 1;
            *held += 1;
        }
        is_free
    }
}

/// Matches events with webhooks: one delivery for each pair. Those for which the worker has room are leased to it at once,
/// the rest are due now.
///
/// What is read may be read by two workers at once; what counts is the taking, in which each event falls to one of them.
pub async fn dispatch(store: &Store, which: Which<'_>, lessee: &Lessee, mut room: Room) -> Result<Dispatched> {
    let now = store.clock().now();
    let mut view = store.read_repeatable().await?;
    let rows = undispatched(view.conn(), which).await?;
    if rows.is_empty() {
        return Ok(Dispatched::default());
    }
    let events = rows.into_iter().map(|row| Ok(Arc::new(Event::try_from(row)?))).collect::<Result<Vec<_>>>()?;
    let workspaces: BTreeSet<&str> = events.iter().map(|event| event.workspace_id.as_str()).collect();
    let targets = targets(store, view.conn(), Wanted::EnabledIn(&workspaces)).await?;
    let mut dispatched = Dispatched { events_count: events.len(), ..Dispatched::default() };
    let mut group: Vec<&Event> = Vec::new();
    let mut made: Vec<Claimed> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        for (workspace, target) in &targets {
            if *workspace == event.workspace_id && target.webhook.matches(&event.event_type) && may_see(&target.webhook, event) {
                let is_leased = room.take(&target.webhook.id);
                made.push(Claimed {
                    id: DeliveryId::new(now),
                    fence: i64::from(is_leased),
                    leased_until: now.plus(lessee.lease),
                    progress: Progress { state: DeliveryState::Pending, planned_count: 0, next_attempt_at: Some(now) },
                    attempts_count: 0,
                    is_manual: false,
                    event: Arc::clone(event),
                    target: Arc::clone(target),
                });
            }
        }
        group.push(event);
        // An event and its deliveries are written together, however many there are; beyond that, groups stay small.
        if made.len() >= CHUNK || index + 1 == events.len() {
            let taken = take(store, &mut view, &group, &made, now, lessee).await?;
            made.retain(|delivery| taken.contains(delivery.event.id.as_str()));
            dispatched.deliveries_count += made.len();
            dispatched.claimed.extend(made.drain(..).filter(Claimed::is_leased));
            group.clear();
        }
    }
    Ok(dispatched)
}

/// Marks those events as dispatched that nobody has dispatched yet, writes their deliveries in the same transaction, and says
/// which events these were.
async fn take(
    store: &Store,
    view: &mut Reading,
    events: &[&Event],
    made: &[Claimed],
    now: Timestamp,
    lessee: &Lessee,
) -> Result<HashSet<String>> {
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let taken: Vec<String> = match view.conn() {
        Conn::Sqlite(_) => {
            let mut tx = store.begin_tx(Promise::Repeatable).await?;
            let taken: Vec<String> = in_tx!(tx, conn => sqlx::query_scalar(
                "UPDATE events SET dispatched_at = $1 WHERE id IN (SELECT value FROM json_each($2)) AND dispatched_at IS NULL RETURNING id",
            )
            .bind(now.millis())
            .bind(json_array(ids.iter().copied()))
            .fetch_all(conn)
            .await)?;
            let kept: Vec<&Claimed> =
                made.iter().filter(|delivery| taken.iter().any(|id| id == delivery.event.id.as_str())).collect();
            for chunk in kept.chunks(CHUNK) {
                insert(&mut tx, chunk, now, lessee).await?;
            }
            tx.commit().await?;
            taken
        }
        // One statement, and so one round trip. SKIP LOCKED: two workers that hear of the same event do not wait for each other.
        Conn::Postgres(conn) => {
            let column = |of: fn(&Claimed) -> &str| made.iter().map(|delivery| of(delivery).to_owned()).collect::<Vec<_>>();
            sqlx::query_scalar(
                "WITH taken AS ( \
                     UPDATE events SET dispatched_at = $1 WHERE id IN ( \
                         SELECT id FROM events WHERE id = ANY($2) AND dispatched_at IS NULL FOR UPDATE SKIP LOCKED) RETURNING id \
                 ), made AS ( \
                     INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, \
                         leased_by, fence, created_at, updated_at) \
                     SELECT d.id, d.workspace_id, d.event_id, d.event_type, d.webhook_id, $3, $1, d.due_at, d.leased_by, d.fence, $1, $1 \
                     FROM UNNEST($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::bigint[]) \
                         AS d (id, workspace_id, event_id, event_type, webhook_id, due_at, leased_by, fence) \
                     JOIN taken ON taken.id = d.event_id \
                 ) SELECT id FROM taken",
            )
            .bind(now.millis())
            .bind(ids)
            .bind(DeliveryState::Pending.as_str())
            .bind(column(|delivery| delivery.id.as_str()))
            .bind(column(|delivery| delivery.event.workspace_id.as_str()))
            .bind(column(|delivery| delivery.event.id.as_str()))
            .bind(column(|delivery| &delivery.event.event_type))
            .bind(column(|delivery| delivery.target.webhook.id.as_str()))
            .bind(made.iter().map(|delivery| delivery.due_at(now).millis()).collect::<Vec<_>>())
            .bind(made.iter().map(|delivery| delivery.is_leased().then(|| lessee.name.clone())).collect::<Vec<_>>())
            .bind(made.iter().map(|delivery| delivery.fence).collect::<Vec<_>>())
            .fetch_all(conn)
            .await?
        }
    };
    Ok(taken.into_iter().collect())
}

/// How far the clocks of two gateways may differ before a subscription made on one misses an event of the other.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// A webhook hears of what happened after it was made, not of what was waiting from before.
fn may_see(webhook: &Webhook, event: &Event) -> bool {
    webhook.created_at <= event.occurred_at.plus(CLOCK_TOLERANCE)
}

async fn undispatched(conn: Conn<'_>, which: Which<'_>) -> Result<Vec<events::Row>> {
    const LIST: &str = events::COLUMNS;
    Ok(match (which, conn) {
        (Which::Named(ids), Conn::Sqlite(conn)) => {
            sqlx::query_as(AssertSqlSafe(format!(
                "SELECT {LIST} FROM events WHERE id IN (SELECT value FROM json_each($1)) AND dispatched_at IS NULL"
            )))
            .bind(json_array(ids.iter().map(String::as_str)))
            .fetch_all(conn)
            .await?
        }
        (Which::Named(ids), Conn::Postgres(conn)) => {
            sqlx::query_as(AssertSqlSafe(format!("SELECT {LIST} FROM events WHERE id = ANY($1) AND dispatched_at IS NULL")))
                .bind(ids)
                .fetch_all(conn)
                .await?
        }
        (Which::Forgotten { before, limit }, conn) => {
            let text = AssertSqlSafe(format!(
                "SELECT {LIST} FROM events WHERE dispatched_at IS NULL AND occurred_at <= $1 ORDER BY occurred_at LIMIT $2"
            ));
            let (before, limit) = (before.millis(), i64::from(limit));
            match conn {
                Conn::Sqlite(conn) => sqlx::query_as(text).bind(before).bind(limit).fetch_all(conn).await?,
                Conn::Postgres(conn) => sqlx::query_as(text).bind(before).bind(limit).fetch_all(conn).await?,
            }
        }
    })
}

enum Wanted<'a> {
    EnabledIn(&'a BTreeSet<&'a str>),
    Named(&'a BTreeSet<&'a str>),
}

#[derive(sqlx::FromRow)]
struct TargetRow {
    workspace_id: String,
    #[sqlx(flatten)]
    row: webhooks::Row,
}

async fn targets(store: &Store, conn: Conn<'_>, wanted: Wanted<'_>) -> Result<Vec<(WorkspaceId, Arc<Target>)>> {
    let columns = webhooks::COLUMNS;
    let (condition, set) = match wanted {
        Wanted::EnabledIn(set) => ("enabled AND workspace_id", set),
        Wanted::Named(set) => ("id", set),
    };
    let rows: Vec<TargetRow> = match conn {
        Conn::Sqlite(conn) => {
            sqlx::query_as(AssertSqlSafe(format!(
                "SELECT workspace_id, {columns} FROM webhooks WHERE deleted_at IS NULL AND {condition} IN \
                 (SELECT value FROM json_each($1))"
            )))
            .bind(json_array(set.iter().copied()))
            .fetch_all(conn)
            .await?
        }
        Conn::Postgres(conn) => {
            sqlx::query_as(AssertSqlSafe(format!(
                "SELECT workspace_id, {columns} FROM webhooks WHERE deleted_at IS NULL AND {condition} = ANY($1)"
            )))
            .bind(set.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
            .fetch_all(conn)
            .await?
        }
    };
    rows.into_iter()
        .map(|TargetRow { workspace_id, row }| {
            let secret = store.inner().master_key.open(&row.sealed_secret)?;
            Ok((WorkspaceId::from_stored(workspace_id), Arc::new(Target { webhook: row.try_into()?, secret })))
        })
        .collect()
}

async fn insert(tx: &mut Tx, made: &[&Claimed], now: Timestamp, lessee: &Lessee) -> Result<()> {
    const INTO: &str = "INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, \
         leased_by, fence, created_at, updated_at) ";
    Ok(in_tx!(tx, conn => {
        let mut query = QueryBuilder::new(INTO);
        query.push_values(made, |mut row, delivery| {
            let is_leased = delivery.is_leased();
            row.push_bind(delivery.id.as_str())
                .push_bind(delivery.event.workspace_id.as_str())
                .push_bind(delivery.event.id.as_str())
                .push_bind(delivery.event.event_type.as_str())
                .push_bind(delivery.target.webhook.id.as_str())
                .push_bind(delivery.progress.state.as_str())
                .push_bind(now.millis())
                .push_bind(delivery.due_at(now).millis())
                .push_bind(is_leased.then_some(lessee.name.as_str()))
                .push_bind(i64::from(is_leased))
                .push_bind(now.millis())
                .push_bind(now.millis());
        });
        // The statement's text depends on the number of rows; keeping each variant prepared would crowd out the others.
        query.build().persistent(false).execute(conn).await.map(drop)
    })?)
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: String,
    event_id: String,
    webhook_id: String,
    state: String,
    planned_count: i64,
    attempts_count: i64,
    next_attempt_at: Option<i64>,
    is_manual: bool,
    fence: i64,
}

/// What a look for due deliveries found.
#[derive(Debug, Default)]
pub struct Due {
    /// Leased to the lessee, ready to be sent.
    pub claimed: Vec<Claimed>,
    /// Whether the limit was reached. Not to be told from `claimed`, which lacks what was settled on the way.
    pub is_more: bool,
}

/// Leases deliveries that are due, longest due first, leaving out those to the given webhooks. What is due to a webhook
/// that is disabled or gone is settled on the way and not returned.
pub async fn claim_due(store: &Store, lessee: &Lessee, limit: u32, except: &[WebhookId]) -> Result<Due> {
    const RETURNING: &str =
        "RETURNING id, event_id, webhook_id, state, planned_count, attempts_count, next_attempt_at, is_manual, fence";
    let now = store.clock().now();
    let leased_until = now.plus(lessee.lease);
    // On SQLite even asking takes the writer's turn; an idle gateway asks a reader first.
    if store.is_sqlite() && !is_any_due(store, now).await? {
        return Ok(Due::default());
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let rows: Vec<ClaimRow> = match tx.conn() {
        Conn::Sqlite(conn) => {
            sqlx::query_as(AssertSqlSafe(format!(
                "UPDATE deliveries SET leased_by = $1, due_at = $2, fence = fence + 1 WHERE id IN (SELECT id FROM deliveries \
                 WHERE due_at <= $3 AND webhook_id NOT IN (SELECT value FROM json_each($4)) ORDER BY due_at LIMIT $5) {RETURNING}"
            )))
            .bind(&lessee.name)
            .bind(leased_until.millis())
            .bind(now.millis())
            .bind(json_array(except.iter().map(WebhookId::as_str)))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await?
        }
        Conn::Postgres(conn) => sqlx::query_as(AssertSqlSafe(format!(
            "UPDATE deliveries SET leased_by = $1, due_at = $2, fence = fence + 1 WHERE id = ANY(ARRAY(SELECT id FROM deliveries \
                 WHERE due_at <= $3 AND webhook_id <> ALL($4) ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED)) {RETURNING}"
        )))
        .bind(&lessee.name)
        .bind(leased_until.millis())
        .bind(now.millis())
        .bind(except.iter().map(ToString::to_string).collect::<Vec<_>>())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?,
    };
    if rows.is_empty() {
        return Ok(Due::default());
    }
    let is_more = rows.len() >= limit as usize;
    let claimed = complete(store, &mut tx, rows, leased_until).await?;
    tx.commit().await?;
    Ok(Due { claimed, is_more })
}

async fn is_any_due(store: &Store, now: Timestamp) -> Result<bool> {
    let mut view = store.read_system().await?;
    let due: Option<i64> = on!(&mut view, conn => sqlx::query_scalar("SELECT due_at FROM deliveries WHERE due_at <= $1 LIMIT 1")
        .bind(now.millis())
        .fetch_optional(conn)
        .await)?;
    Ok(due.is_some())
}

/// Adds event and target to claimed rows, and settles those that have no target any more.
async fn complete(store: &Store, tx: &mut Tx, rows: Vec<ClaimRow>, leased_until: Timestamp) -> Result<Vec<Claimed>> {
    let webhooks: BTreeSet<&str> = rows.iter().map(|row| row.webhook_id.as_str()).collect();
    let targets: HashMap<String, Arc<Target>> = targets(store, tx.conn(), Wanted::Named(&webhooks))
        .await?
        .into_iter()
        .map(|(_, target)| (target.webhook.id.to_string(), target))
        .collect();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.event_id.as_str()).collect();
    let events = events_by_id(tx, &ids).await?;
    let (mut claimed, mut paused, mut cancelled) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        match targets.get(&row.webhook_id) {
            None => cancelled.push(row.id.as_str()),
            Some(target) if !target.webhook.enabled => paused.push(row.id.as_str()),
            Some(target) => claimed.push(Claimed {
                id: DeliveryId::from_stored(row.id.clone()),
                fence: row.fence,
                leased_until,
                progress: Progress {
                    state: deliveries::state_of(&row.state)?,
                    planned_count: u32::try_from(row.planned_count).unwrap_or(u32::MAX),
                    next_attempt_at: row.next_attempt_at.map(Timestamp::from_millis),
                },
                attempts_count: u32::try_from(row.attempts_count).unwrap_or(u32::MAX),
                is_manual: row.is_manual,
                event: Arc::clone(events.get(&row.event_id).ok_or_else(|| damaged("event", &row.event_id))?),
                target: Arc::clone(target),
            }),
        }
    }
    settle(tx, &paused, DeliveryState::Paused).await?;
    settle(tx, &cancelled, DeliveryState::Cancelled).await?;
    Ok(claimed)
}

async fn events_by_id(tx: &mut Tx, ids: &BTreeSet<&str>) -> Result<HashMap<String, Arc<Event>>> {
    const LIST: &str = events::COLUMNS;
    let rows: Vec<events::Row> = match tx.conn() {
        Conn::Sqlite(conn) => {
            sqlx::query_as(AssertSqlSafe(format!("SELECT {LIST} FROM events WHERE id IN (SELECT value FROM json_each($1))")))
                .bind(json_array(ids.iter().copied()))
                .fetch_all(conn)
                .await?
        }
        Conn::Postgres(conn) => {
            sqlx::query_as(AssertSqlSafe(format!("SELECT {LIST} FROM events WHERE id = ANY($1)")))
                .bind(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
                .fetch_all(conn)
                .await?
        }
    };
    rows.into_iter().map(|row| Ok((row.id.clone(), Arc::new(Event::try_from(row)?)))).collect()
}

/// Puts claimed deliveries that will not be attempted into a state that is not due. Finished ones, claimed for a
/// person's retry, only lose their claim.
async fn settle(tx: &mut Tx, ids: &[&str], state: DeliveryState) -> Result<()> {
    const SETTLE: &str = "UPDATE deliveries SET state = CASE WHEN state IN ('pending', 'waiting') THEN $1 ELSE state END, \
         due_at = NULL, next_attempt_at = NULL, leased_by = NULL, is_manual = FALSE WHERE id";
    if ids.is_empty() {
        return Ok(());
    }
    match tx.conn() {
        Conn::Sqlite(conn) => {
            sqlx::query(AssertSqlSafe(format!("{SETTLE} IN (SELECT value FROM json_each($2))")))
                .bind(state.as_str())
                .bind(json_array(ids.iter().copied()))
                .execute(conn)
                .await?;
        }
        Conn::Postgres(conn) => {
            sqlx::query(AssertSqlSafe(format!("{SETTLE} = ANY($2)")))
                .bind(state.as_str())
                .bind(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
                .execute(conn)
                .await?;
        }
    }
    Ok(())
}

/// Gives up leases without an attempt: the deliveries are due again at once, for any worker.
pub async fn release(store: &Store, lessee: &Lessee, ids: &[ClaimName]) -> Result<()> {
    let now = store.clock().now().millis();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    for claim in ids {
        in_tx!(tx, conn => sqlx::query(
            "UPDATE deliveries SET leased_by = NULL, due_at = $4 WHERE id = $1 AND fence = $2 AND leased_by = $3",
        )
        .bind(claim.id.as_str())
        .bind(claim.fence)
        .bind(&lessee.name)
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    }
    tx.commit().await
}

/// The name of a claim: what is needed to give it up.
#[derive(Clone, Debug)]
pub struct ClaimName {
    /// The delivery.
    pub id: DeliveryId,
    /// The number of the claim.
    pub fence: i64,
}

/// On the embedded engine, where one process works alone: leases found at start belong to a process that died, and what they
/// hold is due now instead of when they end. Says how many there were.
pub async fn revoke_leases(store: &Store) -> Result<u64> {
    if !store.is_sqlite() {
        return Ok(0);
    }
    let now = store.clock().now().millis();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let revoked = in_tx!(tx, conn => sqlx::query(
        "UPDATE deliveries SET leased_by = NULL, due_at = $1 WHERE leased_by IS NOT NULL AND due_at IS NOT NULL",
    )
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(revoked)
}

/// The oldest event nobody has dispatched, and the longest due delivery: how far behind the workers are.
pub async fn backlog(store: &Store) -> Result<Backlog> {
    let mut view = store.read_system().await?;
    let (undispatched_since, due_since): (Option<i64>, Option<i64>) = on!(&mut view, conn => sqlx::query_as(
        "SELECT (SELECT MIN(occurred_at) FROM events WHERE dispatched_at IS NULL), \
         (SELECT MIN(due_at) FROM deliveries WHERE due_at IS NOT NULL)",
    )
    .fetch_one(conn)
    .await)?;
    Ok(Backlog {
        undispatched_since: undispatched_since.map(Timestamp::from_millis),
        due_since: due_since.map(Timestamp::from_millis),
    })
}

/// How far behind the workers are.
#[derive(Clone, Copy, Debug)]
pub struct Backlog {
    /// When the oldest undispatched event happened.
    pub undispatched_since: Option<Timestamp>,
    /// When the next delivery is, or was, due.
    pub due_since: Option<Timestamp>,
}
