//! The tab Clients of the page People: who the portal is for, and their invitations. Changing clients otherwise is the API's.

use crate::answer::Here;
use crate::app::Gateway;
use crate::body::{Body, Path, Query};
use crate::client_export::{self, Format};
use crate::error::ApiError;
use crate::invite;
use crate::web::Page;
use crate::web::form::Form;
use crate::web::pager::{Pager, page_of};
use crate::web::people::invited_in_words;
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::user::NewClient;
use serde_json::{Value, json};
use store::clients::{self, Client};

/// Where the tab is.
const HOME: &str = "/settings/people/clients";
/// The longest text that is searched for.
const MAX_SEARCH: usize = 255;

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage {
    shell: Shell,
    clients: Vec<Row>,
    pager: Pager,
    search: String,
    dialog: Dialog,
}

/// What is open over the list.
enum Dialog {
    None,
    Invite(Form),
    Revoke(Named),
}

struct Named {
    id: String,
    name: String,
}

struct Row {
    id: String,
    name: String,
    email: String,
    company: Option<String>,
    status: (&'static str, &'static str),
    has_joined: bool,
    is_invited: bool,
    created: Moment,
}

impl Row {
    fn of(client: Client, now: Timestamp) -> Self {
        let status = match (client.joined_at, client.invited_until) {
            (Some(_), _) => ("tag-ok", "Joined"),
            (None, Some(end)) if end > now => ("tag-warn", "Invited"),
            (None, Some(_)) => ("tag-bad", "Invitation expired"),
            (None, None) if client.has_password => ("tag-plain", "Password set"),
            (None, None) => ("tag-plain", "Not invited"),
        };
        Self {
            status,
            has_joined: client.joined_at.is_some(),
            is_invited: client.invited_until.is_some(),
            created: Moment::of(client.user.created_at, now),
            company: client.company_name,
            id: client.user.id.to_string(),
            name: client.user.name,
            email: client.user.email,
        }
    }
}

/// What is searched for, without what no name or address holds.
fn search(query: &Value) -> String {
    let text = query.get("search").and_then(Value::as_str).unwrap_or_default().trim();
    text.chars().filter(|c| !c.is_control()).take(MAX_SEARCH).collect()
}

async fn page(gateway: &Gateway, manager: &Manager, query: &Value, status: StatusCode, dialog: Dialog) -> Page {
    let now = gateway.store().clock().now();
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("invited") => Some(invited_in_words(gateway)),
        Some("revoked") => Some("The invitation is revoked. Its link has stopped working."),
        _ => None,
    };
    let search = search(query);
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let wanted = Some(search.as_str()).filter(|text| !text.is_empty());
    let found = clients::list(&mut view, wanted, page_of(query, true)).await?;
    let at = |page: u32| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(wanted.map(|text| ("search", text))).append_pair("page", &page.to_string());
        format!("{HOME}?{}", query.finish())
    };
    let pager = Pager::with("Clients", found.request, found.rows.len() as u64, found.total, at);
    let clients = found.rows.into_iter().map(|client| Row::of(client, now)).collect();
    Ok(render(status, &ClientsPage { shell: Shell::of(&manager.0, "people").saying(flash), clients, pager, search, dialog }))
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("{HOME}?done={what}")).into_response()
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::None).await
}

/// All clients as a file.
pub(crate) async fn export(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let format = Format::read(&query)?;
    let workspace = manager.0.signed_in.workspace_id.clone();
    Ok(client_export::answer(gateway, workspace, format)?)
}

pub(crate) async fn ask_invite(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Invite(Form::default())).await
}

/// Makes a client and invites them.
pub(crate) async fn invite(
    State(gateway): State<Gateway>,
    manager: Manager,
    here: Here,
    Query(query): Query,
    Body(form): Body,
) -> Page {
    let invited = match NewClient::read(&json!({"name": form["name"], "email": form["email"], "notification": true})) {
        Ok(new) => invite::create_client(&gateway, manager.0.begin(&gateway), &here.link(""), new).await,
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

/// Invites a client who is on record, for the first time or once more.
pub(crate) async fn invite_again(State(gateway): State<Gateway>, manager: Manager, here: Here, Path(id): Path) -> Page {
    invite::invite_client(&gateway, manager.0.begin(&gateway), &here.link(""), &UserId::parse(&id)?).await?;
    Ok(done("invited"))
}

pub(crate) async fn ask_revoke(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let user = clients::get(&mut view, &UserId::parse(&id)?).await?.user;
    drop(view);
    let named = Named { id: user.id.to_string(), name: user.name };
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Revoke(named)).await
}

pub(crate) async fn revoke(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let mut work = manager.0.begin(&gateway);
    clients::revoke_invitation(&mut work, &UserId::parse(&id)?).await?;
    work.commit().await?;
    Ok(done("revoked"))
}
