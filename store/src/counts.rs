//! Counts of what became of events and attempts: filled with outcomes and dispatches, in their transactions; read by the pages
//! that show health and history. Reads touch a bounded number of rows, however much was delivered.

use crate::Result;
use crate::engine::Conn;
use crate::insert::Bound;
use crate::paging::json_array;
use crate::script::Script;
use crate::work::View;
use domain::clock::Timestamp;
use domain::counts::{AnswerTimes, BOUNDS_MS, BUCKETS, Counts, Span, floor};
use domain::ids::WebhookId;
use sqlx::{AssertSqlSafe, FromRow};
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// When the minute begins in whose row something is counted.
pub(crate) fn minute_of(at: Timestamp) -> i64 {
    floor(at, MINUTE).millis()
}

/// The same for the hour.
pub(crate) fn hour_of(at: Timestamp) -> i64 {
    floor(at, HOUR).millis()
}

fn bucket_column(index: usize) -> String {
    BOUNDS_MS.get(index).map_or_else(|| "slower".to_owned(), |bound| format!("within_{bound}_ms"))
}

fn each_bucket(write: impl Fn(usize, String) -> String) -> String {
    (0..BUCKETS).map(|index| write(index, bucket_column(index))).collect::<Vec<_>>().join(", ")
}

/// Text of statements that is the same every time.
pub(crate) struct Texts {
    /// The columns in which answers are counted.
    pub(crate) buckets: String,
    /// All columns that outcomes fill.
    pub(crate) columns: String,
    /// The buckets, counted over attempts with `status` and `duration_ms`.
    pub(crate) tally: String,
    /// The buckets, summed.
    pub(crate) sums: String,
}

pub(crate) static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let buckets = each_bucket(|_, column| column);
    Texts {
        columns: format!("attempts_count, failed_attempts_count, {buckets}"),
        tally: each_bucket(|index, column| {
            let over = index.checked_sub(1).and_then(|lower| BOUNDS_MS.get(lower)).map_or(-1, |bound| i64::from(*bound));
            let most = BOUNDS_MS.get(index).map_or_else(String::new, |bound| format!(" AND duration_ms <= {bound}"));
            format!("COUNT(status) FILTER (WHERE duration_ms > {over}{most}) AS {column}")
        }),
        sums: each_bucket(|_, column| format!("CAST(SUM({column}) AS BIGINT) AS {column}")),
        buckets,
    }
});

/// The end of an insert that adds to the row that is there already.
pub(crate) fn or_add(table: &str, key: &str) -> String {
    let added = TEXTS.columns.split(", ").map(|column| format!("{column} = {table}.{column} + excluded.{column}"));
    format!("ON CONFLICT ({key}) DO UPDATE SET {}", added.collect::<Vec<_>>().join(", "))
}

/// What a batch adds to one row.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) attempts: i64,
    pub(crate) failed: i64,
    answers: AnswerTimes,
}

impl Tally {
    /// One attempt; how long the answer took, if there was one.
    pub(crate) fn of(is_failed: bool, answered_ms: Option<u32>) -> Self {
        let mut tally = Self { attempts: 1, failed: i64::from(is_failed), answers: AnswerTimes::default() };
        if let Some(answered_ms) = answered_ms {
            tally.answers.0[AnswerTimes::bucket_of(answered_ms)] = 1;
        }
        tally
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.failed += other.failed;
        self.answers.add(&other.answers);
    }
}

/// Adds tallies to rows of a table, each with an id and the beginning of its time, which are the table's `key`.
pub(crate) fn add_all<'t>(
    script: &mut Script,
    table: &str,
    key: &str,
    begin: i64,
    tallies: impl ExactSizeIterator<Item = (&'t str, &'t Tally)>,
) {
    let buckets = (4..4 + BUCKETS).map(|place| format!("column{place}")).collect::<Vec<_>>().join(", ");
    script.begin(&format!("INSERT INTO {table} ({key}, {}) SELECT column1, ", TEXTS.columns));
    script.bind(begin).text(&format!(", column2, column3, {buckets} FROM "));
    script.rows(tallies.map(|(id, tally)| {
        let mut row = [const { Bound::Number(None) }; 3 + BUCKETS];
        let answers = tally.answers.0.iter().map(|count| Bound::from(i64::try_from(*count).unwrap_or(i64::MAX)));
        let values = [id.into(), tally.attempts.into(), tally.failed.into()].into_iter().chain(answers);
        row.iter_mut().zip(values).for_each(|(place, value)| *place = value);
        row
    }));
    script.text(" WHERE column1 IS NOT NULL ").text(&or_add(table, key));
}

