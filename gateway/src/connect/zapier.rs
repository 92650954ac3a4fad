//! `/connect/zapier`: hooks, triggers, actions and searches as Zapier's runtime expects them: bare arrays newest first, flat
//! objects, `200 {}` for an unsubscribe, `200 []` for a search without a hit.

use crate::answer::{Answer, Here};
use crate::api::me::label;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Path, Query};
use crate::error::ApiError;
use crate::invite;
use crate::target;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use connectors::catalogue::{self, Trigger};
use domain::dialect::canonical;
use domain::event::EventType;
use domain::ids::WebhookId;
use domain::input::{Fields, Invalid, integer};
use domain::page::Filter as _;
use domain::user::{Group, NewClient, User, UserFilter};
use domain::webhook::{NewWebhook, Platform, Webhook};
use serde_json::{Value, json};
use store::{StoreError, events, users, webhooks};

/// The most items a feed gives; also what it gives unless asked for less.
const FEED_LIMIT: i64 = 100;
/// The most hits a search gives.
const SEARCH_LIMIT: u32 = 25;

/// Zapier's test of a connection, and the text it labels it with.
pub(crate) async fn me(State(gateway): State<Gateway>, caller: Caller) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    let (workspace, owner) = store::workspaces::show(&mut view).await?;
    answer(json!({
        "id": caller.key.id,
        "name": workspace.name,
        "label": label(&workspace, &caller),
        "email": owner.map(|owner| owner.email),
        "workspace_id": workspace.id,
        "workspace_slug": workspace.slug,
        "key_name": caller.key.name,
    }))
}

fn answer(value: Value) -> Answer {
    Ok(Json(value).into_response())
}

fn hook(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id,
        "target_url": webhook.url,
        "event": webhook.events_types.first(),
        "enabled": webhook.enabled,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
    })
}

/// The same URL and event subscribed twice is one subscription: 201 the first time, 200 after that.
pub(crate) async fn subscribe(State(gateway): State<Gateway>, caller: Caller, Body(body): Body) -> Answer {
    let new = NewWebhook::read_subscription(&body, Platform::Zapier, &gateway.settings().egress)?;
    target::judge(&gateway.settings().egress, "target_url", &new.url).await?;
    let mut work = caller.begin(&gateway);
    let (webhook, is_new) = webhooks::subscribe(&mut work, new).await?;
    work.commit().await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(hook(&webhook))).into_response())
}

pub(crate) async fn list_hooks(State(gateway): State<Gateway>, caller: Caller) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    let hooks = webhooks::list_of_platform(&mut view, Platform::Zapier).await?;
    answer(hooks.iter().map(hook).collect())
}

pub(crate) async fn show_hook(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = WebhookId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let webhook = webhooks::get(&mut view, &id).await?;
    if webhook.platform == Platform::Zapier { answer(hook(&webhook)) } else { Err(ApiError::NotFound) }
}

/// `200 {}`, also for what is gone already or never was: Zapier treats an error and an empty answer alike as a failure.
pub(crate) async fn unsubscribe(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let Ok(id) = WebhookId::parse(&id) else { return answer(json!({})) };
    let mut work = caller.begin(&gateway);
    match webhooks::get(&mut work, &id).await {
        Ok(webhook) if webhook.platform == Platform::Zapier => {
            webhooks::delete(&mut work, &id).await?;
            work.commit().await?;
        }
        Ok(_) | Err(StoreError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    answer(json!({}))
}

pub(crate) async fn list_triggers() -> Answer {
    answer(
        catalogue::triggers()
            .map(|trigger| json!({"event": trigger.event, "name": trigger.label, "noun": trigger.noun, "description": trigger.description}))
            .collect(),
    )
}

/// The latest events of one type, each exactly as the hook delivers it.
pub(crate) async fn feed(State(gateway): State<Gateway>, caller: Caller, Path(event): Path, Query(query): Query) -> Answer {
    let event = EventType::parse(&event).ok_or(ApiError::NotFound)?;
    let mut fields = Fields::of(&query);
    let limit = fields.optional("limit", integer(1, FEED_LIMIT)).unwrap_or(FEED_LIMIT);
    let limit = fields.finish(|| u32::try_from(limit).ok())?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let latest = events::latest(&mut view, event, limit).await?;
    answer(latest.iter().map(connectors::item).collect())
}

/// A list with one made-up item, for setting up a Zap before anything has happened.
pub(crate) async fn sample(Path(event): Path) -> Answer {
    let event = EventType::parse(&event).ok_or(ApiError::NotFound)?;
    answer(json!([Trigger::of(event).sample()]))
}

pub(crate) async fn create_client(State(gateway): State<Gateway>, caller: Caller, here: Here, Body(body): Body) -> Answer {
    let new = NewClient::read(&body)?;
    let client = invite::create_client(&gateway, caller.begin(&gateway), &here.link(""), new).await?;
    Ok((StatusCode::CREATED, Json(found(&here, &client))).into_response())
}

/// Clients by e-mail address or by part of the name, best match first.
pub(crate) async fn find_client(State(gateway): State<Gateway>, caller: Caller, here: Here, Query(query): Query) -> Answer {
    let mut fields = Fields::of(&query);
    let filter = UserFilter::read(&mut fields);
    let filter = fields.finish(|| Some(filter))?;
    if filter.email.is_none() && filter.name.is_none() {
        return Err(Invalid::field("email", "Give an email or a name to search by.").into());
    }
    let mut view = gateway.store().read(caller.workspace()).await?;
    let clients = users::search(&mut view, Group::Client, filter, SEARCH_LIMIT).await?;
    answer(clients.iter().map(|client| found(&here, client)).collect())
}

fn found(here: &Here, client: &User) -> Value {
    connectors::resource(canonical(client), &here.link(&format!("/api/clients/{}", client.id)))
}
