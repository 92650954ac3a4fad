//! Recording what attempts came to: many at once, each guarded by the fence of its claim.

use crate::engine::Promise;
use crate::work::Tx;
use crate::{Result, Store};
use domain::clock::Timestamp;
use domain::delivery::{Outcome, Progress};
use domain::ids::{AttemptId, DeliveryId, WebhookId};
use domain::webhook::Platform;
use sqlx::QueryBuilder;
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
    /// Who made that webhook.
    pub platform: Platform,
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
        let mut tx = store.begin_tx(Promise::Repeatable).await?;
        let held = advance(&mut tx, chunk, now).await?;
        let kept: Vec<&AttemptRecord> = chunk.iter().filter(|record| held.contains(record.delivery.as_str())).collect();
        recorded += kept.len();
        if !kept.is_empty() {
            insert(&mut tx, &kept, now).await?;
            count(&mut tx, &kept).await?;
            end_subscriptions(&mut tx, &kept, now).await?;
        }
        tx.commit().await?;
    }
    Ok(recorded)
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

/// Adds to the counters of the webhooks, always in the order of their ids, so that two workers cannot lock each other out.
async fn count(tx: &mut Tx, records: &[&AttemptRecord]) -> Result<()> {
    let mut counts: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for record in records {
        let (all, failed) = counts.entry(record.webhook.as_str()).or_default();
        *all += 1;
        *failed += i64::from(record.error.is_some());
    }
    for (webhook, (all, failed)) in counts {
        in_tx!(tx, conn => sqlx::query(
            "UPDATE webhooks SET attempts_count = attempts_count + $2, failed_attempts_count = failed_attempts_count + $3 WHERE id = $1",
        )
        .bind(webhook)
        .bind(all)
        .bind(failed)
        .execute(conn)
        .await
        .map(drop))?;
    }
    Ok(())
}

/// After a 410, whatever state the delivery is in (a retry asked for by a person leaves it): a webhook made by hand is disabled with the reason, so that its owner sees why; a platform's subscription is
/// deleted, so that the platform, which looks before it subscribes, makes a new one.
async fn end_subscriptions(tx: &mut Tx, records: &[&AttemptRecord], now: Timestamp) -> Result<()> {
    let gone: BTreeMap<&str, Platform> = records
        .iter()
        .filter(|record| record.outcome == Outcome::Gone)
        .map(|record| (record.webhook.as_str(), record.platform))
        .collect();
    for (webhook, platform) in gone {
        let statement = match platform {
            Platform::Kitchen => {
                "UPDATE webhooks SET enabled = FALSE, disabled_reason = 'The receiver answered 410 Gone.', updated_at = $2 WHERE id = $1"
            }
            Platform::Zapier => "UPDATE webhooks SET deleted_at = $2 WHERE id = $1",
        };
        in_tx!(tx, conn => sqlx::query(statement).bind(webhook).bind(now.millis()).execute(conn).await.map(drop))?;
    }
    Ok(())
}
