//! Replays: counting what one would send, asking for it, and taking its steps.
//!
//! Both the count and the steps read the same lanes through the same statements, each a range of an index, so that what was said
//! beforehand is what is sent. Nothing here reads or writes more than a bounded number of rows at a time.

use crate::engine::Conn;
use crate::operations::{self, NewOperation};
use crate::paging::json_array;
use crate::replay_lanes::{LOOKED_AT, Place, is_open, look, look_in_order, range, rows};
use crate::steps::{ClaimedOperation, Next, Step, Taken};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, deliveries, webhooks};
use domain::clock::Timestamp;
use domain::delivery::{DeliveryState, Happening};
use domain::ids::{DeliveryId, WebhookId};
use domain::operation::{Callback, Operation, OperationKind};
use domain::replay::{Lane, Replay};
use domain::webhook::Webhook;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::time::Duration;

/// How many rows are looked at before the count is only a lower bound.
pub const COUNTED: u64 = 100_000;
/// When a replay begins that is only counted: it has begun nothing anew.
const NOT_YET: Timestamp = Timestamp::from_millis(i64::MAX);
/// What a webhook that is disabled is to be enabled before.
const BEFORE: &str = "replaying";
/// How far a replay that fell behind its pace may catch up.
const CATCH_UP: Duration = Duration::from_secs(1);

/// How much a replay would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Extent {
    /// Events.
    pub count: u64,
    /// Whether these are all: false if there was more to look through than is counted.
    pub is_exact: bool,
}

/// Counts what a replay to this webhook would send.
pub async fn count(view: &mut impl View, id: &WebhookId, replay: &Replay) -> Result<Extent> {
    let webhook = webhooks::receiver(view, id, BEFORE).await?;
    let (mut count, mut left) = (0, COUNTED);
    for lane in replay.lanes() {
        if !is_open(lane, &webhook) {
            continue;
        }
        let mut place = Place::begin(lane, replay, NOT_YET);
        if webhook.is_located() && matches!(lane, Lane::Missing(_)) {
            // Where an event happened is not for the database to say: these are read, a bounded number at a time.
            loop {
                let limit = LOOKED_AT.min(usize::try_from(left + 1).unwrap_or(LOOKED_AT));
                let found = rows(view, &webhook, replay, &place, lane, limit).await?;
                count += found.iter().filter(|row| row.is_wanted).count() as u64;
                match left.checked_sub(found.len() as u64) {
                    Some(rest) => left = rest,
                    None => return Ok(Extent { count: count.min(COUNTED), is_exact: false }),
                }
                match found.into_iter().nth(limit - 1) {
                    Some(last) => place = place.at(&last),
                    None => break,
                }
            }
            continue;
        }
        let (text, bound) = range(view, &webhook, replay, &place, lane, left + 1).await?;
        let text = AssertSqlSafe(format!("SELECT COUNT(*), COUNT(CASE WHEN is_wanted THEN 1 END) FROM ({text}) AS looked_at"));
        let (looked_at, wanted): (i64, i64) = on!(view, conn => {
            bound.into_iter().fold(sqlx::query_as(text), sqlx::query::QueryAs::bind).fetch_one(conn).await
        })?;
        count += u64::try_from(wanted).unwrap_or(0);
        match left.checked_sub(u64::try_from(looked_at).unwrap_or(0)) {
            Some(rest) => left = rest,
            None => return Ok(Extent { count: count.min(COUNTED), is_exact: false }),
        }
    }
    Ok(Extent { count, is_exact: true })
}

/// Asks for a replay. How much it is was counted before, so that nothing waits for the count.
pub async fn begin(
    work: &mut Work,
    id: &WebhookId,
    replay: &Replay,
    extent: Extent,
    callback: Option<&Callback>,
) -> Result<Operation> {
    let webhook = webhooks::receiver(work, id, BEFORE).await?;
    let new = NewOperation {
        kind: OperationKind::WebhookReplay,
        subject: id.as_str(),
        subject_name: &webhook.url,
        params: serde_json::to_value(replay)?,
        total_count: extent.is_exact.then_some(extent.count),
        callback,
    };
    operations::create(work, new).await
}

/// Where in its lanes a replay is, and what came of it so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Checkpoint {
    place: Place,
    /// Where it is in each lane, if they are walked together.
    #[serde(default)]
    places: Vec<Place>,
    /// Up to when the pace is used up.
    paced_at: i64,
    retried: u64,
    created: u64,
    under_way: u64,
}

/// The lanes to be walked together, for a webhook that is sent its events in their order; one after the other is cheaper.
fn in_order(webhook: &Webhook, replay: &Replay, now: Timestamp) -> Vec<Place> {
    let lanes = replay.lanes().into_iter().filter(|lane| webhook.flow.ordered && is_open(*lane, webhook));
    lanes.map(|lane| Place::begin(lane, replay, now)).collect()
}

