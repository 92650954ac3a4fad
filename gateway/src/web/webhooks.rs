//! The page Webhooks: the list. The form that makes or changes one is in `webhook_form`.

use crate::app::Gateway;
use crate::body::Query;
use crate::web::Page;
use crate::web::pager::{Pager, address, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::spark::Spark;
use crate::web::words::{Moment, counted, listed};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::WebhookId;
use domain::webhook::{Platform, Webhook, WebhookFilter};
use serde_json::Value;
use store::counts::{self, Health};
use store::webhooks;

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    webhooks: Vec<Row>,
    pager: Pager,
    /// Whose webhooks are shown, as the address names it; empty for everybody's.
    platform: &'static str,
    platforms: Vec<(&'static str, &'static str)>,
}

/// Who makes webhooks, as the list can be narrowed to them.
fn makers() -> Vec<(&'static str, &'static str)> {
    let title = |platform| connectors::connector(platform).map_or("People and the API", connectors::Connector::title);
    Platform::ALL.map(|platform| (platform.as_str(), title(platform))).to_vec()
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
            (true, _) if webhook.circuit.is_asked() => ("tag-warn", "Left alone"),
            (true, _) if webhook.circuit.probe_at.is_some() => ("tag-bad", "Failing"),
            (true, _) => ("tag-ok", "Active"),
            (false, None) => ("tag-warn", "Paused"),
            (false, Some(_)) => ("tag-bad", "Disabled"),
        };
        Self { class, word, reason: webhook.disabled_reason.clone() }
    }
}

/// The name of the platform that made a webhook; `None` if a person or their program did.
pub(crate) fn platform_name(webhook: &Webhook) -> Option<&'static str> {
    connectors::connector(webhook.platform).map(connectors::Connector::title)
}

/// Which part of the tree a webhook listens in, to be said behind its events: ` in 1 folder and 2 boards`; nothing if in all of it.
pub(crate) fn part(webhook: &Webhook) -> String {
    let of = |count: usize, unit| (count > 0).then(|| counted(count as u64, unit));
    let parts: Vec<String> = of(webhook.folders.len(), "folder").into_iter().chain(of(webhook.boards.len(), "board")).collect();
    if parts.is_empty() { String::new() } else { format!(" in {}", listed(&parts)) }
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
                _ if webhook.receives_all() => "All events".into(),
                few @ ([_] | [_, _]) => few.join(", "),
                _ => format!("{} events", EventType::ALL.iter().filter(|event| webhook.matches(event.as_str())).count()),
            } + &part(&webhook),
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
    let platform = query.get("platform").and_then(Value::as_str).and_then(Platform::parse);
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let filter = WebhookFilter { platform, ..WebhookFilter::default() };
    let found = webhooks::list(&mut view, filter, page_of(&query, true)).await?;
    let platform = platform.map_or("", Platform::as_str);
    let pager = Pager::with("Webhooks", found.request, found.rows.len() as u64, found.total, |page| {
        address("/settings/webhooks", &[("platform", platform), ("page", &page.to_string())])
    });
    let ids: Vec<WebhookId> = found.rows.iter().map(|webhook| webhook.id.clone()).collect();
    let healths = counts::health(&mut view, &ids, now).await?;
    let (quiet, rows) = (Health::default(), found.rows);
    let row = |webhook: Webhook| {
        let health = healths.get(&webhook.id).unwrap_or(&quiet);
        Row::of(webhook, health, now)
    };
    let webhooks = rows.into_iter().map(row).collect();
    let shell = Shell::of(&manager.0, "webhooks").saying(flash);
    Ok(render(StatusCode::OK, &WebhooksPage { shell, webhooks, pager, platform, platforms: makers() }))
}
