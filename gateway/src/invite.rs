//! Inviting members and clients: on record, with a link, and with the mail that carries it, in one unit of work; the same from the
//! API, from platforms and from the page.

use crate::app::Gateway;
use crate::error::ApiError;
use crate::password::hash;
use domain::ids::UserId;
use domain::mail::NewMail;
use domain::member::NewMember;
use domain::ticket::Ticket;
use domain::user::{Group, NewClient, Notification, Role, User};
use store::{Work, clients, invitations, mails, members, users, workspaces};

/// Who invites: their name, the mightiest role they may give, and where the gateway is reached.
pub(crate) struct Host<'a> {
    pub(crate) name: &'a str,
    pub(crate) workspace: &'a str,
    pub(crate) most: Role,
    pub(crate) base: &'a str,
}

/// Invites a new member.
pub(crate) async fn invite(gateway: &Gateway, mut work: Work, host: &Host<'_>, new: NewMember) -> Result<User, ApiError> {
    let (user, ticket) = members::invite(&mut work, new).await?;
    write(gateway, &mut work, host, &user, &ticket)?;
    work.commit().await?;
    announce(gateway, &user);
    Ok(user)
}

/// Invites a member once more; the earlier link is void.
pub(crate) async fn invite_again(gateway: &Gateway, mut work: Work, host: &Host<'_>, id: &UserId) -> Result<User, ApiError> {
    let (user, ticket) = members::invite_again(&mut work, id).await?;
    require_over(host.most, &user)?;
    write(gateway, &mut work, host, &user, &ticket)?;
    work.commit().await?;
    announce(gateway, &user);
    Ok(user)
}

/// Gives a member another role. One who has not joined is invited to it with a new link.
pub(crate) async fn set_role(
    gateway: &Gateway,
    mut work: Work,
    host: &Host<'_>,
    id: &UserId,
    role: Role,
) -> Result<User, ApiError> {
    let before = users::get(&mut work, Group::Manager, id).await?;
    if before.role == role.as_str() {
        return Ok(before);
    }
    let member = members::set_role(&mut work, id, role).await?;
    if members::has_joined(&mut work, id).await? {
        work.commit().await?;
        return Ok(member);
    }
    invite_again(gateway, work, host, id).await
}

/// Whoever may not give a member's role may not touch the member either.
pub(crate) fn require_over(most: Role, member: &User) -> Result<(), ApiError> {
    match Role::parse(&member.role) {
        Some(role) if most.may_give(role) => Ok(()),
        role => {
            let givers = role.unwrap_or(Role::Owner).givers();
            Err(ApiError::Conflict(format!("{} is {}: only {givers} may do this.", member.name, member.role)))
        }
    }
}

/// Makes a client, with the password and the invitation that were asked for. `base` is where the gateway is reached.
pub(crate) async fn create_client(gateway: &Gateway, mut work: Work, base: &str, mut new: NewClient) -> Result<User, ApiError> {
    let password_hash = match new.password.take() {
        Some(password) => Some(hash(password).await?),
        None => None,
    };
    let notification = std::mem::take(&mut new.notification);
    let client = users::create_client(&mut work, new, password_hash.as_deref()).await?;
    if let Notification::Invitation(words) = &notification {
        write_to_client(gateway, &mut work, base, &client.id, words.as_deref()).await?;
    }
    work.commit().await?;
    if notification != Notification::None {
        announce(gateway, &client);
    }
    Ok(client)
}

/// Invites a client who is on record, for the first time or once more; an earlier link is void.
pub(crate) async fn invite_client(gateway: &Gateway, mut work: Work, base: &str, id: &UserId) -> Result<User, ApiError> {
    let client = write_to_client(gateway, &mut work, base, id, None).await?;
    work.commit().await?;
    announce(gateway, &client);
    Ok(client)
}

async fn write_to_client(
    gateway: &Gateway,
    work: &mut Work,
    base: &str,
    id: &UserId,
    words: Option<&str>,
) -> Result<User, ApiError> {
    let (client, ticket) = clients::invite(work, id).await?;
    let (workspace, _) = workspaces::show(work).await?;
    let until = work.now().plus(invitations::LIFETIME);
    let mail = NewMail::client_invitation(&client, &workspace.name, words, &link(base, &ticket), until);
    mails::write_invitation(work, &mail, &ticket, gateway.settings().has_mail_server)?;
    Ok(client)
}

fn link(base: &str, ticket: &Ticket) -> String {
    format!("{base}/invitations/{}", ticket.reveal())
}

fn write(gateway: &Gateway, work: &mut Work, host: &Host<'_>, user: &User, ticket: &Ticket) -> Result<(), ApiError> {
    let link = link(host.base, ticket);
    let until = work.now().plus(invitations::LIFETIME);
    let mail = NewMail::invitation(user, host.workspace, host.name, &link, until);
    Ok(mails::write_invitation(work, &mail, ticket, gateway.settings().has_mail_server)?)
}

fn announce(gateway: &Gateway, user: &User) {
    if !gateway.settings().has_mail_server {
        tracing::warn!(user = %user.id, "an invitation was not sent: no mail server set; it can be read in Settings > Mail");
    }
}
