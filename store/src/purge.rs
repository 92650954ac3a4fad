//! Removing for good what was deleted long ago. From the moment something is deleted it is out of everybody's reach; its row stays for a
//! while, as the last resort of an operator with a database client.
//!
//! Nothing is removed that something else still refers to: a task goes before its list, a list before its board. Of a person the row
//! stays, emptied of all that tells who it was: tasks and comments name their authors.

use crate::engine::Promise;
use crate::paging::json_array;
use crate::retention::{BATCH, Batch, execute_on, set};
use crate::{Result, Store};
use domain::clock::Timestamp;
use sqlx::AssertSqlSafe;

/// One kind of thing that can be deleted.
struct Kind {
    table: &'static str,
    /// Columns of which none may name it any more.
    awaits: &'static [(&'static str, &'static str)],
    /// Columns whose rows go with what they name.
    takes: &'static [(&'static str, &'static str)],
}

/// What people are emptied of. Nobody has an empty address, so that is how an emptied one is told.
const EMPTIED: &str = "name = '', name_key = '', email = '', email_key = '', username = '', title = NULL, phone = NULL, language = NULL, \
     timezone = NULL, color = NULL, company_id = NULL, password_hash = NULL, last_seen_at = NULL";

/// In an order in which each finds removed what it waits for.
const KINDS: [Kind; 10] = [
    Kind { table: "task_comments", awaits: &[], takes: &[] },
    Kind {
        table: "tasks",
        awaits: &[("tasks", "parent_id")],
        takes: &[
            ("task_comments", "task_id"),
            ("task_custom_fields", "task_id"),
            ("task_labels", "task_id"),
            ("task_members", "task_id"),
        ],
    },
    Kind { table: "labels", awaits: &[], takes: &[("task_labels", "label_id")] },
    Kind { table: "custom_fields", awaits: &[], takes: &[("task_custom_fields", "custom_field_id")] },
    Kind { table: "lists", awaits: &[("tasks", "list_id")], takes: &[] },
    Kind {
        table: "boards",
        awaits: &[("lists", "board_id"), ("tasks", "board_id")],
        takes: &[("labels", "board_id"), ("custom_fields", "board_id")],
    },
    Kind { table: "folders", awaits: &[("folders", "folder_id"), ("boards", "folder_id")], takes: &[] },
    Kind { table: USERS, awaits: &[], takes: &[] },
    Kind { table: "companies", awaits: &[(USERS, "company_id")], takes: &[] },
    Kind { table: "webhooks", awaits: &[("deliveries", "webhook_id")], takes: &[("webhook_counts", "webhook_id")] },
];

const USERS: &str = "users";

/// Removes a batch of what was deleted before this moment; the place is a kind.
pub(crate) async fn purge(store: &Store, before: Timestamp, from: Option<&str>) -> Result<Batch> {
    let place = KINDS.iter().position(|kind| from == Some(kind.table)).unwrap_or_default();
    let kind = &KINDS[place];
    let count = remove(store, kind, before).await?;
    // A folder in a folder goes first, and then its folder.
    let is_nested = kind.awaits.iter().any(|(table, _)| *table == kind.table);
    let is_more = count >= BATCH || is_nested && count > 0;
    let next = if is_more { Some(kind) } else { KINDS.get(place + 1) };
    Ok(Batch { count, next: next.map(|kind| kind.table.to_owned()) })
}

async fn remove(store: &Store, kind: &Kind, before: Timestamp) -> Result<u64> {
    let Kind { table, awaits, takes } = kind;
    let mut conditions = vec!["deleted_at < $1".to_owned()];
    conditions.extend(awaits.iter().map(|(from, column)| format!("NOT EXISTS (SELECT 1 FROM {from} WHERE {column} = old.id)")));
    if *table == USERS {
        conditions.push("email <> ''".into());
    }
    let conditions = conditions.join(" AND ");
    let text = AssertSqlSafe(format!("SELECT id FROM {table} AS old WHERE {conditions} ORDER BY deleted_at LIMIT $2"));
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let ids: Vec<String> = in_tx!(tx, conn => sqlx::query_scalar(text)
        .bind(before.millis())
        .bind(BATCH.cast_signed())
        .fetch_all(conn)
        .await)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let (ids, among) = (json_array(ids.iter().map(String::as_str)), set(store));
    for (from, column) in *takes {
        execute_on(&mut tx, format!("DELETE FROM {from} WHERE {column} IN {among}"), &ids).await?;
    }
    let end = if *table == USERS { format!("UPDATE {table} SET {EMPTIED}") } else { format!("DELETE FROM {table}") };
    let count = execute_on(&mut tx, format!("{end} WHERE id IN {among}"), &ids).await?;
    tx.commit().await?;
    Ok(count)
}
