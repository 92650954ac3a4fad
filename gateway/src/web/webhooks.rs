//! The page Webhooks: the list, and the form that makes or changes one. What platforms made is shown and not edited here: their
//! automations hold on to the address and the event they asked for.

use crate::app::Gateway;
use crate::body::{Body, Path, Query};
use crate::error::ApiError;
use crate::target;
use crate::web::form::Form;
use crate::web::pager::{Pager, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::spark::Spark;
use crate::web::words::{Moment, capitalized, plural};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::WebhookId;
use domain::input::Invalid;
use domain::webhook::{NewWebhook, Platform, Webhook, WebhookFilter, WebhookPatch};
use serde_json::{Value, json};
use store::counts::{self, Health};
use store::webhooks;

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    webhooks: Vec<Row>,
    pager: Pager,
}

/// A webhook as the list shows it.
struct Row {
    id: String,
    url: String,
    platform: Option<&'static str>,
    events: String,
    state: Standing,
    spark: Spark,
    last_failure: Option<(String, Moment)>,
}

/// Where a webhook stands: a class for the tag, a word, and why.
pub(crate) struct Standing {
    pub(crate) class: &'static str,
    pub(crate) word: &'static str,
    pub(crate) reason: Option<String>,
}

impl Standing {
    pub(crate) fn of(webhook: &Webhook) -> Self {
        let (class, word) = match (webhook.enabled, &webhook.disabled_reason) {
            (true, _) => ("tag-ok", "Active"),
            (false, None) => ("tag-warn", "Paused"),
            (false, Some(_)) => ("tag-bad", "Disabled"),
        };
        Self { class, word, reason: webhook.disabled_reason.clone() }
    }
}

/// The name of the platform that made a webhook; `None` if a person or their program did.
pub(crate) fn platform_name(webhook: &Webhook) -> Option<&'static str> {
    match webhook.platform {
        Platform::Kitchen => None,
        Platform::Zapier => Some("Zapier"),
    }
}

/// What went wrong last, and when.
pub(crate) fn last_failure(webhook: &Webhook, now: Timestamp) -> Option<(String, Moment)> {
    Some((webhook.last_failure.clone()?, Moment::of(webhook.last_failed_at?, now)))
}

impl Row {
    fn of(webhook: Webhook, health: &Health, now: Timestamp) -> Self {
        Self {
            platform: platform_name(&webhook),
            events: match webhook.events_types.as_slice() {
                [] => "All events".into(),
                few @ ([_] | [_, _]) => few.join(", "),
                many => format!("{} events", many.len()),
            },
            state: Standing::of(&webhook),
            spark: Spark::of(health),
            last_failure: last_failure(&webhook, now),
            id: webhook.id.to_string(),
            url: webhook.url,
        }
    }
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let now = gateway.store().clock().now();
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("deleted") => Some("The webhook is deleted. Nothing is sent there any more."),
        _ => None,
    };
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let found = webhooks::list(&mut view, WebhookFilter::default(), page_of(&query, true)).await?;
    let pager = Pager::of("/settings/webhooks", "Webhooks", &found);
    let ids: Vec<WebhookId> = found.rows.iter().map(|webhook| webhook.id.clone()).collect();
    let healths = counts::health(&mut view, &ids, now).await?;
    let (quiet, rows) = (Health::default(), found.rows);
    let row = |webhook: Webhook| {
        let health = healths.get(&webhook.id).unwrap_or(&quiet);
        Row::of(webhook, health, now)
    };
    let webhooks = rows.into_iter().map(row).collect();
    Ok(render(StatusCode::OK, &WebhooksPage { shell: Shell::of(&manager.0, "webhooks").saying(flash), webhooks, pager }))
}

#[derive(Template)]
#[template(path = "webhook_form.html")]
struct FormPage {
    shell: Shell,
    /// The webhook that is changed; `None` for a new one.
    changed: Option<Changed>,
    form: Form,
    is_all: bool,
    is_enabled: bool,
    groups: Vec<Group>,
}

struct Changed {
    id: String,
    url: String,
}

/// The events of one resource.
struct Group {
    label: String,
    events: Vec<Choice>,
}

struct Choice {
    event: &'static str,
    label: String,
    is_ticked: bool,
}

/// What stands in the fields of the form: `url`, `events` (all or some), `types`, `enabled`.
fn values(url: &str, types: &[String], is_enabled: bool) -> Value {
    let mut values = json!({"url": url, "events": if types.is_empty() { "all" } else { "some" }, "types": types});
    if is_enabled {
        values["enabled"] = json!("1");
    }
    values
}

