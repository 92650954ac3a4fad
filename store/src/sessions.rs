//! Sessions: who is signed in, on which device, until when. A session that was ended has no row.

use crate::engine::Promise;
use crate::insert::Insert;
use crate::paging::Select;
use crate::work::View;
use crate::{Result, Store, Work, users};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::{SessionId, UserId, WorkspaceId};
use domain::page::{Page, PageRequest};
use domain::ticket::Ticket;
use domain::user::{Group, User};
use std::time::Duration;

/// How long a session lives without being used.
pub const LIFETIME: Duration = Duration::from_hours(14 * 24);
/// How long after signing in with a code a new password may be chosen without the one before.
const CODE_COUNTS_FOR: Duration = Duration::from_mins(15);
/// How exact the time is that a session was last seen.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// A session, as whoever it belongs to sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Where it was begun.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When a page was last opened in it; long ago if never.
    pub last_seen_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    address: Option<String>,
    user_agent: Option<String>,
    created_at: i64,
    last_seen_at: i64,
}

impl TryFrom<SessionRow> for Session {
    type Error = crate::StoreError;

    fn try_from(row: SessionRow) -> Result<Self> {
        Ok(Self {
            id: SessionId::from_stored(row.id),
            address: row.address.unwrap_or_default(),
            user_agent: row.user_agent.unwrap_or_default(),
            created_at: Timestamp::from_millis(row.created_at),
            last_seen_at: Timestamp::from_millis(row.last_seen_at),
        })
    }
}

/// A page of the sessions of somebody that live at this moment.
pub async fn list(view: &mut impl View, user: &UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>> {
    let select = Select::from(view, "sessions", "id, address, user_agent, created_at, last_seen_at");
    let select = select.and("user_id = ?", user.as_str()).and("expires_at > ?", now.millis());
    crate::paging::convert(select.page::<SessionRow>(view, page).await?)
}

/// Someone who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: SessionId,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user: User,
    /// Whether they came in by a code just now, and so may choose a password without knowing the one before.
    pub may_choose_password: bool,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With their password, which may be one they chose this moment.
    Password,
    /// With a code that was sent to their address.
    Code,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    workspace_id: String,
    user_id: String,
    last_seen_at: i64,
    created_at: i64,
    is_by_code: bool,
}

/// Signs someone in: a new session, whatever the browser held before. The ticket is for the cookie.
pub fn create(work: &mut Work, user: &UserId, address: &str, user_agent: &str, way: Way) -> Ticket {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let ticket = Ticket::generate();
    work.insert(
        Insert::into("sessions")
            .set("id", SessionId::new(now).as_str())
            .set("workspace_id", workspace.as_str())
            .set("user_id", user.as_str())
            .set("ticket_hash", ticket.hash())
            .set("address", address)
            .set("user_agent", user_agent)
            .set("is_by_code", way == Way::Code)
            .set("created_at", now.millis())
            // Never, so that the first page that is opened counts.
            .set("last_seen_at", 0)
            .set("expires_at", now.plus(LIFETIME).millis()),
    );
    work.note(Action::SESSION_CREATED, None, None);
    ticket
}

/// Who holds this ticket, if their session lives and they still belong to the team.
pub async fn find(store: &Store, ticket: &Ticket) -> Result<Option<SignedIn>> {
    let now = store.clock().now();
    let mut view = store.read_system().await?;
    let row: Option<Row> = on!(&mut view, conn => sqlx::query_as(
        "SELECT id, workspace_id, user_id, last_seen_at, created_at, is_by_code FROM sessions WHERE ticket_hash = $1 AND expires_at > $2",
    )
    .bind(ticket.hash())
    .bind(now.millis())
    .fetch_optional(conn)
    .await)?;
    drop(view);
    let Some(row) = row else { return Ok(None) };
    let workspace_id = WorkspaceId::from_stored(row.workspace_id);
    let mut view = store.read(&workspace_id).await?;
    let user = match users::get(&mut view, Group::Manager, &UserId::from_stored(row.user_id)).await {
        Ok(user) => user,
        Err(crate::StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    drop(view);
    if now.since(Timestamp::from_millis(row.last_seen_at)) >= SEEN_EVERY {
        see(store, &row.id, &user.id, now).await?;
    }
    let may_choose_password = row.is_by_code && now.since(Timestamp::from_millis(row.created_at)) < CODE_COUNTS_FOR;
    Ok(Some(SignedIn { session: SessionId::from_stored(row.id), workspace_id, user, may_choose_password }))
}

async fn see(store: &Store, id: &str, user: &UserId, now: Timestamp) -> Result<()> {
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => {
        sqlx::query("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1")
            .bind(id)
            .bind(now.millis())
            .bind(now.plus(LIFETIME).millis())
            .execute(&mut *conn)
            .await?;
        sqlx::query("UPDATE users SET last_seen_at = $2 WHERE id = $1").bind(user.as_str()).bind(now.millis()).execute(conn).await.map(drop)
    })?;
    tx.commit().await
}

/// Ends one session of this person, and of no other; `false` if they have no such session.
pub async fn delete(work: &mut Work, user: &UserId, id: &SessionId) -> Result<bool> {
    let workspace = work.workspace().clone();
    let deleted = on!(work, conn => sqlx::query("DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2 AND id = $3")
        .bind(workspace.as_str())
        .bind(user.as_str())
        .bind(id.as_str())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if deleted > 0 {
        work.note(Action::SESSION_DELETED, None, None);
    }
    Ok(deleted > 0)
}

/// Signs someone out everywhere, this session perhaps excepted: after a new password nobody else stays in.
pub async fn delete_others(work: &mut Work, user: &UserId, except: Option<&SessionId>) -> Result<()> {
    let workspace = work.workspace().clone();
    Ok(on!(work, conn => sqlx::query("DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2 AND id <> $3")
        .bind(workspace.as_str())
        .bind(user.as_str())
        .bind(except.map_or("", SessionId::as_str))
        .execute(conn)
        .await
        .map(drop))?)
}
