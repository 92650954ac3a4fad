//! Inviting a member: on record, with a link, and with the mail that carries it, in one unit of work; the same from the API and from
//! the page.

use crate::app::Gateway;
use crate::error::ApiError;
use domain::ids::UserId;
use domain::mail::NewMail;
use domain::member::NewMember;
use domain::ticket::Ticket;
use domain::user::{Role, User};
use store::{Work, invitations, mails, members};

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

fn write(gateway: &Gateway, work: &mut Work, host: &Host<'_>, user: &User, ticket: &Ticket) -> Result<(), ApiError> {
    let link = format!("{}/invitations/{}", host.base, ticket.reveal());
    let until = work.now().plus(invitations::LIFETIME);
    let mail = NewMail::invitation(user, host.workspace, host.name, &link, until);
    Ok(mails::write(work, &mail, gateway.settings().has_mail_server)?)
}

fn announce(gateway: &Gateway, user: &User) {
    if !gateway.settings().has_mail_server {
        tracing::warn!(member = %user.id, "an invitation was not sent: no mail server set; it can be read in Settings > Mail");
    }
}
