//! The page behind an invitation's link: a name, a password, and in. The owner's first link works the same way.

use crate::app::Gateway;
use crate::body::{Body, Path};
use crate::web::form::Form;
use crate::web::session::{Device, set_cookie};
use crate::web::shell::render;
use crate::web::sign_in::hash;
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::audit::Actor;
use domain::input::{Fields, email, line};
use domain::password::read_twice;
use domain::ticket::Ticket;
use serde_json::Value;
use store::invitations::{self, Found, Invited};
use store::{StoreError, sessions};

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    workspace: String,
    ticket: String,
    is_owner: bool,
    email: String,
    name: String,
    form: Form,
}

async fn open(gateway: &Gateway, text: &str) -> Result<(Invited, String), WebError> {
    let found = match Ticket::parse(text) {
        Some(ticket) => invitations::find(gateway.store(), &ticket).await?,
        None => Found::Unknown,
    };
    match found {
        Found::Open(invited) => {
            let mut view = gateway.store().read(&invited.workspace_id).await?;
            let (workspace, _) = store::workspaces::show(&mut view).await?;
            Ok((*invited, workspace.name))
        }
        Found::Used => {
            Err(WebError::Link("This link was used before", "An invitation works once. If it was you who used it, sign in."))
        }
        Found::Expired => Err(WebError::Link(
            "This link has expired",
            "An invitation is valid for seven days. Ask whoever invited you to send a new one.",
        )),
        Found::Unknown => Err(WebError::Link(
            "This link is not valid",
            "It was withdrawn or replaced by a newer one, or it was not copied whole. Ask whoever invited you to send a new one.",
        )),
    }
}

pub(crate) async fn show(State(gateway): State<Gateway>, Path(ticket): Path) -> Page {
    let (invited, workspace) = open(&gateway, &ticket).await?;
    let user = invited.user;
    let page = InvitationPage {
        workspace,
        ticket,
        is_owner: user.role == "owner",
        email: user.email,
        name: user.name,
        form: Form::default(),
    };
    Ok(render(StatusCode::OK, &page))
}

pub(crate) async fn accept(State(gateway): State<Gateway>, device: Device, Path(ticket): Path, Body(fields): Body) -> Page {
    let (invited, workspace) = open(&gateway, &ticket).await?;
    let is_owner = invited.user.role == "owner";
    let mut read = Fields::of(&fields);
    let name = read.required("name", line(255));
    // An invitation is to an address; only the first owner may choose theirs.
    let address = if is_owner { read.required("email", email) } else { Some(invited.user.email.clone()) };
    let chosen = read_twice(&mut read);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let again = |invalid| {
        let shown = if is_owner { text("email") } else { invited.user.email.clone() };
        let form = Form::refused(Value::Null, invalid);
        let page = InvitationPage {
            workspace: workspace.clone(),
            ticket: ticket.clone(),
            is_owner,
            email: shown,
            name: text("name"),
            form,
        };
        render(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let (name, address, chosen) = match read.finish(|| Some((name?, address?, chosen?))) {
        Ok(read) => read,
        Err(invalid) => return Ok(again(invalid)),
    };
    let hash = hash(chosen).await?;
    let mut work = gateway.store().begin(&invited.workspace_id, Actor::person(&invited.user, device.address));
    match invitations::accept(&mut work, &invited, &name, &address, &hash).await {
        Err(StoreError::Invalid(invalid)) => return Ok(again(invalid)),
        other => other?,
    }
    let session = sessions::create(&mut work, &invited.user.id, &device.address.to_string(), &device.user_agent);
    work.commit().await?;
    let mut response = Redirect::to("/settings").into_response();
    set_cookie(&gateway, response.headers_mut(), Some(&session));
    Ok(response)
}
