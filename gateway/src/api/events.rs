//! `/api/events`: what happened, as webhooks are told of it, and what became of that.

use crate::answer::{Answer, Here, cursor_page, ok};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Path, Query, Unexpanded};
use axum::extract::State;
use domain::dialect::canonical;
use domain::event::Event;
use domain::event_filter::{EventFilter, EventState};
use domain::ids::EventId;
use serde_json::{Value, json};
use store::events::{self, Sent};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Query(query): Query,
    _: Unexpanded,
) -> Answer {
    let (request, filter) = EventFilter::read(&query)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let page = events::list(&mut view, &filter, request).await?;
    let rows: Vec<Value> = page.rows.iter().map(|(event, state)| shown(event, *state)).collect();
    cursor_page(&here, &rows, page.next.as_ref(), page.per_page)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let id = EventId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let (event, state, deliveries) = events::get_with_deliveries(&mut view, &id).await?;
    ok(&shown_with(&event, state, &deliveries))
}

/// The envelope, and what became of it.
pub(crate) fn shown(event: &Event, state: EventState) -> Value {
    let mut envelope = event.envelope();
    envelope["state"] = canonical(&state);
    envelope
}

/// The same with its deliveries.
pub(crate) fn shown_with(event: &Event, state: EventState, deliveries: &[Sent]) -> Value {
    let mut envelope = shown(event, state);
    let sent = |sent: &Sent| json!({"id": sent.id, "webhook": sent.webhook, "state": sent.state});
    envelope["deliveries"] = deliveries.iter().map(sent).collect();
    envelope
}
