//! What is due, webhook by webhook: a lane is one webhook's deliveries. Used by the worker only.
//!
//! Looking costs a step into an index for each webhook that has something open, however much that is.

use crate::engine::Conn;
use crate::paging::json_array;
use crate::webhooks::small;
use crate::work::View as _;
use crate::{Result, Store, circuits};
use domain::circuit::Circuit;
use domain::clock::Timestamp;
use domain::flow::Flow;
use domain::ids::{WebhookId, WorkspaceId};
use domain::webhook::Platform;
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// The most lanes one look passes.
const LANES: usize = 256;

/// A lane in which something is due.
#[derive(Debug)]
pub struct Lane {
    /// The webhook.
    pub webhook: WebhookId,
    /// Who receives it; `None` if nothing can be sent there, because the webhook is disabled or gone.
    pub receiver: Option<Receiver>,
}

/// What counts when something is sent to a webhook.
#[derive(Debug)]
pub struct Receiver {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// How much of a worker it may take.
    pub flow: Flow,
    /// How it has been doing.
    pub circuit: Circuit,
}

/// What a look at the lanes found.
#[derive(Debug, Default)]
pub struct Lanes {
    /// Those in which something is due.
    pub due: Vec<Lane>,
    /// Behind which lane to look on; `None` if this was the last.
    pub next: Option<WebhookId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    webhook_id: String,
    is_due: bool,
    workspace_id: Option<String>,
    max_in_flight: Option<i64>,
    rate_limit: Option<i64>,
    ordered: Option<bool>,
    platform: Option<String>,
    is_callback: Option<bool>,
    /// When the head of an ordered lane is due, which is all that counts there.
    head_due_at: Option<i64>,
    #[sqlx(flatten)]
    circuit: circuits::Row,
}

/// Looks at the lanes behind this one, in the order of their ids; at all of them from the first on if there is none. Claims nothing.
pub async fn look(store: &Store, behind: Option<&WebhookId>) -> Result<Lanes> {
    let now = store.clock().now();
    let mut view = store.read_repeatable().await?;
    // The recursion steps from one webhook to the next over everything that lies between them in the index.
    let rows: Vec<Row> = on!(&mut view, conn => sqlx::query_as(
        "WITH RECURSIVE lanes (webhook_id, number) AS ( \
             SELECT (SELECT webhook_id FROM deliveries WHERE due_at IS NOT NULL AND webhook_id > $1 ORDER BY webhook_id, due_at LIMIT 1), 1 \
             UNION ALL \
             SELECT (SELECT webhook_id FROM deliveries WHERE due_at IS NOT NULL AND webhook_id > lanes.webhook_id \
                 ORDER BY webhook_id, due_at LIMIT 1), number + 1 \
             FROM lanes WHERE lanes.webhook_id IS NOT NULL AND number < $3 \
         ), heads AS ( \
             SELECT webhook_id, number, \
                 (SELECT due_at FROM deliveries WHERE webhook_id = lanes.webhook_id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) <= $2 \
                 AS is_due FROM lanes WHERE webhook_id IS NOT NULL \
         ) SELECT webhook_id, is_due, workspace_id, max_in_flight, rate_limit, ordered, platform, is_callback, \
             COALESCE(failures_in_row, 0) AS failures_in_row, failing_since, probe_at, asked_until, \
             CASE WHEN ordered THEN (SELECT due_at FROM deliveries WHERE deliveries.webhook_id = heads.webhook_id AND due_at IS NOT NULL \
                 ORDER BY event_id LIMIT 1) END AS head_due_at FROM heads \
         LEFT JOIN webhooks ON is_due AND webhooks.id = webhook_id AND enabled AND deleted_at IS NULL ORDER BY number",
    )
    .bind(behind.map_or("", WebhookId::as_str))
    .bind(now.millis())
    .bind(i64::try_from(LANES).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await)?;
    let next = rows.get(LANES - 1).map(|last| WebhookId::from_stored(last.webhook_id.clone()));
    let is_due = |row: &Row| row.is_due && row.is_known() && row.head_due_at.is_none_or(|at| at <= now.millis());
    Ok(Lanes { due: rows.into_iter().filter(is_due).map(Row::into).collect(), next })
}

impl Row {
    /// Whether anything can be done here for a platform: one of a newer version is left to the workers of that.
    fn is_known(&self) -> bool {
        self.is_callback == Some(true) || self.platform.as_deref().is_none_or(|name| Platform::parse(name).is_some())
    }
}

/// When each of these webhooks was last changed; those to which nothing can be sent now are left out: they are disabled or gone, or their
/// circuit is open.
pub async fn versions(store: &Store, ids: &[WebhookId]) -> Result<HashMap<WebhookId, Timestamp>> {
    let mut view = store.read_repeatable().await?;
    let any = match view.conn().await? {
        Conn::Sqlite(_) => "IN (SELECT value FROM json_each($1))",
        Conn::Postgres(_) => "= ANY(ARRAY(SELECT json_array_elements_text($1::json)))",
    };
    let text = AssertSqlSafe(format!(
        "SELECT id, updated_at FROM webhooks WHERE id {any} AND enabled AND deleted_at IS NULL AND COALESCE(probe_at, 0) <= $2"
    ));
    let (ids, now) = (json_array(ids.iter().map(WebhookId::as_str)), store.clock().now().millis());
    let rows: Vec<(String, i64)> = on!(&mut view, conn => sqlx::query_as(text).bind(&ids).bind(now).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|(id, at)| (WebhookId::from_stored(id), Timestamp::from_millis(at))).collect())
}

impl From<Row> for Lane {
    fn from(row: Row) -> Self {
        let flow = Flow {
            max_in_flight: row.max_in_flight.and_then(small),
            rate_limit: row.rate_limit.and_then(small),
            ordered: row.ordered.unwrap_or_default(),
        };
        let workspace = row.workspace_id.map(WorkspaceId::from_stored);
        Self {
            webhook: WebhookId::from_stored(row.webhook_id),
            receiver: workspace.map(|workspace| Receiver { workspace, flow, circuit: row.circuit.into() }),
        }
    }
}
