//! Recording what attempts came to: many at once, each guarded by the fence of its claim, and counted in the same transaction.

use crate::circuits::{self, Troubled};
use crate::counts::{self, Tally};
use crate::engine::{Conn, Engine, Promise};
use crate::script::Script;
use crate::work::Tx;
use crate::{Result, Store};
use domain::circuit::{Circuit, Seen};
use domain::clock::Timestamp;
use domain::delivery::{Header, Outcome, Progress};
use domain::ids::{AttemptId, DeliveryId, WebhookId, WorkspaceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Row as _, SqliteConnection};
use std::collections::BTreeMap;
use std::time::Duration;

/// What one attempt came to.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The claim under which it was made.
    pub fence: i64,
    /// Where it went.
    pub webhook: WebhookId,
    /// Whose webhook that is.
    pub workspace: WorkspaceId,
    /// The webhook's URL as it was then: what is heard from there says nothing about another one.
    pub url: String,
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
    /// Until when the receiver asked to be left alone, if it did.
    pub asked_until: Option<Timestamp>,
    /// State and schedule from here on.
    pub progress: Progress,
    /// Whether another delivery waits until this is recorded.
    pub is_waited_for: bool,
}

/// Rows one statement names at most.
const CHUNK: usize = 500;

/// What came of recording.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Attempts that were recorded.
    pub count: usize,
    /// Circuits of the webhooks that failed, or had failed before.
    pub circuits: Vec<(WebhookId, Circuit)>,
}

/// Records attempts, and moves on the circuits of their webhooks. Attempts whose claim has been taken over meanwhile change nothing.
/// `disable_after` is how long nothing but failures may come.
pub async fn record(store: &Store, records: &[AttemptRecord], disable_after: Option<Duration>) -> Result<Recorded> {
    let now = store.clock().now();
    let mut recorded = Recorded::default();
    for chunk in records.chunks(CHUNK) {
        let is_failing = chunk.iter().any(|record| record.error.is_some());
        // Nothing but successes, and so nothing but this, unless some of them had failed before.
        let written = if is_failing { None } else { record_successes(store, chunk, now).await? };
        let (count, circuits) = match written {
            Some((count, troubled)) if troubled.is_empty() => (count, Vec::new()),
            Some((count, troubled)) => {
                (count, settled(store, store.begin_tx(Promise::Repeatable).await?, troubled, disable_after).await?)
            }
            None => {
                let mut tx = store.begin_tx(Promise::Repeatable).await?;
                let (count, troubled) = match tx.conn() {
                    Conn::Sqlite(conn) => record_in_turn(conn, chunk, now).await?,
                    Conn::Postgres(conn) => record_at_once(conn, chunk, now).await?,
                };
                (count, settled(store, tx, troubled, disable_after).await?)
            }
        };
        recorded.count += count;
        recorded.circuits.extend(circuits);
    }
    Ok(recorded)
}

/// Records attempts without a transaction around it. `None` if on `SQLite` some of the claims had been taken over, and nothing was written.
async fn record_successes(store: &Store, records: &[AttemptRecord], now: Timestamp) -> Result<Option<(usize, Vec<Troubled>)>> {
    match &store.inner().engine {
        Engine::Sqlite { writer, .. } => {
            let (records, tallies): (Vec<&AttemptRecord>, _) = (records.iter().collect(), tallied(records));
            match writer.write(Promise::Repeatable, recording(&records, &tallies, now)).await {
                Ok(rows) => Ok(Some((records.len(), troubled(&rows, &records)?))),
                Err(error) if error.is_unavailable() => Err(error),
                Err(_) => Ok(None),
            }
        }
        Engine::Postgres { repeatable, .. } => Ok(Some(record_at_once(&mut *repeatable.lend().await?, records, now).await?)),
    }
}

async fn settled(
    store: &Store,
    tx: Tx,
    troubled: Vec<Troubled>,
    disable_after: Option<Duration>,
) -> Result<Vec<(WebhookId, Circuit)>> {
    let (tx, settled) = circuits::settle(store, tx, troubled, disable_after).await?;
    tx.commit().await?;
    if !settled.events.is_empty() {
        store.ring(&settled.events);
    }
    Ok(settled.circuits)
}

const CIRCUIT: &str = circuits::COLUMNS;

