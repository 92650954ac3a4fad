//! The page of one webhook, and the dialogs over it. Its secret is in the answer to a request that asks for it by POST, and in no
//! other; that somebody looked is on record.

use crate::app::Gateway;
use crate::body::{Body, Path, Query};
use crate::web::deliveries::Section;
use crate::web::replay::ReplayDialog;
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::spark::Spark;
use crate::web::webhooks::{Standing, last_failure, part, platform_name};
use crate::web::words::{Moment, ahead, grouped, lasting, listed};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::clock::Timestamp;
use domain::ids::{BoardId, FolderId, WebhookId};
use domain::secret::Secret;
use domain::webhook::{Rotation, Webhook, WebhookPatch};
use serde_json::Value;
use std::time::Duration;
use store::counts::{self, Health};
use store::locations::{self, Kind};
use store::{StoreError, View, deliveries, webhooks};

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage {
    shell: Shell,
    webhook: Shown,
    deliveries: Section,
    /// Shown this once.
    secret: Option<Secret>,
    dialog: Dialog,
}

/// What is open over the page.
enum Dialog {
    None,
    Rotate,
    Delete,
    Replay(Box<ReplayDialog>),
}

/// A webhook as its page shows it.
struct Shown {
    id: String,
    url: String,
    platform: Option<&'static str>,
    events: String,
    state: Standing,
    is_enabled: bool,
    spark: Spark,
    last_failure: Option<(String, Moment)>,
    /// While its receiver is left alone: failures in a row, since when, and when it is tried again.
    waiting: Option<Waiting>,
    is_ordered: bool,
    /// What follows a failure.
    retries: String,
    /// Names of the headers of its own.
    headers: Vec<String>,
    /// Folders and boards it listens in, by name; and how many more there are.
    places: Vec<String>,
    places_left: usize,
    /// What holds up all other deliveries: its id, its event's type, and how many attempts failed.
    blocking: Option<(String, String, u32)>,
    /// How many deliveries are not done yet: one, or that many in words.
    is_one_open: bool,
    open: String,
    /// Until when the secret before the last rotation signs too.
    previous_secret_end: Option<Moment>,
    created: Moment,
    created_by: String,
}

/// Why deliveries wait while the circuit is open, and when one is sent again.
struct Waiting {
    /// `None` if the receiver asked to be left alone.
    failing: Option<Failing>,
    probe: String,
}

struct Failing {
    count: String,
    since: Moment,
}

/// Folders and boards that a page names.
const MOST_PLACES: usize = 20;

/// The schedule on which failed deliveries are sent again.
fn retries(delays: Option<&[u32]>) -> String {
    match delays {
        None => "On the usual schedule".into(),
        Some([]) => "Never sent again".into(),
        Some(delays) => {
            let pauses: Vec<String> = delays.iter().map(|seconds| lasting(Duration::from_secs((*seconds).into()))).collect();
            format!("After {}", listed(&pauses))
        }
    }
}

/// The folders and boards a webhook listens in, by name.
async fn places(view: &mut impl View, webhook: &Webhook) -> Result<Vec<String>, WebError> {
    let folders: Vec<&str> = webhook.folders.iter().map(FolderId::as_str).collect();
    let boards: Vec<&str> = webhook.boards.iter().map(BoardId::as_str).collect();
    let mut places = Vec::new();
    for (kind, noun, ids) in [(Kind::Folder, "Folder", folders), (Kind::Board, "Board", boards)] {
        // Those that are chosen come first, so that as many as there are of them are these.
        let most = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let found = if ids.is_empty() { Vec::new() } else { locations::choices(view, kind, &ids, most).await? };
        places.extend(found.into_iter().map(|one| {
            let gone = if one.is_deleted { " (deleted)" } else { "" };
            format!("{noun} {}{gone}", one.name)
        }));
    }
    Ok(places)
}

async fn shown(view: &mut impl View, id: &WebhookId, now: Timestamp) -> Result<Shown, WebError> {
    let webhook: Webhook = webhooks::get(view, id).await?;
    let health = counts::health(view, std::slice::from_ref(id), now).await?;
    let open = deliveries::count_open(view, id).await?;
    let head = if webhook.flow.ordered { deliveries::head(view, id).await? } else { None };
    let blocking = head.filter(|head| head.attempts_count > 0 && !head.is_leased);
    let mut places = places(view, &webhook).await?;
    let places_left = places.len().saturating_sub(MOST_PLACES);
    places.truncate(MOST_PLACES);
    Ok(Shown {
        retries: retries(webhook.retry_delays.as_deref()),
        places,
        places_left,
        is_ordered: webhook.flow.ordered,
        blocking: blocking.map(|head| (head.id.to_string(), head.event_type, head.attempts_count)),
        platform: platform_name(&webhook),
        events: if webhook.receives_all() { "every event".into() } else { listed(&webhook.events_types) } + &part(&webhook),
        state: Standing::of(&webhook),
        is_enabled: webhook.enabled,
        spark: Spark::of(health.get(id).unwrap_or(&Health::default())),
        last_failure: last_failure(&webhook, now),
        waiting: webhook.circuit.probe_at.filter(|_| webhook.enabled && open > 0).map(|probe| Waiting {
            failing: webhook
                .circuit
                .failing_since
                .filter(|_| !webhook.circuit.is_asked())
                .map(|since| Failing { count: grouped(webhook.circuit.failures_in_row.into()), since: Moment::of(since, now) }),
            probe: ahead(probe, now),
        }),
        is_one_open: open == 1,
        open: match open {
            0 => "None".into(),
            more if more > deliveries::COUNTED_OPEN => format!("More than {}", deliveries::COUNTED_OPEN),
            count => count.to_string(),
        },
        previous_secret_end: webhook.previous_secret_expires_at.filter(|end| *end > now).map(|end| Moment::of(end, now)),
        created: Moment::of(webhook.created_at, now),
        headers: webhook.header_names,
        created_by: webhook.created_by.unwrap_or_else(|| "Unknown".into()),
        id: webhook.id.to_string(),
        url: webhook.url,
    })
}