/// Takes one step of a replay.
pub(crate) async fn step(work: &mut Work, claimed: &ClaimedOperation) -> Result<Taken> {
    let now = work.now();
    let replay: Replay = serde_json::from_str(&claimed.params)?;
    let id = WebhookId::from_stored(claimed.subject.clone());
    let workspace = work.workspace().clone();
    let mut view = work.store().read(&workspace).await?;
    let webhook = match webhooks::get(&mut view, &id).await {
        Ok(webhook) if webhook.enabled => webhook,
        Ok(webhook) => {
            let reason = webhook.disabled_reason.map_or_else(String::new, |reason| format!(" {reason}"));
            return Ok(Taken::Failed(format!("The webhook was disabled meanwhile.{reason}")));
        }
        Err(StoreError::NotFound) => return Ok(Taken::Failed("The webhook was deleted meanwhile.".into())),
        Err(error) => return Err(error),
    };
    let mut checkpoint = match &claimed.checkpoint {
        Some(text) => Some(serde_json::from_str::<Checkpoint>(text)?),
        None => replay.lanes().first().map(|first| Checkpoint {
            place: Place::begin(*first, &replay, now),
            places: in_order(&webhook, &replay, now),
            paced_at: now.millis(),
            retried: 0,
            created: 0,
            under_way: 0,
        }),
    }
    .ok_or_else(|| damaged("replay", &claimed.params))?;
    let (batch, is_at_end) = if checkpoint.places.is_empty() {
        look(&mut view, &webhook, &replay, &mut checkpoint.place).await?
    } else {
        look_in_order(&mut view, &webhook, &replay, &mut checkpoint.places).await?
    };
    drop(view);
    let retried = retry(work, &batch.deliveries).await?;
    checkpoint.retried += retried;
    checkpoint.under_way += (batch.deliveries.len() as u64).saturating_sub(retried);
    checkpoint.created += create(work, &webhook.id, &batch.missing).await?;
    let paced_at = Timestamp::from_millis(checkpoint.paced_at).max(now.minus(CATCH_UP)).plus(replay.time_for(batch.len()));
    checkpoint.paced_at = paced_at.millis();
    if batch.len() > 0 {
        work.make_due();
    }
    Ok(Taken::Step(Step {
        checkpoint: serde_json::to_string(&checkpoint)?,
        done: batch.len() as u64,
        failures: 0,
        result: json!({
            "retried_count": checkpoint.retried,
            "created_count": checkpoint.created,
            "under_way_count": checkpoint.under_way,
        }),
        // A step that found nothing to send has not used up any of the pace.
        next: if is_at_end { Next::Done } else { Next::At(if batch.len() == 0 { now } else { paced_at.max(now) }) },
    }))
}

/// Sets these going, and says how many: those that were given up begin anew, with all of their schedule ahead; the others get one attempt
/// now, beside the schedule. Those at which one is under way are sent in this moment, and left alone.
async fn retry(work: &mut Work, ids: &[String]) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let given_up = format!("state IN ({})", deliveries::states_moved_by(Happening::Replayed));
    let begins_anew = |column: &str, value: &str| format!("{column} = CASE WHEN {given_up} THEN {value} ELSE {column} END");
    let set = format!(
        "UPDATE deliveries SET is_manual = NOT {given_up}, {}, {}, {}, {}, due_at = $1, updated_at = $1 WHERE leased_by IS NULL AND id",
        begins_anew("state", &format!("'{}'", DeliveryState::Pending.as_str())),
        begins_anew("planned_count", "0"),
        begins_anew("next_attempt_at", "$1"),
        begins_anew("restarted_at", "$1"),
    );
    let now = work.now();
    let done = match work.conn().await? {
        Conn::Sqlite(conn) => {
            let ids = json_array(ids.iter().map(String::as_str));
            let text = AssertSqlSafe(format!("{set} IN (SELECT value FROM json_each($2))"));
            sqlx::query(text).bind(now.millis()).bind(ids).execute(conn).await?.rows_affected()
        }
        Conn::Postgres(conn) => {
            let text = AssertSqlSafe(format!("{set} = ANY($2)"));
            sqlx::query(text).bind(now.millis()).bind(ids).execute(conn).await?.rows_affected()
        }
    };
    Ok(done)
}

/// Those of the events that have not been cleared away since they were looked for, and that stay until the transaction ends. On `SQLite`
/// nothing else writes meanwhile; a claim settles what is left of the moment before.
async fn still_there(work: &mut Work, events: &[(String, String)]) -> Result<Vec<(String, String)>> {
    let Conn::Postgres(conn) = work.conn().await? else { return Ok(events.to_vec()) };
    let held: Vec<String> = sqlx::query_scalar("SELECT id FROM events WHERE id = ANY($1) FOR KEY SHARE")
        .bind(events.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
    Ok(events.iter().filter(|(id, _)| held.contains(id)).cloned().collect())
}

/// Makes a delivery of each of these events, as a dispatch would have, and says of how many. What has got one meanwhile keeps it.
async fn create(work: &mut Work, webhook: &WebhookId, events: &[(String, String)]) -> Result<u64> {
    const INTO: &str = "INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, \
         created_at, updated_at) ";
    let events = still_there(work, events).await?;
    if events.is_empty() {
        return Ok(0);
    }
    let (now, workspace) = (work.now(), work.workspace().clone());
    let made = on!(work, conn => {
        let mut query = QueryBuilder::new(INTO);
        query.push_values(events, |mut row, (event, event_type)| {
            row.push_bind(DeliveryId::new(now).to_string())
                .push_bind(workspace.as_str())
                .push_bind(event)
                .push_bind(event_type)
                .push_bind(webhook.as_str())
                .push_bind(DeliveryState::Pending.as_str())
                .push_bind(now.millis())
                .push_bind(now.millis())
                .push_bind(now.millis())
                .push_bind(now.millis());
        });
        query.push(" ON CONFLICT (event_id, webhook_id) DO NOTHING");
        query.build().persistent(false).execute(conn).await.map(|done| done.rows_affected())
    })?;
    Ok(made)
}
