//! The page behind an invitation's link: a name, a password, and in. The owner's first link works the same way. A client chooses a
//! password and no more: the pages here are for the team, so no client is ever given a session.

use crate::app::Gateway;
use crate::body::{Body, Path};
use crate::password::hash;
use crate::web::form::Form;
use crate::web::session::{Device, set_cookie};
use crate::web::shell::render;
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::audit::Actor;
use domain::input::{Fields, email, line};
use domain::password::read_twice;
use domain::ticket::Ticket;
use domain::user::Group;
use serde_json::Value;
use store::StoreError;
use store::invitations::{self, Found, Invited};
use store::sessions::{self, Way};

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    workspace: String,
    ticket: String,
    kind: Kind,
    email: String,
    name: String,
    form: Form,
}

/// What there is to choose behind a link, besides a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Name and address: the first owner was made up by the installation.
    FirstOwner,
    /// A name. An invitation is to an address.
    Member,
    /// Nothing: what a client is called is the team's to say.
    Client,
    /// Nothing: somebody who joined before forgot their password.
    NewPassword,
}

impl Kind {
    fn of(invited: &Invited) -> Self {
        match invited.user.group {
            Group::Client => Self::Client,
            Group::Manager if invited.has_joined => Self::NewPassword,
            Group::Manager if invited.is_first_owner => Self::FirstOwner,
            Group::Manager => Self::Member,
        }
    }

    fn has_name(self) -> bool {
        matches!(self, Self::FirstOwner | Self::Member)
    }
}

/// What a client sees who has chosen a password.
#[derive(Template)]
#[template(path = "client_joined.html")]
struct ClientJoinedPage {
    workspace: String,
    email: String,
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
        Found::Used(Group::Manager) => Err(WebError::Link(
            "This link was used before",
            "An invitation works once. If it was you who used it, sign in.",
            true,
        )),
        Found::Used(Group::Client) => Err(WebError::Link(
            "This link was used before",
            "An invitation works once. If it was you who used it, your password is set: use it in the client portal.",
            false,
        )),
        Found::Expired(group) => Err(WebError::Link(
            "This link has expired",
            "An invitation is valid for seven days. Ask whoever invited you to send a new one.",
            group == Group::Manager,
        )),
        Found::Revoked(group) => Err(not_valid(group == Group::Manager)),
        Found::Unknown => Err(not_valid(true)),
    }
}

fn not_valid(is_for_team: bool) -> WebError {
    WebError::Link(
        "This link is not valid",
        "It was withdrawn or replaced by a newer one, or it was not copied whole. Ask whoever invited you to send a new one.",
        is_for_team,
    )
}

pub(crate) async fn show(State(gateway): State<Gateway>, Path(ticket): Path) -> Page {
    let (invited, workspace) = open(&gateway, &ticket).await?;
    let kind = Kind::of(&invited);
    let user = invited.user;
    let page = InvitationPage { workspace, ticket, kind, email: user.email, name: user.name, form: Form::default() };
    Ok(render(StatusCode::OK, &page))
}

pub(crate) async fn accept(State(gateway): State<Gateway>, device: Device, Path(ticket): Path, Body(fields): Body) -> Page {
    let (invited, workspace) = open(&gateway, &ticket).await?;
    let kind = Kind::of(&invited);
    let mut read = Fields::of(&fields);
    let name = if kind.has_name() { read.required("name", line(255)) } else { Some(invited.user.name.clone()) };
    let address = match kind {
        Kind::FirstOwner => read.required("email", email()),
        _ => Some(invited.user.email.clone()),
    };
    let chosen = read_twice(&mut read);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let again = |invalid| {
        let page = InvitationPage {
            workspace: workspace.clone(),
            ticket: ticket.clone(),
            kind,
            email: if kind == Kind::FirstOwner { text("email") } else { invited.user.email.clone() },
            name: if kind.has_name() { text("name") } else { invited.user.name.clone() },
            form: Form::refused(Value::Null, invalid),
        };
        render(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let (name, address, chosen) = match read.finish(|| Some((name?, address?, chosen?))) {
        Ok(read) => read,
        Err(invalid) => return Ok(again(invalid)),
    };
    let hash = hash(chosen).await?;
    let mut work = gateway.store().begin(&invited.workspace_id, Actor::person(&invited.user, device.address));
    let accepted = match kind {
        Kind::Client => invitations::accept_as_client(&mut work, &invited, &hash).await,
        Kind::NewPassword => invitations::accept_new_password(&mut work, &invited, &hash).await,
        Kind::FirstOwner | Kind::Member => invitations::accept(&mut work, &invited, &name, &address, &hash).await,
    };
    match accepted {
        Err(StoreError::Invalid(invalid)) => return Ok(again(invalid)),
        other => other?,
    }
    if kind == Kind::Client {
        work.commit().await?;
        return Ok(render(StatusCode::OK, &ClientJoinedPage { workspace, email: invited.user.email }));
    }
    let session = sessions::create(&mut work, &invited.user.id, &device.address.to_string(), &device.user_agent, Way::Password);
    work.commit().await?;
    let mut response = Redirect::to("/settings").into_response();
    set_cookie(&gateway, response.headers_mut(), Some(&session));
    Ok(response)
}
