//! Events as they are read: by feeds, and by whoever sends them. They are written by [`crate::Work`], with the change.

use crate::Result;
use crate::paging::Select;
use crate::work::View;
use domain::clock::Timestamp;
use domain::event::Event;
use domain::ids::{EventId, WorkspaceId};

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    workspace_id: String,
    event_type: String,
    occurred_at: i64,
    data: String,
    previous: Option<String>,
}

pub(crate) const COLUMNS: &str = "id, workspace_id, event_type, occurred_at, data, previous";

impl TryFrom<Row> for Event {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: EventId::from_stored(row.id),
            workspace_id: WorkspaceId::from_stored(row.workspace_id),
            event_type: row.event_type,
            occurred_at: Timestamp::from_millis(row.occurred_at),
            data: serde_json::from_str(&row.data)?,
            previous: row.previous.as_deref().map(serde_json::from_str).transpose()?,
        })
    }
}

/// One event.
pub async fn get(view: &mut impl View, id: &EventId) -> Result<Event> {
    Select::from(view, "events", COLUMNS).and("id = ?", id.as_str()).one::<Row>(view).await?.try_into()
}
