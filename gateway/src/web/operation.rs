//! The page of one operation: how far it is, and how to stop it. It asks for itself again every two seconds; without script it is
//! loaded again by hand.

use crate::app::Gateway;
use crate::body::{Path, Query};
use crate::failures;
use crate::web::client_import;
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::{Moment, grouped, listed};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::clock::Timestamp;
use domain::folder::FolderCopy;
use domain::ids::{OperationId, WebhookId};
use domain::operation::{Operation, OperationKind, OperationState};
use domain::replay::{Chosen, Replay};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use store::{StoreError, View, operations, webhooks};

#[derive(Template)]
#[template(path = "operation.html")]
struct OperationPage {
    shell: Shell,
    id: String,
    /// What it is called.
    title: &'static str,
    /// What it is carried out on.
    subject: String,
    /// Where what it is carried out on is found, and what leads there.
    place: Place,
    lead: String,
    state: (&'static str, &'static str),
    is_open: bool,
    can_stop: bool,
    /// What is done, and out of how many if that is known.
    done: u64,
    total: Option<u64>,
    so_far: String,
    notes: Vec<String>,
    created: Moment,
    created_by: String,
    ended: Option<Moment>,
    /// The delivery of its end, if that was to be told.
    callback: Option<String>,
    /// The first of what could not be done, and how many rows it leaves out.
    failures: Vec<Failure>,
    failures_left: u64,
    /// Whether this is a preview whose file can be imported.
    can_import: bool,
}

/// What could not be done, as `result` has it.
#[derive(Deserialize)]
struct Failure {
    line: u64,
    field: String,
    reason: String,
}

/// Where an operation belongs.
struct Place {
    href: String,
    /// What the link says.
    label: &'static str,
    /// What is there once the operation has ended.
    after: &'static str,
}

/// Where an operation stands as a tag: its class and its words.
pub(crate) fn standing(operation: &Operation) -> (&'static str, &'static str) {
    if operation.ends_as.is_some() { ("tag-warn", "Being removed") } else { state(operation.state) }
}

/// A state as a tag.
pub(crate) fn state(state: OperationState) -> (&'static str, &'static str) {
    match state {
        OperationState::Queued => ("tag-plain", "Begins in a moment"),
        OperationState::Running => ("tag-warn", "In progress"),
        OperationState::Succeeded => ("tag-ok", "Finished"),
        OperationState::Failed => ("tag-bad", "Failed"),
        OperationState::Cancelled => ("tag-plain", "Stopped"),
    }
}

/// What was asked for, in a sentence.
fn lead(operation: &Operation, now: Timestamp) -> Result<String, WebError> {
    match operation.kind {
        OperationKind::WebhookReplay => {
            let replay: Replay = serde_json::from_value(operation.params.clone()).map_err(StoreError::from)?;
            Ok(replay_in_words(&replay, now))
        }
        OperationKind::ClientsImport if operation.params["dry_run"] == true => Ok("Only tried out: nothing is written.".into()),
        OperationKind::ClientsImport => Ok("Clients with new addresses are made, others updated.".into()),
        OperationKind::FolderDuplicate => {
            let copy: FolderCopy = serde_json::from_value(operation.params.clone()).map_err(StoreError::from)?;
            Ok(format!("With all that lies in it, as “{}”. A copy that is stopped is removed.", copy.name))
        }
        OperationKind::FolderDelete => Ok("With all that lies in it.".into()),
    }
}

fn replay_in_words(replay: &Replay, now: Timestamp) -> String {
    let what = match replay.state {
        Chosen::Failed => "Failed deliveries",
        Chosen::Missing => "Missing events",
        Chosen::All => "All events",
    };
    let types = if replay.events_types.is_empty() { String::new() } else { format!(" of {}", listed(&replay.events_types)) };
    let [since, until] = [replay.since, replay.until].map(|at| Moment::of(at, now).minute);
    format!("{what}{types} from {since} to {until}, at most {} a second.", replay.rate)
}

/// Where what it is carried out on is found.
async fn place(view: &mut impl View, operation: &Operation) -> Result<Place, WebError> {
    match operation.kind {
        OperationKind::WebhookReplay => match webhooks::get(view, &WebhookId::from_stored(operation.subject.clone())).await {
            Ok(webhook) => Ok(Place {
                href: format!("/settings/webhooks/{}", webhook.id),
                label: "Go to the webhook",
                after: "What became of each is with the webhook’s deliveries.",
            }),
            Err(StoreError::NotFound) => {
                Ok(Place { href: "/settings/webhooks".into(), label: "Go to the webhooks", after: "The webhook is deleted." })
            }
            Err(error) => Err(error.into()),
        },
        OperationKind::ClientsImport => Ok(Place {
            href: "/settings/people/clients".into(),
            label: "Go to the clients",
            after: if operation.failures_count == 0 {
                "No row was rejected."
            } else {
                "All rows that were rejected are in the report."
            },
        }),
        OperationKind::FolderDuplicate | OperationKind::FolderDelete => Ok(Place {
            href: "/settings/operations".into(),
            label: "Go to the operations",
            after: "Folders, boards, lists and tasks are counted together.",
        }),
    }
}

