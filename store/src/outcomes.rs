//! Recording what attempts came to: many at once, each guarded by the fence of its claim, and counted in the same transaction.

use crate::counts::{self, Tally};
use crate::engine::{Conn, Promise};
use crate::work::View as _;
use crate::{Result, Store};
use domain::clock::Timestamp;
use domain::delivery::{Header, Outcome, Progress};
use domain::ids::{AttemptId, DeliveryId, WebhookId};
use sqlx::{AssertSqlSafe, PgConnection, QueryBuilder, SqliteConnection};
use std::collections::{BTreeMap, HashMap};

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
    /// The headers of the request; `None` if it was not even tried.
    pub request_headers: Option<Vec<Header>>,
    /// The headers of the answer, as far as they are kept.
    pub response_headers: Option<Vec<Header>>,
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
/// it subscribes, makes a new one. `c.at` is the time, `c.gone` whether there was such an answer.
const COUNT: &str = "UPDATE webhooks SET attempts_count = attempts_count + c.attempts, \
     failed_attempts_count = failed_attempts_count + c.failed, \
     last_failure = COALESCE(c.failure, last_failure), last_failed_at = COALESCE(c.failed_at, last_failed_at), \
     enabled = enabled AND NOT (c.gone AND platform = 'kitchen'), \
     disabled_reason = CASE WHEN c.gone AND platform = 'kitchen' THEN 'The receiver answered 410 Gone.' ELSE disabled_reason END, \
     deleted_at = CASE WHEN c.gone AND platform <> 'kitchen' THEN c.at ELSE deleted_at END, \
     updated_at = CASE WHEN c.gone AND platform = 'kitchen' THEN c.at ELSE updated_at END";

/// One statement, and so one round trip. Rows are locked in the same order by every worker, so that two of them cannot lock each
/// other out: the webhooks by their ids; their counts, which no other statement touches without holding them; then the counts of
/// the workspaces, which wait for the former by reading from them.
async fn record_at_once(conn: &mut PgConnection, records: &[AttemptRecord], now: Timestamp) -> Result<usize> {
    fn column<'r, T>(records: &'r [AttemptRecord], of: impl Fn(&'r AttemptRecord) -> T) -> Vec<T> {
        records.iter().map(of).collect()
    }
    let counts::Texts { buckets, columns, tally, sums } = &*counts::TEXTS;
    let to_webhook = counts::or_add("webhook_counts", "webhook_id, hour");
    let to_workspace = counts::or_add("workspace_counts", "workspace_id, minute");
    let moved: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "WITH made AS ( \
             SELECT * FROM UNNEST($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], \
                 $9::text[], $10::text[], $11::bool[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::bool[], \
                 $17::text[], $18::text[]) \
             AS r (delivery, fence, state, planned, number, next_at, status, error, attempt, is_manual, started_at, duration_ms, \
                 response_body, webhook, gone, request_headers, response_headers) \
         ), moved AS ( \
             UPDATE deliveries SET state = made.state, planned_count = made.planned, attempts_count = made.number, \
                 next_attempt_at = made.next_at, due_at = made.next_at, last_status = made.status, last_error = made.error, \
                 leased_by = NULL, is_manual = FALSE, updated_at = $1 \
             FROM made WHERE deliveries.id = made.delivery AND deliveries.fence = made.fence AND leased_by IS NOT NULL \
             RETURNING made.*, deliveries.workspace_id AS workspace \
         ), kept AS ( \
             INSERT INTO attempts (id, delivery_id, number, is_manual, started_at, duration_ms, status, error, request_headers, \
                 response_headers, response_body) \
             SELECT attempt, delivery, number, is_manual, started_at, duration_ms, status, error, request_headers, response_headers, \
                 response_body FROM moved \
         ), locked AS ( \
             SELECT id FROM webhooks WHERE id IN (SELECT webhook FROM moved) ORDER BY id FOR UPDATE \
         ), c AS ( \
             SELECT webhook, workspace, $1::bigint AS at, BOOL_OR(gone) AS gone, \
                 (ARRAY_AGG(error ORDER BY started_at DESC) FILTER (WHERE error IS NOT NULL))[1] AS failure, \
                 MAX(started_at) FILTER (WHERE error IS NOT NULL) AS failed_at, \
                 COUNT(*) AS attempts, COUNT(error) AS failed, {tally} FROM moved GROUP BY webhook, workspace \
         ), counted AS ( \
             {COUNT} FROM c JOIN locked ON locked.id = c.webhook WHERE webhooks.id = c.webhook RETURNING webhooks.id \
         ), by_webhook AS ( \
             INSERT INTO webhook_counts (webhook_id, hour, {columns}) \
             SELECT webhook, $19, attempts, failed, {buckets} FROM c JOIN counted ON counted.id = c.webhook ORDER BY webhook \
             {to_webhook} RETURNING webhook_id \
         ), by_workspace AS ( \
             INSERT INTO workspace_counts (workspace_id, minute, {columns}) \
             SELECT workspace, $20, SUM(attempts)::bigint, SUM(failed)::bigint, {sums} FROM c \
             LEFT JOIN by_webhook ON by_webhook.webhook_id = c.webhook GROUP BY workspace ORDER BY workspace {to_workspace} \
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
    .bind(column(records, |record| written(record.request_headers.as_deref())))
    .bind(column(records, |record| written(record.response_headers.as_deref())))
    .bind(counts::hour_of(now))
    .bind(counts::minute_of(now))
    .fetch_all(conn)
    .await?;
    Ok(moved.len())
}

