//! `/connect/{platform}/hooks`: a platform's subscriptions. A hook is a webhook that the platform made, and only it sees.

use super::At;
use crate::answer::Answer;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Query};
use crate::error::ApiError;
use crate::target;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::ids::WebhookId;
use domain::input::{Fields, Invalid, line};
use domain::webhook::{NewWebhook, Webhook};
use serde_json::{Value, json};
use store::{StoreError, webhooks};

/// A subscription as its platform sees it; the part of the tree it hears of only where it listens in a part.
fn hook(webhook: &Webhook) -> Value {
    let mut hook = json!({
        "id": webhook.id,
        "target_url": webhook.url,
        "event": webhook.events_types.first(),
        "enabled": webhook.enabled,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
    });
    if let Some(folder) = webhook.folders.first() {
        hook["folder"] = json!(folder);
    }
    if let Some(board) = webhook.boards.first() {
        hook["board"] = json!(board);
    }
    hook
}

/// The same URL and event in the same place subscribed twice is one subscription: 201 the first time, 200 after that. No challenge is
/// sent: platforms register the address after they have asked. One that was disabled hears again, also what was held back for it.
pub(crate) async fn subscribe(State(gateway): State<Gateway>, caller: Caller, at: At, Body(body): Body) -> Answer {
    let known: Vec<&str> = gateway.catalogue().triggers.iter().map(|trigger| trigger.event.as_str()).collect();
    let new = NewWebhook::read_subscription(&body, at.connector.platform(), &gateway.settings().egress, &known)?;
    refuse_places(&gateway, &new)?;
    target::judge(&gateway.settings().egress, if body.get("target_url").is_some() { "target_url" } else { "url" }, &new.url)
        .await?;
    let mut work = caller.begin(&gateway);
    let (webhook, is_new) = webhooks::subscribe(&mut work, new).await.map_err(in_singular)?;
    let mut answer = hook(&webhook);
    if at.connector.tells_secret() {
        let (_, secret) = webhooks::get_with_secret(gateway.store(), &mut work, &webhook.id).await?;
        answer["secret"] = json!(secret.reveal());
    }
    work.commit().await?;
    gateway.store().ring(&[]);
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(answer)).into_response())
}

/// What happens in no folder and on no board would never be heard of there.
fn refuse_places(gateway: &Gateway, new: &NewWebhook) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    for trigger in new.events_types.iter().filter_map(|event| gateway.catalogue().trigger(event)) {
        for (name, is_given) in [("folder", !new.folders.is_empty()), ("board", !new.boards.is_empty())] {
            if is_given && trigger.fields.iter().all(|field| field.key != name) {
                let event = trigger.event.as_str();
                invalid
                    .add(name, format!("The {name} field cannot narrow down {event}, which happens in no {name}. Leave it out."));
            }
        }
    }
    invalid.or(())
}

/// A subscription has one folder or board where a webhook has several.
fn in_singular(error: StoreError) -> StoreError {
    let StoreError::Invalid(invalid) = error else { return error };
    let mut singular = Invalid::default();
    for (field, messages) in &invalid.errors {
        let name = field.split_once("s.").map_or(field.as_str(), |(name, _)| name);
        for message in messages {
            singular.add(name, message.replace(field, name));
        }
    }
    singular.into()
}

/// Newest first; `target_url` finds the one a platform is about to make anew.
pub(crate) async fn list(State(gateway): State<Gateway>, caller: Caller, at: At, Query(query): Query) -> Answer {
    let mut fields = Fields::of(&query);
    let url = fields.optional("target_url", line(domain::egress::MAX_URL_LENGTH));
    let url = fields.finish(|| Some(url))?;
    // As it is kept: `https://Example.com:443/` is `https://example.com/`.
    let url = url.map(|url| gateway.settings().egress.judge_url(&url).map_or(url, String::from));
    let mut view = gateway.store().read(caller.workspace()).await?;
    let hooks = webhooks::list_of_platform(&mut view, at.connector.platform()).await?;
    let hooks = hooks.iter().filter(|webhook| url.as_ref().is_none_or(|url| webhook.url == *url));
    Ok(Json(at.connector.hits(hooks.map(hook).collect())).into_response())
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, at: At) -> Answer {
    let id = WebhookId::parse(&at.key)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let webhook = webhooks::get(&mut view, &id).await?;
    if webhook.platform == at.connector.platform() { Ok(Json(hook(&webhook)).into_response()) } else { Err(ApiError::NotFound) }
}

/// `200 {}`, also for what is gone already or never was: platforms treat an error and an empty answer alike as a failure.
pub(crate) async fn unsubscribe(State(gateway): State<Gateway>, caller: Caller, at: At) -> Answer {
    if let Ok(id) = WebhookId::parse(&at.key) {
        let mut work = caller.begin(&gateway);
        match webhooks::get(&mut work, &id).await {
            Ok(webhook) if webhook.platform == at.connector.platform() => {
                webhooks::delete(&mut work, &id).await?;
                work.commit().await?;
            }
            Ok(_) | Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(json!({})).into_response())
}