const COUNT: &str = "UPDATE webhooks SET attempts_count = attempts_count + c.attempts, \
     failed_attempts_count = failed_attempts_count + c.failed, \
     last_failure = COALESCE(c.failure, last_failure), last_failed_at = COALESCE(c.failed_at, last_failed_at)";

/// A webhook whose attempts were counted, and those of them that went to the URL it has now; on Postgres one row more tells how many were
/// recorded in all.
#[derive(sqlx::FromRow)]
struct Counted {
    id: Option<String>,
    workspace_id: Option<String>,
    #[sqlx(flatten)]
    circuit: circuits::Row,
    attempts: i64,
    failed: i64,
    is_gone: bool,
    /// What those asked for.
    asks_until: Option<i64>,
}

impl Counted {
    /// `None` if there is nothing to move on: nothing was heard from where it points now, or it succeeded and has not failed before.
    fn troubled(self) -> Option<Troubled> {
        let circuit = Circuit::from(self.circuit);
        let seen = if self.failed < self.attempts {
            Seen::Success
        } else {
            Seen::Failures(u32::try_from(self.failed).unwrap_or(u32::MAX))
        };
        if self.attempts == 0 || self.failed == 0 && circuit == Circuit::default() {
            return None;
        }
        let (webhook, workspace) = (WebhookId::from_stored(self.id?), WorkspaceId::from_stored(self.workspace_id?));
        let asked_until = self.asks_until.map(Timestamp::from_millis);
        Some(Troubled { webhook, workspace, circuit, seen, asked_until, is_gone: self.is_gone })
    }
}

