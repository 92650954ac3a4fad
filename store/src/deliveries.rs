//! Deliveries as their owners see them, and retries asked for by people.

use crate::engine::Conn;
use crate::insert::Insert;
use crate::paging::{Select, convert};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, circuits, events, webhooks};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::delivery::{Attempt, Delivery, DeliveryState, Happening, WaitsFor};
use domain::event::{Event, EventType};
use domain::event_filter::{self, Period};
use domain::ids::{AttemptId, DeliveryId, EventId, WebhookId};
use domain::input::{Fields, line, one_of};
use domain::page::{Filter, Page, PageRequest};
use domain::webhook::{Platform, Webhook};
use sqlx::AssertSqlSafe;

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: String,
    event_id: String,
    event_type: String,
    webhook_id: String,
    state: String,
    attempts_count: i64,
    next_attempt_at: Option<i64>,
    leased_by: Option<String>,
    last_status: Option<i64>,
    last_error: Option<String>,
    created_at: i64,
    updated_at: i64,
    probe_at: Option<i64>,
    is_behind: bool,
}

pub(crate) const COLUMNS: &str = "id, event_id, event_type, webhook_id, state, attempts_count, next_attempt_at, leased_by, last_status, \
     last_error, created_at, updated_at, (SELECT probe_at FROM webhooks WHERE webhooks.id = deliveries.webhook_id) AS probe_at, \
     COALESCE((SELECT ordered FROM webhooks WHERE webhooks.id = deliveries.webhook_id) AND EXISTS (SELECT 1 FROM deliveries AS older \
     WHERE older.webhook_id = deliveries.webhook_id AND older.due_at IS NOT NULL AND older.event_id < deliveries.event_id), FALSE) \
     AS is_behind";

pub(crate) fn state_of(text: &str) -> Result<DeliveryState> {
    DeliveryState::parse(text).ok_or_else(|| damaged("delivery state", text))
}

impl TryFrom<Row> for Delivery {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let state = state_of(&row.state)?;
        let is_open = matches!(state, DeliveryState::Pending | DeliveryState::Waiting) && row.leased_by.is_none();
        // What is due only after the next probe is held up by nothing but its own schedule.
        let is_held_up = is_open && row.probe_at.is_some_and(|probe| row.next_attempt_at.is_some_and(|next| next <= probe));
        Ok(Self {
            id: DeliveryId::from_stored(row.id),
            event: EventId::from_stored(row.event_id),
            event_type: row.event_type,
            webhook: WebhookId::from_stored(row.webhook_id),
            state,
            is_leased: row.leased_by.is_some(),
            attempts_count: u32::try_from(row.attempts_count).unwrap_or(u32::MAX),
            next_attempt_at: row.next_attempt_at.map(Timestamp::from_millis),
            waits_for: if is_open && row.is_behind { Some(WaitsFor::Order) } else { is_held_up.then_some(WaitsFor::Circuit) },
            last_status: row.last_status.and_then(|status| u16::try_from(status).ok()),
            last_error: row.last_error,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

/// Which deliveries of a webhook are shown.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those of this event.
    pub event: Option<String>,
    /// Only of events of one of these types.
    pub types: Option<Vec<EventType>>,
    /// Only those made then.
    pub period: Period,
}

impl Filter for DeliveryFilter {
    fn read(fields: &mut Fields<'_>) -> Self {
        let states = DeliveryState::ALL.map(DeliveryState::as_str).to_vec();
        let state = fields.optional("state", one_of(states, DeliveryState::parse));
        let (event, types) = (fields.optional("event", line(64)), fields.optional("event_type", event_filter::types()));
        Self { state, event, types, period: Period::read(fields) }
    }
}

/// A page of a webhook's deliveries, also of one that was deleted.
pub async fn list_of_webhook(
    view: &mut impl View,
    webhook: &WebhookId,
    filter: DeliveryFilter,
    page: PageRequest,
) -> Result<Page<Delivery>> {
    webhooks::get_even_deleted(view, webhook).await?;
    let select = Select::from(view, "deliveries", COLUMNS)
        .and("webhook_id = ?", webhook.as_str())
        .and_if("state = ?", filter.state.map(DeliveryState::as_str))
        .and_if("event_id = ?", filter.event)
        .and_in("event_type IN (?)", filter.types.iter().flatten().map(|one| one.as_str()))
        .and_if("created_at >= ?", filter.period.since.map(Timestamp::millis))
        .and_if("created_at < ?", filter.period.until.map(Timestamp::millis))
        .counted_to(COUNTED);
    convert(select.page::<Row>(view, page).await?)
}

/// One delivery.
pub async fn get(view: &mut impl View, id: &DeliveryId) -> Result<Delivery> {
    let select = Select::from(view, "deliveries", COLUMNS).and("id = ?", id.as_str());
    select.one::<Row>(view).await?.try_into()
}

/// What is sent next to a webhook that is ordered: everything else waits for it.
pub async fn head(view: &mut impl View, webhook: &WebhookId) -> Result<Option<Delivery>> {
    let select = Select::from(view, "deliveries", COLUMNS).and("webhook_id = ?", webhook.as_str()).and_is("due_at IS NOT NULL");
    let rows: Vec<Row> = select.first(view, "event_id", 1).await?;
    rows.into_iter().next().map(Delivery::try_from).transpose()
}

/// When a delivery is due that a person waits for: before everything that waits in its lane, unless that is ordered.
const FIRST: i64 = 0;

/// How far a list counts deliveries, of which there may be millions.
const COUNTED: u32 = 10_000;

/// How far [`count_open`] counts.
pub const COUNTED_OPEN: u32 = 1000;

/// How many deliveries of a webhook are not done yet; beyond [`COUNTED_OPEN`] it only says that there are more.
pub async fn count_open(view: &mut impl View, webhook: &WebhookId) -> Result<u32> {
    let workspace = view.workspace().to_string();
    let count: i64 = on!(view, conn => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE webhook_id = $1 AND state IN ('pending', 'waiting', 'paused') \
         AND workspace_id = $2 LIMIT $3) AS open",
    )
    .bind(webhook.as_str())
    .bind(&workspace)
    .bind(i64::from(COUNTED_OPEN) + 1)
    .fetch_one(conn)
    .await)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: String,
    number: i64,
    is_manual: bool,
    started_at: i64,
    duration_ms: i64,
    status: Option<i64>,
    error: Option<String>,
    request_headers: Option<String>,
    response_headers: Option<String>,
    response_body: Option<String>,
}

