//! Recording what attempts came to: many at once, each guarded by the fence of its claim.

use crate::engine::{Conn, Promise};
use crate::work::{Tx, View as _};
use crate::{Result, Store};
use domain::clock::Timestamp;
use domain::delivery::{Outcome, Progress};
use domain::ids::{AttemptId, DeliveryId, WebhookId};
use sqlx::{AssertSqlSafe, PgConnection, QueryBuilder};
use std::collections::{BTreeMap, HashSet};

/// What one attempt came to.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The claim under which it was made.
    pub fence: i64,
    /// Where it went.
    pub webhook: WebhookId,
    /// Counted from 1 within the delivery.
    pub number: u32,
    /// Whether a person asked for it.
    pub is_manual: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// The status of the answer.
    pub status: Option<u16>,
    /// How it is judged.
    pub outcome: Outcome,
    /// Why it failed, in words; `None` for a success.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub response_body: Option<String>,
    /// State and schedule from here on.
    pub progress: Progress,
}

/// Rows one statement names at most.
const CHUNK: usize = 500;

/// Records attempts. Those whose claim has been taken over meanwhile change nothing; the answer says how many were recorded.
pub async fn record(store: &Store, records: &[AttemptRecord]) -> Result<usize> {
    let now = store.clock().now();
    let mut recorded = 0;
    for chunk in records.chunks(CHUNK) {
        let mut view = store.read_repeatable().await?;
        recorded += match view.conn().await? {
            Conn::Postgres(conn) => record_at_once(conn, chunk, now).await?,
            Conn::Sqlite(_) => {
                drop(view);
                record_in_turn(store, chunk, now).await?
            }
        };
    }
    Ok(recorded)
}

/// After a 410, whatever state the delivery is in (a retry asked for by a person leaves it): a webhook made by hand is disabled
/// with the reason, so that its owner sees why; a platform's subscription is deleted, so that the platform, which looks before
/// it subscribes, makes a new one. `$1` is the time, `gone` whether there was such an answer.
const COUNT: &str = "UPDATE webhooks SET attempts_count = attempts_count + c.attempts, \
     failed_attempts_count = failed_attempts_count + c.failed, \
     last_failure = COALESCE(c.failure, last_failure), last_failed_at = COALESCE(c.failed_at, last_failed_at), \
     enabled = enabled AND NOT (c.gone AND platform = 'kitchen'), \
     disabled_reason = CASE WHEN c.gone AND platform = 'kitchen' THEN 'The receiver answered 410 Gone.' ELSE disabled_reason END, \
     deleted_at = CASE WHEN c.gone AND platform <> 'kitchen' THEN $1 ELSE deleted_at END, \
     updated_at = CASE WHEN c.gone AND platform = 'kitchen' THEN $1 ELSE updated_at END";

/// One statement, and so one round trip. The counters are locked in the order of the webhooks' ids, so that two workers cannot
/// lock each other out.
async fn record_at_once(conn: &mut PgConnection, records: &[AttemptRecord], now: Timestamp) -> Result<usize> {
    fn column<'r, T>(records: &'r [AttemptRecord], of: impl Fn(&'r AttemptRecord) -> T) -> Vec<T> {
        records.iter().map(of).collect()
    }
    let moved: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "WITH made AS ( \
             SELECT * FROM UNNEST($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], \
                 $9::text[], $10::text[], $11::bool[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::bool[]) \
             AS r (delivery, fence, state, planned, number, next_at, status, error, attempt, is_manual, started_at, duration_ms, \
                 response_body, webhook, gone) \
         ), moved AS ( \
             UPDATE deliveries SET state = made.state, planned_count = made.planned, attempts_count = made.number, \
                 next_attempt_at = made.next_at, due_at = made.next_at, last_status = made.status, last_error = made.error, \
                 leased_by = NULL, is_manual = FALSE, updated_at = $1 \
             FROM made WHERE deliveries.id = made.delivery AND deliveries.fence = made.fence AND leased_by IS NOT NULL \
             RETURNING made.* \
         ), kept AS ( \
             INSERT INTO attempts (id, delivery_id, number, is_manual, started_at, duration_ms, status, error, response_body) \
             SELECT attempt, delivery, number, is_manual, started_at, duration_ms, status, error, response_body FROM moved \
         ), locked AS ( \
             SELECT id FROM webhooks WHERE id IN (SELECT webhook FROM moved) ORDER BY id FOR UPDATE \
         ), c AS ( \
             SELECT webhook, COUNT(*) AS attempts, COUNT(error) AS failed, BOOL_OR(gone) AS gone, \
                 (ARRAY_AGG(error ORDER BY started_at DESC) FILTER (WHERE error IS NOT NULL))[1] AS failure, \
                 MAX(started_at) FILTER (WHERE error IS NOT NULL) AS failed_at FROM moved GROUP BY webhook \
         ), counted AS ( \
             {COUNT} FROM c JOIN locked ON locked.id = c.webhook WHERE webhooks.id = c.webhook \
         ) SELECT delivery FROM moved"
    )))
    .bind(now.millis())
    .bind(column(records, |record| record.delivery.as_str()))
    .bind(column(records, |record| record.fence))
    .bind(column(records, |record| record.progress.state.as_str()))
    .bind(column(records, |record| i64::from(record.progress.planned_count)))
    .bind(column(records, |record| i64::from(record.number)))
    .bind(column(records, |record| record.progress.next_attempt_at.map(Timestamp::millis)))
    .bind(column(records, |record| record.status.map(i64::from)))
    .bind(column(records, |record| record.error.as_deref()))
    .bind(column(records, |_| AttemptId::new(now).to_string()))
    .bind(column(records, |record| record.is_manual))
    .bind(column(records, |record| record.started_at.millis()))
    .bind(column(records, |record| i64::from(record.duration_ms)))
    .bind(column(records, |record| record.response_body.as_deref()))
    .bind(column(records, |record| record.webhook.as_str()))
    .bind(column(records, |record| record.outcome == Outcome::Gone))
    .fetch_all(conn)
    .await?;
    Ok(moved.len())
}

