//! Removing what is old, and what has expired, in small batches: no statement of these holds up a request or a delivery for longer
//! than a batch takes. What is still to be done is never removed, whatever its age.

use crate::engine::{Conn, Promise};
use crate::paging::json_array;
use crate::work::Tx;
use crate::{Result, Store, purge};
use domain::clock::Timestamp;
use domain::ids::{AttemptId, DeliveryId, EventId, InvitationId, MailId, OperationId, WebhookId};
use domain::retention::Aged;
use domain::sign_in_code::COUNTED_FOR;
use sqlx::AssertSqlSafe;

/// Rows a batch looks at.
pub const BATCH: u64 = 500;

/// What a batch came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// How many rows were removed or emptied.
    pub count: u64,
    /// Where the next batch goes on; `None` at the end.
    pub next: Option<String>,
}

/// One kind of record whose ids rise with time, and when one of it is done with.
struct Kind {
    table: &'static str,
    /// What only rows satisfy of which nothing is to be done any more.
    is_done: &'static str,
    /// No id made before the moment is larger.
    end: String,
}

/// Removes a batch of what is older than this moment, from a place on that an earlier batch ended at.
pub async fn clear(store: &Store, what: Aged, before: Timestamp, from: Option<&str>) -> Result<Batch> {
    let kind = |table, is_done, end: String| Kind { table, is_done, end };
    match what {
        Aged::Bodies => empty(store, AttemptId::floor(before).as_str(), from).await,
        Aged::Deliveries => {
            let end = DeliveryId::floor(before).to_string();
            remove(store, kind("deliveries", "due_at IS NULL AND leased_by IS NULL", end), from).await
        }
        Aged::Events => {
            let is_done = "dispatched_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_id = events.id)";
            remove(store, kind("events", is_done, EventId::floor(before).to_string()), from).await
        }
        Aged::Mails => remove(store, kind("mails", "due_at IS NULL", MailId::floor(before).to_string()), from).await,
        Aged::Invitations => {
            let is_done = "(accepted_at IS NOT NULL OR revoked_at IS NOT NULL)";
            remove(store, kind("invitations", is_done, InvitationId::floor(before).to_string()), from).await
        }
        Aged::Operations => remove_operations(store, OperationId::floor(before).to_string(), from).await,
        Aged::Callbacks => {
            // Not with EXISTS, for which Postgres may think it best to read all operations there are.
            let is_done = "is_callback AND (SELECT 1 FROM operations WHERE callback_id = webhooks.id LIMIT 1) IS NULL \
                 AND (SELECT 1 FROM deliveries WHERE webhook_id = webhooks.id LIMIT 1) IS NULL";
            remove(store, kind("webhooks", is_done, WebhookId::floor(before).to_string()), from).await
        }
        Aged::AuditEntries => remove_of_workspaces(store, before, from).await,
        Aged::Counts => remove_counts(store, before).await,
        Aged::Deleted => purge::purge(store, before, from).await,
    }
}

/// A list of texts that is bound to the first place, as a set.
pub(crate) fn set(store: &Store) -> &'static str {
    if store.is_sqlite() { "(SELECT value FROM json_each($1))" } else { "(SELECT jsonb_array_elements_text($1::jsonb))" }
}

pub(crate) async fn execute_on(tx: &mut Tx, text: String, ids: &str) -> Result<u64> {
    let text = AssertSqlSafe(text);
    Ok(in_tx!(tx, conn => sqlx::query(text).bind(ids).execute(conn).await.map(|done| done.rows_affected()))?)
}

/// The rows of a batch that satisfy this, and where the next batch goes on. Read beside the writers: most of what is old may not satisfy
/// it, and a batch is bounded by what it looks at.
async fn look(
    store: &Store,
    table: &str,
    is_wanted: &str,
    end: &str,
    from: Option<&str>,
) -> Result<(Vec<String>, Option<String>)> {
    let text = AssertSqlSafe(format!("SELECT id, {is_wanted} FROM {table} WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3"));
    let mut view = store.read_system().await?;
    let rows: Vec<(String, bool)> = on!(&mut view, conn => sqlx::query_as(text)
        .bind(from.unwrap_or_default())
        .bind(end)
        .bind(BATCH.cast_signed())
        .fetch_all(conn)
        .await)?;
    let next = if rows.len() as u64 == BATCH { rows.last().map(|(id, _)| id.clone()) } else { None };
    Ok((rows.into_iter().filter(|(_, is_wanted)| *is_wanted).map(|(id, _)| id).collect(), next))
}

async fn remove(store: &Store, kind: Kind, from: Option<&str>) -> Result<Batch> {
    let Kind { table, is_done, end } = kind;
    let (done, next) = look(store, table, is_done, &end, from).await?;
    if done.is_empty() {
        return Ok(Batch { count: 0, next });
    }
    let (mut tx, among) = (store.begin_tx(Promise::Repeatable).await?, set(store));
    let done = still(&mut tx, &format!("SELECT id FROM {table} WHERE {is_done} AND id IN {among}"), table, &done).await?;
    if table == "deliveries" {
        execute_on(&mut tx, format!("DELETE FROM attempts WHERE delivery_id IN {among}"), &done).await?;
    }
    // Once more, because what is asked for in a statement is judged as of its beginning, and the rows are held since the one before.
    let count = execute_on(&mut tx, format!("DELETE FROM {table} WHERE {is_done} AND id IN {among}"), &done).await?;
    tx.commit().await?;
    Ok(Batch { count, next })
}

