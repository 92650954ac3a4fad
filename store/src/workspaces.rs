//! Workspaces: made by the operator's commands, together with their owner.

use crate::insert::Insert;
use crate::paging::fold;
use crate::work::View;
use crate::{Result, Store, StoreError, users};
use domain::audit::{Action, Actor};
use domain::clock::Timestamp;
use domain::ids::WorkspaceId;
use domain::user::{Role, User};
use domain::workspace::{NewWorkspace, Workspace};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    slug: String,
    created_at: i64,
}

impl From<Row> for Workspace {
    fn from(row: Row) -> Self {
        Self {
            id: WorkspaceId::from_stored(row.id),
            name: row.name,
            slug: row.slug,
            created_at: Timestamp::from_millis(row.created_at),
        }
    }
}

const SELECT: &str = "SELECT id, name, slug, created_at FROM workspaces";

/// Makes a workspace and its owner. A slug that is taken is an error on the field `slug`.
pub async fn create(store: &Store, new: NewWorkspace) -> Result<Workspace> {
    let now = store.clock().now();
    let workspace = Workspace { id: WorkspaceId::new(now), name: new.name, slug: new.slug, created_at: now };
    let mut work = store.begin(&workspace.id, Actor::command_line());
    work.insert(
        Insert::into("workspaces")
            .set("id", workspace.id.as_str())
            .set("name", &workspace.name)
            .set("slug", &workspace.slug)
            .set("created_at", now.millis()),
    );
    let owner = User::member(new.owner_name, new.owner_email, Role::Owner, now);
    users::insert(&mut work, &owner, None);
    work.note(Action::WORKSPACE_CREATED, Some(workspace.id.as_str()), Some(&workspace.name));
    work.commit().await?;
    Ok(workspace)
}

/// All workspaces, oldest first.
pub async fn list(store: &Store) -> Result<Vec<Workspace>> {
    let mut view = store.read_system().await?;
    let rows: Vec<Row> = on!(&mut view, conn => sqlx::query_as(sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY created_at, id"))).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(Workspace::from).collect())
}

/// The workspace of this slug.
pub async fn find(store: &Store, slug: &str) -> Result<Option<Workspace>> {
    Ok(list(store).await?.into_iter().find(|workspace| workspace.slug == fold(slug)))
}

/// The workspace a view looks at, and its owner.
pub async fn show(view: &mut impl View) -> Result<(Workspace, Option<User>)> {
    let id = view.workspace().clone();
    let row: Option<Row> = on!(view, conn => sqlx::query_as(sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"))).bind(id.as_str()).fetch_optional(conn).await)?;
    let workspace = row.map(Workspace::from).ok_or(StoreError::NotFound)?;
    Ok((workspace, users::find_owner(view).await?))
}