/// The same in the writer's turn, statement by statement.
async fn record_in_turn(store: &Store, records: &[AttemptRecord], now: Timestamp) -> Result<usize> {
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let held = advance(&mut tx, records, now).await?;
    let kept: Vec<&AttemptRecord> = records.iter().filter(|record| held.contains(record.delivery.as_str())).collect();
    if !kept.is_empty() {
        insert(&mut tx, &kept, now).await?;
        count(&mut tx, &kept, now).await?;
    }
    tx.commit().await?;
    Ok(kept.len())
}

/// Moves the deliveries on and says which of them were still held under the given fence.
async fn advance(tx: &mut Tx, records: &[AttemptRecord], now: Timestamp) -> Result<HashSet<String>> {
    const SET: &str = "UPDATE deliveries SET state = v.column3, planned_count = v.column4, attempts_count = v.column5, \
         next_attempt_at = v.column6, due_at = v.column6, last_status = v.column7, last_error = v.column8, \
         leased_by = NULL, is_manual = FALSE, updated_at = ";
    let ids: Vec<String> = in_tx!(tx, conn => {
        let mut query = QueryBuilder::new(SET);
        query.push_bind(now.millis());
        query.push(" FROM (");
        // Both engines call the columns of a bare VALUES column1, column2 and so on.
        query.push_values(records, |mut row, record| {
            row.push_bind(record.delivery.as_str())
                .push_bind(record.fence)
                .push_bind(record.progress.state.as_str())
                .push_bind(i64::from(record.progress.planned_count))
                .push_bind(i64::from(record.number))
                .push_bind(record.progress.next_attempt_at.map(Timestamp::millis))
                .push_bind(record.status.map(i64::from))
                .push_bind(record.error.as_deref());
        });
        query.push(") AS v WHERE deliveries.id = v.column1 AND deliveries.fence = v.column2 AND leased_by IS NOT NULL RETURNING deliveries.id");
        query.build_query_scalar().persistent(false).fetch_all(conn).await
    })?;
    Ok(ids.into_iter().collect())
}

async fn insert(tx: &mut Tx, records: &[&AttemptRecord], now: Timestamp) -> Result<()> {
    Ok(in_tx!(tx, conn => {
        let mut query = QueryBuilder::new(
            "INSERT INTO attempts (id, delivery_id, number, is_manual, started_at, duration_ms, status, error, response_body) ",
        );
        query.push_values(records, |mut row, record| {
            row.push_bind(AttemptId::new(now).to_string())
                .push_bind(record.delivery.as_str())
                .push_bind(i64::from(record.number))
                .push_bind(record.is_manual)
                .push_bind(record.started_at.millis())
                .push_bind(i64::from(record.duration_ms))
                .push_bind(record.status.map(i64::from))
                .push_bind(record.error.as_deref())
                .push_bind(record.response_body.as_deref());
        });
        query.build().persistent(false).execute(conn).await.map(drop)
    })?)
}

/// Adds to the counters of the webhooks, and ends the subscriptions of receivers that are gone.
async fn count(tx: &mut Tx, records: &[&AttemptRecord], now: Timestamp) -> Result<()> {
    #[derive(Default)]
    struct Count<'a> {
        all: i64,
        failed: i64,
        is_gone: bool,
        last_failed: Option<(Timestamp, &'a str)>,
    }
    let mut counts: BTreeMap<&str, Count<'_>> = BTreeMap::new();
    for record in records {
        let count = counts.entry(record.webhook.as_str()).or_default();
        count.all += 1;
        count.is_gone |= record.outcome == Outcome::Gone;
        if let Some(error) = &record.error {
            count.failed += 1;
            count.last_failed = count.last_failed.max(Some((record.started_at, error)));
        }
    }
    for (webhook, count) in counts {
        let text = AssertSqlSafe(format!(
            "{COUNT} FROM (SELECT $2 AS attempts, $3 AS failed, $4 AS gone, $5 AS failure, $6 AS failed_at) AS c WHERE webhooks.id = $7"
        ));
        in_tx!(tx, conn => sqlx::query(text)
            .bind(now.millis())
            .bind(count.all)
            .bind(count.failed)
            .bind(count.is_gone)
            .bind(count.last_failed.map(|(_, error)| error))
            .bind(count.last_failed.map(|(at, _)| at.millis()))
            .bind(webhook)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}
