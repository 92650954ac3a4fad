//! What every table of work has in common: `due_at` says when a worker may claim a row, and `leased_by` who holds it. Refuses to know
//! what the work is.

use crate::engine::Promise;
use crate::{Result, Store};
use domain::clock::Timestamp;
use sqlx::AssertSqlSafe;

/// Whether anything in this table is due. On `SQLite` even a claim that finds nothing takes the writer's turn, so a reader is asked
/// first.
pub(crate) async fn is_any(store: &Store, table: &'static str, now: Timestamp) -> Result<bool> {
    let mut view = store.read_system().await?;
    let text = AssertSqlSafe(format!("SELECT due_at FROM {table} WHERE due_at <= $1 LIMIT 1"));
    let due: Option<i64> = on!(&mut view, conn => sqlx::query_scalar(text).bind(now.millis()).fetch_optional(conn).await)?;
    Ok(due.is_some())
}

/// On the embedded engine, where one process works alone: leases found at start belong to a process that died, and what they
/// hold is due now instead of when they end. Says how many there were.
pub(crate) async fn revoke_leases(store: &Store, table: &'static str) -> Result<u64> {
    if !store.is_sqlite() {
        return Ok(0);
    }
    let now = store.clock().now().millis();
    let text = AssertSqlSafe(format!(
        "UPDATE {table} SET leased_by = NULL, due_at = $1 WHERE leased_by IS NOT NULL AND due_at IS NOT NULL"
    ));
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let revoked = in_tx!(tx, conn => sqlx::query(text).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(revoked)
}
