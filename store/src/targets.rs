//! Where deliveries go: webhooks with what is opened of them for sending. One that cannot be read, or not signed for, holds up no other.
//! Used by the worker only.

use crate::engine::Conn;
use crate::error::readable;
use crate::paging::json_array;
use crate::{Result, Store, webhook_headers, webhooks};
use domain::clock::Timestamp;
use domain::ids::WorkspaceId;
use domain::secret::Secret;
use domain::webhook::Webhook;
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use std::sync::Arc;

/// Where a delivery goes.
#[derive(Debug)]
pub struct Target {
    /// The webhook.
    pub webhook: Webhook,
    /// Whether this program knows its platform; otherwise that is one of a newer version, and what is for it waits for that.
    pub is_known: bool,
    /// `None` when it was sealed with another master key than the one that is set: nothing can be sent then.
    pub opened: Option<Opened>,
    /// The secret before the last rotation.
    previous_secret: Option<Secret>,
}

/// What is opened of a webhook for sending to it.
#[derive(Debug)]
pub struct Opened {
    /// What to sign with.
    pub secret: Secret,
    /// Headers of its own, by name.
    pub headers: Vec<(String, Secret)>,
}

impl Target {
    /// The secret before the last rotation, while it signs too.
    pub fn previous_secret(&self, now: Timestamp) -> Option<&Secret> {
        self.webhook.previous_secret_expires_at.filter(|end| *end > now).and(self.previous_secret.as_ref())
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct TargetRow {
    workspace_id: String,
    #[sqlx(flatten)]
    row: webhooks::Row,
}

impl TargetRow {
    /// The webhook with its opened secret, and the workspace it belongs to; `None` if it cannot be read, which must not hold up the others.
    pub(crate) fn open(self, store: &Store) -> Option<(WorkspaceId, Arc<Target>)> {
        let id = self.row.id.clone();
        readable("webhook", &id, self.read(store))
    }

    fn read(mut self, store: &Store) -> Result<(WorkspaceId, Arc<Target>)> {
        // Which events it wants is said without knowing whose it is.
        let is_known = self.row.know_platform();
        if !is_known {
            tracing::warn!(webhook = self.row.id, "this version does not know the webhook's platform; what is for it waits");
        }
        // One webhook that cannot be signed for must not hold up all others.
        let master_key = &store.inner().master_key;
        let secret = master_key.open(&self.row.sealed_secret);
        let headers = webhook_headers::open(master_key, &self.row.headers()?);
        let opened = secret.and_then(|secret| Ok(Opened { secret, headers: headers? })).ok();
        let previous = self.row.previous_sealed_secret.as_deref();
        // It stays in its row when its time is over, and is then not worth opening for every delivery.
        let is_alive = self.row.previous_secret_expires_at.is_some_and(|end| end > store.clock().now().millis());
        let previous_secret = previous.filter(|_| is_alive).and_then(|sealed| master_key.open(sealed).ok());
        let target = Target { webhook: self.row.try_into()?, is_known, opened, previous_secret };
        Ok((WorkspaceId::from_stored(self.workspace_id), Arc::new(target)))
    }
}

/// Webhooks, enabled or not, by their ids; deleted ones are left out. Of one that nothing can be sent to by this program, because it cannot be
/// read, there is nothing but that.
pub(crate) async fn by_id(store: &Store, conn: Conn<'_>, ids: &[String]) -> Result<HashMap<String, Option<Arc<Target>>>> {
    const COLUMNS: &str = webhooks::COLUMNS_BESIDE_ID;
    let any = match conn {
        Conn::Sqlite(_) => "IN (SELECT value FROM json_each($1))",
        Conn::Postgres(_) => "= ANY($1)",
    };
    let text = AssertSqlSafe(format!("SELECT id, workspace_id, {COLUMNS} FROM webhooks WHERE deleted_at IS NULL AND id {any}"));
    let rows: Vec<TargetRow> = match conn {
        Conn::Sqlite(conn) => sqlx::query_as(text).bind(json_array(ids.iter().map(String::as_str))).fetch_all(conn).await?,
        Conn::Postgres(conn) => sqlx::query_as(text).bind(ids).fetch_all(conn).await?,
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.row.id.clone(), row.open(store).map(|(_, target)| target).filter(|target| target.is_known)))
        .collect())
}
