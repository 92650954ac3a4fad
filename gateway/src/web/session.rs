//! Who is signed in: the ticket in the cookie, looked up anew for every page, so that a session that was ended is over at once.

use crate::app::Gateway;
use crate::peer;
use crate::web::WebError;
use crate::web::shell::Shell;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Redirect;
use domain::audit::Actor;
use domain::ticket::Ticket;
use domain::user::Role;
use std::convert::Infallible;
use std::net::IpAddr;
use store::Work;
use store::sessions::{self, SignedIn};

/// Someone who is signed in, whatever their role.
pub(crate) struct Person {
    pub(crate) signed_in: SignedIn,
    pub(crate) workspace: String,
    /// Where the request came from.
    from: IpAddr,
}

impl Person {
    /// Whether they manage keys, webhooks and people.
    pub(crate) fn is_managing(&self) -> bool {
        Role::parse(&self.signed_in.user.role).is_some_and(Role::is_managing)
    }

    /// A unit of work in the person's workspace, on record as theirs.
    pub(crate) fn begin(&self, gateway: &Gateway) -> Work {
        gateway.store().begin(&self.signed_in.workspace_id, Actor::person(&self.signed_in.user, self.from))
    }
}

/// What a session remembers of the device it was begun on.
pub(crate) struct Device {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: String,
}

/// Characters of a browser's name that are kept.
const MAX_USER_AGENT: usize = 300;

impl FromRequestParts<Gateway> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let address = peer::address(gateway, &parts.extensions, &parts.headers);
        Ok(Self { address, user_agent: agent.chars().take(MAX_USER_AGENT).collect() })
    }
}

/// Someone who may manage keys, webhooks and people: an owner or an admin.
pub(crate) struct Manager(pub(crate) Person);

/// The name of the cookie. With the `__Host-` prefix browsers take it over TLS and from this host alone.
fn cookie_name(gateway: &Gateway) -> &'static str {
    if is_secure(gateway) { "__Host-kitchen_session" } else { "kitchen_session" }
}

fn is_secure(gateway: &Gateway) -> bool {
    gateway.settings().public_url.as_ref().is_some_and(|url| url.scheme() == "https")
}

/// The ticket a browser holds.
pub(crate) fn ticket(gateway: &Gateway, headers: &HeaderMap) -> Option<Ticket> {
    let name = cookie_name(gateway);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).and_then(|(_, value)| Ticket::parse(value))
}

/// Gives a browser a ticket, or takes it away.
pub(crate) fn set_cookie(gateway: &Gateway, headers: &mut HeaderMap, ticket: Option<&Ticket>) {
    let secure = if is_secure(gateway) { "; Secure" } else { "" };
    let (value, age) = ticket.map_or(("", 0), |ticket| (ticket.reveal(), sessions::LIFETIME.as_secs()));
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(gateway));
    if let Ok(mut line) = HeaderValue::from_str(&text) {
        line.set_sensitive(true);
        headers.append(header::SET_COOKIE, line);
    }
}

impl FromRequestParts<Gateway> for Person {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, WebError> {
        // A form cannot be sent again after signing in; the page it was on can be asked for.
        let next = match parts.method {
            Method::GET => parts.uri.to_string(),
            _ => "/settings".to_owned(),
        };
        let Some(ticket) = ticket(gateway, &parts.headers) else { return Err(WebError::SignIn(next)) };
        let Some(signed_in) = sessions::find(gateway.store(), &ticket).await? else { return Err(WebError::SignIn(next)) };
        let mut view = gateway.store().read(&signed_in.workspace_id).await?;
        let (workspace, _) = store::workspaces::show(&mut view).await?;
        let from = peer::address(gateway, &parts.extensions, &parts.headers);
        Ok(Self { signed_in, workspace: workspace.name, from })
    }
}

/// Where everybody begins: the first page that is theirs to see.
pub(crate) async fn home(person: Person) -> Redirect {
    Redirect::to(if person.is_managing() { "/settings/api" } else { "/settings/account" })
}

impl FromRequestParts<Gateway> for Manager {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, WebError> {
        let person = Person::from_request_parts(parts, gateway).await?;
        if person.is_managing() { Ok(Self(person)) } else { Err(WebError::Refused(Box::new(Shell::of(&person, "api")))) }
    }
}
