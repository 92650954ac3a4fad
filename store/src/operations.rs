//! Operations. A step is one short transaction that does a bounded part of the work and moves the operation's place on: a worker that
//! dies midway leaves the operation as it was before the step, and no row is done twice or skipped. Each step puts its operation behind
//! the others that are due, so that a large one holds up neither small ones nor deliveries.

use crate::insert::Insert;
use crate::paging::{Select, convert};
use crate::replays::{self, Place};
use crate::work::{View, damaged};
use crate::{Result, Store, StoreError, Work, webhooks};
use domain::audit::{Action, Actor};
use domain::clock::Timestamp;
use domain::ids::{OperationId, WebhookId, WorkspaceId};
use domain::operation::{Missed, Operation, OperationState, Replay, Selection};
use domain::page::{Page, PageRequest};
use serde_json::{Value, json};
use std::time::Duration;

/// The kind of the one operation there is so far.
const REPLAY: &str = "replay";
/// Operations that one look for a due one considers; the others of them may be in the hands of other workers.
const CANDIDATES: i64 = 8;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    state: String,
    subject_id: String,
    params: String,
    place: Option<String>,
    done_count: i64,
    total_count: i64,
    is_total_exact: bool,
    error: Option<String>,
    created_by: String,
    created_at: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
}

const COLUMNS: &str = "id, kind, state, subject_id, params, place, done_count, total_count, is_total_exact, error, created_by, \
     created_at, started_at, ended_at";

impl Row {
    fn replay(&self) -> Result<Replay> {
        let params: Value = serde_json::from_str(&self.params)?;
        let time = |name: &str| params[name].as_i64().map(Timestamp::from_millis);
        let read = || {
            Some(Replay {
                webhook: WebhookId::from_stored(self.subject_id.clone()),
                state: Missed::parse(params["state"].as_str()?)?,
                since: time("since")?,
                until: time("until")?,
                events_types: params["events_types"]
                    .as_array()?
                    .iter()
                    .filter_map(|name| Some(name.as_str()?.to_owned()))
                    .collect(),
                rate: u32::try_from(params["rate"].as_u64()?).ok()?,
            })
        };
        read().ok_or_else(|| damaged("replay", &self.params))
    }
}

fn params(replay: &Replay) -> Value {
    json!({
        "state": replay.state.as_str(),
        "since": replay.since.millis(),
        "until": replay.until.millis(),
        "events_types": replay.events_types,
        "rate": replay.rate,
    })
}

impl TryFrom<Row> for Operation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let Replay { webhook, state, since, until, events_types, rate } = row.replay()?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Self {
            state: OperationState::parse(&row.state).ok_or_else(|| damaged("state of an operation", &row.state))?,
            id: OperationId::from_stored(row.id),
            kind: if row.kind == REPLAY { REPLAY } else { return Err(damaged("kind of operation", &row.kind)) },
            webhook,
            selection: Selection { state, since, until, events_types, rate },
            done_count: count(row.done_count),
            total_count: count(row.total_count),
            is_total_exact: row.is_total_exact,
            error: row.error,
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            started_at: row.started_at.map(Timestamp::from_millis),
            ended_at: row.ended_at.map(Timestamp::from_millis),
        })
    }
}

/// A page of the workspace's operations.
pub async fn list(view: &mut impl View, page: PageRequest) -> Result<Page<Operation>> {
    convert(Select::from(view, "operations", COLUMNS).page::<Row>(view, page).await?)
}

/// One operation.
pub async fn get(view: &mut impl View, id: &OperationId) -> Result<Operation> {
    find(view, id).await?.try_into()
}

async fn find(view: &mut impl View, id: &OperationId) -> Result<Row> {
    Select::from(view, "operations", COLUMNS).and("id = ?", id.as_str()).one::<Row>(view).await
}

