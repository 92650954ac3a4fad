//! Clients as the page People shows them: inviting them, and what became of it. Making, changing and deleting them is in `users`.

use crate::paging::{Select, containing};
use crate::work::View;
use crate::{Result, StoreError, Work, invitations, users};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::ticket::Ticket;
use domain::user::{Group, User};

/// A client with what the list under People shows beside them.
#[derive(Clone, Debug)]
pub struct Client {
    /// Who.
    pub user: User,
    /// What their company is called.
    pub company_name: Option<String>,
    /// When they followed an invitation; `None` before.
    pub joined_at: Option<Timestamp>,
    /// When their open invitation ends, if there is one.
    pub invited_until: Option<Timestamp>,
    /// Whether they have a password, whoever chose it.
    pub has_password: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    user: users::Row,
    company_name: Option<String>,
    joined_at: Option<i64>,
    invited_until: Option<i64>,
    has_password: bool,
}

impl TryFrom<Row> for Client {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            user: row.user.try_into()?,
            company_name: row.company_name,
            joined_at: row.joined_at.map(Timestamp::from_millis),
            invited_until: row.invited_until.map(Timestamp::from_millis),
            has_password: row.has_password,
        })
    }
}

const COLUMNS: &str = "id, user_group, name, email, username, role, title, phone, language, timezone, color, company_id, created_at, \
     updated_at, joined_at, password_hash IS NOT NULL AS has_password, \
     (SELECT companies.name FROM companies WHERE companies.id = users.company_id) AS company_name, \
     (SELECT MAX(expires_at) FROM invitations WHERE invitations.user_id = users.id \
     AND accepted_at IS NULL AND revoked_at IS NULL) AS invited_until";

fn alive(view: &impl View) -> Select {
    Select::from(view, "users", COLUMNS).and_is("deleted_at IS NULL").and("user_group = ?", Group::Client.as_str())
}

/// A page of clients whose name or address holds this text.
pub async fn list(view: &mut impl View, text: Option<&str>, page: PageRequest) -> Result<Page<Client>> {
    let select = alive(view).and_if("(name_key LIKE ? ESCAPE '\\' OR email_key LIKE ? ESCAPE '\\')", text.map(containing));
    crate::paging::convert(select.page::<Row>(view, page).await?)
}

/// Clients in the order in which they were made, behind one of them, at most `limit`.
pub async fn behind(view: &mut impl View, place: Option<&(i64, UserId)>, limit: u32) -> Result<Vec<Client>> {
    let select = match place {
        Some((at, id)) => alive(view).behind(Timestamp::from_millis(*at), id.as_str()),
        None => alive(view),
    };
    let rows: Vec<Row> = select.first(view, "created_at, id", limit).await?;
    rows.into_iter().map(Client::try_from).collect()
}

/// One client.
pub async fn get(view: &mut impl View, id: &UserId) -> Result<Client> {
    let mut rows: Vec<Row> = alive(view).and("id = ?", id.as_str()).first(view, "id", 1).await?;
    rows.pop().ok_or(StoreError::NotFound)?.try_into()
}

/// Invites a client; an earlier link is void from then on. The ticket is for the link. Refused once they have joined.
pub async fn invite(work: &mut Work, id: &UserId) -> Result<(User, Ticket)> {
    // Locked, so that of an invitation and its use at once one comes second.
    let user = users::get(work, Group::Client, id).await?;
    if get(work, id).await?.joined_at.is_some() {
        return Err(StoreError::Conflict(format!("{} has joined already.", user.name)));
    }
    let ticket = invitations::create(work, id).await?;
    work.note(Action::CLIENT_INVITED, Some(id.as_str()), Some(&user.name));
    Ok((user, ticket))
}

/// Withdraws the open invitation of a client, who stays on record.
pub async fn revoke_invitation(work: &mut Work, id: &UserId) -> Result<()> {
    let user = users::get(work, Group::Client, id).await?;
    if invitations::revoke(work, id).await? {
        work.note(Action::CLIENT_INVITATION_REVOKED, Some(id.as_str()), Some(&user.name));
    }
    Ok(())
}
