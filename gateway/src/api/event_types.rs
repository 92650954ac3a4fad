//! `GET /api/event-types`: what a webhook can listen to, each with a body like those that are delivered. The same for everybody.

use crate::answer::{Answer, Here, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::Unexpanded;
use axum::extract::State;
use connectors::catalogue::Trigger;
use domain::page::{Page, PageRequest};
use serde_json::{Value, json};

/// All of them on one page: whoever makes a menu of them needs all.
pub(crate) async fn list(State(gateway): State<Gateway>, _: Caller, here: Here, _: Unexpanded) -> Answer {
    let rows: Vec<Value> = gateway.catalogue().triggers.iter().map(row).collect();
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let request = PageRequest { per_page: count, ..PageRequest::default() };
    page(&here, &Page { rows, total: u64::from(count), request })
}

fn row(trigger: &Trigger) -> Value {
    json!({
        "name": trigger.event,
        "group": trigger.event.noun(),
        "description": trigger.summary,
        "sample": trigger.sample().envelope(),
    })
}