async fn page(
    gateway: &Gateway,
    manager: &Manager,
    id: &WebhookId,
    query: &Value,
    secret: Option<Secret>,
    dialog: Dialog,
) -> Page {
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("created") => Some("The webhook is created. Reveal its signing secret and put it into the receiver."),
        Some("saved") => Some("The webhook is saved."),
        Some("paused") => {
            Some("The webhook is paused. What waits is held back, and events that happen meanwhile are not sent there.")
        }
        Some("resumed") => Some("The webhook is active. Deliveries that were held back are sent now."),
        Some("rotated") => Some("The secret is rotated. Reveal the new one and put it into the receiver."),
        Some("tested") => Some("The test event is on its way. Its delivery appears below in a moment."),
        _ => None,
    };
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let webhook = shown(&mut view, id, now).await?;
    let deliveries = Section::load(&mut view, id, format!("/settings/webhooks/{id}"), query, now).await?;
    let shell = Shell::of(&manager.0, "webhooks").saying(flash);
    Ok(render(StatusCode::OK, &WebhookPage { shell, webhook, deliveries, secret, dialog }))
}

/// The page under the dialog in which a replay is begun.
pub(crate) async fn under(
    gateway: &Gateway,
    manager: &Manager,
    id: &WebhookId,
    status: StatusCode,
    dialog: ReplayDialog,
) -> Page {
    let mut page = page(gateway, manager, id, &Value::Null, None, Dialog::Replay(Box::new(dialog))).await?;
    *page.status_mut() = status;
    Ok(page)
}

/// Back to the webhook, which says what happened.
fn done(id: &WebhookId, what: &str) -> Response {
    Redirect::to(&format!("/settings/webhooks/{id}?done={what}")).into_response()
}

pub(crate) async fn show(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    page(&gateway, &manager, &WebhookId::parse(&id)?, &query, None, Dialog::None).await
}

/// The address under which the secret was shown, asked for again.
pub(crate) async fn hide_secret(_: Manager, Path(id): Path) -> Page {
    Ok(Redirect::to(&format!("/settings/webhooks/{}", WebhookId::parse(&id)?)).into_response())
}

pub(crate) async fn reveal_secret(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = WebhookId::parse(&id)?;
    let mut work = manager.0.begin(&gateway);
    let secret = webhooks::reveal_secret(&mut work, &id).await?;
    work.commit().await?;
    page(&gateway, &manager, &id, &Value::Null, Some(secret), Dialog::None).await
}

pub(crate) async fn ask_rotate(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    page(&gateway, &manager, &WebhookId::parse(&id)?, &Value::Null, None, Dialog::Rotate).await
}

pub(crate) async fn rotate(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Body(form): Body) -> Page {
    let (rotation, id) = (Rotation::read(&form)?, WebhookId::parse(&id)?);
    let mut work = manager.0.begin(&gateway);
    webhooks::rotate_secret(&mut work, &id, rotation).await?;
    work.commit().await?;
    Ok(done(&id, "rotated"))
}

pub(crate) async fn test(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = WebhookId::parse(&id)?;
    let mut work = manager.0.begin(&gateway);
    deliveries::send_test(&mut work, &id).await?;
    work.commit().await?;
    gateway.store().ring(&[]);
    Ok(done(&id, "tested"))
}

pub(crate) async fn pause(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = set_enabled(&gateway, &manager, &id, false).await?;
    Ok(done(&id, "paused"))
}

pub(crate) async fn resume(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = set_enabled(&gateway, &manager, &id, true).await?;
    // Deliveries that were held back are due now.
    gateway.store().ring(&[]);
    Ok(done(&id, "resumed"))
}

async fn set_enabled(gateway: &Gateway, manager: &Manager, id: &str, enabled: bool) -> Result<WebhookId, WebError> {
    let id = WebhookId::parse(id)?;
    let mut work = manager.0.begin(gateway);
    webhooks::update(&mut work, &id, WebhookPatch { enabled: Some(enabled), ..WebhookPatch::default() }).await?;
    work.commit().await?;
    Ok(id)
}

pub(crate) async fn ask_delete(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    page(&gateway, &manager, &WebhookId::parse(&id)?, &Value::Null, None, Dialog::Delete).await
}

/// A webhook that is gone already is what was asked for.
pub(crate) async fn delete(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let mut work = manager.0.begin(&gateway);
    match webhooks::delete(&mut work, &WebhookId::parse(&id)?).await {
        Ok(()) => work.commit().await?,
        Err(StoreError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Redirect::to("/settings/webhooks?done=deleted").into_response())
}
