//! Events as they are read: by their owners with what became of them, by feeds, and by whoever sends them. They are written by
//! [`crate::Work`], with the change.

use crate::Result;
use crate::deliveries::state_of;
use crate::engine::Conn;
use crate::error::readable;
use crate::paging::{Select, json_array};
use crate::work::View;
use domain::clock::Timestamp;
use domain::delivery::DeliveryState;
use domain::event::{Event, EventType};
use domain::event_filter::{EventFilter, EventState};
use domain::ids::{DeliveryId, EventId, WebhookId, WorkspaceId};
use domain::page::{Cursor, CursorPage, CursorRequest};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

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

impl Row {
    /// The event; `None` if it cannot be read, which must not hold up the others.
    pub(crate) fn read(self) -> Option<Event> {
        let id = self.id.clone();
        readable("event", &id, self.try_into())
    }
}

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

/// How many events are looked through for those of a state: which it is stands in no index, and may be that of hardly any.
const LOOKED_THROUGH: u32 = 500;

/// An event's place in time, and what became of it.
type Looked = (String, i64, bool, bool);

/// Not with EXISTS, for which Postgres may think it best to read all deliveries there are.
const LOOKED: &str = "id, occurred_at, dispatched_at IS NOT NULL AS is_dispatched, \
     (SELECT 1 FROM deliveries WHERE event_id = events.id LIMIT 1) IS NOT NULL AS is_matched";

fn became((_, _, is_dispatched, is_matched): &Looked) -> EventState {
    match (is_dispatched, is_matched) {
        (false, _) => EventState::Waiting,
        (true, false) => EventState::Unmatched,
        (true, true) => EventState::Matched,
    }
}

/// Events with what became of them, newest first. However many there are, no more are looked through than a page, or, where a state is
/// asked for, a few hundred: where these were not enough the page is short, and goes on behind them.
pub async fn list(
    view: &mut impl View,
    filter: &EventFilter,
    CursorRequest { per_page, cursor }: CursorRequest,
) -> Result<CursorPage<(Event, EventState)>> {
    let limit = if filter.state.is_some() { LOOKED_THROUGH.max(per_page) } else { per_page } + 1;
    let mut looked = look_through(view, filter, cursor.as_ref(), limit).await?;
    let is_more = looked.len() as u64 == u64::from(limit);
    looked.truncate(limit as usize - 1);
    let wanted = looked.iter().enumerate().filter(|(_, one)| filter.state.is_none_or(|state| state == became(one)));
    let places: Vec<usize> = wanted.map(|(place, _)| place).take(per_page as usize).collect();
    // Behind the last one that is shown if the page is full, and else behind the last one that was looked at.
    let end = if places.len() as u64 == u64::from(per_page) { places.last().copied() } else { looked.len().checked_sub(1) };
    let next = end.filter(|end| is_more || end + 1 < looked.len()).map(|end| {
        let (id, at, ..) = &looked[end];
        Cursor { at: Timestamp::from_millis(*at), id: id.clone() }
    });
    let rows = rows_by_id(view.conn().await?, places.iter().map(|place| looked[*place].0.as_str())).await?;
    let mut events =
        rows.into_iter().map(|row| Ok((row.id.clone(), Event::try_from(row)?))).collect::<Result<HashMap<_, _>>>()?;
    let shown = places.iter().filter_map(|place| {
        let one = &looked[*place];
        // One that was cleared away meanwhile is left out.
        Some((events.remove(&one.0)?, became(one)))
    });
    Ok(CursorPage { rows: shown.collect(), next, per_page })
}

/// The newest events of these types: the index knows them type by type, and so they are taken together from the newest end of each.
async fn look_through(view: &mut impl View, filter: &EventFilter, cursor: Option<&Cursor>, limit: u32) -> Result<Vec<Looked>> {
    let range = |of: &EventType| {
        format!(
            "SELECT * FROM (SELECT id, occurred_at, dispatched_at FROM events WHERE workspace_id = $1 AND event_type = '{}' \
             AND (occurred_at, id) < ($2, $3) AND occurred_at >= $4 ORDER BY occurred_at DESC, id DESC LIMIT $5) AS r",
            of.as_str()
        )
    };
    let ranges: Vec<String> = filter.types.iter().map(range).collect();
    let text = AssertSqlSafe(format!(
        "SELECT {LOOKED} FROM (SELECT * FROM ({}) AS u ORDER BY occurred_at DESC, id DESC LIMIT $5) AS events \
         ORDER BY occurred_at DESC, id DESC",
        ranges.join(" UNION ALL ")
    ));
    let until = filter.period.until.map_or((i64::MAX, ""), |until| (until.millis(), ""));
    let (at, id) = cursor.map_or(until, |cursor| until.min((cursor.at.millis(), cursor.id.as_str())));
    let workspace = view.workspace().to_string();
    // The text depends on the choice; keeping each variant prepared would crowd out the others.
    Ok(on!(view, conn => sqlx::query_as(text)
        .persistent(false)
        .bind(&workspace)
        .bind(at)
        .bind(id)
        .bind(filter.period.since.map_or(i64::MIN, Timestamp::millis))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?)
}

/// Events with these ids, of whichever workspace. Asked for that too, an engine without statistics would read all of a workspace's events.
pub(crate) async fn rows_by_id<'i>(conn: Conn<'_>, ids: impl Iterator<Item = &'i str>) -> Result<Vec<Row>> {
    Ok(match conn {
        Conn::Sqlite(conn) => {
            sqlx::query_as(AssertSqlSafe(format!("SELECT {COLUMNS} FROM events WHERE id IN (SELECT value FROM json_each($1))")))
                .bind(json_array(ids))
                .fetch_all(conn)
                .await?
        }
        Conn::Postgres(conn) => {
            sqlx::query_as(AssertSqlSafe(format!("SELECT {COLUMNS} FROM events WHERE id = ANY($1)")))
                .bind(ids.collect::<Vec<_>>())
                .fetch_all(conn)
                .await?
        }
    })
}

/// A delivery as its event shows it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The delivery.
    pub id: DeliveryId,
    /// Where it goes.
    pub webhook: WebhookId,
    /// How far it is.
    pub state: DeliveryState,
}

/// How many deliveries an event shows: more than a workspace usually has webhooks.
const SHOWN: i64 = 200;

/// One event with what became of it.
pub async fn get_with_deliveries(view: &mut impl View, id: &EventId) -> Result<(Event, EventState, Vec<Sent>)> {
    let event = get(view, id).await?;
    let looked: Looked = Select::from(view, "events", LOOKED).and("id = ?", id.as_str()).one(view).await?;
    let workspace = view.workspace().to_string();
    let rows: Vec<(String, String, String)> = on!(view, conn => sqlx::query_as(
        "SELECT id, webhook_id, state FROM deliveries WHERE event_id = $1 AND workspace_id = $2 ORDER BY webhook_id LIMIT $3",
    )
    .bind(id.as_str())
    .bind(&workspace)
    .bind(SHOWN)
    .fetch_all(conn)
    .await)?;
    let sent = rows.into_iter().map(|(id, webhook, state)| {
        let (id, webhook) = (DeliveryId::from_stored(id), WebhookId::from_stored(webhook));
        Ok(Sent { id, webhook, state: state_of(&state)? })
    });
    Ok((event, became(&looked), sent.collect::<Result<_>>()?))
}
