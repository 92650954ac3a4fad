//! Claiming from ordered lanes: the head and nothing else, and only while nothing of the lane is under way.
//!
//! The head is the delivery of the oldest event of those that have something to be done. It waits for events that are older, committed and
//! not dispatched yet: one of them may become the head. That an event is older than another is told by their ids.

use crate::Result;
use crate::claims::{ClaimRow, Lessee, RETURNING, Share};
use crate::engine::Conn;
use crate::paging::json_array;
use crate::work::Tx;
use domain::clock::Timestamp;
use sqlx::AssertSqlSafe;

/// How much later than another an event may be said to have happened and still have the smaller id: as long as a change may take.
const SLACK_MS: i64 = 60_000;

/// Locks ordered lanes until the transaction ends, so that of two claims the second sees what the first has leased. Probes are locked
/// with them, for which two claims could otherwise wait crosswise. On `SQLite` the writer's turn does it.
pub(crate) async fn lock(tx: &mut Tx, shares: &[Share]) -> Result<()> {
    if !shares.iter().any(|share| share.ordered) {
        return Ok(());
    }
    if let Conn::Postgres(conn) = tx.conn() {
        let locked = shares.iter().filter(|share| share.ordered || share.probe.is_some());
        sqlx::query("SELECT id FROM webhooks WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE")
            .bind(locked.map(|share| share.webhook.as_str()).collect::<Vec<_>>())
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Leases the heads of these lanes that are due.
pub(crate) async fn claim(
    tx: &mut Tx,
    lessee: &Lessee,
    shares: &[Share],
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Vec<ClaimRow>> {
    if shares.is_empty() {
        return Ok(Vec::new());
    }
    let (any, lock) = match tx.conn() {
        Conn::Sqlite(_) => ("IN (SELECT value FROM json_each($4))", ""),
        Conn::Postgres(_) => ("IN (SELECT json_array_elements_text($4::json))", "FOR UPDATE SKIP LOCKED"),
    };
    let text = AssertSqlSafe(format!(
        "UPDATE deliveries SET leased_by = $1, due_at = $2, fence = fence + 1 WHERE id IN ( \
             SELECT id FROM deliveries WHERE due_at <= $3 AND id IN ( \
                 SELECT (SELECT id FROM deliveries WHERE webhook_id = webhooks.id AND due_at IS NOT NULL ORDER BY event_id LIMIT 1) \
                 FROM webhooks WHERE id {any} AND ordered) \
             AND NOT EXISTS (SELECT 1 FROM deliveries AS held WHERE held.webhook_id = deliveries.webhook_id AND held.due_at > $3 \
                 AND held.leased_by IS NOT NULL) \
             AND NOT EXISTS (SELECT 1 FROM events AS older WHERE older.dispatched_at IS NULL \
                 AND older.workspace_id = deliveries.workspace_id AND older.id < deliveries.event_id \
                 AND older.occurred_at <= (SELECT occurred_at FROM events WHERE id = deliveries.event_id) + {SLACK_MS}) \
             {lock}) {RETURNING}"
    ));
    let webhooks = json_array(shares.iter().map(|share| share.webhook.as_str()));
    Ok(in_tx!(tx, conn => sqlx::query_as(text)
        .bind(&lessee.name)
        .bind(leased_until.millis())
        .bind(now.millis())
        .bind(&webhooks)
        .fetch_all(conn)
        .await)?)
}
