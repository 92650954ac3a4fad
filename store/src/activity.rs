//! What came last to the webhooks that platforms made: platform by platform, and webhook by webhook. One look into an index for each
//! webhook, however many deliveries it has had.

use crate::deliveries::{self, COLUMNS, Row};
use crate::paging::{elements, json_array};
use crate::work::View;
use crate::{Result, StoreError};
use domain::delivery::Delivery;
use domain::ids::{DeliveryId, WebhookId};
use domain::webhook::Platform;
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// The newest delivery of the webhook that the statement around it stands at.
const NEWEST: &str = "(SELECT newest.id FROM deliveries AS newest WHERE newest.webhook_id = webhooks.id \
     ORDER BY newest.created_at DESC, newest.id DESC LIMIT 1)";

/// The webhooks of a platform, taken together.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// How many there are.
    pub webhooks_count: u64,
    /// The newest of their deliveries.
    pub newest: Option<Delivery>,
}

/// What goes on with each platform that made a webhook.
pub async fn of_platforms(view: &mut impl View) -> Result<HashMap<Platform, Activity>> {
    let workspace = view.workspace().to_string();
    // Ids of deliveries are in the order of time.
    let text = AssertSqlSafe(format!(
        "SELECT platform, COUNT(*), MAX({NEWEST}) FROM webhooks WHERE workspace_id = $1 AND deleted_at IS NULL AND NOT is_callback \
         GROUP BY platform"
    ));
    let rows: Vec<(String, i64, Option<String>)> =
        on!(view, conn => sqlx::query_as(text).bind(&workspace).fetch_all(conn).await)?;
    let mut found = HashMap::new();
    for (platform, count, newest) in rows {
        let Some(platform) = Platform::parse(&platform) else { continue };
        let newest = match newest {
            Some(id) => match deliveries::get(view, &DeliveryId::from_stored(id)).await {
                Ok(delivery) => Some(delivery),
                // Cleared away between the two statements.
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        found.insert(platform, Activity { webhooks_count: u64::try_from(count).unwrap_or(0), newest });
    }
    Ok(found)
}

/// The newest delivery of each of these webhooks, as far as they are the workspace's own and have had any.
pub async fn newest(view: &mut impl View, webhooks: &[WebhookId]) -> Result<HashMap<WebhookId, Delivery>> {
    let workspace = view.workspace().to_string();
    let ids = json_array(webhooks.iter().map(WebhookId::as_str));
    let listed = elements(&view.conn().await?, "$2");
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM deliveries WHERE workspace_id = $1 AND id IN \
         (SELECT {NEWEST} FROM webhooks WHERE workspace_id = $1 AND id IN ({listed}))"
    ));
    let rows: Vec<Row> = on!(view, conn => sqlx::query_as(text).bind(&workspace).bind(&ids).fetch_all(conn).await)?;
    rows.into_iter()
        .map(|row| {
            let delivery = Delivery::try_from(row)?;
            Ok((delivery.webhook.clone(), delivery))
        })
        .collect()
}
