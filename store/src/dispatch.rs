//! Matching events with webhooks. Used by the worker only.

use crate::claims::{Claimed, Lessee};
use crate::engine::{Conn, Engine, Promise};
use crate::paging::json_array;
use crate::script::Script;
use crate::targets::{Target, TargetRow};
use crate::work::View as _;
use crate::{Reading, Result, Store, events, locations, webhooks};
use domain::clock::Timestamp;
use domain::delivery::{DeliveryState, Progress};
use domain::event::Event;
use domain::ids::{DeliveryId, WebhookId, WorkspaceId};
use domain::location::Location;
use domain::room::{Room, Wanting};
use domain::webhook::Webhook;
use sqlx::{AssertSqlSafe, FromRow, Row as _};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Rows one statement names at most: keeps statements, and the time one transaction takes, bounded.
const CHUNK: usize = 500;

/// Told so that events named by their ids are looked up by these: the index of all that are undispatched is full of those that no longer
/// are, and a planner without statistics prefers it.
const UNDISPATCHED: &str = "COALESCE(dispatched_at, 0) = 0";

/// Which events to match with webhooks.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// These, as far as they have not been dispatched yet.
    Named(&'a [String]),
    /// Any that nobody has dispatched, oldest first.
    Forgotten {
        /// Younger ones are left to the doorbell.
        before: Timestamp,
        /// At most this many.
        limit: u32,
    },
}

/// What a dispatch did.
#[derive(Debug, Default)]
pub struct Dispatched {
    /// Events that were matched.
    pub events_count: usize,
    /// Deliveries leased to the lessee in the same step, ready to be sent.
    pub claimed: Vec<Claimed>,
    /// Webhooks for which others were made for want of room, which are due now.
    pub left: HashSet<WebhookId>,
    /// Whether some were made that can only be claimed.
    pub is_due: bool,
}

/// Matches events with webhooks: one delivery for each pair. Those for which the worker has room are leased to it at once,
/// the rest are due now.
///
/// What is read may be read by two workers at once; what counts is the taking, in which each event falls to one of them.
///
/// `most` says how many deliveries the worker may hold for a webhook, none at all if they can only be claimed; `None` if it would not
/// take any now.
pub async fn dispatch(
    store: &Store,
    which: Which<'_>,
    lessee: &Lessee,
    mut room: Room,
    most: impl Fn(&Webhook) -> Option<usize>,
) -> Result<Dispatched> {
    let now = store.clock().now();
    let mut view = store.read_repeatable().await?;
    let (mut events, mut targets) = (Vec::new(), Vec::new());
    for found in undispatched(view.conn().await?, which).await? {
        match found {
            Found::Event(row) => events.extend(row.read().map(Arc::new)),
            Found::Target(row) => targets.extend(row.open(store)),
        }
    }
    if events.is_empty() {
        return Ok(Dispatched::default());
    }
    // Later than every webhook that was read was made.
    let read_at = store.clock().now();
    let locations = locate(&mut view, &events, &targets).await?;
    let mut dispatched = Dispatched { events_count: events.len(), ..Dispatched::default() };
    let mut group: Vec<&Event> = Vec::new();
    let mut made: Vec<Claimed> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        for (workspace, target) in &targets {
            let is_meant = *workspace == event.workspace_id
                && target.webhook.matches(&event.event_type)
                && target.webhook.listens_at(locations.get(index))
                && may_see(&target.webhook, event, read_at);
            if is_meant {
                let webhook = &target.webhook;
                let most = if target.is_known { most(webhook).unwrap_or(0) } else { 0 };
                let is_leased = room.take(Wanting { workspace, webhook: &webhook.id, most });
                made.push(Claimed {
                    id: DeliveryId::new(now),
                    fence: i64::from(is_leased),
                    leased_until: now.plus(lessee.lease),
                    progress: Progress { state: DeliveryState::Pending, planned_count: 0, next_attempt_at: Some(now) },
                    attempts_count: 0,
                    begun_at: now,
                    is_manual: false,
                    event: Arc::clone(event),
                    target: Arc::clone(target),
                });
            }
        }
        group.push(event);
        // An event and its deliveries are written together, however many there are; beyond that, groups stay small.
        if made.len() >= CHUNK || index + 1 == events.len() {
            let taken = take(store, &mut view, &group, &made, now, lessee).await?;
            made.retain(|delivery| taken.contains(delivery.event.id.as_str()));
            for delivery in made.drain(..) {
                let webhook = &delivery.target.webhook;
                match most(webhook) {
                    _ if delivery.is_leased() => dispatched.claimed.push(delivery),
                    None => {}
                    Some(0) => dispatched.is_due = true,
                    Some(_) if dispatched.left.contains(&webhook.id) => {}
                    Some(_) => drop(dispatched.left.insert(webhook.id.clone())),
                }
            }
            group.clear();
        }
    }
    Ok(dispatched)
}

