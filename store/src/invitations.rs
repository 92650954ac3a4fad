//! Invitations: a link, valid for seven days and once, with which a member or a client sets a password and joins. A newer one
//! replaces all that came before. What having joined opens is not decided here: a member has sessions, a client never does.

use crate::insert::Insert;
use crate::paging::fold;
use crate::work::View;
use crate::{Result, Store, StoreError, Work, members, sessions, users};
use domain::audit::Action;
use domain::ids::{InvitationId, UserId, WorkspaceId};
use domain::ticket::Ticket;
use domain::user::{Group, Role, User};
use std::time::Duration;

/// How long a link is valid.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// What a link leads to.
#[derive(Clone, Debug)]
pub enum Found {
    /// Somebody who may join now.
    Open(Box<Invited>),
    /// It was used before, by somebody of this group.
    Used(Group),
    /// Its time is over, for somebody of this group.
    Expired(Group),
    /// It was withdrawn, or replaced by a newer one.
    Revoked(Group),
    /// It never was.
    Unknown,
}

/// An open invitation.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub id: InvitationId,
    /// Where to.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user: User,
    /// Whether they have joined already: then the link is for a new password, and nothing else.
    pub has_joined: bool,
    /// Whether they are the first owner, whose address nobody knows better than they do.
    pub is_first_owner: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    workspace_id: String,
    user_id: String,
    user_group: String,
    expires_at: i64,
    accepted_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// Invites somebody who is on record already. The ticket is for the link.
pub async fn create(work: &mut Work, user: &UserId) -> Result<Ticket> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    revoke(work, user).await?;
    let ticket = Ticket::generate();
    work.insert(
        Insert::into("invitations")
            .set("id", InvitationId::new(now).as_str())
            .set("workspace_id", workspace.as_str())
            .set("user_id", user.as_str())
            .set("ticket_hash", ticket.hash())
            .set("created_at", now.millis())
            .set("expires_at", now.plus(LIFETIME).millis()),
    );
    Ok(ticket)
}

/// Withdraws every open invitation of somebody. Says whether there was one.
pub async fn revoke(work: &mut Work, user: &UserId) -> Result<bool> {
    let (now, workspace) = (work.now().millis(), work.workspace().clone());
    Ok(on!(work, conn => sqlx::query(
        "UPDATE invitations SET revoked_at = $3 WHERE workspace_id = $1 AND user_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
    )
    .bind(workspace.as_str())
    .bind(user.as_str())
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected() > 0))?)
}

/// What a link leads to.
pub async fn find(store: &Store, ticket: &Ticket) -> Result<Found> {
    let mut view = store.read_system().await?;
    let row: Option<Row> = on!(&mut view, conn => sqlx::query_as(
        "SELECT invitations.id, invitations.workspace_id, user_id, user_group, expires_at, accepted_at, revoked_at \
         FROM invitations JOIN users ON users.id = user_id WHERE ticket_hash = $1",
    )
    .bind(ticket.hash())
    .fetch_optional(conn)
    .await)?;
    drop(view);
    let Some(row) = row else { return Ok(Found::Unknown) };
    let group = if row.user_group == Group::Client.as_str() { Group::Client } else { Group::Manager };
    if row.accepted_at.is_some() {
        return Ok(Found::Used(group));
    }
    if row.revoked_at.is_some() {
        return Ok(Found::Revoked(group));
    }
    if row.expires_at <= store.clock().now().millis() {
        return Ok(Found::Expired(group));
    }
    let workspace_id = WorkspaceId::from_stored(row.workspace_id);
    let mut view = store.read(&workspace_id).await?;
    match users::get(&mut view, group, &UserId::from_stored(row.user_id)).await {
        Ok(user) => {
            let has_joined = members::has_joined(&mut view, &user.id).await?;
            let is_first_owner = user.role == Role::Owner.as_str() && !has_owner(&mut view).await?;
            let id = InvitationId::from_stored(row.id);
            Ok(Found::Open(Box::new(Invited { id, workspace_id, user, has_joined, is_first_owner })))
        }
        Err(StoreError::NotFound) => Ok(Found::Revoked(group)),
        Err(error) => Err(error),
    }
}

