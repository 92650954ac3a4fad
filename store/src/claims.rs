//! Claiming deliveries that are due. Used by the worker only.
//!
//! A claim is a lease: the delivery's `due_at` moves to the end of the lease, so that a delivery whose worker died is
//! found by the same index as every other one that is due. Each claim counts `fence` up; outcomes name the fence they were
//! claimed with, and one that comes too late changes nothing.

use crate::engine::{Conn, Promise, is_kept};
use crate::error::readable;
use crate::paging::json_array;
use crate::targets::{self, Target};
use crate::work::Tx;
use crate::{Result, Store, deliveries, due, events, heads};
use domain::clock::Timestamp;
use domain::delivery::{DeliveryState, Happening, Progress};
use domain::event::Event;
use domain::ids::{DeliveryId, WebhookId};
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

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
    /// When the delivery was made, or begun anew by a replay.
    pub begun_at: Timestamp,
    /// Whether a person asked for this attempt.
    pub is_manual: bool,
    /// What to send.
    pub event: Arc<Event>,
    /// Where to.
    pub target: Arc<Target>,
}

impl Claimed {
    /// A delivery that was just made and not leased has never been claimed.
    pub(crate) fn is_leased(&self) -> bool {
        self.fence > 0
    }

    /// When it may be claimed: at the end of its lease, or now.
    pub(crate) fn due_at(&self, now: Timestamp) -> Timestamp {
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

#[derive(sqlx::FromRow)]
pub(crate) struct ClaimRow {
    id: String,
    event_id: String,
    webhook_id: String,
    state: String,
    planned_count: i64,
    attempts_count: i64,
    next_attempt_at: Option<i64>,
    is_manual: bool,
    fence: i64,
    begun_at: i64,
}

/// How many deliveries of a lane are wanted.
#[derive(Clone, Debug)]
pub struct Share {
    /// The lane.
    pub webhook: WebhookId,
    /// At most so many.
    pub most: usize,
    /// If this is a probe: when it was to be made, as it stood when the lane was looked at.
    pub probe: Option<Timestamp>,
    /// Whether it is the lane's head that is wanted and nothing else.
    pub ordered: bool,
}

/// What a claim came to.
#[derive(Debug, Default)]
pub struct Due {
    /// Leased to the lessee, ready to be sent.
    pub claimed: Vec<Claimed>,
    /// Lanes that gave all that was wanted of them, and so may have more. Not to be told from `claimed`, which lacks what was settled
    /// on the way.
    pub unfinished: Vec<WebhookId>,
}

/// What a claim reads of each delivery.
pub(crate) const RETURNING: &str = "RETURNING id, event_id, webhook_id, state, planned_count, attempts_count, next_attempt_at, \
     is_manual, fence, COALESCE(restarted_at, created_at) AS begun_at";

/// Leases deliveries that are due, of each lane as many as are wanted, longest due first. What is due to a webhook that is disabled
/// or gone is settled on the way and not returned.
pub async fn claim_due(store: &Store, lessee: &Lessee, shares: &[Share]) -> Result<Due> {
    let now = store.clock().now();
    let leased_until = now.plus(lessee.lease);
    let count = |share: &Share| i64::try_from(share.most).unwrap_or(i64::MAX);
    if shares.is_empty() {
        return Ok(Due::default());
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    heads::lock(&mut tx, shares).await?;
    let shares = take_probes(&mut tx, shares, leased_until).await?;
    if shares.is_empty() {
        return Ok(Due::default());
    }
    let (in_order, shares): (Vec<Share>, Vec<Share>) = shares.into_iter().partition(|share| share.ordered);
    let mut rows = heads::claim(&mut tx, lessee, &in_order, now, leased_until).await?;
    let claimed: Vec<ClaimRow> = match tx.conn() {
        _ if shares.is_empty() => Vec::new(),
        // A limit cannot come from another row there, so that each lane has a branch of its own.
        Conn::Sqlite(conn) => {
            let mut query = QueryBuilder::new("WITH now (at) AS (VALUES (");
            query.push_bind(now.millis()).push(")) UPDATE deliveries SET leased_by = ").push_bind(&lessee.name);
            query.push(", due_at = ").push_bind(leased_until.millis()).push(", fence = fence + 1 WHERE id IN (");
            for (index, share) in shares.iter().enumerate() {
                query.push(if index == 0 { "" } else { " UNION ALL " });
                query.push("SELECT id FROM (SELECT id FROM deliveries WHERE due_at <= (SELECT at FROM now) AND webhook_id = ");
                query.push_bind(share.webhook.as_str()).push(" ORDER BY due_at LIMIT ").push_bind(count(share)).push(")");
            }
            query.push(") ").push(RETURNING);
            query.build_query_as().persistent(is_kept(shares.len())).fetch_all(conn).await?
        }
        Conn::Postgres(conn) => sqlx::query_as(AssertSqlSafe(format!(
            "UPDATE deliveries SET leased_by = $1, due_at = $2, fence = fence + 1 WHERE id = ANY(ARRAY(SELECT due.id FROM UNNEST($4::text[], $5::bigint[]) AS share (webhook, most) CROSS JOIN LATERAL \
                 (SELECT id FROM deliveries WHERE webhook_id = share.webhook AND due_at <= $3 ORDER BY due_at LIMIT share.most \
                  FOR UPDATE SKIP LOCKED) AS due)) {RETURNING}"
        )))
        .bind(&lessee.name)
        .bind(leased_until.millis())
        .bind(now.millis())
        .bind(shares.iter().map(|share| share.webhook.as_str()).collect::<Vec<_>>())
        .bind(shares.iter().map(count).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?,
    };
    rows.extend(claimed);
    if rows.is_empty() {
        return Ok(Due::default());
    }
    let is_full = |share: &&Share| {
        share.probe.is_none() && rows.iter().filter(|row| row.webhook_id == share.webhook.as_str()).count() >= share.most
    };
    let unfinished = shares.iter().filter(is_full).map(|share| share.webhook.clone()).collect();
    let claimed = complete(store, &mut tx, rows, now, leased_until).await?;
    tx.commit().await?;
    Ok(Due { claimed, unfinished })
}

/// Leaves out the probes that another worker took first: each moves the time of the next one behind its own lease.
async fn take_probes(tx: &mut Tx, shares: &[Share], leased_until: Timestamp) -> Result<Vec<Share>> {
    let mut taken = Vec::with_capacity(shares.len());
    for share in shares {
        if let Some(probe_at) = share.probe {
            let moved = in_tx!(tx, conn => sqlx::query("UPDATE webhooks SET probe_at = $3 WHERE id = $1 AND probe_at = $2")
                .bind(share.webhook.as_str())
                .bind(probe_at.millis())
                .bind(leased_until.millis())
                .execute(conn)
                .await
                .map(|done| done.rows_affected()))?;
            if moved == 0 {
                continue;
            }
        }
        taken.push(share.clone());
    }
    Ok(taken)
}

/// Adds event and target to claimed rows, and settles those that have no target any more.
async fn complete(
    store: &Store,
    tx: &mut Tx,
    rows: Vec<ClaimRow>,
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Vec<Claimed>> {
    let webhooks: BTreeSet<String> = rows.iter().map(|row| row.webhook_id.clone()).collect();
    let webhooks: Vec<String> = webhooks.into_iter().collect();
    let targets = targets::by_id(store, tx.conn(), &webhooks).await?;
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.event_id.as_str()).collect();
    let events = events::rows_by_id(tx.conn(), ids.into_iter()).await?;
    // Of one that cannot be read there is nothing but that.
    let events: HashMap<String, Option<Arc<Event>>> =
        events.into_iter().map(|row| (row.id.clone(), row.read().map(Arc::new))).collect();
    let (mut claimed, mut paused, mut cancelled, mut unread) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let state = readable("delivery", &row.id, deliveries::state_of(&row.state));
        match (targets.get(&row.webhook_id), events.get(&row.event_id), state) {
            // Nothing can be sent of an event that is gone; and one such delivery must not hold up the others.
            (None, ..) | (_, None, _) => cancelled.push(row.id.clone()),
            (Some(None), ..) | (_, Some(None), _) | (.., None) => unread.push(row.id.clone()),
            (Some(Some(target)), ..) if !target.webhook.enabled => paused.push(row),
            (Some(Some(target)), Some(Some(event)), Some(state)) => claimed.push(Claimed {
                id: DeliveryId::from_stored(row.id.clone()),
                fence: row.fence,
                leased_until,
                progress: Progress {
                    state,
                    planned_count: u32::try_from(row.planned_count).unwrap_or(u32::MAX),
                    next_attempt_at: row.next_attempt_at.map(Timestamp::from_millis),
                },
                attempts_count: u32::try_from(row.attempts_count).unwrap_or(u32::MAX),
                begun_at: Timestamp::from_millis(row.begun_at),
                is_manual: row.is_manual,
                event: Arc::clone(event),
                target: Arc::clone(target),
            }),
        }
    }
    let (paused, due): (Vec<&ClaimRow>, Vec<&ClaimRow>) = {
        let disabled = lock_disabled(tx, &paused).await?;
        paused.into_iter().partition(|row| disabled.contains(&row.webhook_id))
    };
    let ids = |rows: &[&ClaimRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    settle(tx, &ids(&paused), now, Happening::Disabled, DeliveryState::Paused).await?;
    settle(tx, &cancelled, now, Happening::Deleted, DeliveryState::Cancelled).await?;
    give_back(tx, &ids(&due), now).await?;
    // They are looked at again when others would be whose worker died: somebody else may be able to read them, or we after an upgrade.
    give_back(tx, &unread, leased_until).await?;
    Ok(claimed)
}

/// The disabled ones among the webhooks of these rows, locked, so that each is enabled either before this transaction or after it and
/// then finds what is paused here. One that is being changed right now is left out: whoever waited for it, while holding deliveries
/// that its deletion waits for, would wait for ever. On `SQLite` the writer's turn does it.
async fn lock_disabled(tx: &mut Tx, rows: &[&ClaimRow]) -> Result<BTreeSet<String>> {
    let webhooks: BTreeSet<String> = rows.iter().map(|row| row.webhook_id.clone()).collect();
    let Conn::Postgres(conn) = tx.conn() else { return Ok(webhooks) };
    if webhooks.is_empty() {
        return Ok(webhooks);
    }
    let locked: Vec<String> =
        sqlx::query_scalar("SELECT id FROM webhooks WHERE id = ANY($1) AND NOT enabled ORDER BY id FOR SHARE SKIP LOCKED")
            .bind(webhooks.into_iter().collect::<Vec<_>>())
            .fetch_all(conn)
            .await?;
    Ok(locked.into_iter().collect())
}

/// Gives up claims that were just made: the deliveries are due again then.
async fn give_back(tx: &mut Tx, ids: &[String], due_at: Timestamp) -> Result<()> {
    for id in ids {
        in_tx!(tx, conn => sqlx::query("UPDATE deliveries SET leased_by = NULL, due_at = $2 WHERE id = $1")
            .bind(id)
            .bind(due_at.millis())
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Puts claimed deliveries that will not be attempted into a state that is not due. Finished ones, claimed for a
/// person's retry, only lose their claim.
async fn settle(tx: &mut Tx, ids: &[String], now: Timestamp, happening: Happening<'_>, state: DeliveryState) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let settle = format!(
        "UPDATE deliveries SET state = CASE WHEN state IN ({}) THEN $1 ELSE state END, \
         due_at = NULL, next_attempt_at = NULL, leased_by = NULL, is_manual = FALSE, updated_at = $3 WHERE id",
        deliveries::states_moved_by(happening)
    );
    match tx.conn() {
        Conn::Sqlite(conn) => {
            sqlx::query(AssertSqlSafe(format!("{settle} IN (SELECT value FROM json_each($2))")))
                .bind(state.as_str())
                .bind(json_array(ids.iter().map(String::as_str)))
                .bind(now.millis())
                .execute(conn)
                .await?;
        }
        Conn::Postgres(conn) => {
            sqlx::query(AssertSqlSafe(format!("{settle} = ANY($2)")))
                .bind(state.as_str())
                .bind(ids)
                .bind(now.millis())
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

/// Takes back what a process that died held; see [`due::revoke_leases`].
pub async fn revoke_leases(store: &Store) -> Result<u64> {
    due::revoke_leases(store, "deliveries").await
}
