//! Sending past events to a webhook again. Events are gone through type by type, each from the oldest on, with the delivery each has or
//! has not; a step looks at a bounded number of them, whatever it finds.

use crate::engine::Conn;
use crate::insert::Insert;
use crate::paging::json_array;
use crate::work::View;
use crate::{Result, Work};
use domain::delivery::DeliveryState;
use domain::ids::DeliveryId;
use domain::operation::{Counted, Missed, Replay};
use domain::webhook::Webhook;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

/// Events that one step looks at.
const LOOKED_AT: usize = 500;
/// Events that a count looks at.
const COUNTED: i64 = 100_000;
/// What never arrived.
const FAILED: [DeliveryState; 3] = [DeliveryState::Exhausted, DeliveryState::Gone, DeliveryState::Cancelled];

/// Where a step ended: in which type, and at which event of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Types that are done.
    types_count: usize,
    /// When the last event that was looked at occurred; 0 at the beginning of a type.
    at: i64,
    /// Its id.
    id: String,
}

/// What one step did.
#[derive(Debug)]
pub(crate) struct Step {
    /// Events that are on their way now.
    pub(crate) sent_count: u32,
    /// Where the next one begins.
    pub(crate) place: Place,
    /// Whether there is none.
    pub(crate) is_last: bool,
}

/// How many events a replay would send; looks at a bounded number of them.
pub async fn count(view: &mut impl View, replay: &Replay, webhook: &Webhook) -> Result<Counted> {
    let wanted = match replay.state {
        Missed::All => "TRUE".to_owned(),
        Missed::Missing => "d.id IS NULL".to_owned(),
        Missed::Failed => format!("d.state IN ({})", FAILED.map(|state| format!("'{}'", state.as_str())).join(", ")),
    };
    let text = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN {wanted} THEN 1 END) FROM (SELECT id FROM events WHERE workspace_id = $1 AND event_type = $2 \
         AND occurred_at >= $3 AND occurred_at < $4 AND dispatched_at IS NOT NULL ORDER BY occurred_at, id LIMIT $5) AS e \
         LEFT JOIN deliveries AS d ON d.event_id = e.id AND d.webhook_id = $6"
    );
    let workspace = view.workspace().to_string();
    let (mut left, mut count) = (COUNTED, 0);
    for event in replay.types(&webhook.events_types) {
        let (looked_at, found): (i64, i64) = on!(view, conn => sqlx::query_as(AssertSqlSafe(text.clone()))
            .bind(&workspace)
            .bind(event.as_str())
            .bind(replay.since.millis())
            .bind(replay.until.millis())
            .bind(left)
            .bind(webhook.id.as_str())
            .fetch_one(conn)
            .await)?;
        count += u64::try_from(found).unwrap_or(0);
        left -= looked_at;
        if left <= 0 {
            return Ok(Counted { count, is_exact: false });
        }
    }
    Ok(Counted { count, is_exact: true })
}

#[derive(sqlx::FromRow)]
struct Past {
    id: String,
    occurred_at: i64,
    delivery_id: Option<String>,
    state: Option<String>,
}

impl Past {
    fn is_wanted(&self, missed: Missed) -> bool {
        match (missed, self.state.as_deref()) {
            (Missed::All, _) | (Missed::Missing, None) => true,
            (Missed::Failed, Some(state)) => FAILED.iter().any(|failed| failed.as_str() == state),
            _ => false,
        }
    }
}

