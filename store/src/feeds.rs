//! Feeds: the events of one type as whoever polls reads them, the latest or what came after a cursor.
//!
//! What comes after a cursor is complete: an event that was committed late is behind every cursor that was given out before. On Postgres
//! events of transactions that are still overtaken by an open one are held back from cursors until that one has ended.

use crate::engine::{Conn, Store};
use crate::paging::Select;
use crate::work::View;
use crate::{Result, StoreError, events, locations};
use domain::event::Event;
use domain::ids::{BoardId, EventId, FolderId};
use domain::input::Invalid;
use domain::location::Location;
use sqlx::AssertSqlSafe;

const SQLITE: &str = "id, workspace_id, event_type, occurred_at, data, previous, position, 9223372036854775807 AS settled";
/// Positions below `settled` do not change any more.
const POSTGRES: &str = "id, workspace_id, event_type, occurred_at, data, previous, position, \
     event_position(pg_snapshot_xmin(pg_current_snapshot())) AS settled";
const IS_SETTLED: &str = "position < event_position(pg_snapshot_xmin(pg_current_snapshot()))";

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    event: events::Row,
    position: i64,
    settled: i64,
}

/// A place in a feed: behind one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    position: i64,
    id: String,
}

impl Cursor {
    /// Reads what [`Cursor`] prints.
    fn parse(text: &str) -> Option<Self> {
        let (position, id) = text.split_once('.')?;
        let position = position.parse().ok().filter(|position| *position >= 0)?;
        EventId::parse(id).is_ok().then(|| Self { position, id: id.to_owned() })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.position, self.id)
    }
}

/// The least and the greatest id there are.
const FIRST_ID: &str = "evt_000000000000000000000000";
const LAST_ID: &str = "evt_ffffffffffffffffffffffff";

/// The part of the tree a feed tells of; all of it if neither is named.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Only what concerns this folder, or something below it, or the board.
    pub folder: Option<FolderId>,
    /// Only what concerns this board, or the folder.
    pub board: Option<BoardId>,
}

impl Place {
    fn is_everywhere(&self) -> bool {
        self.folder.is_none() && self.board.is_none()
    }

    /// How many events are looked through for a page of this many.
    fn looked_through(&self, limit: u32) -> u32 {
        if self.is_everywhere() { limit } else { limit.max(LOOKED_THROUGH) }
    }

    /// Leaves the events that concern it, as a webhook that listens there would hear of them.
    async fn keep(&self, view: &mut impl View, events: Vec<Event>) -> Result<Vec<Event>> {
        if self.is_everywhere() {
            return Ok(events);
        }
        let of = |event: &Event| Location::of(&event.event_type, &event.data, event.previous.as_ref());
        let mut locations: Vec<Location> = events.iter().map(of).collect();
        locations::widen(view.conn().await?, &mut locations).await?;
        let is_there = |location: &Location| {
            location.is_in(self.folder.iter().map(FolderId::as_str), self.board.iter().map(BoardId::as_str))
        };
        Ok(events.into_iter().zip(locations).filter(|(_, location)| is_there(location)).map(|(event, _)| event).collect())
    }
}

/// How many events are looked through for those of one place.
const LOOKED_THROUGH: u32 = 500;

/// One page of a feed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Newest first.
    pub events: Vec<Event>,
    /// Where it goes on.
    pub next: Cursor,
    /// Whether there is more behind that at once.
    pub has_more: bool,
}

/// The latest events of one type, at most `limit`; of one place those among the latest few hundred.
pub async fn latest(view: &mut impl View, event_type: &str, place: &Place, limit: u32) -> Result<Feed> {
    let select = select(view).await?.and("event_type = ?", event_type);
    let rows: Vec<Row> = select.first(view, "position DESC, id DESC", place.looked_through(limit)).await?;
    let next = match rows.first() {
        Some(newest) if newest.position < newest.settled => Cursor { position: newest.position, id: newest.event.id.clone() },
        Some(newest) => Cursor { position: newest.settled - 1, id: LAST_ID.into() },
        // There was never anything: whatever comes, however much, is behind the beginning.
        None => Cursor { position: 0, id: FIRST_ID.into() },
    };
    let mut events = place.keep(view, shown(rows)?).await?;
    events.truncate(limit as usize);
    Ok(Feed { events, next, has_more: false })
}