/// Where the events happened, in their order; nothing at all where every webhook listens everywhere.
async fn locate(view: &mut Reading, events: &[Arc<Event>], targets: &[(WorkspaceId, Arc<Target>)]) -> Result<Vec<Location>> {
    if !targets.iter().any(|(_, target)| target.webhook.is_located()) {
        return Ok(Vec::new());
    }
    let mut locations: Vec<Location> =
        events.iter().map(|event| Location::of(&event.event_type, &event.data, event.previous.as_ref())).collect();
    locations::widen(view.conn().await?, &mut locations).await?;
    Ok(locations)
}

/// Marks those events as dispatched that nobody has dispatched yet, writes their deliveries in the same transaction, and says
/// which events these were.
async fn take(
    store: &Store,
    view: &mut Reading,
    events: &[&Event],
    made: &[Claimed],
    now: Timestamp,
    lessee: &Lessee,
) -> Result<HashSet<String>> {
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let taken: Vec<String> = match view.conn().await? {
        Conn::Sqlite(_) => {
            let Engine::Sqlite { writer, .. } = &store.inner().engine else { return Ok(HashSet::new()) };
            let rows = writer.write(Promise::Repeatable, taking(&ids, made, now, lessee)).await?;
            rows.iter().map(|row| row.try_get("id")).collect::<sqlx::Result<_>>()?
        }
        // One statement, and so one round trip. SKIP LOCKED: two workers that hear of the same event do not wait for each other.
        Conn::Postgres(conn) => {
            let column = |of: fn(&Claimed) -> &str| made.iter().map(of).collect::<Vec<_>>();
            sqlx::query_scalar(AssertSqlSafe(format!(
                "WITH taken AS ( \
                     UPDATE events SET dispatched_at = $1 WHERE id IN ( \
                         SELECT id FROM events WHERE id = ANY($2) AND {UNDISPATCHED} FOR UPDATE SKIP LOCKED) \
                     RETURNING id, workspace_id, occurred_at - occurred_at % 60000 AS minute \
                 ), counted AS ( \
                     INSERT INTO workspace_counts (workspace_id, minute, events_count) \
                     SELECT workspace_id, minute, COUNT(*) FROM taken GROUP BY 1, 2 ORDER BY 1, 2 \
                     ON CONFLICT (workspace_id, minute) DO UPDATE SET events_count = workspace_counts.events_count + excluded.events_count \
                 ), made AS ( \
                     INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, \
                         leased_by, fence, created_at, updated_at) \
                     SELECT d.id, d.workspace_id, d.event_id, d.event_type, d.webhook_id, $3, $1, d.due_at, d.leased_by, d.fence, $1, $1 \
                     FROM UNNEST($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::bigint[]) \
                         AS d (id, workspace_id, event_id, event_type, webhook_id, due_at, leased_by, fence) \
                     JOIN taken ON taken.id = d.event_id \
                 ) SELECT id FROM taken",
            )))
            .bind(now.millis())
            .bind(ids)
            .bind(DeliveryState::Pending.as_str())
            .bind(column(|delivery| delivery.id.as_str()))
            .bind(column(|delivery| delivery.event.workspace_id.as_str()))
            .bind(column(|delivery| delivery.event.id.as_str()))
            .bind(column(|delivery| &delivery.event.event_type))
            .bind(column(|delivery| delivery.target.webhook.id.as_str()))
            .bind(made.iter().map(|delivery| delivery.due_at(now).millis()).collect::<Vec<_>>())
            .bind(made.iter().map(|delivery| delivery.is_leased().then_some(lessee.name.as_str())).collect::<Vec<_>>())
            .bind(made.iter().map(|delivery| delivery.fence).collect::<Vec<_>>())
            .fetch_all(conn)
            .await?
        }
    };
    Ok(taken.into_iter().collect())
}

/// How far the clocks of two gateways may differ before a subscription made on one misses an event of the other.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// A webhook hears of what happened after it was made, not of what was waiting from before. One that was made in what is now the
/// future shows that the clock was set back, and says nothing about what came first: then it hears of everything. And where the
/// clock was behind only while the event was made, the ids still tell, which rise whatever the clock does.
fn may_see(webhook: &Webhook, event: &Event, now: Timestamp) -> bool {
    webhook.created_at <= event.occurred_at.plus(CLOCK_TOLERANCE)
        || webhook.created_at > now.plus(CLOCK_TOLERANCE)
        || webhook.id.rank() < event.id.rank()
}

/// A row of what [`undispatched`] reads.
enum Found {
    Event(events::Row),
    Target(Box<TargetRow>),
}