/// One statement, and so one round trip. Rows are locked in the same order by every worker, so that two of them cannot lock each
/// other out: the webhooks by their ids; their counts, which no other statement touches without holding them; then the counts of
/// the workspaces, which wait for the former by reading from them.
async fn record_at_once(conn: &mut PgConnection, records: &[AttemptRecord], now: Timestamp) -> Result<(usize, Vec<Troubled>)> {
    fn column<'r, T>(records: &'r [AttemptRecord], of: impl Fn(&'r AttemptRecord) -> T) -> Vec<T> {
        records.iter().map(of).collect()
    }
    let counts::Texts { buckets, columns, tally, sums } = &*counts::TEXTS;
    let to_webhook = counts::or_add("webhook_counts", "webhook_id, hour");
    let to_workspace = counts::or_add("workspace_counts", "workspace_id, minute");
    let rows: Vec<Counted> = sqlx::query_as(AssertSqlSafe(format!(
        "WITH made AS ( \
             SELECT * FROM UNNEST($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], \
                 $9::text[], $10::text[], $11::bool[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::bool[], \
                 $17::text[], $18::text[], $21::text[], $22::bigint[]) \
             AS r (delivery, fence, state, planned, number, next_at, status, error, attempt, is_manual, started_at, duration_ms, \
                 response_body, webhook, gone, request_headers, response_headers, url, asks_until) \
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
             SELECT id, url AS present_url FROM webhooks WHERE id IN (SELECT webhook FROM moved) ORDER BY id FOR UPDATE \
         ), c AS ( \
             SELECT webhook, workspace, \
                 COALESCE(BOOL_OR(gone) FILTER (WHERE url = present_url), FALSE) AS is_gone, \
                 MAX(asks_until) FILTER (WHERE url = present_url) AS asks_until, \
                 COUNT(*) FILTER (WHERE url = present_url) AS heard, COUNT(error) FILTER (WHERE url = present_url) AS heard_failed, \
                 (ARRAY_AGG(error ORDER BY started_at DESC) FILTER (WHERE error IS NOT NULL))[1] AS failure, \
                 MAX(started_at) FILTER (WHERE error IS NOT NULL) AS failed_at, \
                 COUNT(*) AS attempts, COUNT(error) AS failed, {tally} \
             FROM moved LEFT JOIN locked ON locked.id = webhook GROUP BY webhook, workspace \
         ), counted AS ( \
             {COUNT} FROM c WHERE webhooks.id = c.webhook \
             RETURNING webhooks.id, workspace_id, {CIRCUIT}, c.heard, c.heard_failed, c.is_gone, c.asks_until \
         ), by_webhook AS ( \
             INSERT INTO webhook_counts (webhook_id, hour, {columns}) \
             SELECT webhook, $19, attempts, failed, {buckets} FROM c JOIN counted ON counted.id = c.webhook ORDER BY webhook \
             {to_webhook} RETURNING webhook_id \
         ), by_workspace AS ( \
             INSERT INTO workspace_counts (workspace_id, minute, {columns}) \
             SELECT workspace, $20, SUM(attempts)::bigint, SUM(failed)::bigint, {sums} FROM c \
             LEFT JOIN by_webhook ON by_webhook.webhook_id = c.webhook GROUP BY workspace ORDER BY workspace {to_workspace} \
         ) SELECT NULL AS id, NULL AS workspace_id, 0::bigint AS failures_in_row, NULL::bigint AS failing_since, NULL::bigint AS probe_at, \
             NULL::bigint AS asked_until, COUNT(*) AS attempts, 0::bigint AS failed, FALSE AS is_gone, NULL::bigint AS asks_until FROM moved \
         UNION ALL SELECT id, workspace_id, {CIRCUIT}, heard, heard_failed, is_gone, asks_until FROM counted \
         WHERE heard_failed > 0 OR failures_in_row > 0 OR probe_at IS NOT NULL"
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
    .bind(column(records, |record| record.url.as_str()))
    .bind(column(records, |record| record.asked_until.map(Timestamp::millis)))
    .fetch_all(conn)
    .await?;
    let count = rows.iter().filter(|row| row.id.is_none()).map(|row| usize::try_from(row.attempts).unwrap_or(0)).sum();
    Ok((count, rows.into_iter().filter_map(Counted::troubled).collect()))
}

/// Headers as they are stored.
fn written(headers: Option<&[Header]>) -> Option<String> {
    headers.and_then(|headers| serde_json::to_string(headers).ok())
}

/// The same in the writer's turn: what is still held is looked up, and the rest left out.
async fn record_in_turn(
    conn: &mut SqliteConnection,
    records: &[AttemptRecord],
    now: Timestamp,
) -> Result<(usize, Vec<Troubled>)> {
    let mut script = Script::new();
    script.begin("SELECT deliveries.id, deliveries.fence FROM ");
    script.rows(records.iter().map(|record| [record.delivery.as_str().into(), record.fence.into()]));
    script.text(" CROSS JOIN deliveries WHERE deliveries.id = column1 AND deliveries.fence = column2 AND leased_by IS NOT NULL");
    let held: Vec<(String, i64)> = script.run(conn).await?.iter().map(FromRow::from_row).collect::<sqlx::Result<_>>()?;
    let is_held =
        |record: &&AttemptRecord| held.iter().any(|(id, fence)| id == record.delivery.as_str() && *fence == record.fence);
    let kept: Vec<&AttemptRecord> = records.iter().filter(is_held).collect();
    if kept.is_empty() {
        return Ok((0, Vec::new()));
    }
    let tallies = tallied(kept.iter().copied());
    let rows = recording(&kept, &tallies, now).run(conn).await?;
    Ok((kept.len(), troubled(&rows, &kept)?))
}

/// Moves the deliveries on, keeps the attempts, and counts them. Fails if any of the deliveries is not held any more under its fence.
fn recording(records: &[&AttemptRecord], tallies: &Tallies<'_>, now: Timestamp) -> Script {
    let mut script = Script::new();
    script.begin(
        "UPDATE deliveries SET state = column3, planned_count = column4, attempts_count = column5, next_attempt_at = column6, \
         due_at = column6, last_status = column7, last_error = column8, leased_by = NULL, is_manual = FALSE, updated_at = ",
    );
    script.bind(now.millis()).text(" FROM ");
    script.rows(records.iter().map(|record| {
        [
            record.delivery.as_str().into(),
            record.fence.into(),
            record.progress.state.as_str().into(),
            i64::from(record.progress.planned_count).into(),
            i64::from(record.number).into(),
            record.progress.next_attempt_at.map(Timestamp::millis).into(),
            record.status.map(i64::from).into(),
            record.error.as_deref().into(),
        ]
    }));
    script.text(" WHERE deliveries.id = column1 AND deliveries.fence = column2 AND leased_by IS NOT NULL");
    // What follows is written for all of them. An error is all that a statement has to stop the next ones with: this text is no JSON.
    script.begin("SELECT json('only ' || changes()) WHERE changes() <> ").bind(i64::try_from(records.len()).unwrap_or(i64::MAX));
    script.begin(
        "INSERT INTO attempts (id, delivery_id, number, is_manual, started_at, duration_ms, status, error, request_headers, \
         response_headers, response_body) SELECT * FROM ",
    );
    script.rows(records.iter().map(|record| {
        [
            AttemptId::new(now).as_str().into(),
            record.delivery.as_str().into(),
            i64::from(record.number).into(),
            record.is_manual.into(),
            record.started_at.millis().into(),
            i64::from(record.duration_ms).into(),
            record.status.map(i64::from).into(),
            record.error.as_deref().into(),
            written(record.request_headers.as_deref()).into(),
            written(record.response_headers.as_deref()).into(),
            record.response_body.as_deref().into(),
        ]
    }));
    script.text(" WHERE column1 IS NOT NULL");
    let Tallies { by_webhook, by_workspace } = tallies;
    script.begin(COUNT).text(
        " FROM (SELECT column1 AS webhook, column2 AS attempts, column3 AS failed, column4 AS failure, column5 AS failed_at FROM ",
    );
    script.rows(by_webhook.iter().map(|(id, webhook)| {
        [
            (*id).into(),
            webhook.tally.attempts.into(),
            webhook.tally.failed.into(),
            webhook.last_failure.map(|(_, error)| error).into(),
            webhook.last_failure.map(|(at, _)| at.millis()).into(),
        ]
    }));
    script.text(
        ") AS c WHERE webhooks.id = c.webhook RETURNING id, workspace_id, url, 0 AS attempts, 0 AS failed, FALSE AS is_gone, ",
    );
    script.text("NULL AS asks_until, ").text(CIRCUIT);
    let to_webhooks = by_webhook.iter().map(|(id, webhook)| (*id, &webhook.tally));
    counts::add_all(&mut script, "webhook_counts", "webhook_id, hour", counts::hour_of(now), to_webhooks);
    let to_workspaces = by_workspace.iter().map(|(id, tally)| (*id, tally));
    counts::add_all(&mut script, "workspace_counts", "workspace_id, minute", counts::minute_of(now), to_workspaces);
    script
}

/// What a batch holds of one webhook.
#[derive(Default)]
struct OfWebhook<'r> {
    tally: Tally,
    /// When the last failure began, and why it was one.
    last_failure: Option<(Timestamp, &'r str)>,
}

/// What a batch adds to the counts.
#[derive(Default)]
struct Tallies<'r> {
    by_webhook: BTreeMap<&'r str, OfWebhook<'r>>,
    by_workspace: BTreeMap<&'r str, Tally>,
}

fn tallied<'r>(records: impl IntoIterator<Item = &'r AttemptRecord>) -> Tallies<'r> {
    let mut tallies = Tallies::default();
    for record in records {
        let one = Tally::of(record.error.is_some(), record.status.map(|_| record.duration_ms));
        let webhook = tallies.by_webhook.entry(record.webhook.as_str()).or_default();
        webhook.tally.add(&one);
        webhook.last_failure = webhook.last_failure.max(record.error.as_deref().map(|error| (record.started_at, error)));
        tallies.by_workspace.entry(record.workspace.as_str()).or_default().add(&one);
    }
    tallies
}

/// Which of the webhooks that were counted are in trouble.
fn troubled(rows: &[SqliteRow], records: &[&AttemptRecord]) -> Result<Vec<Troubled>> {
    let is_failing = records.iter().any(|record| record.error.is_some());
    let mut troubled = Vec::new();
    for row in rows {
        let (mut counted, url) = (Counted::from_row(row)?, row.try_get::<&str, _>("url")?);
        if !is_failing && Circuit::from(counted.circuit.clone()) == Circuit::default() {
            continue;
        }
        let id = counted.id.as_deref().unwrap_or_default();
        for record in records.iter().filter(|record| record.webhook.as_str() == id && record.url == url) {
            counted.attempts += 1;
            counted.failed += i64::from(record.error.is_some());
            counted.is_gone |= record.outcome == Outcome::Gone;
            counted.asks_until = counted.asks_until.max(record.asked_until.map(Timestamp::millis));
        }
        troubled.extend(counted.troubled());
    }
    Ok(troubled)
}