/// Operations, and before them what they could not do, of which a single one may have a row for each line of a large file.
async fn remove_operations(store: &Store, end: String, from: Option<&str>) -> Result<Batch> {
    const IS_DONE: &str = "ended_at IS NOT NULL";
    let (done, _) = look(store, "operations", IS_DONE, &end, from).await?;
    let (done, among) = (json_array(done.iter().map(String::as_str)), set(store));
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let failures = format!(
        "DELETE FROM operation_failures WHERE (operation_id, line, field) IN \
         (SELECT operation_id, line, field FROM operation_failures WHERE operation_id IN {among} LIMIT {BATCH})"
    );
    let count = execute_on(&mut tx, failures, &done).await?;
    tx.commit().await?;
    if count == BATCH {
        // There may be more of them.
        return Ok(Batch { count: 0, next: Some(from.unwrap_or_default().to_owned()) });
    }
    remove(store, Kind { table: "operations", is_done: IS_DONE, end }, from).await
}

/// Those of the rows that are still done with, held until the end of the transaction. What somebody else holds is left for another
/// time.
async fn still(tx: &mut Tx, text: &str, table: &str, ids: &[String]) -> Result<String> {
    let ids = json_array(ids.iter().map(String::as_str));
    let found: Vec<String> = match tx.conn() {
        Conn::Sqlite(conn) => sqlx::query_scalar(AssertSqlSafe(text)).bind(ids).fetch_all(conn).await?,
        Conn::Postgres(conn) => {
            let text = AssertSqlSafe(format!("{text} FOR UPDATE OF {table} SKIP LOCKED"));
            sqlx::query_scalar(text).bind(ids).fetch_all(conn).await?
        }
    };
    Ok(json_array(found.iter().map(String::as_str)))
}

/// Empties attempts of what was sent and answered. That and how they ended stay.
async fn empty(store: &Store, end: &str, from: Option<&str>) -> Result<Batch> {
    const IS_FULL: &str = "(response_body IS NOT NULL OR request_headers IS NOT NULL OR response_headers IS NOT NULL)";
    let (full, next) = look(store, "attempts", IS_FULL, end, from).await?;
    let full = json_array(full.iter().map(String::as_str));
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let text = "UPDATE attempts SET response_body = NULL, request_headers = NULL, response_headers = NULL WHERE id IN ";
    let count = execute_on(&mut tx, format!("{text}{}", set(store)), &full).await?;
    tx.commit().await?;
    Ok(Batch { count, next })
}

/// Removes rows from the old end of an index that begins with these columns, up to a number of them; rows of one moment go together.
async fn remove_oldest(store: &Store, table: &str, time: &str, of: Option<&str>, before: Timestamp) -> Result<u64> {
    let own = if of.is_some() { "workspace_id = $3 AND" } else { "$3 = '' AND" };
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let text = AssertSqlSafe(format!(
        "DELETE FROM {table} WHERE {own} {time} <= (SELECT MAX({time}) FROM (SELECT {time} FROM {table} WHERE {own} {time} < $1 \
         ORDER BY {time} LIMIT $2) AS oldest)"
    ));
    let count = in_tx!(tx, conn => sqlx::query(text)
        .bind(before.millis())
        .bind(BATCH.cast_signed())
        .bind(of.unwrap_or_default())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(count)
}

async fn remove_of_workspaces(store: &Store, before: Timestamp, from: Option<&str>) -> Result<Batch> {
    let mut view = store.read_system().await?;
    let text = "SELECT id FROM workspaces WHERE id >= $1 ORDER BY id LIMIT 2";
    let ids: Vec<String> = on!(&mut view, conn => sqlx::query_scalar(text).bind(from.unwrap_or_default()).fetch_all(conn).await)?;
    drop(view);
    let Some(workspace) = ids.first() else { return Ok(Batch::default()) };
    let count = remove_oldest(store, "audit_entries", "created_at", Some(workspace), before).await?;
    let next = if count >= BATCH { Some(workspace) } else { ids.get(1) };
    Ok(Batch { count, next: next.cloned() })
}

async fn remove_counts(store: &Store, before: Timestamp) -> Result<Batch> {
    let by_hour = remove_oldest(store, "webhook_counts", "hour", None, before).await?;
    let by_minute = remove_oldest(store, "workspace_counts", "minute", None, before).await?;
    let is_more = by_hour >= BATCH || by_minute >= BATCH;
    Ok(Batch { count: by_hour + by_minute, next: is_more.then(String::new) })
}

/// Removes what has expired and opens nothing any more: sessions, codes, rolled tokens and rotated secrets. Says how many.
pub async fn clear_expired(store: &Store, now: Timestamp) -> Result<u64> {
    let codes = format!("DELETE FROM sign_in_codes WHERE expires_at <= $1 - {}", COUNTED_FOR.as_millis());
    let statements = [
        "DELETE FROM sessions WHERE expires_at <= $1",
        // The tries at it count for longer than it is valid.
        &codes,
        "UPDATE api_keys SET previous_public_part = NULL, previous_token_hash = NULL, previous_token_start = NULL, \
         previous_expires_at = NULL, previous_last_used_at = NULL WHERE previous_expires_at <= $1",
        "UPDATE webhooks SET previous_sealed_secret = NULL, previous_secret_expires_at = NULL WHERE previous_secret_expires_at <= $1",
    ];
    let mut count = 0;
    for text in statements {
        let mut tx = store.begin_tx(Promise::Repeatable).await?;
        count += in_tx!(tx, conn => sqlx::query(AssertSqlSafe(text)).bind(now.millis()).execute(conn).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
    }
    Ok(count)
}
