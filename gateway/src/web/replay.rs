//! The dialog Replay over a webhook's page: what is to be sent once more, how much that would be, and the start.

use crate::app::Gateway;
use crate::body::{Body, Path};
use crate::error::ApiError;
use crate::web::form::Form;
use crate::web::session::Manager;
use crate::web::webhook;
use crate::web::words::{grouped, lasting};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::WebhookId;
use domain::input::Invalid;
use domain::operation::OperationKind;
use domain::replay::{NewReplay, Replay, USUAL_RATE};
use domain::webhook::Webhook;
use serde_json::{Value, json};
use std::time::Duration;
use store::replays::{self, Extent};
use store::{operations, webhooks};

/// How far back the form begins: about as long as a delivery is tried before it is given up.
const USUAL_PERIOD: Duration = Duration::from_hours(3 * 24);
const MINUTE: Duration = Duration::from_mins(1);

/// The dialog.
#[derive(Template)]
#[template(path = "webhook/replay.html")]
pub(crate) struct ReplayDialog {
    id: String,
    url: String,
    obstacle: Obstacle,
    form: Form,
    types: Vec<&'static str>,
    preview: Option<String>,
}

/// Why there is no form.
enum Obstacle {
    None,
    Disabled,
    /// The operation that is under way.
    UnderWay(String),
}

impl ReplayDialog {
    fn has_type(&self, event: &str) -> bool {
        self.form.list("events_types").any(|chosen| chosen == event)
    }

    fn is_chosen(&self, state: &str) -> bool {
        self.form.value_or("state", "failed") == state
    }
}

/// The fields of the API, from those of the form: there the times are in UTC and do not say so.
fn fields(form: &Value) -> Value {
    let mut fields = form.clone();
    for name in ["since", "until"] {
        if let Some(text) = form.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()) {
            let seconds = if text.len() == "2026-03-12T14:18".len() { ":00" } else { "" };
            fields[name] = json!(format!("{text}{seconds}Z"));
        }
    }
    fields
}

/// A time as a field for it has it.
fn minute(at: Timestamp) -> String {
    at.to_string().chars().take("2026-03-12T14:18".len()).collect()
}

/// What is wrong, as whoever sees the form calls its fields.
fn in_words(mut invalid: Invalid) -> Invalid {
    for (name, text) in [("since", "Choose a time in the past."), ("until", "Choose a time after the beginning.")] {
        if let Some(messages) = invalid.errors.get_mut(name) {
            *messages = vec![text.to_owned()];
        }
    }
    invalid
}

/// How much a replay sends, and how long that takes.
fn preview(extent: Extent, replay: &Replay) -> String {
    let time = lasting(replay.time_for(usize::try_from(extent.count).unwrap_or(usize::MAX)));
    match (extent.count, extent.is_exact) {
        (0, true) => "There is nothing to send: no event matches.".into(),
        (0, false) => "There is too much to look through to say beforehand. Choose a shorter period.".into(),
        (1, true) => "This sends 1 event.".into(),
        (count, true) => format!("This sends {} events, which takes about {time}.", grouped(count)),
        (count, false) => format!("This sends more than {} events, which takes longer than {time}.", grouped(count)),
    }
}

async fn dialog(
    gateway: &Gateway,
    manager: &Manager,
    id: &WebhookId,
    form: Form,
    preview: Option<String>,
) -> Result<ReplayDialog, WebError> {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let webhook: Webhook = webhooks::get(&mut view, id).await?;
    let under_way = operations::find_open(&mut view, OperationKind::WebhookReplay, id.as_str()).await?;
    Ok(ReplayDialog {
        id: id.to_string(),
        obstacle: match under_way {
            Some(operation) => Obstacle::UnderWay(operation.id.to_string()),
            None if !webhook.enabled => Obstacle::Disabled,
            None => Obstacle::None,
        },
        types: EventType::ALL.iter().map(|event| event.as_str()).filter(|event| webhook.matches(event)).collect(),
        url: webhook.url,
        form,
        preview,
    })
}

pub(crate) async fn ask(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let (id, now) = (WebhookId::parse(&id)?, gateway.store().clock().now());
    let values = json!({
        "since": minute(now.minus(USUAL_PERIOD)),
        // The minute that has begun belongs to it.
        "until": minute(now.plus(MINUTE)),
        "rate": USUAL_RATE.to_string(),
    });
    let dialog = dialog(&gateway, &manager, &id, Form::of(values), None).await?;
    webhook::under(&gateway, &manager, &id, StatusCode::OK, dialog).await
}

/// Either says how much it would be, or starts it.
pub(crate) async fn begin(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Body(form): Body) -> Page {
    let id = WebhookId::parse(&id)?;
    let is_preview = form.get("step").and_then(Value::as_str) != Some("start");
    match carry_out(&gateway, &manager, &id, &form, is_preview).await {
        Ok(Begun::Counted(said)) => {
            let dialog = dialog(&gateway, &manager, &id, Form::of(form), Some(said)).await?;
            webhook::under(&gateway, &manager, &id, StatusCode::OK, dialog).await
        }
        Ok(Begun::Started(operation)) => Ok(Redirect::to(&format!("/settings/operations/{operation}")).into_response()),
        Err(WebError::Api(ApiError::Invalid(invalid))) => {
            let dialog = dialog(&gateway, &manager, &id, Form::refused(form, in_words(invalid)), None).await?;
            webhook::under(&gateway, &manager, &id, StatusCode::UNPROCESSABLE_ENTITY, dialog).await
        }
        // The dialog says by itself why there is no form.
        Err(WebError::Api(ApiError::Conflict(reason))) => {
            let dialog = dialog(&gateway, &manager, &id, Form::of(form), None).await?;
            match dialog.obstacle {
                Obstacle::None => Err(ApiError::Conflict(reason).into()),
                _ => webhook::under(&gateway, &manager, &id, StatusCode::CONFLICT, dialog).await,
            }
        }
        Err(error) => Err(error),
    }
}

enum Begun {
    Counted(String),
    Started(String),
}

async fn carry_out(
    gateway: &Gateway,
    manager: &Manager,
    id: &WebhookId,
    form: &Value,
    is_preview: bool,
) -> Result<Begun, WebError> {
    let NewReplay { replay, .. } = NewReplay::read(&fields(form), gateway.store().clock().now())?;
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let extent = replays::count(&mut view, id, &replay).await?;
    drop(view);
    if is_preview {
        return Ok(Begun::Counted(preview(extent, &replay)));
    }
    let mut work = manager.0.begin(gateway);
    let operation = replays::begin(&mut work, id, &replay, extent, None).await?;
    work.commit().await?;
    Ok(Begun::Started(operation.id.to_string()))
}
