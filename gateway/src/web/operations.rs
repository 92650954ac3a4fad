//! The page Operations: what takes longer than one request, how far each is, and how to stop it.

use crate::app::Gateway;
use crate::body::Query;
use crate::web::Page;
use crate::web::operation::{so_far, standing, state};
use crate::web::pager::{Pager, address, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::operation::{Operation, OperationFilter, OperationKind, OperationState};
use serde_json::Value;
use store::operations;

const HOME: &str = "/settings/operations";

#[derive(Template)]
#[template(path = "operations.html")]
struct OperationsPage {
    shell: Shell,
    kinds: Vec<(&'static str, &'static str)>,
    states: Vec<(&'static str, &'static str)>,
    kind: &'static str,
    state: &'static str,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    id: String,
    title: &'static str,
    subject: String,
    state: (&'static str, &'static str),
    is_open: bool,
    can_stop: bool,
    done: u64,
    total: Option<u64>,
    so_far: String,
    created: Moment,
    created_by: String,
}

impl Row {
    fn of(operation: Operation, now: Timestamp) -> Self {
        Self {
            id: operation.id.to_string(),
            title: operation.kind.title(),
            state: standing(&operation),
            is_open: operation.state.is_open(),
            can_stop: operation.can_stop(),
            done: operation.done_count,
            total: operation.total_count,
            so_far: so_far(&operation),
            created: Moment::of(operation.created_at, now),
            subject: operation.subject_name,
            created_by: operation.created_by,
        }
    }
}

/// What makes no sense in the address counts as not being there.
pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let now = gateway.store().clock().now();
    let text = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default();
    let filter = OperationFilter { kind: OperationKind::parse(text("kind")), state: OperationState::parse(text("state")) };
    let kind = filter.kind.map_or("", OperationKind::as_str);
    let chosen = filter.state.map_or("", OperationState::as_str);
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let found = operations::list(&mut view, OperationKind::ALL, filter, page_of(&query, true)).await?;
    let at = |page: u32| address(HOME, &[("kind", kind), ("state", chosen), ("page", &page.to_string())]);
    let page = OperationsPage {
        shell: Shell::of(&manager.0, "operations"),
        kinds: OperationKind::ALL.iter().map(|kind| (kind.as_str(), kind.title())).collect(),
        states: OperationState::ALL.iter().map(|one| (one.as_str(), state(*one).1)).collect(),
        kind,
        state: chosen,
        pager: Pager::with("Operations", found.request, found.rows.len() as u64, found.total, at),
        rows: found.rows.into_iter().map(|operation| Row::of(operation, now)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}
