//! `/connect/{platform}/triggers`: what an automation can start from, the feed of each, and a sample of what it gives.

use super::At;
use crate::answer::Answer;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::Query;
use crate::error::ApiError;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::IntoResponse as _;
use connectors::Connector;
use connectors::catalogue::Trigger;
use connectors::platforms::Next;
use domain::ids::{BoardId, FolderId};
use domain::input::{Fields, id, integer, text};
use serde_json::{Value, json};
use store::feeds::{self, Place};

/// The most items a feed gives; also what it gives unless asked for less.
pub(crate) const FEED_LIMIT: i64 = 100;

pub(crate) async fn list(State(gateway): State<Gateway>, _: Caller, _: At) -> Answer {
    let row = |trigger: &Trigger| {
        json!({
            "event": trigger.event,
            "name": trigger.label,
            "noun": trigger.noun.label,
            "description": trigger.description,
        })
    };
    Ok(Json(gateway.catalogue().triggers.iter().map(row).collect::<Value>()).into_response())
}

fn trigger<'g>(gateway: &'g Gateway, at: &At) -> Result<&'g Trigger, ApiError> {
    gateway.catalogue().trigger(&at.key).ok_or(ApiError::NotFound)
}

/// The latest events of one type, each exactly as the hook delivers it; or with `since` what came after that. `Kitchen-Cursor` says
/// where to go on from, for platforms whose feed is a bare list.
pub(crate) async fn feed(State(gateway): State<Gateway>, caller: Caller, at: At, Query(query): Query) -> Answer {
    let (items, cursor) = items(&gateway, &caller, at.connector, trigger(&gateway, &at)?, &query).await?;
    let mut response = Json(items).into_response();
    if let Ok(cursor) = HeaderValue::from_str(&cursor) {
        response.headers_mut().insert("kitchen-cursor", cursor);
    }
    Ok(response)
}

/// A feed as the platform wants it, and the cursor behind it.
pub(crate) async fn items(
    gateway: &Gateway,
    caller: &Caller,
    connector: &dyn Connector,
    trigger: &Trigger,
    query: &Value,
) -> Result<(Value, String), ApiError> {
    let mut fields = Fields::of(query);
    let limit = fields.optional("limit", integer(1, FEED_LIMIT)).unwrap_or(FEED_LIMIT);
    let since = fields.optional("since", text(64));
    let folder = fields.optional("folder", id(FolderId::parse));
    let board = fields.optional("board", id(BoardId::parse));
    let limit = fields.finish(|| u32::try_from(limit).ok())?;
    let place = Place { folder, board };
    let mut view = gateway.store().read(caller.workspace()).await?;
    let feed = match since {
        Some(since) => feeds::since(&mut view, trigger.event.as_str(), &place, &since, limit).await?,
        None => feeds::latest(&mut view, trigger.event.as_str(), &place, limit).await?,
    };
    let items = feed.events.iter().map(|event| connector.item(event)).collect();
    let cursor = feed.next.to_string();
    let next = Next { cursor: Some(&cursor), has_more: feed.has_more };
    Ok((connector.feed(items, &next), cursor))
}

/// A feed with one made-up item, for setting up an automation before anything has happened.
pub(crate) async fn sample(State(gateway): State<Gateway>, _: Caller, at: At) -> Answer {
    let sample = at.connector.item(&trigger(&gateway, &at)?.sample());
    let next = Next { cursor: None, has_more: false };
    Ok(Json(at.connector.feed(vec![sample], &next)).into_response())
}

/// What narrows a subscription or a feed down.
pub(crate) async fn fields(State(gateway): State<Gateway>, _: Caller, at: At) -> Answer {
    let trigger = trigger(&gateway, &at)?;
    Ok(Json(at.connector.fields(&gateway.catalogue().inputs(&trigger.fields))).into_response())
}
