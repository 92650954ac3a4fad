//! Units of work: the scope of one workspace together with a connection, so that one cannot be had without the other.

use crate::engine::{Conn, Store};
use crate::writer::Turn;
use crate::{Result, StoreError};
use domain::clock::Timestamp;
use domain::dialect::canonical;
use domain::event::{EventType, previous_attributes};
use domain::ids::{EventId, WorkspaceId};
use serde::Serialize;
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite};

pub(crate) enum Tx {
    Sqlite(Turn),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(turn) => turn.commit().await,
            Self::Postgres(tx) => Ok(tx.commit().await?),
        }
    }
}

enum Lent {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Something rows of one workspace can be read through.
pub trait View: Send {
    /// The connection.
    fn conn(&mut self) -> Conn<'_>;
    /// The workspace whose rows are seen.
    fn workspace(&self) -> &WorkspaceId;
    /// Whether what is read may be written in the same transaction.
    fn is_writing(&self) -> bool;
}

/// A transaction in one workspace. Dropped without [`Work::commit`], it never happened.
pub struct Work {
    store: Store,
    tx: Tx,
    workspace: WorkspaceId,
    now: Timestamp,
    events: Vec<EventId>,
}

impl Work {
    pub(crate) fn new(store: Store, tx: Tx, workspace: WorkspaceId) -> Self {
        let now = store.clock().now();
        Self { store, tx, workspace, now, events: Vec::new() }
    }

    /// The moment this unit of work calls now.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Commits, then rings the doorbell for the events that were written.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        if !self.events.is_empty() {
            self.store.ring(&self.events);
        }
        Ok(())
    }

    /// Writes the event of a change. `before` is the resource as it was, for updates; an update that changed nothing
    /// writes no event.
    pub(crate) async fn record<T: Serialize + Sync>(&mut self, event: EventType, before: Option<&T>, after: &T) -> Result<()> {
        let data = canonical(after);
        let previous = match before {
            None => None,
            Some(before) => match previous_attributes(&canonical(before), &data) {
                None => return Ok(()),
                changed => changed.map(|changed| changed.to_string()),
            },
        };
        let id = EventId::new(self.now);
        let (workspace, now) = (self.workspace.clone(), self.now.millis());
        on!(self, conn => sqlx::query(
            "INSERT INTO events (id, workspace_id, event_type, occurred_at, data, previous) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(workspace.as_str())
        .bind(event.as_str())
        .bind(now)
        .bind(data.to_string())
        .bind(previous)
        .execute(conn)
        .await
        .map(drop))?;
        self.events.push(id);
        Ok(())
    }
}

impl View for Work {
    fn conn(&mut self) -> Conn<'_> {
        self.tx.conn()
    }

    fn is_writing(&self) -> bool {
        true
    }

    fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }
}

impl Tx {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(turn) => Conn::Sqlite(turn.conn()),
            Self::Postgres(tx) => Conn::Postgres(tx),
        }
    }
}

/// A connection for reading one workspace, without a transaction.
pub struct Reading {
    conn: Lent,
    workspace: WorkspaceId,
}

impl Reading {
    pub(crate) fn sqlite(workspace: WorkspaceId, conn: PoolConnection<Sqlite>) -> Self {
        Self { conn: Lent::Sqlite(conn), workspace }
    }

    pub(crate) fn postgres(workspace: WorkspaceId, conn: PoolConnection<Postgres>) -> Self {
        Self { conn: Lent::Postgres(conn), workspace }
    }
}

impl View for Reading {
    fn is_writing(&self) -> bool {
        false
    }

    fn conn(&mut self) -> Conn<'_> {
        match &mut self.conn {
            Lent::Sqlite(conn) => Conn::Sqlite(conn),
            Lent::Postgres(conn) => Conn::Postgres(conn),
        }
    }

    fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }
}

/// A stored text that should be one of a few, and is not.
pub(crate) fn damaged(what: &str, text: &str) -> StoreError {
    StoreError::Damaged(format!("`{text}` is no {what}"))
}