impl<'r, R: sqlx::Row> FromRow<'r, R> for Found
where
    events::Row: FromRow<'r, R>,
    TargetRow: FromRow<'r, R>,
    bool: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    &'static str: sqlx::ColumnIndex<R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        if row.try_get("is_event")? {
            events::Row::from_row(row).map(Self::Event)
        } else {
            TargetRow::from_row(row).map(|row| Self::Target(Box::new(row)))
        }
    }
}

/// Events that nobody has dispatched, and the enabled webhooks of their workspaces, in one statement: under a low load most of a
/// delivery's time is waiting for answers.
async fn undispatched(conn: Conn<'_>, which: Which<'_>) -> Result<Vec<Found>> {
    const EVENTS: &str = events::COLUMNS;
    const WEBHOOKS: &str = webhooks::COLUMNS_BESIDE_ID;
    let wanted = match (which, &conn) {
        (Which::Named(_), Conn::Sqlite(_)) => format!("id IN (SELECT value FROM json_each($1)) AND {UNDISPATCHED}"),
        (Which::Named(_), Conn::Postgres(_)) => format!("id = ANY($1) AND {UNDISPATCHED}"),
        (Which::Forgotten { .. }, _) => "dispatched_at IS NULL AND occurred_at <= $1 ORDER BY occurred_at LIMIT $2".into(),
    };
    let nothing = |columns: &str| columns.split(", ").map(|column| format!("NULL AS {column}")).collect::<Vec<_>>().join(", ");
    let text = AssertSqlSafe(format!(
        "WITH wanted AS (SELECT {EVENTS} FROM events WHERE {wanted}) \
         SELECT TRUE AS is_event, {EVENTS}, {} FROM wanted \
         UNION ALL SELECT FALSE, id, workspace_id, {}, {WEBHOOKS} FROM webhooks \
         WHERE deleted_at IS NULL AND NOT is_callback AND enabled AND workspace_id IN (SELECT workspace_id FROM wanted)",
        nothing(WEBHOOKS),
        nothing(EVENTS.trim_start_matches("id, workspace_id, ")),
    ));
    Ok(match (which, conn) {
        (Which::Named(ids), Conn::Sqlite(conn)) => {
            sqlx::query_as(text).bind(json_array(ids.iter().map(String::as_str))).fetch_all(conn).await?
        }
        (Which::Named(ids), Conn::Postgres(conn)) => sqlx::query_as(text).bind(ids).fetch_all(conn).await?,
        (Which::Forgotten { before, limit }, conn) => {
            let (before, limit) = (before.millis(), i64::from(limit));
            match conn {
                Conn::Sqlite(conn) => sqlx::query_as(text).bind(before).bind(limit).fetch_all(conn).await?,
                Conn::Postgres(conn) => sqlx::query_as(text).bind(before).bind(limit).fetch_all(conn).await?,
            }
        }
    })
}

/// The same in one message to `SQLite`. While it is one writer's turn nobody else marks events, so that each statement finds the same of
/// them undispatched, as long as marking comes last.
fn taking(ids: &[&str], made: &[Claimed], now: Timestamp, lessee: &Lessee) -> Script {
    const INTO: &str = "INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, next_attempt_at, due_at, \
         leased_by, fence, created_at, updated_at) ";
    let ids = json_array(ids.iter().copied());
    let mut script = Script::new();
    for chunk in made.chunks(CHUNK) {
        script.begin(INTO);
        script.text("SELECT column1, workspace_id, events.id, event_type, column3, ").bind(DeliveryState::Pending.as_str());
        script.text(", ").bind(now.millis()).text(", column4, column5, column6, ");
        script.bind(now.millis()).text(", ").bind(now.millis()).text(" FROM ");
        script.rows(chunk.iter().map(|delivery| {
            [
                delivery.id.as_str().into(),
                delivery.event.id.as_str().into(),
                delivery.target.webhook.id.as_str().into(),
                delivery.due_at(now).millis().into(),
                delivery.is_leased().then_some(lessee.name.as_str()).into(),
                delivery.fence.into(),
            ]
        }));
        // CROSS JOIN: in this order.
        script.text(" CROSS JOIN events WHERE events.id = column2 AND ").text(UNDISPATCHED);
    }
    script.begin("INSERT INTO workspace_counts (workspace_id, minute, events_count) ");
    script.text(
        "SELECT workspace_id, occurred_at - occurred_at % 60000, COUNT(*) FROM events WHERE id IN (SELECT value FROM json_each(",
    );
    script.bind(&ids).text(")) AND ").text(UNDISPATCHED).text(" GROUP BY 1, 2 ON CONFLICT (workspace_id, minute) ");
    script.text("DO UPDATE SET events_count = workspace_counts.events_count + excluded.events_count");
    script.begin("UPDATE events SET dispatched_at = ").bind(now.millis()).text(" WHERE id IN (SELECT value FROM json_each(");
    script.bind(&ids).text(")) AND ").text(UNDISPATCHED).text(" RETURNING id");
    script
}