/// What came after a cursor, or after the event of this id: the oldest of it, at most `limit`, so that whoever goes on from there misses
/// nothing.
pub async fn since(view: &mut impl View, event_type: &str, place: &Place, since: &str, limit: u32) -> Result<Feed> {
    let cursor = match Cursor::parse(since) {
        Some(cursor) => cursor,
        None => behind(view, since).await?,
    };
    let select = select(view).await?.and("event_type = ?", event_type).after(cursor.position, &cursor.id);
    let select = if is_sqlite(view).await? { select } else { select.and_is(IS_SETTLED) };
    let mut rows: Vec<Row> = select.first(view, "position, id", limit.saturating_add(1)).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().map_or(cursor, |newest| Cursor { position: newest.position, id: newest.event.id.clone() });
    let events = place.keep(view, shown(rows)?).await?;
    Ok(Feed { events, next, has_more })
}

/// The cursor behind an event.
async fn behind(view: &mut impl View, id: &str) -> Result<Cursor> {
    let unknown =
        || StoreError::Invalid(Invalid::field("since", "The since field must be a cursor of this feed or the id of an event."));
    let id = EventId::parse(id).map_err(|_| unknown())?;
    let workspace = view.workspace().to_string();
    let position: Option<i64> = on!(view, conn => sqlx::query_scalar("SELECT position FROM events WHERE workspace_id = $1 AND id = $2")
        .bind(&workspace)
        .bind(id.as_str())
        .fetch_optional(conn)
        .await)?;
    position.map(|position| Cursor { position, id: id.to_string() }).ok_or_else(unknown)
}

/// In the order of their own times, in which people expect them.
fn shown(rows: Vec<Row>) -> Result<Vec<Event>> {
    let mut events = rows.into_iter().map(|row| Event::try_from(row.event)).collect::<Result<Vec<_>>>()?;
    events.sort_by(|one, other| (other.occurred_at, &other.id).cmp(&(one.occurred_at, &one.id)));
    Ok(events)
}

async fn select(view: &mut impl View) -> Result<Select> {
    let columns = if is_sqlite(view).await? { SQLITE } else { POSTGRES };
    Ok(Select::from(view, "events", columns))
}

async fn is_sqlite(view: &mut impl View) -> Result<bool> {
    Ok(matches!(view.conn().await?, Conn::Sqlite(_)))
}

impl Store {
    /// Lets positions go on rising after a database was moved to a server whose transactions have lower numbers.
    pub async fn keep_positions_rising(&self) -> Result<()> {
        if self.is_sqlite() {
            return Ok(());
        }
        let mut view = self.read_system().await?;
        let Conn::Postgres(conn) = view.conn().await? else { return Ok(()) };
        let is_behind: Option<bool> = sqlx::query_scalar(
            "SELECT position > event_position(pg_snapshot_xmax(pg_current_snapshot())) FROM events ORDER BY id DESC LIMIT 1",
        )
        .fetch_optional(&mut *conn)
        .await?;
        if is_behind == Some(true) {
            let beyond: i64 = sqlx::query_scalar(
                "SELECT MAX(position) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM events",
            )
            .fetch_one(&mut *conn)
            .await?;
            let text = format!(
                "CREATE OR REPLACE FUNCTION event_position(transaction xid8) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE \
                 AS 'SELECT $1::text::bigint + {beyond}'"
            );
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *conn).await?;
            tracing::info!("the database was moved to another server; feeds go on where they were");
        }
        Ok(())
    }
}
