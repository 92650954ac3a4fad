//! The page People: the team, and the dialogs that invite, change roles and remove.

use crate::answer::Here;
use crate::app::Gateway;
use crate::body::{Body, Path, Query};
use crate::error::ApiError;
use crate::invite::{self, Host, require_over};
use crate::web::Page;
use crate::web::form::Form;
use crate::web::pager::{Pager, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::input::Invalid;
use domain::member::{NewMember, read_role};
use domain::user::{Group, Role, User};
use serde_json::{Value, json};
use store::members::{self, Member};
use store::users;

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    shell: Shell,
    people: Vec<Row>,
    pager: Pager,
    roles: Vec<(&'static str, &'static str)>,
    dialog: Dialog,
}

/// What is open over the list.
enum Dialog {
    None,
    Invite(Form),
    Role(Named, Form),
    Remove(Named),
}

struct Named {
    id: String,
    name: String,
    has_joined: bool,
}

struct Row {
    id: String,
    name: String,
    email: String,
    role: &'static str,
    is_you: bool,
    is_yours: bool,
    has_joined: bool,
    status: (&'static str, &'static str),
    last_seen: Option<Moment>,
}

fn role_in_words(role: &str) -> &'static str {
    match Role::parse(role) {
        Some(Role::Owner) => "Owner",
        Some(Role::Admin) => "Admin",
        _ => "Member",
    }
}

impl Row {
    fn of(member: Member, you: &User, now: Timestamp) -> Self {
        let is_you = member.user.id == you.id;
        let is_open = member.invited_until.is_some_and(|end| end > now);
        Self {
            role: role_in_words(&member.user.role),
            is_you,
            is_yours: !is_you && require_over(own(you), &member.user).is_ok(),
            has_joined: member.joined_at.is_some(),
            status: match (member.joined_at, is_open) {
                (Some(_), _) => ("tag-ok", "Active"),
                (None, true) => ("tag-warn", "Invited"),
                (None, false) => ("tag-bad", "Invitation expired"),
            },
            last_seen: member.last_seen_at.map(|at| Moment::of(at, now)),
            id: member.user.id.to_string(),
            name: member.user.name,
            email: member.user.email,
        }
    }
}

/// The role of whoever is signed in.
fn own(you: &User) -> Role {
    Role::parse(&you.role).unwrap_or(Role::Member)
}

async fn page(gateway: &Gateway, manager: &Manager, query: &Value, status: StatusCode, dialog: Dialog) -> Page {
    let now = gateway.store().clock().now();
    let you = &manager.0.signed_in.user;
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("invited") => Some(invited_in_words(gateway)),
        Some("role") => Some("The role is changed."),
        Some("role-invited") => Some("The role is changed. A new invitation is written, see Mail; the link before is void."),
        Some("removed") => Some("They are removed, and signed out everywhere."),
        _ => None,
    };
    let request = page_of(query, false);
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let found = members::list(&mut view, request).await?;
    let pager = Pager::of("/settings/people", "People", &found);
    let people = found.rows.into_iter().map(|member| Row::of(member, you, now)).collect();
    let all = [(Role::Member, ("member", "Member")), (Role::Admin, ("admin", "Admin")), (Role::Owner, ("owner", "Owner"))];
    let roles = all.into_iter().filter(|(role, _)| own(you).may_give(*role)).map(|(_, names)| names).collect();
    Ok(render(status, &PeoplePage { shell: Shell::of(&manager.0, "people").saying(flash), people, pager, roles, dialog }))
}

/// What an invitation came to so far, of a member or a client.
pub(crate) fn invited_in_words(gateway: &Gateway) -> &'static str {
    if gateway.settings().has_mail_server {
        "The invitation is on its way."
    } else {
        "The invitation is written. No mail server is set: open it under Mail, and pass its link on."
    }
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("/settings/people?done={what}")).into_response()
}

async fn find(gateway: &Gateway, manager: &Manager, id: &str) -> Result<(User, Named), crate::web::WebError> {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let user = users::get(&mut view, Group::Manager, &UserId::parse(id)?).await?;
    let has_joined = members::has_joined(&mut view, &user.id).await?;
    let named = Named { id: user.id.to_string(), name: user.name.clone(), has_joined };
    Ok((user, named))
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::None).await
}

pub(crate) async fn ask_invite(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Invite(Form::default())).await
}

pub(crate) async fn invite(
    State(gateway): State<Gateway>,
    manager: Manager,
    here: Here,
    Query(query): Query,
    Body(form): Body,
) -> Page {
    let you = &manager.0.signed_in.user;
    let base = here.link("");
    let host = Host { name: &you.name, workspace: &manager.0.workspace, most: own(you), base: &base };
    let invited = match NewMember::read(&form, own(you)) {
        Ok(new) => {
            let work = manager.0.begin(&gateway);
            invite::invite(&gateway, work, &host, new).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match invited {
        Ok(_) => Ok(done("invited")),
        Err(ApiError::Invalid(invalid)) => {
            let dialog = Dialog::Invite(Form::refused(form, invalid));
            page(&gateway, &manager, &query, StatusCode::UNPROCESSABLE_ENTITY, dialog).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn invite_again(State(gateway): State<Gateway>, manager: Manager, here: Here, Path(id): Path) -> Page {
    let you = &manager.0.signed_in.user;
    let base = here.link("");
    let host = Host { name: &you.name, workspace: &manager.0.workspace, most: own(you), base: &base };
    let work = manager.0.begin(&gateway);
    invite::invite_again(&gateway, work, &host, &UserId::parse(&id)?).await?;
    Ok(done("invited"))
}

pub(crate) async fn ask_role(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let (user, named) = find(&gateway, &manager, &id).await?;
    let form = Form::of(json!({"role": user.role}));
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Role(named, form)).await
}

pub(crate) async fn set_role(
    State(gateway): State<Gateway>,
    manager: Manager,
    here: Here,
    Path(id): Path,
    Query(query): Query,
    Body(form): Body,
) -> Page {
    let (user, named) = find(&gateway, &manager, &id).await?;
    let you = &manager.0.signed_in.user;
    require_over(own(you), &user)?;
    let base = here.link("");
    let host = Host { name: &you.name, workspace: &manager.0.workspace, most: own(you), base: &base };
    let changed = match read_role(&form, own(you)) {
        Ok(Some(role)) => invite::set_role(&gateway, manager.0.begin(&gateway), &host, &user.id, role).await,
        Ok(None) => Ok(user),
        Err(invalid) => Err(invalid.into()),
    };
    let (status, invalid) = match changed {
        Ok(_) => return Ok(done(if named.has_joined { "role" } else { "role-invited" })),
        Err(ApiError::Conflict(reason)) => (StatusCode::CONFLICT, Invalid::field("role", reason)),
        Err(ApiError::Invalid(invalid)) => (StatusCode::UNPROCESSABLE_ENTITY, invalid),
        Err(error) => return Err(error.into()),
    };
    page(&gateway, &manager, &query, status, Dialog::Role(named, Form::refused(form, invalid))).await
}

pub(crate) async fn ask_remove(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let (_, named) = find(&gateway, &manager, &id).await?;
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Remove(named)).await
}

pub(crate) async fn remove(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let mut work = manager.0.begin(&gateway);
    let member = members::remove(&mut work, &UserId::parse(&id)?).await?;
    require_over(own(&manager.0.signed_in.user), &member)?;
    work.commit().await?;
    Ok(done("removed"))
}
