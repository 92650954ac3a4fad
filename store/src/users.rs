//! Clients and members. Clients are made, changed and deleted here; members are read.

use crate::insert::Insert;
use crate::paging::{Select, convert, elements, fold};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, companies, folders, invitations, task_deletions};
use domain::audit::{Action, ActorKind};
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::{CompanyId, TaskId, UserId};
use domain::input::{Patch, unknown_id};
use domain::page::{Page, PageRequest};
use domain::user::{ClientPatch, Group, NewClient, User, UserFilter};

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: String,
    user_group: String,
    name: String,
    email: String,
    username: String,
    role: String,
    title: Option<String>,
    phone: Option<String>,
    language: Option<String>,
    timezone: Option<String>,
    color: Option<String>,
    company_id: Option<String>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str =
    "id, user_group, name, email, username, role, title, phone, language, timezone, color, company_id, created_at, updated_at";

impl TryFrom<Row> for User {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let group = match row.user_group.as_str() {
            "client" => Group::Client,
            "manager" => Group::Manager,
            other => return Err(damaged("group", other)),
        };
        Ok(Self {
            id: UserId::from_stored(row.id),
            group,
            name: row.name,
            email: row.email,
            username: row.username,
            role: row.role,
            title: row.title,
            phone: row.phone,
            language: row.language,
            timezone: row.timezone,
            color: row.color,
            company: row.company_id.map(CompanyId::from_stored),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "users", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of clients or members.
pub async fn list(view: &mut impl View, group: Group, filter: UserFilter, page: PageRequest) -> Result<Page<User>> {
    let select = matching(view, group, &filter);
    convert(select.page::<Row>(view, page).await?)
}

fn matching(view: &impl View, group: Group, filter: &UserFilter) -> Select {
    alive(view)
        .and("user_group = ?", group.as_str())
        .named(filter.name.as_ref())
        .and_if("email_key = ?", filter.email.as_deref().map(fold))
}

/// The people of a company, newest first.
pub async fn list_of_company(view: &mut impl View, company: &CompanyId) -> Result<Vec<User>> {
    let rows: Vec<Row> =
        alive(view).and("company_id = ?", company.as_str()).first(view, "created_at DESC, id DESC", 1000).await?;
    rows.into_iter().map(User::try_from).collect()
}

/// The clients and members with these folded addresses, a JSON array; in a unit of work they stay locked until its end.
pub(crate) async fn list_of_addresses(work: &mut Work, emails: &str) -> Result<Vec<User>> {
    let (workspace, lock) = (work.workspace().to_string(), work.lock());
    let any = elements(&work.conn().await?, "$2");
    let text = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM users WHERE workspace_id = $1 AND deleted_at IS NULL AND email_key IN ({any}) ORDER BY id {lock}"
    ));
    let rows: Vec<Row> = on!(work, conn => sqlx::query_as(text).bind(&workspace).bind(emails).fetch_all(conn).await)?;
    rows.into_iter().map(User::try_from).collect()
}

/// One client or member.
pub async fn get(view: &mut impl View, group: Group, id: &UserId) -> Result<User> {
    let select = alive(view).and("user_group = ?", group.as_str()).and("id = ?", id.as_str());
    let row = select.one::<Row>(view).await?;
    row.try_into()
}

#[derive(sqlx::FromRow)]
struct CredentialsRow {
    #[sqlx(flatten)]
    user: Row,
    password_hash: Option<String>,
}

/// A member by their address, with the hash of their password if they have one.
pub async fn find_credentials(view: &mut impl View, email: &str) -> Result<Option<(User, Option<String>)>> {
    let (workspace, email) = (view.workspace().clone(), fold(email));
    let row: Option<CredentialsRow> = on!(view, conn => sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, password_hash FROM users WHERE workspace_id = $1 AND email_key = $2 AND user_group = 'manager' \
         AND deleted_at IS NULL",
    )))
    .bind(workspace.as_str())
    .bind(&email)
    .fetch_optional(conn)
    .await)?;
    row.map(|row| Ok((row.user.try_into()?, row.password_hash))).transpose()
}

