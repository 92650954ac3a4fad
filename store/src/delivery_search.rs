//! The newest deliveries of a webhook, by state, event type or event: page by page, in a time that does not grow with how many
//! there are.
//!
//! There is no count. A page begins where the one before it ended, and reads its rows from the newest end of a range of an index; a
//! choice of states and event types is one such range for each pair, of which the newest rows are taken together.

use crate::Result;
use crate::deliveries::{COLUMNS, Row};
use crate::paging::Select;
use crate::work::View;
use domain::clock::Timestamp;
use domain::delivery::{Delivery, DeliveryState};
use domain::event::EventType;
use domain::ids::{DeliveryId, EventId, WebhookId};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// Which deliveries of a webhook are looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Those in one of these states; empty for all.
    pub states: Vec<DeliveryState>,
    /// Those of what.
    pub of: Of,
    /// Those before this moment, and of that moment those before this one: where the page before ended.
    pub before: Option<(Timestamp, DeliveryId)>,
}

/// What deliveries are of.
#[derive(Clone, Debug, Default)]
pub enum Of {
    /// Anything.
    #[default]
    Everything,
    /// This event.
    Event(EventId),
    /// Events of one of these types; none at all if there is none.
    Types(Vec<EventType>),
}

/// A delivery and how long its last attempt took.
#[derive(Clone, Debug)]
pub struct Found {
    /// The delivery.
    pub delivery: Delivery,
    /// In milliseconds; `None` before the first attempt.
    pub last_duration_ms: Option<u32>,
}

/// The newest deliveries that match, at most `limit` of them.
pub async fn newest(view: &mut impl View, webhook: &WebhookId, search: Search, limit: u32) -> Result<Vec<Found>> {
    let rows: Vec<Row> = match (&search.of, search.states.is_empty()) {
        (Of::Event(event), _) => {
            let mut select = beginning(view, webhook, &search).and("event_id = ?", event.as_str());
            if !search.states.is_empty() {
                let states = search.states.iter().map(|state| format!("'{}'", state.as_str())).collect::<Vec<_>>().join(", ");
                select = select.and_is(&format!("state IN ({states})"));
            }
            select.first(view, "created_at DESC, id DESC", limit).await?
        }
        (Of::Everything, true) => beginning(view, webhook, &search).first(view, "created_at DESC, id DESC", limit).await?,
        (Of::Everything, false) => {
            let types: Vec<EventType> = EventType::ALL.iter().copied().chain([EventType::WEBHOOK_TEST]).collect();
            from_ranges(view, webhook, &search, &search.states, &types, limit).await?
        }
        (Of::Types(types), true) => from_ranges(view, webhook, &search, &DeliveryState::ALL, types, limit).await?,
        (Of::Types(types), false) => from_ranges(view, webhook, &search, &search.states, types, limit).await?,
    };
    let deliveries = rows.into_iter().map(Delivery::try_from).collect::<Result<Vec<_>>>()?;
    let mut durations = last_durations(view, &deliveries).await?;
    let with_duration = |delivery: Delivery| Found { last_duration_ms: durations.remove(delivery.id.as_str()), delivery };
    Ok(deliveries.into_iter().map(with_duration).collect())
}

fn beginning(view: &impl View, webhook: &WebhookId, search: &Search) -> Select {
    let select = Select::from(view, "deliveries", COLUMNS).and("webhook_id = ?", webhook.as_str());
    match &search.before {
        Some((at, id)) => select.before(*at, id.as_str()),
        None => select,
    }
}

/// The newest of all these ranges. States and types are words of our own, and stand in the statement as they are.
async fn from_ranges(
    view: &mut impl View,
    webhook: &WebhookId,
    search: &Search,
    states: &[DeliveryState],
    types: &[EventType],
    limit: u32,
) -> Result<Vec<Row>> {
    if types.is_empty() || states.is_empty() {
        return Ok(Vec::new());
    }
    let range = |state: &DeliveryState, of: &EventType| {
        format!(
            "SELECT * FROM (SELECT created_at, id FROM deliveries WHERE webhook_id = $2 AND state = '{}' AND event_type = '{}' \
             AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5) AS r",
            state.as_str(),
            of.as_str()
        )
    };
    let ranges: Vec<String> = states.iter().flat_map(|state| types.iter().map(move |of| range(state, of))).collect();
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM deliveries WHERE workspace_id = $1 AND id IN \
         (SELECT id FROM ({}) AS u ORDER BY created_at DESC, id DESC LIMIT $5) ORDER BY created_at DESC, id DESC",
        ranges.join(" UNION ALL ")
    ));
    let (at, id) = search.before.as_ref().map_or((i64::MAX, ""), |(at, id)| (at.millis(), id.as_str()));
    let workspace = view.workspace().to_string();
    // The text depends on the choice; keeping each variant prepared would crowd out the others.
    Ok(on!(view, conn => sqlx::query_as(text)
        .persistent(false)
        .bind(&workspace)
        .bind(webhook.as_str())
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?)
}

/// How long the last attempts took, by delivery: one look into an index for each.
async fn last_durations(view: &mut impl View, deliveries: &[Delivery]) -> Result<HashMap<String, u32>> {
    let attempted: Vec<&Delivery> = deliveries.iter().filter(|delivery| delivery.attempts_count > 0).collect();
    if attempted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, i64)> = on!(view, conn => {
        // A join, so that each pair is one look into the index on any version of SQLite. Both engines call the columns of a bare
        // VALUES column1 and column2.
        let mut query = sqlx::QueryBuilder::new("SELECT delivery_id, duration_ms FROM (");
        query.push_values(&attempted, |mut row, delivery| {
            row.push_bind(delivery.id.as_str()).push_bind(i64::from(delivery.attempts_count));
        });
        query.push(") AS v JOIN attempts ON delivery_id = v.column1 AND number = v.column2");
        query.build_query_as().persistent(false).fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(|(id, duration)| (id, u32::try_from(duration).unwrap_or(u32::MAX))).collect())
}
