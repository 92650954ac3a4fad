//! Webhooks: reading them. Their secrets are sealed before they are written, and opened only for their owner and for signing.

mod change;

pub use change::{create, delete, reveal_secret, rotate_secret, subscribe, update};
pub(crate) use change::{disable, end_subscription, insert};

use crate::paging::{Select, convert};
use crate::webhook_headers::Sealed;
use crate::work::{View, damaged};
use crate::{Result, Store, StoreError, circuits};
use domain::circuit::Circuit;
use domain::clock::Timestamp;
use domain::flow::Flow;
use domain::ids::{BoardId, FolderId, WebhookId};
use domain::page::{Page, PageRequest};
use domain::secret::Secret;
use domain::webhook::{Platform, Webhook, WebhookFilter};

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    url: String,
    events_types: String,
    folders: String,
    boards: String,
    enabled: bool,
    disabled_reason: Option<String>,
    max_in_flight: Option<i64>,
    rate_limit: Option<i64>,
    ordered: bool,
    #[sqlx(flatten)]
    circuit: circuits::Row,
    retry_delays: Option<String>,
    headers: String,
    platform: String,
    is_callback: bool,
    pub(crate) sealed_secret: String,
    attempts_count: i64,
    failed_attempts_count: i64,
    last_failure: Option<String>,
    last_failed_at: Option<i64>,
    pub(crate) previous_sealed_secret: Option<String>,
    pub(crate) previous_secret_expires_at: Option<i64>,
    created_by: Option<String>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, url, events_types, folders, boards, enabled, disabled_reason, max_in_flight, rate_limit, ordered, failures_in_row, failing_since, probe_at, asked_until, retry_delays, headers, platform, is_callback, sealed_secret, \
     attempts_count, failed_attempts_count, last_failure, last_failed_at, previous_sealed_secret, previous_secret_expires_at, created_by, \
     created_at, updated_at";
/// The same without the id, which the workspace follows where rows of several are read.
pub(crate) const COLUMNS_BESIDE_ID: &str = COLUMNS.split_at("id, ".len()).1;

impl Row {
    /// Its headers, as they are sealed.
    pub(crate) fn headers(&self) -> Result<Sealed> {
        Ok(serde_json::from_str(&self.headers)?)
    }

    /// Whether its platform is known here; if not, it can be read as one of Kitchen's own from now on.
    pub(crate) fn know_platform(&mut self) -> bool {
        let is_known = self.is_callback || Platform::parse(&self.platform).is_some();
        if !is_known {
            Platform::Kitchen.as_str().clone_into(&mut self.platform);
        }
        is_known
    }
}

impl TryFrom<Row> for Webhook {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            header_names: row.headers()?.into_keys().collect(),
            id: WebhookId::from_stored(row.id),
            url: row.url,
            events_types: serde_json::from_str(&row.events_types)?,
            folders: listed(&row.folders, FolderId::from_stored)?,
            boards: listed(&row.boards, BoardId::from_stored)?,
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            flow: Flow {
                max_in_flight: row.max_in_flight.and_then(small),
                rate_limit: row.rate_limit.and_then(small),
                ordered: row.ordered,
            },
            circuit: if row.enabled { row.circuit.into() } else { Circuit::from(row.circuit).without_probe() },
            retry_delays: row.retry_delays.as_deref().map(serde_json::from_str).transpose()?,
            platform: match Platform::parse(&row.platform) {
                _ if row.is_callback => Platform::Callback,
                platform => platform.ok_or_else(|| damaged("platform", &row.platform))?,
            },
            attempts_count: u64::try_from(row.attempts_count).unwrap_or(0),
            failed_attempts_count: u64::try_from(row.failed_attempts_count).unwrap_or(0),
            last_failure: row.last_failure,
            last_failed_at: row.last_failed_at.map(Timestamp::from_millis),
            previous_secret_expires_at: row.previous_secret_expires_at.map(Timestamp::from_millis),
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

/// A number that was judged when it was written.
pub(crate) fn small(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

/// Ids from a list as it is stored.
fn listed<T>(text: &str, of: impl FnMut(String) -> T) -> Result<Vec<T>> {
    Ok(serde_json::from_str::<Vec<String>>(text)?.into_iter().map(of).collect())
}

/// Those that are shown: not deleted, and not made for the end of one operation.
fn alive(view: &impl View) -> Select {
    Select::from(view, "webhooks", COLUMNS).and_is("deleted_at IS NULL AND NOT is_callback")
}

/// A page of webhooks.
pub async fn list(view: &mut impl View, filter: WebhookFilter, page: PageRequest) -> Result<Page<Webhook>> {
    let select = alive(view).and_if("platform = ?", filter.platform.map(Platform::as_str)).and_if("url = ?", filter.url);
    convert(select.page::<Row>(view, page).await?)
}

/// All webhooks a platform made, newest first.
pub async fn list_of_platform(view: &mut impl View, platform: Platform) -> Result<Vec<Webhook>> {
    let rows: Vec<Row> = alive(view).and("platform = ?", platform.as_str()).first(view, "created_at DESC, id DESC", 1000).await?;
    rows.into_iter().map(Webhook::try_from).collect()
}

/// One webhook.
pub async fn get(view: &mut impl View, id: &WebhookId) -> Result<Webhook> {
    find(view, id).await?.try_into()
}

/// One webhook, also one that was deleted or is hidden; and when it was deleted.
pub(crate) async fn get_even_deleted(view: &mut impl View, id: &WebhookId) -> Result<(Webhook, Option<Timestamp>)> {
    match get(view, id).await {
        Err(StoreError::NotFound) => {
            let unseen = |view: &_, columns| {
                let hidden = Select::from(view, "webhooks", columns).and_is("(deleted_at IS NOT NULL OR is_callback)");
                hidden.and("id = ?", id.as_str())
            };
            let webhook: Webhook = unseen(view, COLUMNS).one::<Row>(view).await?.try_into()?;
            let (deleted_at,) = unseen(view, "deleted_at").one::<(Option<i64>,)>(view).await?;
            Ok((webhook, deleted_at.map(Timestamp::from_millis)))
        }
        found => Ok((found?, None)),
    }
}

/// A webhook to which something can be sent now; `what` that would be, as in "enable it before retrying".
pub(crate) async fn receiver(view: &mut impl View, id: &WebhookId, what: &str) -> Result<Webhook> {
    let (webhook, deleted_at) = get_even_deleted(view, id).await?;
    if deleted_at.is_some() {
        Err(StoreError::Conflict("The webhook was deleted; nothing can be sent to it.".into()))
    } else if webhook.enabled {
        Ok(webhook)
    } else {
        Err(StoreError::Conflict(format!("The webhook is disabled; enable it before {what}.")))
    }
}

/// One webhook, and the secret its deliveries are signed with.
pub async fn get_with_secret(store: &Store, view: &mut impl View, id: &WebhookId) -> Result<(Webhook, Secret)> {
    let row = find(view, id).await?;
    let secret = store.inner().master_key.open(&row.sealed_secret)?;
    Ok((row.try_into()?, secret))
}

async fn find(view: &mut impl View, id: &WebhookId) -> Result<Row> {
    alive(view).and("id = ?", id.as_str()).one::<Row>(view).await
}
