//! Deliveries that became too old while they waited: behind a circuit that is open, a slow rate, an older one of an ordered webhook. What
//! is attempted is judged by its age afterwards. Used by the worker only.

use crate::deliveries::{some, states_moved_by};
use crate::engine::Promise;
use crate::{Result, Store};
use domain::delivery::{DeliveryState, Happening};
use sqlx::AssertSqlSafe;
use std::time::Duration;

/// The most that are given up in one transaction.
pub const BATCH: u64 = 500;

/// Gives up a batch of what waits and is older than this, oldest first, and says how many. What somebody asked for by hand is sent at
/// any age, and what a worker holds is about to be judged.
pub async fn give_up(store: &Store, max_age: Duration) -> Result<u64> {
    let now = store.clock().now();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let old = format!(
        "due_at IS NOT NULL AND leased_by IS NULL AND NOT is_manual AND state IN ({}) AND COALESCE(restarted_at, created_at) < $2",
        states_moved_by(Happening::TooOld)
    );
    let oldest = some(&tx.conn(), &old, &format!("ORDER BY COALESCE(restarted_at, created_at) LIMIT {BATCH}"));
    let text = AssertSqlSafe(format!(
        "UPDATE deliveries SET state = '{}', due_at = NULL, next_attempt_at = NULL, last_error = $3, updated_at = $1 WHERE {oldest}",
        DeliveryState::Exhausted.as_str()
    ));
    let reason = format!("Too old; deliveries are given up after {} h.", max_age.as_secs() / 3600);
    let count = in_tx!(&mut tx, conn => sqlx::query(text)
        .bind(now.millis())
        .bind(now.minus(max_age).millis())
        .bind(&reason)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(count)
}
