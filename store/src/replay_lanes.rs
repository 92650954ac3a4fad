//! What a replay would send, read lane by lane: each a range of an index, behind a place that is kept from step to step. Nothing here
//! writes, or reads more than a bounded number of rows at a time.

use crate::insert::Bound;
use crate::paging::{elements, json_array};
use crate::work::{View, damaged};
use crate::{Result, locations};
use domain::clock::Timestamp;
use domain::location::Location;
use domain::replay::{Lane, Replay};
use domain::webhook::Webhook;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

/// Rows a step looks at, at most; what it sends is bounded by the replay's rate.
pub(crate) const LOOKED_AT: usize = 1000;
/// Rows of each lane that a step looks at, at least, where all lanes are looked at.
const LEAST_SHARE: usize = 16;

/// The last row that was looked at in a lane.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) lane: String,
    pub(crate) at: i64,
    pub(crate) id: String,
    /// When the replay began: what it has begun anew itself, and was given up again, is no more of its own to repeat than what it made.
    #[serde(default = "ever")]
    begun_at: i64,
}

/// Of replays that were asked for before they began anything anew.
fn ever() -> i64 {
    i64::MAX
}

impl Place {
    /// In front of a lane's first row.
    pub(crate) fn begin(lane: Lane, replay: &Replay, begun_at: Timestamp) -> Self {
        Self { lane: lane.name(), at: replay.since.millis(), id: String::new(), begun_at: begun_at.millis() }
    }

    /// In front of the first row of another lane.
    fn next(&self, lane: Lane, replay: &Replay) -> Self {
        Self::begin(lane, replay, Timestamp::from_millis(self.begun_at))
    }

    /// At this row of the same lane.
    pub(crate) fn at(&self, row: &Row) -> Self {
        Self { at: row.moment, id: row.id.clone(), ..self.clone() }
    }
}

/// Whether there can be anything in a lane: what a webhook would not receive today it does not miss.
pub(crate) fn is_open(lane: Lane, webhook: &Webhook) -> bool {
    match lane {
        Lane::Missing(event) => webhook.matches(event.as_str()),
        Lane::Failed(..) | Lane::Deliveries => true,
    }
}

/// A row of a lane: a delivery, or an event without one.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) moment: i64,
    event_type: String,
    pub(crate) is_wanted: bool,
    /// Of an event: what it says, if the webhook listens in a part of the tree only.
    data: Option<String>,
    previous: Option<String>,
}

/// Rows of a lane behind a place, in the order of time. An event is wanted only where the webhook listens.
pub(crate) async fn rows(
    view: &mut impl View,
    webhook: &Webhook,
    replay: &Replay,
    place: &Place,
    lane: Lane,
    limit: usize,
) -> Result<Vec<Row>> {
    let (text, bound) = range(view, webhook, replay, place, lane, limit as u64).await?;
    let mut rows: Vec<Row> = on!(view, conn => {
        bound.into_iter().fold(sqlx::query_as(AssertSqlSafe(text)), sqlx::query::QueryAs::bind).fetch_all(conn).await
    })?;
    if webhook.is_located() && matches!(lane, Lane::Missing(_)) {
        let mut locations = rows.iter().map(location).collect::<Result<Vec<_>>>()?;
        locations::widen(view.conn().await?, &mut locations).await?;
        for (row, location) in rows.iter_mut().zip(&locations) {
            row.is_wanted &= webhook.listens_at(Some(location));
        }
    }
    Ok(rows)
}

fn location(row: &Row) -> Result<Location> {
    let read = |text: &Option<String>| text.as_deref().map(serde_json::from_str).transpose();
    let data = read(&row.data)?.unwrap_or_default();
    Ok(Location::of(&row.event_type, &data, read(&row.previous)?.as_ref()))
}

/// In the place of what an event says.
const NOTHING: &str = "NULL AS data, NULL AS previous";

