//! Folders, and what lies in them.

use crate::engine::Conn;
use crate::insert::Insert;
use crate::paging::{Select, convert, fold};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, folder_trees};
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::folder::{ChildFilter, ChildKind, Folder, FolderFilter, FolderPatch, NewFolder};
use domain::ids::FolderId;
use domain::input::{Invalid, unknown_id};
use domain::node::{Move, Visibility};
use domain::page::{Page, PageRequest};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    folder_id: Option<String>,
    name: String,
    description: Option<String>,
    visibility: String,
    role: Option<String>,
    archived_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, folder_id, name, description, visibility, role, archived_at, created_at, updated_at";

impl TryFrom<Row> for Folder {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: FolderId::from_stored(row.id),
            name: row.name,
            description: row.description,
            visibility: Visibility::parse(&row.visibility).ok_or_else(|| damaged("visibility", &row.visibility))?,
            role: row.role,
            folder: row.folder_id.map(FolderId::from_stored),
            archived_at: row.archived_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "folders", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of folders.
pub async fn list(view: &mut impl View, filter: FolderFilter, page: PageRequest) -> Result<Page<Folder>> {
    convert(alive(view).in_state(filter.state).named(filter.name.as_ref()).page::<Row>(view, page).await?)
}

/// One folder.
pub async fn get(view: &mut impl View, id: &FolderId) -> Result<Folder> {
    let row = alive(view).and("id = ?", id.as_str()).one::<Row>(view).await?;
    row.try_into()
}

/// A child of a folder.
#[derive(Clone, Debug)]
pub enum Child {
    /// A folder.
    Folder(Folder),
    /// A board.
    Board(domain::board::Board),
}

#[derive(sqlx::FromRow)]
struct ChildRow {
    kind: String,
    #[sqlx(flatten)]
    row: Row,
}

// One statement over both kinds, so that paging and counting see one list.
const CHILDREN: &str = "(SELECT 'folder' AS kind, id, workspace_id, folder_id, name, name_key, description, visibility, role, \
     archived_at, created_at, updated_at FROM folders WHERE deleted_at IS NULL \
     UNION ALL SELECT 'board' AS kind, id, workspace_id, folder_id, title AS name, name_key, description, visibility, role, \
     archived_at, created_at, updated_at FROM boards WHERE deleted_at IS NULL) AS children";
const CHILD_COLUMNS: &str = "kind, id, folder_id, name, description, visibility, role, archived_at, created_at, updated_at";

/// A page of what lies in a folder, one level deep.
pub async fn list_children(view: &mut impl View, id: &FolderId, filter: ChildFilter, page: PageRequest) -> Result<Page<Child>> {
    get(view, id).await?;
    let mut select = Select::from(view, CHILDREN, CHILD_COLUMNS).and("folder_id = ?", id.as_str()).in_state(filter.state);
    if let [kind] = filter.kinds.as_slice() {
        select = select.and("kind = ?", kind.as_str());
    }
    let page = select.page::<ChildRow>(view, page).await?;
    convert(page)
}

impl TryFrom<ChildRow> for Child {
    type Error = StoreError;

