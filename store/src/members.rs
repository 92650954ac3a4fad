//! The team: inviting, changing roles, removing. A member who was invited is on record at once and has joined once they followed
//! their link. The last owner stays.

use crate::paging::Select;
use crate::work::View;
use crate::{Result, StoreError, Work, folders, invitations, sessions, task_deletions, users};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::member::NewMember;
use domain::page::{Page, PageRequest};
use domain::ticket::Ticket;
use domain::user::{Group, Role, User};

/// A member with what the team's list shows beside them.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub user: User,
    /// When they joined; `None` while they are invited.
    pub joined_at: Option<Timestamp>,
    /// When they last looked at a page.
    pub last_seen_at: Option<Timestamp>,
    /// When their open invitation ends, if there is one.
    pub invited_until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    user: users::Row,
    joined_at: Option<i64>,
    last_seen_at: Option<i64>,
    invited_until: Option<i64>,
}

impl TryFrom<Row> for Member {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            user: row.user.try_into()?,
            joined_at: row.joined_at.map(Timestamp::from_millis),
            last_seen_at: row.last_seen_at.map(Timestamp::from_millis),
            invited_until: row.invited_until.map(Timestamp::from_millis),
        })
    }
}

const COLUMNS: &str = "id, user_group, name, email, username, role, title, phone, language, timezone, color, company_id, created_at, \
     updated_at, joined_at, last_seen_at, (SELECT MAX(expires_at) FROM invitations WHERE invitations.user_id = users.id \
     AND accepted_at IS NULL AND revoked_at IS NULL) AS invited_until";

/// A page of the team.
pub async fn list(view: &mut impl View, page: PageRequest) -> Result<Page<Member>> {
    let select = Select::from(view, "users", COLUMNS).and_is("deleted_at IS NULL").and("user_group = ?", Group::Manager.as_str());
    crate::paging::convert(select.page::<Row>(view, page).await?)
}

/// Puts a member on record and invites them. The ticket is for the link.
pub async fn invite(work: &mut Work, new: NewMember) -> Result<(User, Ticket)> {
    let user = User::member(new.name, new.email, new.role, work.now());
    users::insert(work, &user, None);
    let ticket = invitations::create(work, &user.id).await?;
    work.note(Action::MEMBER_INVITED, Some(user.id.as_str()), Some(&user.name));
    Ok((user, ticket))
}

/// Invites a member again; the earlier link is void from then on. Refused once they have joined.
pub async fn invite_again(work: &mut Work, id: &UserId) -> Result<(User, Ticket)> {
    let user = users::get(work, Group::Manager, id).await?;
    if has_joined(work, id).await? {
        return Err(StoreError::Conflict(format!("{} has joined already.", user.name)));
    }
    let ticket = invitations::create(work, id).await?;
    work.note(Action::MEMBER_INVITED_AGAIN, Some(id.as_str()), Some(&user.name));
    Ok((user, ticket))
}

/// Whether a member has joined, or is only invited.
pub async fn has_joined(view: &mut impl View, id: &UserId) -> Result<bool> {
    let joined_at: Option<i64> = on!(view, conn => sqlx::query_scalar("SELECT joined_at FROM users WHERE id = $1")
        .bind(id.as_str())
        .fetch_one(conn)
        .await)?;
    Ok(joined_at.is_some())
}

/// Gives a member another role. Of one who has not joined the open invitation is void: whoever could read it was to be somebody else.
pub async fn set_role(work: &mut Work, id: &UserId, role: Role) -> Result<User> {
    let before = users::get(work, Group::Manager, id).await?;
    if role != Role::Owner {
        keep_an_owner(work, &before).await?;
    }
    let now = work.now();
    on!(work, conn => sqlx::query("UPDATE users SET role = $2, updated_at = $3 WHERE id = $1")
        .bind(id.as_str())
        .bind(role.as_str())
        .bind(now.millis())
        .execute(conn)
        .await
        .map(drop))?;
    if !has_joined(work, id).await? {
        invitations::revoke(work, id).await?;
    }
    let action = match role {
        Role::Owner => Action::MEMBER_MADE_OWNER,
        Role::Admin => Action::MEMBER_MADE_ADMIN,
        Role::Member => Action::MEMBER_MADE_MEMBER,
    };
    work.note(action, Some(id.as_str()), Some(&before.name));
    Ok(User { role: role.as_str().to_owned(), updated_at: now, ..before })
}

/// Removes a member, with their sessions and invitations: whoever is signed in as them is out at once. Their tasks are nobody's.
pub async fn remove(work: &mut Work, id: &UserId) -> Result<User> {
    folders::take_turn(work).await?;
    let member = users::get(work, Group::Manager, id).await?;
    keep_an_owner(work, &member).await?;
    sessions::delete_others(work, id, None).await?;
    invitations::revoke(work, id).await?;
    task_deletions::leave_people(work, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE users SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::MEMBER_REMOVED, Some(id.as_str()), Some(&member.name));
    Ok(member)
}

/// Refuses to take the last owner away; one who never followed their invitation could not take over. The owners are locked, so
/// that two who leave at once do not both believe in the other.
async fn keep_an_owner(work: &mut Work, member: &User) -> Result<()> {
    if member.role != Role::Owner.as_str() {
        return Ok(());
    }
    let (workspace, lock) = (work.workspace().clone(), work.lock());
    let owners: Vec<String> = on!(work, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT id FROM users WHERE workspace_id = $1 AND role = 'owner' AND joined_at IS NOT NULL AND deleted_at IS NULL \
         ORDER BY id {lock}",
    )))
    .bind(workspace.as_str())
    .fetch_all(conn)
    .await)?;
    if owners.iter().any(|owner| owner != member.id.as_str()) {
        Ok(())
    } else {
        Err(StoreError::Conflict("A workspace needs an owner; make somebody else owner first.".into()))
    }
}