/// Whether an owner has joined.
async fn has_owner(view: &mut impl View) -> Result<bool> {
    let workspace = view.workspace().clone();
    let found: Option<String> = on!(view, conn => sqlx::query_scalar(
        "SELECT id FROM users WHERE workspace_id = $1 AND role = 'owner' AND joined_at IS NOT NULL AND deleted_at IS NULL LIMIT 1",
    )
    .bind(workspace.as_str())
    .fetch_optional(conn)
    .await)?;
    Ok(found.is_some())
}

/// Somebody who has joined before chooses a new password; whoever else is signed in as them is out.
pub async fn accept_new_password(work: &mut Work, invited: &Invited, password_hash: &str) -> Result<()> {
    use_up(work, invited).await?;
    users::set_password(work, &invited.user.id, password_hash).await?;
    sessions::delete_others(work, &invited.user.id, None).await
}

/// Uses the link up.
async fn use_up(work: &mut Work, invited: &Invited) -> Result<()> {
    // The person is locked before the invitation, as by their removal: in the other order each could wait for the other.
    match users::get(work, invited.user.group, &invited.user.id).await {
        Err(StoreError::NotFound) => return Err(StoreError::Conflict("This link was withdrawn.".into())),
        found => drop(found?),
    }
    let now = work.now().millis();
    // The condition is in the statement: of two who follow one link at once, one is too late.
    let accepted = on!(work, conn => sqlx::query(
        "UPDATE invitations SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
    )
    .bind(invited.id.as_str())
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    if accepted == 0 {
        return Err(StoreError::Conflict("This link was used or withdrawn in this moment.".into()));
    }
    Ok(())
}

/// A client joins: the link is used up, and the password is theirs.
pub async fn accept_as_client(work: &mut Work, invited: &Invited, password_hash: &str) -> Result<()> {
    use_up(work, invited).await?;
    work.note(Action::CLIENT_JOINED, Some(invited.user.id.as_str()), Some(&invited.user.name));
    let now = work.now().millis();
    Ok(
        on!(work, conn => sqlx::query("UPDATE users SET password_hash = $2, joined_at = $3 WHERE id = $1 AND user_group = 'client'")
        .bind(invited.user.id.as_str())
        .bind(password_hash)
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?,
    )
}

/// A member joins: the link is used up, and they have a name, an address and a password of their own choice.
pub async fn accept(work: &mut Work, invited: &Invited, name: &str, email: &str, password_hash: &str) -> Result<()> {
    use_up(work, invited).await?;
    work.note(Action::MEMBER_JOINED, Some(invited.user.id.as_str()), Some(name));
    let now = work.now().millis();
    Ok(on!(work, conn => sqlx::query(
        "UPDATE users SET name = $2, name_key = $3, email = $4, email_key = $5, password_hash = $6, joined_at = $7, updated_at = $7 \
         WHERE id = $1 AND user_group = 'manager'",
    )
    .bind(invited.user.id.as_str())
    .bind(name)
    .bind(fold(name))
    .bind(email)
    .bind(fold(email))
    .bind(password_hash)
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?)
}

/// The first owner of a workspace, and whether they have joined.
pub async fn find_first_owner(view: &mut impl View) -> Result<Option<(UserId, bool)>> {
    let workspace = view.workspace().clone();
    let row: Option<(String, Option<i64>)> = on!(view, conn => sqlx::query_as(
        "SELECT id, joined_at FROM users WHERE workspace_id = $1 AND role = 'owner' AND deleted_at IS NULL ORDER BY created_at, id LIMIT 1",
    )
    .bind(workspace.as_str())
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(|(id, joined_at)| (UserId::from_stored(id), joined_at.is_some())))
}
