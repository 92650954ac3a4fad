//! `/api/webhooks`. The secret is in the answers to create, show and update, as Kitchen documents it; lists mask it.

use crate::answer::{Answer, Here, accepted, created, deleted, ok, page};
use crate::api::operations;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Unexpanded};
use crate::target;
use axum::extract::State;
use domain::dialect::canonical;
use domain::ids::WebhookId;
use domain::input::Invalid;
use domain::operation::Callback;
use domain::page::Page;
use domain::replay::NewReplay;
use domain::secret::Secret;
use domain::webhook::{NewWebhook, Rotation, Webhook, WebhookFilter, WebhookPatch};
use serde_json::Value;
use store::{deliveries, replays, webhooks};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<WebhookFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    let Page { rows, total, request } = webhooks::list(&mut view, filter, request).await?;
    let rows = rows.iter().map(|webhook| with_secret(webhook, "whsec_…")).collect();
    page(&here, &Page { rows, total, request })
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let id = WebhookId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let (webhook, secret) = webhooks::get_with_secret(gateway.store(), &mut view, &id).await?;
    ok(&revealed(&webhook, &secret))
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Body(body): Body) -> Answer {
    let new = NewWebhook::read(&body, &gateway.settings().egress)?;
    target::judge(&gateway.settings().egress, "url", &new.url).await?;
    let secret = new.secret.clone();
    let mut work = caller.begin(&gateway);
    let webhook = webhooks::create(&mut work, new).await?;
    work.commit().await?;
    created(&revealed(&webhook, &secret))
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let patch = WebhookPatch::read(&body, &gateway.settings().egress)?;
    if let Some(url) = &patch.url {
        target::judge(&gateway.settings().egress, "url", url).await?;
    }
    let id = WebhookId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    webhooks::update(&mut work, &id, patch).await?;
    let (webhook, secret) = webhooks::get_with_secret(gateway.store(), &mut work, &id).await?;
    work.commit().await?;
    // Deliveries that were held back may be due now.
    gateway.store().ring(&[]);
    ok(&revealed(&webhook, &secret))
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = WebhookId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    webhooks::delete(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}

/// Answers the new secret. The old one signs beside it until the overlap is over.
pub(crate) async fn rotate_secret(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (rotation, id) = (Rotation::read(&body)?, WebhookId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let (webhook, secret) = webhooks::rotate_secret(&mut work, &id, rotation).await?;
    work.commit().await?;
    ok(&revealed(&webhook, &secret))
}

/// Answers the delivery as it begins; the attempt follows at once.
pub(crate) async fn test(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = WebhookId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let delivery = deliveries::send_test(&mut work, &id).await?;
    work.commit().await?;
    gateway.store().ring(&[]);
    accepted(&delivery)
}

/// Asks for a replay, and answers its operation; a dry run says how much it would send, and asks for nothing.
pub(crate) async fn replay(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (new, callback) =
        Invalid::both(NewReplay::read(&body, gateway.store().clock().now()), Callback::read(&body, &gateway.settings().egress))?;
    let (NewReplay { replay, is_dry_run }, id) = (new, WebhookId::parse(&id)?);
    operations::judge(&gateway, callback.as_ref()).await?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let extent = replays::count(&mut view, &id, &replay).await?;
    drop(view);
    if is_dry_run {
        return ok(&extent);
    }
    let mut work = caller.begin(&gateway);
    let operation = replays::begin(&mut work, &id, &replay, extent, callback.as_ref()).await?;
    work.commit().await?;
    operations::begun(&operation, callback.as_ref())
}

fn revealed(webhook: &Webhook, secret: &Secret) -> Value {
    with_secret(webhook, secret.reveal())
}

fn with_secret(webhook: &Webhook, secret: &str) -> Value {
    let mut fields = canonical(webhook);
    fields["secret"] = Value::from(secret);
    fields
}
