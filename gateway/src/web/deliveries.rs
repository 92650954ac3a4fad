//! Deliveries: the list on a webhook's page, and the page of one delivery with everything that was sent and answered. What comes
//! from receivers is shown as text, whatever it pretends to be.

use crate::app::Gateway;
use crate::body::{Path, Query};
use crate::web::pager::{Steps, place};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::{Moment, ahead, grouped};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::clock::Timestamp;
use domain::delivery::{Attempt, Delivery, DeliveryState, Happening, Header, WaitsFor};
use domain::event::{Event, EventType};
use domain::ids::{DeliveryId, EventId, WebhookId};
use domain::webhook::Platform;
use serde_json::Value;
use store::View;
use store::deliveries::{self, Origin};
use store::delivery_search::{self, Found, Of, Search};

/// Deliveries on one page of a list.
const PER_PAGE: u32 = 25;
/// Attempts that a page shows.
const MOST_ATTEMPTS: usize = 20;
/// Characters of a body that a page shows.
const MOST_CHARS: usize = 16 * 1024;

/// What a list can be narrowed to: the states, as they are called in addresses.
const STATES: [(&str, DeliveryState); 7] = [
    ("delivered", DeliveryState::Delivered),
    ("pending", DeliveryState::Pending),
    ("waiting", DeliveryState::Waiting),
    ("failed", DeliveryState::Exhausted),
    ("gone", DeliveryState::Gone),
    ("paused", DeliveryState::Paused),
    ("cancelled", DeliveryState::Cancelled),
];

/// The deliveries of a webhook, as a part of its page.
#[derive(Template)]
#[template(path = "webhook/deliveries.html")]
pub(crate) struct Section {
    path: String,
    states: Vec<(&'static str, &'static str)>,
    state: String,
    q: String,
    rows: Vec<Row>,
    steps: Steps,
}

struct Row {
    id: String,
    event_type: String,
    event: String,
    state: (&'static str, &'static str),
    attempts_count: u32,
    last_answer: Option<String>,
    at: Moment,
}

impl Section {
    /// Reads the deliveries that the address of the page at `path` asks for: `state`, `q`, `before`. What makes no sense there
    /// counts as not being there.
    pub(crate) async fn load(
        view: &mut impl View,
        webhook: &WebhookId,
        path: String,
        query: &Value,
        now: Timestamp,
    ) -> Result<Self, WebError> {
        let text = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let (q, before) = (text("q"), place(&text("before"), DeliveryId::parse));
        let chosen = STATES.iter().find(|(value, _)| *value == text("state"));
        let state = chosen.map_or_else(String::new, |(value, _)| (*value).to_owned());
        let is_first = before.is_none();
        let search = Search { states: chosen.iter().map(|(_, state)| *state).collect(), of: sought(&q), before };
        // One more than is shown says whether there are older ones.
        let mut found = delivery_search::newest(view, webhook, search, PER_PAGE + 1).await?;
        let steps = Steps::cut(&mut found, PER_PAGE, is_first, &path, &[("state", &state), ("q", &q)], |found| {
            (found.delivery.created_at, found.delivery.id.as_str())
        });
        Ok(Self {
            steps,
            states: STATES.iter().map(|(value, state)| (*value, state_in_words(*state).1)).collect(),
            rows: found.into_iter().map(|found| Row::of(found, now)).collect(),
            path,
            state,
            q,
        })
    }

    fn is_filtered(&self) -> bool {
        !self.state.is_empty() || !self.q.is_empty()
    }
}

/// What is looked for: an event by its id, or events by the beginning of their type.
fn sought(q: &str) -> Of {
    if q.is_empty() {
        return Of::Everything;
    }
    let q = q.to_lowercase();
    EventId::parse(&q).map_or_else(
        |_| {
            let all = EventType::ALL.iter().copied().chain([EventType::WEBHOOK_TEST]);
            Of::Types(all.filter(|of| of.as_str().starts_with(&q)).collect())
        },
        Of::Event,
    )
}

pub(crate) fn state_in_words(state: DeliveryState) -> (&'static str, &'static str) {
    match state {
        DeliveryState::Pending => ("tag-warn", "Pending"),
        DeliveryState::Waiting => ("tag-warn", "Waiting"),
        DeliveryState::Delivered => ("tag-ok", "Delivered"),
        DeliveryState::Exhausted => ("tag-bad", "Failed"),
        DeliveryState::Gone => ("tag-bad", "Gone"),
        DeliveryState::Paused => ("", "Paused"),
        DeliveryState::Cancelled => ("", "Cancelled"),
    }
}