fn ticked(form: &Value) -> Vec<&str> {
    form.get("types").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn is_all(form: &Value) -> bool {
    form.get("events").and_then(Value::as_str) != Some("some")
}

/// The fields of the API, from those of the form.
fn fields(form: &Value) -> Value {
    let types = if is_all(form) { Vec::new() } else { ticked(form) };
    json!({"url": form.get("url"), "events_types": types, "enabled": form.get("enabled").is_some()})
}

/// Reads the form as the API reads its body; only that here none ticked is a mistake, and there it means all.
fn read<T>(form: &Value, read: impl FnOnce(&Value) -> Result<T, Invalid>) -> Result<T, Invalid> {
    let read = read(&fields(form));
    if is_all(form) || !ticked(form).is_empty() {
        return read;
    }
    let mut invalid = read.err().unwrap_or_default();
    invalid.add("events_types", "Choose at least one event, or all of them.");
    Err(invalid)
}

async fn judged<T>(gateway: &Gateway, read: Result<T, Invalid>, url: impl Fn(&T) -> Option<&str>) -> Result<T, WebError> {
    let read = read?;
    if let Some(url) = url(&read) {
        target::judge(&gateway.settings().egress, "url", url).await?;
    }
    Ok(read)
}

fn form_page(manager: &Manager, status: StatusCode, changed: Option<&Webhook>, values: Value, invalid: Invalid) -> Page {
    let ticked = ticked(&values);
    let mut groups: Vec<Group> = Vec::new();
    for event in EventType::ALL {
        let label = plural(event.noun());
        let choice =
            Choice { event: event.as_str(), label: capitalized(event.verb()), is_ticked: ticked.contains(&event.as_str()) };
        match groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.events.push(choice),
            None => groups.push(Group { label, events: vec![choice] }),
        }
    }
    let page = FormPage {
        shell: Shell::of(&manager.0, "webhooks"),
        changed: changed.map(|webhook| Changed { id: webhook.id.to_string(), url: webhook.url.clone() }),
        is_all: is_all(&values),
        is_enabled: values.get("enabled").is_some(),
        groups,
        form: Form::refused(values, invalid),
    };
    Ok(render(status, &page))
}

/// The form once more with everything that was typed, if it was that; any other error stays one.
fn again(manager: &Manager, changed: Option<&Webhook>, form: Value, error: WebError) -> Page {
    match error {
        WebError::Api(ApiError::Invalid(invalid)) => form_page(manager, StatusCode::UNPROCESSABLE_ENTITY, changed, form, invalid),
        error => Err(error),
    }
}

pub(crate) async fn new(manager: Manager) -> Page {
    form_page(&manager, StatusCode::OK, None, values("", &[], true), Invalid::default())
}

pub(crate) async fn create(State(gateway): State<Gateway>, manager: Manager, Body(form): Body) -> Page {
    let new = read(&form, |fields| NewWebhook::read(fields, &gateway.settings().egress));
    let new = match judged(&gateway, new, |new| Some(&new.url)).await {
        Ok(new) => new,
        Err(error) => return again(&manager, None, form, error),
    };
    let mut work = manager.0.begin(&gateway);
    let webhook = webhooks::create(&mut work, new)?;
    work.commit().await?;
    Ok(Redirect::to(&format!("/settings/webhooks/{}?done=created", webhook.id)).into_response())
}

/// One webhook that may be edited here.
async fn editable(gateway: &Gateway, manager: &Manager, id: &str) -> Result<Webhook, WebError> {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let webhook = webhooks::get(&mut view, &WebhookId::parse(id)?).await?;
    match platform_name(&webhook) {
        None => Ok(webhook),
        Some(platform) => Err(ApiError::Conflict(format!(
            "This webhook was made by {platform}, which relies on its address and event. Change it there; here it can be paused and \
             deleted."
        ))
        .into()),
    }
}

pub(crate) async fn edit(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let webhook = editable(&gateway, &manager, &id).await?;
    let values = values(&webhook.url, &webhook.events_types, webhook.enabled);
    form_page(&manager, StatusCode::OK, Some(&webhook), values, Invalid::default())
}

pub(crate) async fn update(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Body(form): Body) -> Page {
    let webhook = editable(&gateway, &manager, &id).await?;
    let patch = read(&form, |fields| WebhookPatch::read(fields, &gateway.settings().egress));
    let patch = match judged(&gateway, patch, |patch| patch.url.as_deref()).await {
        Ok(patch) => patch,
        Err(error) => return again(&manager, Some(&webhook), form, error),
    };
    let mut work = manager.0.begin(&gateway);
    webhooks::update(&mut work, &webhook.id, patch).await?;
    work.commit().await?;
    // Deliveries that were held back may be due now.
    gateway.store().ring(&[]);
    Ok(Redirect::to(&format!("/settings/webhooks/{}?done=saved", webhook.id)).into_response())
}
