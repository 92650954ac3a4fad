//! What a dry run of an import would have written so far, address by address: an address that comes again in a later step of the file is
//! seen as the import would see it then. Kept beside the data, in nobody's way, until the operation has ended.

use crate::engine::{Conn, Promise};
use crate::paging::elements;
use crate::work::View as _;
use crate::{Result, Store, Work};
use domain::clock::Timestamp;
use domain::ids::OperationId;
use domain::user::{ClientPatch, NewClient, User};
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// Notes that are cleared away at a time.
const SWEPT: u32 = 500;

/// What was noted, and what is to be, by folded addresses.
#[derive(Default)]
pub(crate) struct Notes {
    noted: HashMap<String, Map<String, Value>>,
    new: Map<String, Value>,
}

impl Notes {
    /// Reads what earlier steps noted of these folded addresses, a JSON array.
    pub(crate) async fn read(work: &mut Work, id: &OperationId, emails: &str) -> Result<Self> {
        let any = elements(&work.conn().await?, "$2");
        let text = AssertSqlSafe(format!(
            "SELECT email_key, fields FROM dry_run_clients WHERE operation_id = $1 AND email_key IN ({any})"
        ));
        let rows: Vec<(String, String)> =
            on!(work, conn => sqlx::query_as(text).bind(id.as_str()).bind(emails).fetch_all(conn).await)?;
        let noted = rows.into_iter().map(|(email, fields)| Ok((email, serde_json::from_str(&fields)?)));
        Ok(Self { noted: noted.collect::<Result<_>>()?, new: Map::new() })
    }

    /// Makes of those on record what they would be by now, and adds those who would have been made.
    pub(crate) fn apply(&self, known: &mut HashMap<String, User>, now: Timestamp) {
        for (email, fields) in &self.noted {
            let fields = Value::Object(fields.clone());
            let client = match known.remove(email) {
                Some(before) => ClientPatch::read(&fields).map(|patch| patch.apply(before, now)),
                None => NewClient::read(&fields).map(|new| new.into_client(now)),
            };
            // What was noted had been accepted.
            known.extend(client.ok().map(|client| (email.clone(), client)));
        }
    }

    /// Notes what a row says that would be written, and whom that makes.
    pub(crate) fn note(&mut self, email: &str, fields: &Value, client: &User) {
        let mut all = self.noted.get(email).cloned().unwrap_or_default();
        all.extend(fields.as_object().cloned().unwrap_or_default());
        // It may have been made of the address, which may be written otherwise in another row.
        all.insert("username".into(), Value::from(client.username.as_str()));
        self.new.insert(email.to_owned(), Value::from(all.clone()));
        self.noted.insert(email.to_owned(), all);
    }

    /// Writes what is new.
    pub(crate) async fn write(self, work: &mut Work, id: &OperationId) -> Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        let each = match work.conn().await? {
            Conn::Sqlite(_) => "json_each($2)",
            Conn::Postgres(_) => "json_each_text($2::json)",
        };
        let text = AssertSqlSafe(format!(
            "INSERT INTO dry_run_clients (operation_id, email_key, fields) SELECT $1, key, value FROM {each} WHERE TRUE \
             ON CONFLICT (operation_id, email_key) DO UPDATE SET fields = excluded.fields"
        ));
        let new = Value::from(self.new).to_string();
        Ok(on!(work, conn => sqlx::query(text).bind(id.as_str()).bind(new).execute(conn).await.map(drop))?)
    }
}

/// Clears away some of what belongs to operations that have ended; says whether there may be more.
pub async fn clear(store: &Store) -> Result<bool> {
    let mut view = store.read_system().await?;
    let over: Option<String> = on!(&mut view, conn => sqlx::query_scalar(
        // One look for each operation, not for each of its notes.
        "WITH RECURSIVE run (id) AS (SELECT MIN(operation_id) FROM dry_run_clients UNION ALL \
         SELECT (SELECT MIN(operation_id) FROM dry_run_clients WHERE operation_id > run.id) FROM run WHERE run.id IS NOT NULL) \
         SELECT id FROM run WHERE id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM operations WHERE operations.id = run.id AND ended_at IS NULL) LIMIT 1",
    )
    .fetch_optional(conn)
    .await)?;
    drop(view);
    let Some(id) = over else { return Ok(false) };
    let text = AssertSqlSafe(format!(
        "DELETE FROM dry_run_clients WHERE operation_id = $1 \
         AND email_key IN (SELECT email_key FROM dry_run_clients WHERE operation_id = $1 LIMIT {SWEPT})"
    ));
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(text).bind(id).execute(conn).await.map(drop))?;
    tx.commit().await?;
    Ok(true)
}