/// How long something took: milliseconds, and seconds from one second on.
fn took(ms: u32) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{:.1} s", f64::from(ms) / 1000.0) }
}

impl Row {
    fn of(found: Found, now: Timestamp) -> Self {
        let Found { delivery, last_duration_ms } = found;
        let last_answer = match (delivery.last_status, delivery.last_error) {
            (Some(status), _) => {
                Some(last_duration_ms.map_or_else(|| status.to_string(), |ms| format!("{status} after {}", took(ms))))
            }
            (None, error) => error,
        };
        Self {
            id: delivery.id.to_string(),
            event_type: delivery.event_type,
            event: delivery.event.to_string(),
            state: state_in_words(delivery.state),
            attempts_count: delivery.attempts_count,
            last_answer,
            at: Moment::of(delivery.created_at, now),
        }
    }
}

/// What can be done about a delivery.
struct Choices {
    can_resend: bool,
    can_skip: bool,
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct DeliveryPage {
    shell: Shell,
    /// The page it belongs to, and how that is called: the webhook's URL without its scheme.
    back: String,
    target: String,
    url: String,
    is_deleted: bool,
    /// What it is sent to.
    receiver: &'static str,
    id: String,
    event: String,
    event_type: String,
    occurred: Option<Moment>,
    about: Option<String>,
    state: (&'static str, &'static str),
    lead: String,
    /// When the next attempt is, for machines and for people.
    next: Option<(String, String)>,
    choices: Choices,
    /// What every attempt sends.
    body: Option<String>,
    is_body_cut: bool,
    attempts: Vec<Shown>,
    /// Attempts beyond those that are shown.
    older_count: u32,
}

/// An attempt as the page shows it.
struct Shown {
    number: u32,
    is_manual: bool,
    outcome: (&'static str, String),
    started: Moment,
    duration: String,
    error: Option<String>,
    is_unsent: bool,
    request_headers: Option<String>,
    response_headers: Option<String>,
    response_body: Option<String>,
    is_response_cut: bool,
}

impl Shown {
    fn of(attempt: Attempt, now: Timestamp) -> Self {
        // Words of the worker's own: nothing was sent for a reason on our side.
        let is_unsent = attempt.error.as_deref().is_some_and(|error| error.starts_with("Not sent."));
        let tag = if attempt.error.is_none() { "tag-ok" } else { "tag-bad" };
        let outcome =
            attempt.status.map_or_else(|| if is_unsent { "Not sent".into() } else { "No answer".into() }, status_in_words);
        let status_line = attempt.status.map(|status| format!("HTTP {}\n", status_in_words(status)));
        let (response_body, is_response_cut) =
            attempt.response_body.as_deref().map(beginning).map_or((None, false), |(text, is_cut)| (Some(text), is_cut));
        Self {
            number: attempt.number,
            is_manual: attempt.is_manual,
            outcome: (tag, outcome),
            started: Moment::of(attempt.started_at, now),
            duration: grouped(attempt.duration_ms.into()),
            error: attempt.error,
            is_unsent,
            request_headers: attempt.request_headers.as_deref().map(|headers| format!("POST\n{}", lines(headers))),
            response_headers: attempt
                .response_headers
                .as_deref()
                .map(|headers| format!("{}{}", status_line.unwrap_or_default(), lines(headers))),
            response_body,
            is_response_cut,
        }
    }
}

/// `503 Service Unavailable`.
fn status_in_words(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

fn lines(headers: &[Header]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// As much of a text as a page shows, and whether that is not all. A receiver's answer is kept up to the same length.
fn beginning(text: &str) -> (String, bool) {
    if text.len() < MOST_CHARS {
        return (text.to_owned(), false);
    }
    (text[..text.floor_char_boundary(MOST_CHARS)].to_owned(), true)
}

/// A body of ours, laid out for reading: the same members in the same order as they are sent.
fn laid_out(body: &[u8]) -> String {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let laid_out = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    laid_out.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned())
}

/// `The client Camille Roux`.
fn about(event: &Event) -> Option<String> {
    let name = ["name", "title"].iter().find_map(|field| event.data.get(field)?.as_str())?;
    let noun = event.event_type.split('.').next()?;
    Some(format!("The {noun} {name}"))
}

/// What became of it so far, in a sentence.
fn lead(delivery: &Delivery, deleted_at: Option<Timestamp>) -> String {
    let count = delivery.attempts_count;
    let failed = match count {
        0 => "It was not attempted yet.".to_owned(),
        1 => "One attempt failed.".to_owned(),
        count => format!("{count} attempts failed."),
    };
    match delivery.state {
        _ if delivery.is_leased => "An attempt is under way.".into(),
        _ if delivery.waits_for == Some(WaitsFor::Order) => {
            format!("{failed} The webhook is ordered, and it waits until the delivery before it is done.")
        }
        _ if delivery.waits_for == Some(WaitsFor::Circuit) => {
            format!(
                "{failed} The receiver keeps failing, or asked to be left alone: it waits for that, which costs it no attempt."
            )
        }
        DeliveryState::Pending | DeliveryState::Waiting => failed,
        DeliveryState::Delivered if count == 1 => "It arrived at the first attempt.".into(),
        DeliveryState::Delivered => format!("It arrived. There were {count} attempts."),
        DeliveryState::Exhausted => format!("{failed} No more are planned."),
        DeliveryState::Gone => "The receiver answered 410 Gone: it wants no more events.".into(),
        DeliveryState::Paused => "It is held back while the webhook is off.".into(),
        // What was skipped before has not changed since.
        DeliveryState::Cancelled if deleted_at.is_some_and(|at| at <= delivery.updated_at) => {
            "It was given up because the webhook was deleted.".into()
        }
        DeliveryState::Cancelled => "It was skipped by hand.".into(),
    }
}

pub(crate) async fn show(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let id = DeliveryId::parse(&id)?;
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let delivery = deliveries::get(&mut view, &id).await?;
    let mut attempts = deliveries::attempts(&mut view, &id).await?;
    attempts.reverse();
    attempts.truncate(MOST_ATTEMPTS);
    let Origin { event, webhook, deleted_at } = deliveries::origin(&mut view, &delivery).await?;
    let is_deleted = deleted_at.is_some();
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("skip") => Some("It is skipped. Whatever waited for it is sent now."),
        Some("retry") => Some("It is being sent again. Load this page anew to see what came of it."),
        _ => None,
    };
    let body = event.as_ref().map(|event| beginning(&laid_out(&connectors::body(webhook.platform, event))));
    let (body, is_body_cut) = body.map_or((None, false), |(text, is_cut)| (Some(text), is_cut));
    let (back, target) = match webhook.platform {
        Platform::Callback => ("/settings/operations".to_owned(), "Operations"),
        _ if is_deleted => ("/settings/webhooks".to_owned(), "Webhooks"),
        _ => (
            format!("/settings/webhooks/{}", webhook.id),
            webhook.url.split_once("://").map_or(webhook.url.as_str(), |(_, rest)| rest),
        ),
    };
    let target = target.to_owned();
    let page = DeliveryPage {
        shell: Shell::of(&manager.0, "webhooks").saying(flash),
        back,
        target,
        choices: Choices {
            can_resend: !is_deleted && webhook.enabled && !delivery.is_leased && delivery.waits_for != Some(WaitsFor::Order),
            can_skip: !delivery.is_leased && delivery.state.is_moved_by(Happening::Skipped),
        },
        url: webhook.url,
        is_deleted,
        receiver: if webhook.platform == Platform::Callback { "Callback" } else { "Webhook" },
        id: id.to_string(),
        event: delivery.event.to_string(),
        occurred: event.as_ref().map(|event| Moment::of(event.occurred_at, now)),
        about: event.as_ref().and_then(about),
        state: state_in_words(delivery.state),
        lead: lead(&delivery, deleted_at),
        next: delivery
            .next_attempt_at
            .filter(|_| !delivery.is_leased && delivery.waits_for.is_none())
            .map(|at| (at.to_string(), ahead(at, now))),
        body,
        is_body_cut,
        older_count: delivery.attempts_count.saturating_sub(u32::try_from(attempts.len()).unwrap_or(0)),
        attempts: attempts.into_iter().map(|attempt| Shown::of(attempt, now)).collect(),
        event_type: delivery.event_type,
    };
    Ok(render(StatusCode::OK, &page))
}

/// One attempt now, beside the schedule.
pub(crate) async fn retry(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = DeliveryId::parse(&id)?;
    let mut work = manager.0.begin(&gateway);
    deliveries::retry(&mut work, &id).await?;
    work.commit().await?;
    gateway.store().ring(&[]);
    Ok(Redirect::to(&format!("/settings/deliveries/{id}?done=retry")).into_response())
}

/// Nothing more of it is sent.
pub(crate) async fn skip(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = DeliveryId::parse(&id)?;
    let mut work = manager.0.begin(&gateway);
    deliveries::skip(&mut work, &id).await?;
    work.commit().await?;
    gateway.store().ring(&[]);
    Ok(Redirect::to(&format!("/settings/deliveries/{id}?done=skip")).into_response())
}