/// What is done to each row, as in `82 of 128 sent`.
fn verb(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::WebhookReplay => "sent",
        OperationKind::ClientsImport => "read",
        OperationKind::FolderDuplicate => "copied",
        OperationKind::FolderDelete => "deleted",
    }
}

/// How far it is, in words.
pub(crate) fn so_far(operation: &Operation) -> String {
    let (done, verb) = (grouped(operation.done_count), verb(operation.kind));
    match operation.total_count {
        Some(total) => format!("{done} of {} {verb}", grouped(total)),
        None => format!("{done} {verb}; there are too many to count them beforehand"),
    }
}

/// What is worth saying beside that.
fn notes(operation: &Operation) -> Vec<String> {
    let under_way = operation.result.as_ref().and_then(|result| result.get("under_way_count")).and_then(Value::as_u64);
    let left_alone = under_way.filter(|count| *count > 0).map(|count| {
        if count == 1 {
            "1 of them was being sent in that moment already, and was left alone.".to_owned()
        } else {
            format!("{} of them were being sent in that moment already, and were left alone.", grouped(count))
        }
    });
    let count = |name: &str| operation.result.as_ref().and_then(|result| result.get(name)).and_then(Value::as_u64);
    let imported = (operation.kind == OperationKind::ClientsImport).then_some(()).and_then(|()| {
        let [made, updated, unchanged, rejected] =
            ["created_count", "updated_count", "unchanged_count", "rejected_count"].map(|name| count(name).map(grouped));
        Some(format!("{} new, {} updated, {} unchanged, {} rejected.", made?, updated?, unchanged?, rejected?))
    });
    let removed = count("removed_count").filter(|count| *count > 0 || operation.ends_as.is_some());
    let removed = removed.map(|count| format!("What was copied is removed again, {} so far.", grouped(count)));
    operation.error.iter().cloned().chain(imported).chain(left_alone).chain(removed).collect()
}

pub(crate) async fn show(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let (id, now) = (OperationId::parse(&id)?, gateway.store().clock().now());
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let operation = operations::get(&mut view, &id).await?;
    let place = place(&mut view, &operation).await?;
    let can_import = client_import::previewed(&mut view, &operation).await?.is_some();
    drop(view);
    let failures = operation.result.as_ref().and_then(|result| result.get("rejected")).cloned();
    let failures: Vec<Failure> = failures.map(serde_json::from_value).transpose().map_err(StoreError::from)?.unwrap_or_default();
    // A row may be at fault in several columns.
    let rows_shown = failures.iter().map(|failure| failure.line).collect::<BTreeSet<_>>().len() as u64;
    let flash = (query.get("done").and_then(Value::as_str) == Some("stopped")).then_some(match operation.kind {
        OperationKind::WebhookReplay => "The replay is stopped. What was sent stays sent.",
        OperationKind::ClientsImport => "The import is stopped. What was imported stays.",
        OperationKind::FolderDuplicate => "The copy is stopped, and removed.",
        OperationKind::FolderDelete => "The deletion is stopped. What was deleted stays deleted.",
    });
    let page = OperationPage {
        shell: Shell::of(&manager.0, "operations").saying(flash),
        id: id.to_string(),
        title: operation.kind.title(),
        place,
        lead: lead(&operation, now)?,
        state: standing(&operation),
        is_open: operation.state.is_open(),
        can_stop: operation.can_stop(),
        done: operation.done_count,
        total: operation.total_count,
        so_far: so_far(&operation),
        notes: notes(&operation),
        created: Moment::of(operation.created_at, now),
        ended: operation.ended_at.map(|at| Moment::of(at, now)),
        created_by: operation.created_by,
        subject: operation.subject_name,
        callback: operation.callback_delivery.map(|id| id.to_string()),
        failures_left: operation.failures_count.saturating_sub(rows_shown),
        failures,
        can_import,
    };
    Ok(render(StatusCode::OK, &page))
}

/// All that could not be done, as a file.
pub(crate) async fn failures(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let (id, workspace) = (OperationId::parse(&id)?, manager.0.signed_in.workspace_id.clone());
    let mut view = gateway.store().read(&workspace).await?;
    operations::get(&mut view, &id).await?;
    drop(view);
    Ok(failures::answer(gateway, workspace, id)?)
}

/// One that has ended meanwhile is shown as it ended.
pub(crate) async fn cancel(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = OperationId::parse(&id)?;
    let mut work = manager.0.begin(&gateway);
    let stopped = match operations::cancel(&mut work, &id).await {
        Ok(_) => "?done=stopped",
        Err(StoreError::Conflict(_)) => "",
        Err(error) => return Err(WebError::from(error)),
    };
    work.commit().await?;
    Ok(Redirect::to(&format!("/settings/operations/{id}{stopped}")).into_response())
}