/// Makes the next events due: those with a delivery for an attempt beside its schedule, the others with a new delivery.
pub(crate) async fn step(work: &mut Work, replay: &Replay, webhook: &Webhook, mut place: Place) -> Result<Step> {
    let types = replay.types(&webhook.events_types);
    let (mut looked_at, mut again, mut anew) = (0, Vec::new(), Vec::new());
    let most = replay.rate as usize;
    while let Some(event) = types.get(place.types_count) {
        let limit = LOOKED_AT.saturating_sub(looked_at);
        if limit == 0 || again.len() + anew.len() >= most {
            break;
        }
        let found = past(work, replay, webhook, event.as_str(), &place, limit).await?;
        let is_whole = found.len() < limit;
        looked_at += found.len();
        let mut is_full = false;
        for past in found {
            if again.len() + anew.len() >= most {
                is_full = true;
                break;
            }
            (place.at, place.id) = (past.occurred_at, past.id.clone());
            match (past.is_wanted(replay.state), past.delivery_id) {
                (false, _) => {}
                (true, Some(delivery)) => again.push(delivery),
                (true, None) => anew.push((past.id, event.as_str())),
            }
        }
        if is_whole && !is_full {
            place = Place { types_count: place.types_count + 1, ..Place::default() };
        }
    }
    let sent_count = u32::try_from(again.len() + anew.len()).unwrap_or(u32::MAX);
    send_again(work, &again).await?;
    send_anew(work, webhook, &anew);
    Ok(Step { sent_count, is_last: place.types_count >= types.len(), place })
}

/// Events of one type behind a place, with the delivery each has to the webhook.
async fn past(
    work: &mut Work,
    replay: &Replay,
    webhook: &Webhook,
    event: &str,
    place: &Place,
    limit: usize,
) -> Result<Vec<Past>> {
    let workspace = work.workspace().to_string();
    // The place is at or behind the beginning, so that one range of the index holds what is wanted.
    let at = place.at.max(replay.since.millis() - 1);
    Ok(on!(work, conn => sqlx::query_as(
        "SELECT e.id, e.occurred_at, d.id AS delivery_id, d.state FROM (SELECT id, occurred_at FROM events WHERE workspace_id = $1 \
         AND event_type = $2 AND (occurred_at, id) > ($3, $4) AND occurred_at < $5 AND dispatched_at IS NOT NULL \
         ORDER BY occurred_at, id LIMIT $6) AS e \
         LEFT JOIN deliveries AS d ON d.event_id = e.id AND d.webhook_id = $7 ORDER BY e.occurred_at, e.id",
    )
    .bind(&workspace)
    .bind(event)
    .bind(at)
    // Greater than every id, so that nothing of the millisecond before the beginning is taken.
    .bind(if place.id.is_empty() { "~" } else { &place.id })
    .bind(replay.until.millis())
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(webhook.id.as_str())
    .fetch_all(conn)
    .await)?)
}

/// An attempt beside the schedule, as [`crate::deliveries::retry`] asks for it; one that is under way is sent already.
async fn send_again(work: &mut Work, deliveries: &[String]) -> Result<()> {
    const RETRY: &str = "UPDATE deliveries SET is_manual = TRUE, due_at = $1, updated_at = $1 WHERE leased_by IS NULL AND id";
    if deliveries.is_empty() {
        return Ok(());
    }
    let now = work.now().millis();
    match work.conn().await? {
        Conn::Sqlite(conn) => {
            sqlx::query(AssertSqlSafe(format!("{RETRY} IN (SELECT value FROM json_each($2))")))
                .bind(now)
                .bind(json_array(deliveries.iter().map(String::as_str)))
                .execute(conn)
                .await?;
        }
        Conn::Postgres(conn) => {
            sqlx::query(AssertSqlSafe(format!("{RETRY} = ANY($2)"))).bind(now).bind(deliveries).execute(conn).await?;
        }
    }
    Ok(())
}

/// First deliveries of events that the webhook never was to get. Only events that were dispatched are among them, so nobody else makes one.
fn send_anew(work: &mut Work, webhook: &Webhook, events: &[(String, &str)]) {
    let (now, workspace) = (work.now(), work.workspace().clone());
    for (event, event_type) in events {
        work.insert(
            Insert::into("deliveries")
                .set("id", DeliveryId::new(now).as_str())
                .set("workspace_id", workspace.as_str())
                .set("event_id", event)
                .set("event_type", *event_type)
                .set("webhook_id", webhook.id.as_str())
                .set("state", DeliveryState::Pending.as_str())
                .set("next_attempt_at", now.millis())
                .set("due_at", now.millis())
                .set("created_at", now.millis())
                .set("updated_at", now.millis()),
        );
    }
}
