//! What is open at a webhook when it is enabled, or deleted: perhaps a million deliveries, which nobody should have to wait for. The change
//! moves the first of them on, and the worker's sweep the others, a batch at a time.

use crate::engine::{Conn, Promise};
use crate::work::{Tx, View as _};
use crate::{Result, Store, Work, deliveries};
use domain::clock::Timestamp;
use domain::delivery::Happening;
use domain::ids::WebhookId;
use sqlx::AssertSqlSafe;

/// The most deliveries that one transaction moves on.
const BATCH: i64 = 500;

/// Where they are moved.
#[derive(Clone, Copy)]
pub(crate) enum Towards {
    /// The webhook is enabled: what was held back is due now, and its schedule goes on from where it stood.
    Due,
    /// The webhook is deleted: they are given up.
    Cancelled,
}

impl Towards {
    fn set(self) -> &'static str {
        match self {
            Self::Due => {
                "state = CASE WHEN planned_count = 0 THEN 'pending' ELSE 'waiting' END, next_attempt_at = $2, due_at = $2, updated_at = $2"
            }
            Self::Cancelled => "state = 'cancelled', due_at = NULL, next_attempt_at = NULL, is_manual = FALSE, updated_at = $2",
        }
    }

    fn which(self) -> String {
        match self {
            Self::Due => "state = 'paused'".into(),
            Self::Cancelled => format!("state IN ({})", deliveries::states_moved_by(Happening::Deleted)),
        }
    }
}

/// Begins it, within the change. Those of an ordered webhook are moved at once: while some are left behind, younger ones would be sent.
pub(crate) async fn begin(work: &mut Work, webhook: &WebhookId, towards: Towards, is_ordered: bool) -> Result<()> {
    let now = work.now();
    let most = if is_ordered { i64::MAX } else { BATCH };
    move_on(work.conn().await?, webhook.as_str(), towards, most, now).await?;
    mark(work.conn().await?, webhook.as_str(), true).await
}

/// Moves on a batch of each webhook of which something is left, and says whether there may be more.
pub async fn go_on(store: &Store) -> Result<bool> {
    const BEGUN: &str = "SELECT id FROM webhooks WHERE has_backlog";
    let webhooks: Vec<String> = {
        let mut view = store.read_system().await?;
        on!(&mut view, conn => sqlx::query_scalar(BEGUN).fetch_all(conn).await)?
    };
    let mut is_more = false;
    for webhook in webhooks {
        is_more |= move_batch(store, &webhook).await?;
    }
    Ok(is_more)
}

/// Says whether there may be more.
async fn move_batch(store: &Store, webhook: &str) -> Result<bool> {
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let Some((is_enabled, is_deleted)) = state(&mut tx, webhook).await? else { return Ok(false) };
    let (is_more, is_left) = match (is_enabled, is_deleted) {
        // Disabled again meanwhile: what is left stays held back, and the rest is when it is due.
        (false, false) => (false, false),
        (_, is_deleted) => {
            let towards = if is_deleted { Towards::Cancelled } else { Towards::Due };
            let moved = move_on(tx.conn(), webhook, towards, BATCH, store.clock().now()).await?;
            let is_more = moved >= BATCH.unsigned_abs();
            (is_more, is_more || is_left(&mut tx, webhook, towards).await?)
        }
    };
    if !is_left {
        mark(tx.conn(), webhook, false).await?;
    }
    tx.commit().await?;
    Ok(is_more)
}

/// Whether it is enabled, and whether deleted; locked, so that it stays so. `None` if there is nothing to be moved, or somebody is at it.
async fn state(tx: &mut Tx, webhook: &str) -> Result<Option<(bool, bool)>> {
    const STATE: &str = "SELECT enabled, deleted_at IS NOT NULL FROM webhooks WHERE id = $1 AND has_backlog";
    Ok(match tx.conn() {
        Conn::Sqlite(conn) => sqlx::query_as(STATE).bind(webhook).fetch_optional(conn).await?,
        Conn::Postgres(conn) => {
            let locked = AssertSqlSafe(format!("{STATE} FOR UPDATE SKIP LOCKED"));
            sqlx::query_as(locked).bind(webhook).fetch_optional(conn).await?
        }
    })
}

async fn mark(conn: Conn<'_>, webhook: &str, has_backlog: bool) -> Result<()> {
    const MARK: &str = "UPDATE webhooks SET has_backlog = $2 WHERE id = $1";
    Ok(on_conn!(conn, conn => sqlx::query(MARK).bind(webhook).bind(has_backlog).execute(conn).await.map(drop))?)
}

/// Whether there are some that could not be moved yet.
async fn is_left(tx: &mut Tx, webhook: &str, towards: Towards) -> Result<bool> {
    let text = AssertSqlSafe(format!("SELECT 1 FROM deliveries WHERE webhook_id = $1 AND {} LIMIT 1", towards.which()));
    let left: Option<i32> = in_tx!(tx, conn => sqlx::query_scalar(text).bind(webhook).fetch_optional(conn).await)?;
    Ok(left.is_some())
}

/// Moves at most `most`, and says how many. An attempt under way is recorded first, with what came of it: a later batch finds what is open
/// then. Whoever records it holds the delivery and then waits for the webhook, which we hold, so that what is locked is passed over too.
async fn move_on(conn: Conn<'_>, webhook: &str, towards: Towards, most: i64, now: Timestamp) -> Result<u64> {
    let open = format!("webhook_id = $1 AND {} AND leased_by IS NULL", towards.which());
    let some = deliveries::some(&conn, &open, "LIMIT $3");
    let text = AssertSqlSafe(format!("UPDATE deliveries SET {} WHERE {some}", towards.set()));
    let moved = on_conn!(conn, conn => sqlx::query(text).bind(webhook).bind(now.millis()).bind(most).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(moved)
}