/// Counts that belong to something: a webhook and an hour, or a step of a series.
struct Counted {
    id: String,
    begin: i64,
    counts: Counts,
}

impl<'r, R: sqlx::Row> FromRow<'r, R> for Counted
where
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    usize: sqlx::ColumnIndex<R>,
{
    /// In the order id, begin, events, attempts, failed attempts, buckets.
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let number = |place: usize| Ok::<_, sqlx::Error>(u64::try_from(row.try_get::<i64, _>(place)?).unwrap_or(0));
        let mut answers = AnswerTimes::default();
        for (index, count) in answers.0.iter_mut().enumerate() {
            *count = number(5 + index)?;
        }
        let (events_count, attempts_count, failed_attempts_count) = (number(2)?, number(3)?, number(4)?);
        let counts = Counts { events_count, attempts_count, failed_attempts_count, answers };
        Ok(Self { id: row.try_get(0)?, begin: row.try_get(1)?, counts })
    }
}

/// How a webhook fared over the last day: by hours, oldest first, the last being the one that has just begun.
pub type Health = [Counts; 24];

/// The health of these webhooks, as far as they are the workspace's own; what was never attempted is healthy and empty.
pub async fn health(view: &mut impl View, webhooks: &[WebhookId], now: Timestamp) -> Result<HashMap<WebhookId, Health>> {
    let first = floor(now, HOUR).minus(HOUR * 23);
    let workspace = view.workspace().to_string();
    let columns = &TEXTS.columns;
    let text = |any: &str| {
        AssertSqlSafe(format!(
            "SELECT webhook_id, hour, CAST(0 AS BIGINT) AS events_count, {columns} FROM webhook_counts WHERE webhook_id IN \
             (SELECT id FROM webhooks WHERE workspace_id = $1 AND id {any}) AND hour >= $3"
        ))
    };
    let rows: Vec<Counted> = match view.conn().await? {
        Conn::Sqlite(conn) => {
            sqlx::query_as(text("IN (SELECT value FROM json_each($2))"))
                .bind(workspace)
                .bind(json_array(webhooks.iter().map(WebhookId::as_str)))
                .bind(first.millis())
                .fetch_all(conn)
                .await?
        }
        Conn::Postgres(conn) => {
            sqlx::query_as(text("= ANY($2)"))
                .bind(workspace)
                .bind(webhooks.iter().map(ToString::to_string).collect::<Vec<_>>())
                .bind(first.millis())
                .fetch_all(conn)
                .await?
        }
    };
    let mut healths: HashMap<WebhookId, Health> = webhooks.iter().map(|id| (id.clone(), Health::default())).collect();
    for row in rows {
        if let Some(health) = healths.get_mut(&WebhookId::from_stored(row.id))
            && let Some(counts) = health.get_mut(steps_between(first, row.begin, HOUR))
        {
            *counts = row.counts;
        }
    }
    Ok(healths)
}

/// What happened in the workspace over a span of time, by its steps, oldest first; each with the moment it begins.
pub async fn series(view: &mut impl View, span: Span, now: Timestamp) -> Result<Vec<(Timestamp, Counts)>> {
    let (first, step) = (span.start(now), span.step());
    let workspace = view.workspace().to_string();
    let rows: Vec<Counted> = on!(view, conn => sqlx::query_as(AssertSqlSafe(format!(
        "SELECT workspace_id, $2 + (minute - $2) / $3 * $3 AS begin, CAST(SUM(events_count) AS BIGINT), \
         CAST(SUM(attempts_count) AS BIGINT), CAST(SUM(failed_attempts_count) AS BIGINT), {} FROM workspace_counts \
         WHERE workspace_id = $1 AND minute >= $2 GROUP BY 1, 2",
        TEXTS.sums
    )))
    .bind(&workspace)
    .bind(first.millis())
    .bind(i64::try_from(step.as_millis()).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await)?;
    let mut series: Vec<(Timestamp, Counts)> =
        (0..span.steps()).map(|number| (first.plus(step * number), Counts::default())).collect();
    for row in rows {
        if let Some((_, counts)) = series.get_mut(steps_between(first, row.begin, step)) {
            *counts = row.counts;
        }
    }
    Ok(series)
}

fn steps_between(first: Timestamp, begin: i64, step: Duration) -> usize {
    let step = step.as_millis().max(1);
    usize::try_from(Timestamp::from_millis(begin).since(first).as_millis() / step).unwrap_or(usize::MAX)
}
