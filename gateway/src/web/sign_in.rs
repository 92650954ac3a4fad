//! Signing in and out. What is wrong is never said more exactly than "do not match an account", and takes as long whether or not
//! there is one. Attempts are counted for each account and for each address.

use crate::app::Gateway;
use crate::body::{Body, Query};
use crate::password::verify;
use crate::rate_limit::Quota;
use crate::web::session::{Device, Person, set_cookie, ticket};
use crate::web::shell::render;
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect};
use domain::audit::{Action, Actor};
use domain::ids::WorkspaceId;
use domain::input::Parser as _;
use domain::secret::Secret;
use domain::user::User;
use domain::workspace::Workspace;
use serde_json::Value;
use std::net::{IpAddr, Ipv6Addr};
use store::sessions::Way;
use store::users;

/// Attempts a minute at one account.
const PER_ACCOUNT: u32 = 6;
/// Attempts a minute from one address, behind which may sit a whole office.
const PER_ADDRESS: u32 = 30;

/// Characters of an address that are kept of a refused attempt, the longest one can have (RFC 5321, 4.5.3.1.3).
const MAX_EMAIL: usize = 254;

const NO_MATCH: &str = "This e-mail address and password don’t match an account. Check both and try again.";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    needs_workspace: bool,
    has_codes: bool,
    workspace: String,
    email: String,
    next: String,
    failure: Option<&'static str>,
}

fn text(fields: &Value, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Where to go afterwards: a page of ours and nothing else.
fn next(fields: &Value) -> String {
    let next = text(fields, "next");
    let is_ours = next.strip_prefix("/settings").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if is_ours && next.bytes().all(|byte| byte.is_ascii_graphic()) { next } else { "/settings".to_owned() }
}

pub(crate) async fn show(State(gateway): State<Gateway>, headers: HeaderMap, Query(query): Query) -> Page {
    if let Some(ticket) = ticket(&gateway, &headers)
        && store::sessions::find(gateway.store(), &ticket).await?.is_some()
    {
        return Ok(Redirect::to(&next(&query)).into_response());
    }
    let page = SignInPage {
        needs_workspace: store::workspaces::list(gateway.store()).await?.len() > 1,
        has_codes: gateway.settings().has_mail_server,
        workspace: text(&query, "workspace"),
        email: String::new(),
        next: next(&query),
        failure: None,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Somebody who wants in, counted, and the workspace they name.
pub(crate) struct Attempt {
    pub(crate) slug: String,
    pub(crate) email: String,
    pub(crate) next: String,
    pub(crate) workspace: Option<Workspace>,
    needs_workspace: bool,
}

impl Attempt {
    /// Reads the fields that every form here has.
    pub(crate) async fn read(gateway: &Gateway, device: &Device, fields: &Value) -> Result<Self, WebError> {
        let (slug, email) = (text(fields, "workspace").trim().to_lowercase(), text(fields, "email").trim().to_owned());
        // What is longer belongs to nobody, and is kept nowhere.
        let email: String = email.chars().take(MAX_EMAIL + 1).collect();
        let workspaces = store::workspaces::list(gateway.store()).await?;
        let needs_workspace = workspaces.len() > 1;
        let workspace = workspaces.into_iter().find(|workspace| !needs_workspace || workspace.slug == slug);
        count_attempt(gateway, device.address, workspace.as_ref(), &email).await?;
        Ok(Self { slug, email, next: next(fields), workspace, needs_workspace })
    }

    /// The workspace, if what was typed can be somebody's address in it.
    pub(crate) fn addressed(&self) -> Option<&Workspace> {
        self.workspace.as_ref().filter(|_| domain::input::email().parse(&Value::from(self.email.as_str())).is_ok())
    }

    /// Puts on record that it failed. Beside the answer, which takes no longer for it; and alike whether or not there is such an
    /// account. What has no `@` in it is left out: it may be a password in the wrong field.
    pub(crate) fn refused(&self, gateway: &Gateway, device: &Device) {
        let Some(workspace) = &self.workspace else { return };
        let email = Some(&self.email).filter(|email| email.contains('@'));
        let mut work = gateway.store().begin(&workspace.id, Actor::stranger(device.address));
        work.note(Action::SIGN_IN_REFUSED, None, Some(email.map_or("an unknown address", String::as_str)));
        tokio::spawn(async move {
            if let Err(error) = work.commit().await {
                tracing::warn!(%error, "a refused sign-in is not on record");
            }
        });
    }
}

pub(crate) async fn sign_in(State(gateway): State<Gateway>, device: Device, Body(fields): Body) -> Page {
    let attempt = Attempt::read(&gateway, &device, &fields).await?;
    let credentials = match &attempt.workspace {
        Some(workspace) => users::find_credentials(&mut gateway.store().read(&workspace.id).await?, &attempt.email).await?,
        None => None,
    };
    let (user, stored) = credentials.map_or((None, None), |(user, stored)| (Some(user), stored));
    let presented = Secret::new(text(&fields, "password"));
    let is_right = verify(presented, stored).await;
    if let (Some(workspace), Some(user), true) = (&attempt.workspace, user, is_right) {
        return enter(&gateway, &workspace.id, &user, &device, &attempt.next, Way::Password).await;
    }
    attempt.refused(&gateway, &device);
    let page = SignInPage {
        needs_workspace: attempt.needs_workspace,
        has_codes: gateway.settings().has_mail_server,
        workspace: attempt.slug,
        email: attempt.email,
        next: attempt.next,
        failure: Some(NO_MATCH),
    };
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Lets somebody in: a new session, and on to where they wanted to go.
pub(crate) async fn enter(
    gateway: &Gateway,
    workspace: &WorkspaceId,
    user: &User,
    device: &Device,
    next: &str,
    way: Way,
) -> Page {
    let mut work = gateway.store().begin(workspace, Actor::person(user, device.address));
    let ticket = store::sessions::create(&mut work, &user.id, &device.address.to_string(), &device.user_agent, way);
    work.commit().await?;
    let mut response = Redirect::to(next).into_response();
    set_cookie(gateway, response.headers_mut(), Some(&ticket));
    Ok(response)
}

/// Counted by the workspace that was found: what else is typed there must not begin a count of its own.
async fn count_attempt(gateway: &Gateway, from: IpAddr, workspace: Option<&Workspace>, email: &str) -> Result<(), WebError> {
    let (workspace, email) = (workspace.map_or("", |workspace| workspace.id.as_str()), email.to_lowercase());
    let quotas = [
        Quota::new(format!("sign-in:{}", network_of(from)), PER_ADDRESS),
        Quota::new(format!("sign-in:{workspace}:{email}"), PER_ACCOUNT),
    ];
    for quota in quotas {
        let allowance = gateway.limiter().check(&quota).await;
        if !allowance.is_allowed {
            return Err(WebError::Slow(allowance.retry_after));
        }
    }
    Ok(())
}

/// What one customer of a provider is given at least: an address of the fourth version, a network of 64 bits of the sixth.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

pub(crate) async fn sign_out(State(gateway): State<Gateway>, person: Person) -> Page {
    let mut work = person.begin(&gateway);
    store::sessions::delete(&mut work, &person.signed_in.user.id, &person.signed_in.session).await?;
    work.commit().await?;
    let mut response = Redirect::to("/sign-in").into_response();
    set_cookie(&gateway, response.headers_mut(), None);
    Ok(response)
}