    fn try_from(child: ChildRow) -> Result<Self> {
        if child.kind == ChildKind::Folder.as_str() {
            return Ok(Self::Folder(child.row.try_into()?));
        }
        let folder: Folder = child.row.try_into()?;
        Ok(Self::Board(domain::board::Board {
            id: domain::ids::BoardId::from_stored(folder.id.to_string()),
            title: folder.name,
            description: folder.description,
            visibility: folder.visibility,
            role: folder.role,
            folder: folder.folder,
            archived_at: folder.archived_at,
            created_at: folder.created_at,
            updated_at: folder.updated_at,
        }))
    }
}

/// Makes a folder.
pub async fn create(work: &mut Work, new: NewFolder) -> Result<Folder> {
    let now = work.now();
    require_open(work, "folder", new.folder.as_ref()).await?;
    let folder = Folder {
        id: FolderId::new(now),
        name: new.name,
        description: new.description,
        visibility: new.visibility,
        role: new.role,
        folder: new.folder,
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    insert(work, &folder)?;
    Ok(folder)
}

/// Writes a new folder, into one that the caller has locked.
pub(crate) fn insert(work: &mut Work, folder: &Folder) -> Result<()> {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("folders")
            .set("id", folder.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("folder_id", folder.folder.as_ref().map(FolderId::as_str))
            .set("name", &folder.name)
            .set("name_key", fold(&folder.name))
            .set("description", &folder.description)
            .set("visibility", folder.visibility.as_str())
            .set("role", &folder.role)
            .set("archived_at", folder.archived_at.map(Timestamp::millis))
            .set("created_at", folder.created_at.millis())
            .set("updated_at", folder.updated_at.millis()),
    );
    work.record(EventType::FOLDER_CREATED, None, folder)
}

/// Changes a folder.
pub async fn update(work: &mut Work, id: &FolderId, patch: FolderPatch) -> Result<Folder> {
    let before = get(work, id).await?;
    let after = patch.apply(before.clone(), work.now());
    save(work, before, after).await
}

/// Archives a folder; one that is archived already stays as it is.
pub async fn archive(work: &mut Work, id: &FolderId) -> Result<Folder> {
    let before = get(work, id).await?;
    let now = work.now();
    let after = Folder { archived_at: Some(before.archived_at.unwrap_or(now)), updated_at: now, ..before.clone() };
    save(work, before, after).await
}

/// Takes a folder out of the archive.
pub async fn restore(work: &mut Work, id: &FolderId) -> Result<Folder> {
    let before = get(work, id).await?;
    let after = Folder { archived_at: None, updated_at: work.now(), ..before.clone() };
    save(work, before, after).await
}

/// Moves a folder into another, or to the root. The target must be open, and not lie inside the folder itself.
pub async fn move_to(work: &mut Work, id: &FolderId, target: Move) -> Result<Folder> {
    take_turn(work).await?;
    let before = get(work, id).await?;
    require_open(work, target.field, target.parent.as_ref()).await?;
    if let Some(parent) = &target.parent
        && is_at_or_below(work, parent, id).await?
    {
        return Err(Invalid::field(target.field, "A folder cannot be moved into itself or a folder inside it.").into());
    }
    let after = Folder { folder: target.parent, updated_at: work.now(), ..before.clone() };
    save(work, before, after).await
}

/// Moves, copies and deletions in one workspace take turns: each locks several folders and boards, and two moves at once could tie a
/// ring that neither of them sees. `SQLite` has one writer and needs no lock.
pub(crate) async fn take_turn(work: &mut Work) -> Result<()> {
    let workspace = work.workspace().clone();
    if let Conn::Postgres(conn) = work.conn().await? {
        // The weaker lock: a full one would hold up every insert that refers to the workspace.
        let lock = "SELECT id FROM workspaces WHERE id = $1 FOR NO KEY UPDATE";
        sqlx::query(lock).bind(workspace.as_str()).execute(conn).await?;
    }
    Ok(())
}

/// Writes what changed; nothing at all if nothing did.
async fn save(work: &mut Work, before: Folder, after: Folder) -> Result<Folder> {
    if (Folder { updated_at: before.updated_at, ..after.clone() }) == before {
        return Ok(before);
    }
    on!(work, conn => sqlx::query(
        "UPDATE folders SET folder_id = $2, name = $3, name_key = $4, description = $5, visibility = $6, role = $7, \
         archived_at = $8, updated_at = $9 WHERE id = $1",
    )
    .bind(after.id.as_str())
    .bind(after.folder.as_ref().map(FolderId::as_str))
    .bind(&after.name)
    .bind(fold(&after.name))
    .bind(&after.description)
    .bind(after.visibility.as_str())
    .bind(&after.role)
    .bind(after.archived_at.map(Timestamp::millis))
    .bind(after.updated_at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    work.record(EventType::FOLDER_UPDATED, Some(&before), &after)?;
    Ok(after)
}

/// Deletes a folder with all that lies in it, each with its own event, innermost first.
pub async fn delete(work: &mut Work, id: &FolderId) -> Result<()> {
    get(work, id).await?;
    folder_trees::delete_part(work, id, u32::MAX).await.map(drop)
}

/// Deletes a folder in which nothing is left, and which the caller has locked.
pub(crate) async fn delete_empty(work: &mut Work, folder: &Folder) -> Result<()> {
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE folders SET deleted_at = $2 WHERE id = $1")
        .bind(folder.id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.record(EventType::FOLDER_DELETED, None, folder)
}

/// The folders in a folder that were made until a moment, behind one of them in the order of their making, at most `limit`.
pub(crate) async fn inside(view: &mut impl View, id: &str, behind: &str, until: Timestamp, limit: u32) -> Result<Vec<Folder>> {
    let select = alive(view).and("folder_id = ?", id).and("id > ?", behind).and("created_at <= ?", until.millis());
    let rows: Vec<Row> = select.first(view, "id", limit).await?;
    rows.into_iter().map(Folder::try_from).collect()
}

/// Some folder in a folder, locked. The caller has taken its turn, so that none is moved meanwhile.
pub(crate) async fn any_inside(work: &mut Work, id: &FolderId) -> Result<Option<Folder>> {
    let rows: Vec<Row> = alive(work).and("folder_id = ?", id.as_str()).first(work, "id", 1).await?;
    match rows.into_iter().next() {
        Some(row) => get(work, &FolderId::from_stored(row.id)).await.map(Some),
        None => Ok(None),
    }
}

/// Whether a folder is another one or lies in it, at any depth.
pub(crate) async fn is_at_or_below(work: &mut Work, id: &FolderId, outer: &FolderId) -> Result<bool> {
    let count: i64 = on!(work, conn => sqlx::query_scalar(
        "WITH RECURSIVE above (id) AS ( \
             SELECT $1 \
             UNION SELECT folders.folder_id FROM folders JOIN above ON folders.id = above.id WHERE folders.folder_id IS NOT NULL \
         ) SELECT COUNT(*) FROM above WHERE id = $2",
    )
    .bind(id.as_str())
    .bind(outer.as_str())
    .fetch_one(conn)
    .await)?;
    Ok(count > 0)
}

/// A folder named as a target must exist and not be archived; the error is on the field that named it.
pub(crate) async fn require_open(work: &mut Work, field: &str, id: Option<&FolderId>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    match get(work, id).await {
        Ok(folder) if folder.archived_at.is_none() => Ok(()),
        Ok(_) => Err(Invalid::field(field, format!("The selected {field} is archived; restore it first.")).into()),
        Err(StoreError::NotFound) => Err(unknown_id(field).into()),
        Err(error) => Err(error),
    }
}
