//! Deliveries: what became of each event on its way to each webhook.

use crate::answer::{Answer, Here, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{List, Path, Unexpanded};
use axum::extract::State;
use domain::dialect::canonical;
use domain::ids::{DeliveryId, WebhookId};
use store::deliveries::{self, DeliveryFilter, Origin};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(webhook): Path,
    List(request, filter): List<DeliveryFilter>,
) -> Answer {
    let webhook = WebhookId::parse(&webhook)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &deliveries::list_of_webhook(&mut view, &webhook, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let id = DeliveryId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let delivery = deliveries::get(&mut view, &id).await?;
    let Origin { event, webhook, .. } = deliveries::origin(&mut view, &delivery).await?;
    let mut shown = canonical(&delivery);
    shown["attempts"] = canonical(&deliveries::attempts(&mut view, &id).await?);
    // As text: it is what is signed, and times in it are written as the platform wants them.
    let body = event.map(|event| connectors::body(webhook.platform, &event));
    shown["body"] = body.map(|body| String::from_utf8_lossy(&body).into_owned()).into();
    ok(&shown)
}

/// Answers the delivery as it stands; the attempt follows at once, beside the schedule.
pub(crate) async fn retry(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = DeliveryId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let delivery = deliveries::retry(&mut work, &id).await?;
    work.commit().await?;
    gateway.store().ring(&[]);
    ok(&delivery)
}

/// Answers the delivery, given up; the next of an ordered webhook follows at once.
pub(crate) async fn skip(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = DeliveryId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let delivery = deliveries::skip(&mut work, &id).await?;
    work.commit().await?;
    gateway.store().ring(&[]);
    ok(&delivery)
}