/// Headers as they are stored.
fn written(headers: Option<&[Header]>) -> Option<String> {
    headers.and_then(|headers| serde_json::to_string(headers).ok())
}

/// The same in the writer's turn, statement by statement.
async fn record_in_turn(store: &Store, records: &[AttemptRecord], now: Timestamp) -> Result<usize> {
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let Conn::Sqlite(conn) = tx.conn() else { return Ok(0) };
    let workspaces = advance(conn, records, now).await?;
    let kept: Vec<&AttemptRecord> = records.iter().filter(|record| workspaces.contains_key(record.delivery.as_str())).collect();
    if !kept.is_empty() {
        insert(conn, &kept, now).await?;
        count(conn, &kept, &workspaces, now).await?;
    }
    tx.commit().await?;
    Ok(kept.len())
}

/// Moves those deliveries on that were still held under the given fence, and says to which workspace each of them belongs.
async fn advance(conn: &mut SqliteConnection, records: &[AttemptRecord], now: Timestamp) -> Result<HashMap<String, String>> {
    const SET: &str = "UPDATE deliveries SET state = v.column3, planned_count = v.column4, attempts_count = v.column5, \
         next_attempt_at = v.column6, due_at = v.column6, last_status = v.column7, last_error = v.column8, \
         leased_by = NULL, is_manual = FALSE, updated_at = ";
    let mut query = QueryBuilder::new(SET);
    query.push_bind(now.millis());
    query.push(" FROM (");
    // The columns of a bare VALUES are called column1, column2 and so on.
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
    query.push(") AS v WHERE deliveries.id = v.column1 AND deliveries.fence = v.column2 AND leased_by IS NOT NULL ");
    query.push("RETURNING deliveries.id, deliveries.workspace_id");
    let moved: Vec<(String, String)> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    Ok(moved.into_iter().collect())
}

async fn insert(conn: &mut SqliteConnection, records: &[&AttemptRecord], now: Timestamp) -> Result<()> {
    let mut query = QueryBuilder::new(
        "INSERT INTO attempts (id, delivery_id, number, is_manual, started_at, duration_ms, status, error, request_headers, \
         response_headers, response_body) ",
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
            .push_bind(written(record.request_headers.as_deref()))
            .push_bind(written(record.response_headers.as_deref()))
            .push_bind(record.response_body.as_deref());
    });
    query.build().persistent(false).execute(conn).await?;
    Ok(())
}

/// What a batch holds of one webhook.
#[derive(Default)]
struct OfWebhook<'r> {
    tally: Tally,
    gone: bool,
    /// When the last failure began, and why it was one.
    last_failure: Option<(Timestamp, &'r str)>,
}

/// Adds to the counters of the webhooks, to the counts, and ends the subscriptions of receivers that are gone.
async fn count(
    conn: &mut SqliteConnection,
    records: &[&AttemptRecord],
    workspaces: &HashMap<String, String>,
    now: Timestamp,
) -> Result<()> {
    let mut by_webhook: BTreeMap<&str, OfWebhook<'_>> = BTreeMap::new();
    let mut by_workspace: BTreeMap<&str, Tally> = BTreeMap::new();
    for record in records {
        let one = Tally::of(record.error.is_some(), record.status.map(|_| record.duration_ms));
        let webhook = by_webhook.entry(record.webhook.as_str()).or_default();
        webhook.tally.add(&one);
        webhook.gone |= record.outcome == Outcome::Gone;
        webhook.last_failure = webhook.last_failure.max(record.error.as_deref().map(|error| (record.started_at, error)));
        if let Some(workspace) = workspaces.get(record.delivery.as_str()) {
            by_workspace.entry(workspace).or_default().add(&one);
        }
    }
    // Each statement is a message to the connection's thread and one back, so all webhooks are in one.
    let mut query = QueryBuilder::new(COUNT);
    query.push(
        " FROM (SELECT column1 AS webhook, column2 AS attempts, column3 AS failed, column4 AS gone, column5 AS failure, \
         column6 AS failed_at, column7 AS at FROM (",
    );
    query.push_values(&by_webhook, |mut row, (id, webhook)| {
        row.push_bind(*id)
            .push_bind(webhook.tally.attempts)
            .push_bind(webhook.tally.failed)
            .push_bind(webhook.gone)
            .push_bind(webhook.last_failure.map(|(_, error)| error))
            .push_bind(webhook.last_failure.map(|(at, _)| at.millis()))
            .push_bind(now.millis());
    });
    query.push(")) AS c WHERE webhooks.id = c.webhook");
    query.build().persistent(false).execute(&mut *conn).await?;
    let to_webhooks = by_webhook.iter().map(|(id, webhook)| (*id, &webhook.tally));
    counts::add_all(conn, "webhook_counts", "webhook_id, hour", counts::hour_of(now), to_webhooks).await?;
    let to_workspaces = by_workspace.iter().map(|(id, tally)| (*id, tally));
    counts::add_all(conn, "workspace_counts", "workspace_id, minute", counts::minute_of(now), to_workspaces).await
}
