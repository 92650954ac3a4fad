//! The page Integrations: the ways in which other systems are connected, what goes on with each, and where its guide is.

use crate::app::Gateway;
use crate::web::Page;
use crate::web::deliveries::state_in_words;
use crate::web::guides::Guide;
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::{Moment, grouped};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use connectors::platforms;
use domain::clock::Timestamp;
use domain::delivery::Delivery;
use domain::webhook::Platform;
use store::activity::{self, Activity};

/// What is connected otherwise than as a platform of its own: its guide, what it is, and the scopes that do for it if they are not the
/// usual ones.
const OTHERS: [(&str, &str, &[&str]); 2] = [
    ("activepieces", "Flows on a server of your own, or in the cloud. Its webhooks count as those of your own code.", &[]),
    (
        "mcp",
        "Assistants that look things up and act here, as far as their key allows, over the Model Context Protocol.",
        &["read"],
    ),
];

/// A way to connect another system.
pub(crate) struct Integration {
    /// As addresses write it.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) summary: &'static str,
    /// Whose webhooks are shown with it.
    pub(crate) platform: Option<Platform>,
    pub(crate) guide: Option<&'static Guide>,
    /// Scopes that do for it, if they are not the usual ones.
    pub(crate) scopes: &'static [&'static str],
}

impl Integration {
    /// Every one: the platforms, then the others.
    fn all() -> Vec<Self> {
        let platforms = platforms::ALL.into_iter().map(|connector| {
            let name = connector.platform().as_str();
            let platform = Some(connector.platform());
            let (title, summary, guide) = (connector.title(), connector.summary(), Guide::named(name));
            Self { name, title, summary, platform, guide, scopes: &[] }
        });
        let others = OTHERS.into_iter().filter_map(|(name, summary, scopes)| {
            let guide = Guide::named(name)?;
            Some(Self { name, title: guide.title(), summary, platform: None, guide: Some(guide), scopes })
        });
        platforms.chain(others).collect()
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|integration| integration.name == name)
    }
}

/// The newest delivery of something, as a page tells it.
pub(crate) struct Last {
    pub(crate) delivery: String,
    /// A class for the tag, and a word.
    pub(crate) state: (&'static str, &'static str),
    pub(crate) at: Moment,
}

impl Last {
    pub(crate) fn of(delivery: &Delivery, now: Timestamp) -> Self {
        Self {
            delivery: delivery.id.to_string(),
            state: state_in_words(delivery.state),
            at: Moment::of(delivery.updated_at, now),
        }
    }
}

struct Card {
    name: &'static str,
    title: &'static str,
    summary: &'static str,
    /// How many webhooks it made, and their newest delivery; `None` for what makes none under its own name.
    webhooks: Option<(String, Option<Last>)>,
}

#[derive(Template)]
#[template(path = "integrations.html")]
struct IntegrationsPage {
    shell: Shell,
    cards: Vec<Card>,
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager) -> Page {
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let mut activities = activity::of_platforms(&mut view).await?;
    let card = |integration: Integration| {
        let webhooks = integration.platform.map(|platform| {
            let Activity { webhooks_count, newest } = activities.remove(&platform).unwrap_or_default();
            (grouped(webhooks_count), newest.map(|delivery| Last::of(&delivery, now)))
        });
        Card { name: integration.name, title: integration.title, summary: integration.summary, webhooks }
    };
    let cards = Integration::all().into_iter().map(card).collect();
    Ok(render(StatusCode::OK, &IntegrationsPage { shell: Shell::of(&manager.0, "integrations"), cards }))
}
