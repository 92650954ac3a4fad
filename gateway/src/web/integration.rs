//! The page of one integration: its webhooks and how the last delivery to each went, its guide, and what it is offered.

use crate::answer::Here;
use crate::app::Gateway;
use crate::body::{Path, Query};
use crate::error::ApiError;
use crate::web::integrations::{Integration, Last};
use crate::web::pager::{Pager, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::webhooks::{Standing, part};
use crate::web::words::listed;
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use connectors::Catalogue;
use domain::ids::WebhookId;
use domain::webhook::{Platform, Webhook, WebhookFilter};
use serde_json::Value;
use store::{View, activity, webhooks};
use url::Url;

#[derive(Template)]
#[template(path = "integration.html")]
struct IntegrationPage {
    shell: Shell,
    name: &'static str,
    title: &'static str,
    summary: &'static str,
    /// The dialog in which a key for it is made.
    key_form: String,
    /// `None` for what makes no webhooks under its own name.
    webhooks: Option<Connected>,
    /// The guide, as HTML of our own.
    guide: Option<String>,
    offers: Vec<Offer>,
}

/// The webhooks that a platform made.
struct Connected {
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    id: String,
    /// What is heard of: "New Client in 1 folder".
    events: String,
    host: String,
    state: Standing,
    last: Option<Last>,
}

/// A kind of thing that is offered: what it is for, and each with what it does.
struct Offer {
    kind: &'static str,
    purpose: &'static str,
    entries: Vec<(String, String)>,
}

impl Offer {
    fn all(catalogue: &Catalogue) -> Vec<Self> {
        let triggers = catalogue.triggers.iter().map(|trigger| (trigger.label.clone(), trigger.description.clone()));
        let actions = catalogue.actions.iter().map(|action| (action.label.clone(), action.description.to_owned()));
        let searches = catalogue.searches.iter().map(|search| (search.label.clone(), search.description.to_owned()));
        vec![
            Self { kind: "Triggers", purpose: "what an automation starts from", entries: triggers.collect() },
            Self { kind: "Actions", purpose: "what it can do here", entries: actions.collect() },
            Self { kind: "Searches", purpose: "what it can look for", entries: searches.collect() },
        ]
    }
}

/// What a webhook hears of, in the words that were picked on the platform.
fn events(catalogue: &Catalogue, webhook: &Webhook) -> String {
    let label = |event: &String| catalogue.trigger(event).map_or_else(|| event.clone(), |trigger| trigger.label.clone());
    let words = if webhook.receives_all() {
        "Everything".into()
    } else {
        listed(&webhook.events_types.iter().map(label).collect::<Vec<_>>())
    };
    words + &part(webhook)
}

/// Whom a URL leads to.
fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => url.to_owned(),
    }
}

async fn connected(gateway: &Gateway, view: &mut impl View, platform: Platform, query: &Value) -> Result<Connected, WebError> {
    let now = gateway.store().clock().now();
    let filter = WebhookFilter { platform: Some(platform), ..WebhookFilter::default() };
    let found = webhooks::list(view, filter, page_of(query, true)).await?;
    let pager = Pager::of(&format!("/settings/integrations/{}", platform.as_str()), "Webhooks", &found);
    let ids: Vec<WebhookId> = found.rows.iter().map(|webhook| webhook.id.clone()).collect();
    let newest = activity::newest(view, &ids).await?;
    let row = |webhook: &Webhook| Row {
        id: webhook.id.to_string(),
        events: events(gateway.catalogue(), webhook),
        host: host(&webhook.url),
        state: Standing::of(webhook),
        last: newest.get(&webhook.id).map(|delivery| Last::of(delivery, now)),
    };
    Ok(Connected { rows: found.rows.iter().map(row).collect(), pager })
}

/// Where a key for it is made, with what is known of it filled in. One's own code has a name of its own.
fn key_form(integration: &Integration) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if integration.platform != Some(Platform::Custom) {
        query.append_pair("name", integration.title);
    }
    query.extend_pairs(integration.scopes.iter().map(|scope| ("scopes[]", *scope)));
    format!("/settings/api/new?{}", query.finish())
}

pub(crate) async fn show(
    State(gateway): State<Gateway>,
    manager: Manager,
    here: Here,
    Path(name): Path,
    Query(query): Query,
) -> Page {
    let integration = Integration::named(&name).ok_or(WebError::Api(ApiError::NotFound))?;
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let webhooks = match integration.platform {
        Some(platform) => Some(connected(&gateway, &mut view, platform, &query).await?),
        None => None,
    };
    let page = IntegrationPage {
        shell: Shell::of(&manager.0, "integrations"),
        name: integration.name,
        title: integration.title,
        summary: integration.summary,
        key_form: key_form(&integration),
        webhooks,
        guide: integration.guide.map(|guide| guide.html(&here.link(""))),
        offers: Offer::all(gateway.catalogue()),
    };
    Ok(render(StatusCode::OK, &page))
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_target_is_told_by_its_host() {
        let hosts = ["https://hooks.zapier.com/hooks/standard/1/", "http://127.0.0.1:9000/x", "nonsense"].map(host);
        assert_eq!(hosts, ["hooks.zapier.com", "127.0.0.1:9000", "nonsense"]);
    }
}