/// The statement for rows of a lane behind a place, in the order of time, and what is bound to it.
pub(crate) async fn range(
    view: &mut impl View,
    webhook: &Webhook,
    replay: &Replay,
    place: &Place,
    lane: Lane,
    limit: u64,
) -> Result<(String, Vec<Bound>)> {
    let workspace = view.workspace().to_string();
    let any = elements(&view.conn().await?, "$7");
    let of_webhook = "FROM deliveries WHERE webhook_id = $2 AND workspace_id = $1";
    let behind = "AND (created_at, id) > ($3, $4) AND created_at < $5 ORDER BY created_at, id LIMIT $6";
    let text = match lane {
        Lane::Failed(..) => {
            format!(
                "SELECT id, created_at AS moment, event_type, COALESCE(restarted_at, 0) < $9 AS is_wanted, {NOTHING} {of_webhook} \
                 AND state = $7 AND event_type = $8 {behind}"
            )
        }
        Lane::Deliveries => {
            format!(
                "SELECT id, created_at AS moment, event_type, event_type IN ({any}) AS is_wanted, {NOTHING} {of_webhook} {behind}"
            )
        }
        // An event that is not dispatched yet is about to get its delivery in the usual way.
        Lane::Missing(_) => {
            let said = if webhook.is_located() { "data, previous" } else { NOTHING };
            format!(
                "SELECT id, occurred_at AS moment, event_type, (dispatched_at IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM deliveries WHERE deliveries.event_id = events.id AND deliveries.webhook_id = $2)) AS is_wanted, {said} \
                 FROM events WHERE workspace_id = $1 AND event_type = $7 \
                 AND (occurred_at, id) > ($3, $4) AND occurred_at < $5 ORDER BY occurred_at, id LIMIT $6"
            )
        }
    };
    let mut bound: Vec<Bound> = vec![
        workspace.into(),
        webhook.id.as_str().into(),
        place.at.into(),
        (&place.id).into(),
        replay.until.millis().into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    match lane {
        Lane::Failed(state, event) => bound.extend([state.as_str().into(), event.as_str().into(), place.begun_at.into()]),
        Lane::Deliveries => bound.push(json_array(replay.types().map(domain::event::EventType::as_str)).into()),
        Lane::Missing(event) => bound.push(event.as_str().into()),
    }
    Ok((text, bound))
}

/// What one step is going to send.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) deliveries: Vec<String>,
    /// Events without a delivery, and their types.
    pub(crate) missing: Vec<(String, String)>,
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.deliveries.len() + self.missing.len()
    }

    fn take(&mut self, lane: Lane, row: Row) {
        match lane {
            _ if !row.is_wanted => {}
            Lane::Missing(_) => self.missing.push((row.id, row.event_type)),
            Lane::Failed(..) | Lane::Deliveries => self.deliveries.push(row.id),
        }
    }
}

/// Reads on from a place, which it moves, until a second's worth is found or enough was looked at. Says whether that was the end.
pub(crate) async fn look(view: &mut impl View, webhook: &Webhook, replay: &Replay, place: &mut Place) -> Result<(Batch, bool)> {
    let lanes = replay.lanes();
    let first =
        lanes.iter().position(|lane| lane.name() == place.lane).ok_or_else(|| damaged("lane of a replay", &place.lane))?;
    let (mut batch, mut left) = (Batch::default(), LOOKED_AT);
    for (index, lane) in lanes.iter().enumerate().skip(first) {
        if index > first {
            *place = place.next(*lane, replay);
        }
        if !is_open(*lane, webhook) {
            continue;
        }
        if left == 0 {
            return Ok((batch, false));
        }
        let rows = rows(view, webhook, replay, place, *lane, left).await?;
        let is_more = rows.len() >= left;
        left -= rows.len();
        for row in rows {
            if row.is_wanted && batch.len() >= replay.rate as usize {
                return Ok((batch, false));
            }
            *place = place.at(&row);
            batch.take(*lane, row);
        }
        if is_more {
            return Ok((batch, false));
        }
    }
    Ok((batch, true))
}

/// As [`look`], but through all lanes at once in the order of time, as a webhook wants it that is sent its events in their order. Each
/// lane has a place of its own.
pub(crate) async fn look_in_order(
    view: &mut impl View,
    webhook: &Webhook,
    replay: &Replay,
    places: &mut [Place],
) -> Result<(Batch, bool)> {
    let lanes = replay.lanes();
    let share = (LOOKED_AT / places.len().max(1)).max(LEAST_SHARE);
    let (mut found, mut horizon) = (Vec::new(), None);
    for (index, place) in places.iter().enumerate() {
        let lane = lanes.iter().find(|lane| lane.name() == place.lane);
        let lane = *lane.ok_or_else(|| damaged("lane of a replay", &place.lane))?;
        let rows = rows(view, webhook, replay, place, lane, share).await?;
        // Beyond the last row of a lane that may have more, rows of others may not be next.
        if let Some(last) = rows.last().filter(|_| rows.len() >= share) {
            let last = (last.moment, last.id.clone());
            horizon = Some(horizon.map_or(last.clone(), |horizon: (i64, String)| horizon.min(last)));
        }
        found.extend(rows.into_iter().map(|row| (index, lane, row)));
    }
    found.sort_by(|(.., one), (.., other)| (one.moment, &one.id).cmp(&(other.moment, &other.id)));
    let mut batch = Batch::default();
    for (index, lane, row) in found {
        let is_beyond = horizon.as_ref().is_some_and(|(moment, id)| (row.moment, &row.id) > (*moment, id));
        if is_beyond || row.is_wanted && batch.len() >= replay.rate as usize {
            return Ok((batch, false));
        }
        places[index] = places[index].at(&row);
        batch.take(lane, row);
    }
    Ok((batch, horizon.is_none()))
}