/// The attempts at a delivery, first to last. The schedule bounds how many there are; of retries the latest count.
pub async fn attempts(view: &mut impl View, id: &DeliveryId) -> Result<Vec<Attempt>> {
    get(view, id).await?;
    let mut rows: Vec<AttemptRow> = on!(view, conn => sqlx::query_as(
        "SELECT id, number, is_manual, started_at, duration_ms, status, error, request_headers, response_headers, response_body \
         FROM attempts WHERE delivery_id = $1 ORDER BY number DESC LIMIT 100",
    )
    .bind(id.as_str())
    .fetch_all(conn)
    .await)?;
    rows.reverse();
    let small = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let headers = |text: Option<String>| text.as_deref().map(serde_json::from_str).transpose();
    rows.into_iter()
        .map(|row| {
            Ok(Attempt {
                id: AttemptId::from_stored(row.id),
                number: small(row.number),
                is_manual: row.is_manual,
                started_at: Timestamp::from_millis(row.started_at),
                duration_ms: small(row.duration_ms),
                status: row.status.and_then(|status| u16::try_from(status).ok()),
                error: row.error,
                request_headers: headers(row.request_headers)?,
                response_headers: headers(row.response_headers)?,
                response_body: row.response_body,
            })
        })
        .collect()
}

/// What a delivery was made of and for: its event, if it is still kept, and its webhook, whether or not it was deleted.
pub async fn origin(view: &mut impl View, delivery: &Delivery) -> Result<Origin> {
    let event = match events::get(view, &delivery.event).await {
        Ok(event) => Some(event),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let (webhook, deleted_at) = webhooks::get_even_deleted(view, &delivery.webhook).await?;
    Ok(Origin { event, webhook, deleted_at })
}

/// See [`origin`].
#[derive(Clone, Debug)]
pub struct Origin {
    /// The event.
    pub event: Option<Event>,
    /// The webhook as it is now.
    pub webhook: Webhook,
    /// When that was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Sends [`EventType::WEBHOOK_TEST`] to one webhook, whatever it subscribes to, as a delivery like any other. Its event is
/// written as dispatched, so that no other webhook receives it. Refused where nothing can be received, and for platforms, whose
/// automations would take it for a real event.
pub async fn send_test(work: &mut Work, id: &WebhookId) -> Result<Delivery> {
    let webhook = webhooks::get(work, id).await?;
    if webhook.platform != Platform::Kitchen {
        let refusal = "This webhook belongs to an automation, which would take a test for a real event. Test it in the platform.";
        return Err(StoreError::Conflict(refusal.into()));
    }
    if !webhook.enabled {
        return Err(StoreError::Conflict("The webhook is disabled; enable it before sending a test.".into()));
    }
    let event = work.record_dispatched(EventType::WEBHOOK_TEST, &webhook.test_data());
    let delivery = create(work, DeliveryId::new(work.now()), event, EventType::WEBHOOK_TEST, id);
    circuits::probe_now(work, id).await?;
    work.note(Action::WEBHOOK_TESTED, Some(id.as_str()), Some(&webhook.url));
    Ok(delivery)
}

/// Makes a delivery that is due now, of an event that this webhook does not receive by subscription.
pub(crate) fn create(work: &mut Work, id: DeliveryId, event: EventId, event_type: EventType, webhook: &WebhookId) -> Delivery {
    let now = work.now();
    let delivery = Delivery {
        id,
        event,
        event_type: event_type.as_str().to_owned(),
        webhook: webhook.clone(),
        state: DeliveryState::Pending,
        is_leased: false,
        attempts_count: 0,
        next_attempt_at: Some(now),
        waits_for: None,
        last_status: None,
        last_error: None,
        created_at: now,
        updated_at: now,
    };
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("deliveries")
            .set("id", delivery.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("event_id", delivery.event.as_str())
            .set("event_type", delivery.event_type.as_str())
            .set("webhook_id", webhook.as_str())
            .set("state", delivery.state.as_str())
            .set("next_attempt_at", now.millis())
            .set("due_at", FIRST)
            .set("created_at", now.millis())
            .set("updated_at", now.millis()),
    );
    delivery
}

/// Asks for one attempt now, beside the schedule. Refused while an attempt is under way and while the webhook cannot
/// receive anything.
pub async fn retry(work: &mut Work, id: &DeliveryId) -> Result<Delivery> {
    let delivery = get(work, id).await?;
    let webhook = webhooks::receiver(work, &delivery.webhook, "retrying").await?;
    if webhook.flow.ordered
        && let Some(head) = head(work, &delivery.webhook).await?
        && head.event.as_str() < delivery.event.as_str()
    {
        let refusal = format!("The webhook is ordered, and the older delivery {} comes first; retry or skip that one.", head.id);
        return Err(StoreError::Conflict(refusal));
    }
    let now = work.now().millis();
    // The condition is in the statement, not only in the row read above: a worker may claim it in between.
    let accepted = on!(work, conn => sqlx::query(
        "UPDATE deliveries SET is_manual = TRUE, due_at = $3, updated_at = $2 WHERE id = $1 AND leased_by IS NULL",
    )
    .bind(id.as_str())
    .bind(now)
    .bind(FIRST)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    if accepted == 0 {
        return Err(StoreError::Conflict("An attempt at this delivery is under way; ask again when it has ended.".into()));
    }
    circuits::probe_now(work, &delivery.webhook).await?;
    work.note(Action::DELIVERY_RETRIED, Some(id.as_str()), Some(&delivery.event_type));
    get(work, id).await
}

/// Gives up what is still to be sent of a delivery, so that the next of an ordered webhook gets its turn. Refused while an attempt is
/// under way, and where there is nothing to give up.
pub async fn skip(work: &mut Work, id: &DeliveryId) -> Result<Delivery> {
    let delivery = get(work, id).await?;
    let now = work.now().millis();
    let text = AssertSqlSafe(format!(
        "UPDATE deliveries SET state = CASE WHEN state IN ({}) THEN 'cancelled' ELSE state END, due_at = NULL, next_attempt_at = NULL, \
         is_manual = FALSE, fence = fence + 1, updated_at = $2 \
         WHERE id = $1 AND leased_by IS NULL AND (due_at IS NOT NULL OR state = 'paused')",
        states_moved_by(Happening::Skipped)
    ));
    let skipped =
        on!(work, conn => sqlx::query(text).bind(id.as_str()).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    if skipped == 0 {
        let refusal = if get(work, id).await?.is_leased {
            "An attempt at this delivery is under way; ask again when it has ended."
        } else {
            "There is nothing to skip: nothing more of this delivery would be sent."
        };
        return Err(StoreError::Conflict(refusal.into()));
    }
    work.note(Action::DELIVERY_SKIPPED, Some(id.as_str()), Some(&delivery.event_type));
    get(work, id).await
}

/// The states something changes, as a list in a statement.
pub(crate) fn states_moved_by(happening: Happening<'_>) -> String {
    let moved = DeliveryState::ALL.into_iter().filter(|state| state.is_moved_by(happening));
    moved.map(|state| format!("'{}'", state.as_str())).collect::<Vec<_>>().join(", ")
}

/// A condition on deliveries: to be some of those that satisfy `open`, as many as `limit` says, none of which anybody else holds. On Postgres
/// they stand in an array, so that they are looked for once, by their index, and are no more than that.
pub(crate) fn some(conn: &Conn<'_>, open: &str, limit: &str) -> String {
    let found = format!("SELECT id FROM deliveries WHERE {open} {limit}");
    match conn {
        Conn::Sqlite(_) => format!("id IN ({found})"),
        Conn::Postgres(_) => format!("id = ANY(ARRAY({found} FOR UPDATE SKIP LOCKED))"),
    }
}