/// Changes the name and the address of a member; sessions stay.
pub async fn update_account(work: &mut Work, id: &UserId, name: &str, email: &str) -> Result<()> {
    let (workspace, now) = (work.workspace().clone(), work.now().millis());
    let before = get(work, Group::Manager, id).await?;
    on!(work, conn => sqlx::query(
        "UPDATE users SET name = $3, name_key = $4, email = $5, email_key = $6, updated_at = $7 WHERE workspace_id = $1 AND id = $2 \
         AND user_group = 'manager' AND deleted_at IS NULL",
    )
    .bind(workspace.as_str())
    .bind(id.as_str())
    .bind(name)
    .bind(fold(name))
    .bind(email)
    .bind(fold(email))
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?;
    if before.name != name {
        work.note(Action::ACCOUNT_RENAMED, Some(id.as_str()), Some(name));
    }
    if before.email != email {
        work.note(Action::ACCOUNT_MOVED, Some(id.as_str()), Some(email));
    }
    Ok(())
}

/// Gives a person another password.
pub async fn set_password(work: &mut Work, id: &UserId, hash: &str) -> Result<()> {
    let workspace = work.workspace().clone();
    work.note(Action::PASSWORD_CHANGED, Some(id.as_str()), None);
    Ok(on!(work, conn => sqlx::query("UPDATE users SET password_hash = $3 WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.as_str())
        .bind(id.as_str())
        .bind(hash)
        .execute(conn)
        .await
        .map(drop))?)
}

/// Those of these clients and members that are there, locked.
pub(crate) async fn those_of(work: &mut Work, ids: &[&UserId]) -> Result<Vec<UserId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select =
        Select::from(work, "users", "id").and_is("deleted_at IS NULL").and_in("id IN (?)", ids.iter().map(|id| id.as_str()));
    let rows: Vec<(String,)> = select.locked(work, u32::MAX).await?;
    Ok(rows.into_iter().map(|(id,)| UserId::from_stored(id)).collect())
}

/// A page of the clients and members who have to do with a task beside its assignee.
pub async fn list_of_task(view: &mut impl View, task: &TaskId, filter: UserFilter, page: PageRequest) -> Result<Page<User>> {
    let select = alive(view)
        .and("id IN (SELECT user_id FROM task_members WHERE task_id = ?)", task.as_str())
        .named(filter.name.as_ref())
        .and_if("email_key = ?", filter.email.as_deref().map(fold));
    convert(select.page::<Row>(view, page).await?)
}

/// Clients and members with these ids, as far as they are there.
pub async fn list_of_ids(view: &mut impl View, ids: &[&UserId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = alive(view).and_in("id IN (?)", ids.iter().map(|id| id.as_str()));
    let rows: Vec<Row> = select.first(view, "id", u32::MAX).await?;
    rows.into_iter().map(User::try_from).collect()
}

/// Who something is said to be by that is made in this unit of work: the person who does it, or the owner of the key's workspace.
pub(crate) async fn find_author(work: &mut Work) -> Result<Option<UserId>> {
    match work.actor().kind {
        ActorKind::Person => Ok(work.actor().id.clone().map(UserId::from_stored)),
        ActorKind::Key => Ok(find_owner(work).await?.map(|owner| owner.id)),
        ActorKind::CommandLine | ActorKind::Gateway | ActorKind::Stranger => Ok(None),
    }
}

/// The owner of the workspace.
pub(crate) async fn find_owner(view: &mut impl View) -> Result<Option<User>> {
    let rows: Vec<Row> = alive(view).and("role = ?", "owner").first(view, "created_at, id", 1).await?;
    rows.into_iter().next().map(User::try_from).transpose()
}

/// Makes a client, with the hash of the password they were given, if any.
pub async fn create_client(work: &mut Work, new: NewClient, password_hash: Option<&str>) -> Result<User> {
    let now = work.now();
    require_company(work, new.company.as_ref()).await?;
    let client = new.into_client(now);
    insert(work, &client, password_hash);
    work.record(EventType::CLIENT_CREATED, None, &client)?;
    Ok(client)
}

/// Changes a client.
pub async fn update_client(work: &mut Work, id: &UserId, patch: ClientPatch) -> Result<User> {
    // The company is locked before the client, as by the company's deletion: in the other order each could wait for the other.
    let company = match &patch.company {
        Patch::Set(company) => require_company(work, Some(company)).await,
        Patch::Keep | Patch::Clear => Ok(()),
    };
    let before = get(work, Group::Client, id).await?;
    company?;
    let after = patch.apply(before.clone(), work.now());
    if fold(&after.email) != fold(&before.email) {
        // Whoever reads the mail to the address before is no longer who is meant.
        invitations::revoke(work, id).await?;
    }
    save(work, before, after).await
}

/// Writes what changed; nothing at all if nothing did.
pub(crate) async fn save(work: &mut Work, before: User, client: User) -> Result<User> {
    if (User { updated_at: before.updated_at, ..client.clone() }) == before {
        return Ok(before);
    }
    on!(work, conn => sqlx::query(
        "UPDATE users SET name = $2, name_key = $3, email = $4, email_key = $5, username = $6, title = $7, phone = $8, \
         language = $9, timezone = $10, color = $11, company_id = $12, updated_at = $13 WHERE id = $1",
    )
    .bind(client.id.as_str())
    .bind(&client.name)
    .bind(fold(&client.name))
    .bind(&client.email)
    .bind(fold(&client.email))
    .bind(&client.username)
    .bind(&client.title)
    .bind(&client.phone)
    .bind(&client.language)
    .bind(&client.timezone)
    .bind(&client.color)
    .bind(client.company.as_ref().map(CompanyId::as_str))
    .bind(client.updated_at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    work.record(EventType::CLIENT_UPDATED, Some(&before), &client)?;
    Ok(client)
}

/// Deletes a client; the address is free again at once, and their tasks are nobody's.
pub async fn delete_client(work: &mut Work, id: &UserId) -> Result<()> {
    folders::take_turn(work).await?;
    let client = get(work, Group::Client, id).await?;
    invitations::revoke(work, id).await?;
    task_deletions::leave_people(work, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE users SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.record(EventType::CLIENT_DELETED, None, &client)
}

/// The people of a company that is being deleted stay, without one. The caller has locked the company, so nobody joins it.
pub(crate) async fn leave_company(work: &mut Work, company: &CompanyId) -> Result<()> {
    let rows: Vec<Row> = alive(work).and("company_id = ?", company.as_str()).first(work, "id", u32::MAX).await?;
    for row in rows {
        let before = match get(work, Group::Client, &UserId::from_stored(row.id)).await {
            // Somebody else may have moved or deleted the client before it was locked.
            Ok(client) if client.company.as_ref() == Some(company) => client,
            Ok(_) | Err(StoreError::NotFound) => continue,
            Err(error) => return Err(error),
        };
        let after = User { company: None, updated_at: work.now(), ..before.clone() };
        save(work, before, after).await?;
    }
    Ok(())
}

pub(crate) fn insert(work: &mut Work, user: &User, password_hash: Option<&str>) {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("users")
            .set("id", user.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("user_group", user.group.as_str())
            .set("name", &user.name)
            .set("name_key", fold(&user.name))
            .set("email", &user.email)
            .set("email_key", fold(&user.email))
            .set("username", &user.username)
            .set("role", &user.role)
            .set("title", &user.title)
            .set("phone", &user.phone)
            .set("language", &user.language)
            .set("timezone", &user.timezone)
            .set("color", &user.color)
            .set("company_id", user.company.as_ref().map(CompanyId::as_str))
            .set("password_hash", password_hash)
            .set("created_at", user.created_at.millis())
            .set("updated_at", user.created_at.millis()),
    );
}

async fn require_company(work: &mut Work, company: Option<&CompanyId>) -> Result<()> {
    match company {
        None => Ok(()),
        Some(id) => match companies::get(work, id).await {
            Err(StoreError::NotFound) => Err(unknown_id("company").into()),
            other => other.map(drop),
        },
    }
}
