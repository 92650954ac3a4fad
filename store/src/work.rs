//! Units of work: the scope of one workspace together with a connection, so that one cannot be had without the other.

use crate::engine::{Conn, Promise, Store};
use crate::insert::{Insert, insert_all};
use crate::writer::Turn;
use crate::{Result, StoreError, audit, connections};
use domain::audit::{Action, Actor};
use domain::clock::Timestamp;
use domain::dialect::canonical;
use domain::event::{EventType, previous_attributes};
use domain::ids::{EventId, WorkspaceId};
use serde::Serialize;
use serde_json::Value;
use sqlx::{Postgres, Sqlite};

/// The most rows of a unit of work that is committed together with others.
const MOST_ADDED: usize = 32;

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
    Sqlite(connections::Lent<Sqlite>),
    Postgres(connections::Lent<Postgres>),
}

/// Something rows of one workspace can be read through.
pub trait View: Send {
    /// The connection.
    fn conn(&mut self) -> impl Future<Output = Result<Conn<'_>>> + Send;
    /// The workspace whose rows are seen.
    fn workspace(&self) -> &WorkspaceId;
    /// What a read of one row ends with so that the row stays as it is until this view ends; empty where nothing is needed.
    fn lock(&self) -> &'static str;
}

/// A transaction in one workspace. Dropped without [`Work::commit`], it never happened.
///
/// It begins with the first statement that cannot wait. New rows wait until something is read, or until the commit: changes that only
/// add rows, and come at the same time, are then one statement and one commit; see [`Store::add`].
pub struct Work {
    store: Store,
    tx: Option<Tx>,
    inserts: Vec<Insert>,
    workspace: WorkspaceId,
    actor: Actor,
    now: Timestamp,
    events: Vec<EventId>,
    /// Whether something is due once this is committed that no event announces.
    is_due: bool,
}

impl Work {
    pub(crate) fn new(store: Store, workspace: WorkspaceId, actor: Actor) -> Self {
        let now = store.clock().now();
        Self { store, tx: None, inserts: Vec::new(), workspace, actor, now, events: Vec::new(), is_due: false }
    }

    /// The same within a transaction that has begun already; see [`Work::into_tx`].
    pub(crate) fn within(tx: Tx, store: &Store, workspace: &WorkspaceId, actor: Actor) -> Self {
        Self { tx: Some(tx), ..Self::new(store.clone(), workspace.clone(), actor) }
    }

    /// Gives the transaction back, with everything written, and the events to ring for once it is committed.
    pub(crate) async fn into_tx(mut self) -> Result<(Tx, Vec<EventId>)> {
        self.conn().await?;
        let tx = self.tx.ok_or_else(|| StoreError::Damaged("a unit of work without its transaction".into()))?;
        Ok((tx, self.events))
    }

    /// The moment this unit of work calls now.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whose work it is.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Writes a row, now or a little later; a violated constraint may show only when the work is committed.
    pub(crate) fn insert(&mut self, row: Insert) {
        self.inserts.push(row);
    }

    /// Commits, then rings the doorbell for the events that were written.
    pub async fn commit(mut self) -> Result<()> {
        if self.tx.is_none() && self.inserts.len() <= MOST_ADDED {
            self.store.add(self.inserts).await?;
        } else {
            self.conn().await?;
            if let Some(tx) = self.tx {
                tx.commit().await?;
            }
        }
        if !self.events.is_empty() {
            self.store.ring(&self.events);
        }
        if self.is_due {
            self.store.ring(&[]);
        }
        Ok(())
    }

    /// Writes the event of a change. `before` is the resource as it was, for updates; an update that changed nothing
    /// writes no event.
    pub(crate) fn record<T: Serialize + Sync>(&mut self, event: EventType, before: Option<&T>, after: &T) -> Result<()> {
        let data = canonical(after);
        let previous = match before {
            None => None,
            Some(before) => match previous_attributes(&canonical(before), &data) {
                None => return Ok(()),
                changed => changed.map(|changed| changed.to_string()),
            },
        };
        let (id, row) = self.event(event, &data);
        self.insert(row.set("previous", previous));
        self.events.push(id);
        let text = |name: &str| data[name].as_str();
        self.note(Action::of(event), text("id"), text("name").or_else(|| text("title")).or_else(|| text("url")));
        Ok(())
    }

    /// Writes into the audit log that the actor did this to that; changes of records are noted by [`Work::record`].
    pub fn note(&mut self, action: Action, subject_id: Option<&str>, subject_name: Option<&str>) {
        let row = audit::entry(&self.workspace, &self.actor, self.now, action, subject_id, subject_name);
        self.insert(row);
    }

    /// Writes an event that is no change of a record, and so not in the audit log.
    pub(crate) fn announce(&mut self, event: EventType, data: &Value) -> EventId {
        let (id, row) = self.event(event, data);
        self.insert(row);
        self.events.push(id.clone());
        id
    }

    /// Lets workers look, once this is committed, for what is due.
    pub(crate) fn make_due(&mut self) {
        self.is_due = true;
    }

    /// Writes an event that is for nobody but the deliveries the caller writes with it.
    pub(crate) fn record_dispatched(&mut self, event: EventType, data: &Value) -> EventId {
        let (id, row) = self.event(event, data);
        self.insert(row.set("dispatched_at", self.now.millis()));
        id
    }

    fn event(&self, event: EventType, data: &Value) -> (EventId, Insert) {
        let id = EventId::new(self.now);
        let row = Insert::into("events")
            .set("id", id.as_str())
            .set("workspace_id", self.workspace.as_str())
            .set("event_type", event.as_str())
            .set("occurred_at", self.now.millis())
            .set("data", data.to_string());
        (id, row)
    }
}

impl View for Work {
    async fn conn(&mut self) -> Result<Conn<'_>> {
        let tx = match self.tx.take() {
            Some(tx) => tx,
            None => self.store.begin_tx(Promise::Kept).await?,
        };
        let tx = self.tx.insert(tx);
        if !self.inserts.is_empty() {
            let inserts = std::mem::take(&mut self.inserts);
            insert_all(tx.conn(), &inserts.iter().collect::<Vec<_>>()).await?;
        }
        Ok(tx.conn())
    }

    /// Two updates of one resource must not undo each other. `SQLite` has one writer and needs no lock.
    fn lock(&self) -> &'static str {
        if self.store.is_sqlite() { "" } else { "FOR UPDATE" }
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
    pub(crate) fn sqlite(workspace: WorkspaceId, conn: connections::Lent<Sqlite>) -> Self {
        Self { conn: Lent::Sqlite(conn), workspace }
    }

    pub(crate) fn postgres(workspace: WorkspaceId, conn: connections::Lent<Postgres>) -> Self {
        Self { conn: Lent::Postgres(conn), workspace }
    }
}

impl View for Reading {
    fn lock(&self) -> &'static str {
        ""
    }

    async fn conn(&mut self) -> Result<Conn<'_>> {
        Ok(match &mut self.conn {
            Lent::Sqlite(conn) => Conn::Sqlite(conn),
            Lent::Postgres(conn) => Conn::Postgres(conn),
        })
    }

    fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }
}

/// A stored text that should be one of a few, and is not.
pub(crate) fn damaged(what: &str, text: &str) -> StoreError {
    StoreError::Damaged(format!("`{text}` is no {what}"))
}