/// Asks for a replay. Refused while the webhook is disabled, and while another replay to it is under way.
pub async fn start_replay(work: &mut Work, replay: &Replay) -> Result<OperationId> {
    let webhook = webhooks::get(work, &replay.webhook).await?;
    if !webhook.enabled {
        return Err(StoreError::Conflict("The webhook is disabled; enable it before replaying to it.".into()));
    }
    let counted = replays::count(work, replay, &webhook).await?;
    let (now, workspace) = (work.now(), work.workspace().clone());
    let id = OperationId::new(now);
    let created_by = work.actor().in_words();
    work.insert(
        Insert::into("operations")
            .set("id", id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("kind", REPLAY)
            .set("state", OperationState::Queued.as_str())
            .set("subject_id", replay.webhook.as_str())
            .set("params", params(replay).to_string())
            .set("total_count", i64::try_from(counted.count).unwrap_or(i64::MAX))
            .set("is_total_exact", counted.is_exact)
            .set("created_by", created_by)
            .set("created_at", now.millis())
            .set("due_at", now.millis()),
    );
    work.note(Action::OPERATION_CREATED, Some(id.as_str()), Some(&format!("replay to {}", webhook.url)));
    Ok(id)
}

/// Ends an operation where it stands. Refused once it has ended.
pub async fn cancel(work: &mut Work, id: &OperationId) -> Result<Operation> {
    let before = get(work, id).await?;
    if !before.state.is_open() {
        return Err(StoreError::Conflict("The operation has ended already.".into()));
    }
    let now = work.now();
    end(work, id, OperationState::Cancelled, None).await?;
    work.note(Action::OPERATION_CANCELLED, Some(id.as_str()), Some(before.kind));
    Ok(Operation { state: OperationState::Cancelled, ended_at: Some(now), ..before })
}

async fn end(work: &mut Work, id: &OperationId, state: OperationState, error: Option<&str>) -> Result<()> {
    let now = work.now().millis();
    Ok(on!(work, conn => sqlx::query(
        "UPDATE operations SET state = $2, error = $3, ended_at = $4, due_at = NULL WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id.as_str())
    .bind(state.as_str())
    .bind(error)
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?)
}

/// Takes one step of one operation that is due, the one that has waited longest first. Says whether there was one.
pub async fn step(store: &Store) -> Result<bool> {
    let now = store.clock().now().millis();
    let mut view = store.read_system().await?;
    let due: Vec<(String, String)> = on!(&mut view, conn => sqlx::query_as(
        "SELECT id, workspace_id FROM operations WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
    )
    .bind(now)
    .bind(CANDIDATES)
    .fetch_all(conn)
    .await)?;
    drop(view);
    for (id, workspace) in due {
        let mut work = store.begin(&WorkspaceId::from_stored(workspace), Actor::gateway());
        let Some(row) = take(&mut work, &id).await? else { continue };
        take_step(&mut work, &row).await?;
        work.commit().await?;
        // What the step made due is looked for at once.
        store.ring(&[]);
        return Ok(true);
    }
    Ok(false)
}

/// An operation that is still due, kept from other workers until this unit of work ends.
async fn take(work: &mut Work, id: &str) -> Result<Option<Row>> {
    let now = work.now().millis();
    let skip = if work.lock().is_empty() { "" } else { "FOR UPDATE SKIP LOCKED" };
    Ok(on!(work, conn => sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM operations WHERE id = $1 AND due_at <= $2 {skip}",
    )))
    .bind(id)
    .bind(now)
    .fetch_optional(conn)
    .await)?)
}

async fn take_step(work: &mut Work, row: &Row) -> Result<()> {
    let id = OperationId::from_stored(row.id.clone());
    let replay = row.replay()?;
    let webhook = match webhooks::get(work, &replay.webhook).await {
        Ok(webhook) if webhook.enabled => webhook,
        Ok(_) => {
            let reason = "The webhook was disabled meanwhile. Enable it, then replay what is left.";
            return end(work, &id, OperationState::Failed, Some(reason)).await;
        }
        Err(StoreError::NotFound) => {
            return end(work, &id, OperationState::Failed, Some("The webhook was deleted meanwhile.")).await;
        }
        Err(error) => return Err(error),
    };
    let place: Place = row.place.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let step = replays::step(work, &replay, &webhook, place).await?;
    let now = work.now();
    let pause = Duration::from_secs(1).mul_f64(f64::from(step.sent_count) / f64::from(replay.rate.max(1)));
    on!(work, conn => sqlx::query(
        "UPDATE operations SET state = $2, place = $3, done_count = done_count + $4, started_at = COALESCE(started_at, $5), due_at = $6 \
         WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(OperationState::Running.as_str())
    .bind(serde_json::to_string(&step.place)?)
    .bind(i64::from(step.sent_count))
    .bind(now.millis())
    .bind(now.plus(pause).millis())
    .execute(conn)
    .await
    .map(drop))?;
    if step.is_last { end(work, &id, OperationState::Succeeded, None).await } else { Ok(()) }
}
