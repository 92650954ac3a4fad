//! Boards.

use crate::insert::Insert;
use crate::paging::{Select, convert, fold};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, folders, lists, task_deletions};
use domain::board::{Board, BoardFilter, BoardPatch, NewBoard};
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::{BoardId, FolderId};
use domain::node::{Move, Visibility};
use domain::page::{Page, PageRequest};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    folder_id: Option<String>,
    title: String,
    description: Option<String>,
    visibility: String,
    role: Option<String>,
    archived_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, folder_id, title, description, visibility, role, archived_at, created_at, updated_at";

impl TryFrom<Row> for Board {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: BoardId::from_stored(row.id),
            title: row.title,
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
    Select::from(view, "boards", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of boards.
pub async fn list(view: &mut impl View, filter: BoardFilter, page: PageRequest) -> Result<Page<Board>> {
    convert(alive(view).in_state(filter.state).named(filter.title.as_ref()).page::<Row>(view, page).await?)
}

/// One board.
pub async fn get(view: &mut impl View, id: &BoardId) -> Result<Board> {
    let row = alive(view).and("id = ?", id.as_str()).one::<Row>(view).await?;
    row.try_into()
}

/// Fails if there is no such board. It is not locked: what is put on a board lies on one of its lists, and that is locked.
pub(crate) async fn require(view: &mut impl View, id: &BoardId) -> Result<()> {
    let rows: Vec<Row> = alive(view).and("id = ?", id.as_str()).first(view, "id", 1).await?;
    if rows.is_empty() { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Makes a board.
pub async fn create(work: &mut Work, new: NewBoard) -> Result<Board> {
    let now = work.now();
    folders::require_open(work, "folder", new.folder.as_ref()).await?;
    let board = Board {
        id: BoardId::new(now),
        title: new.title,
        description: new.description,
        visibility: new.visibility,
        role: new.role,
        folder: new.folder,
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    insert(work, &board)?;
    Ok(board)
}

/// Writes a new board, into a folder that the caller has locked.
pub(crate) fn insert(work: &mut Work, board: &Board) -> Result<()> {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("boards")
            .set("id", board.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("folder_id", board.folder.as_ref().map(FolderId::as_str))
            .set("title", &board.title)
            .set("name_key", fold(&board.title))
            .set("description", &board.description)
            .set("visibility", board.visibility.as_str())
            .set("role", &board.role)
            .set("archived_at", board.archived_at.map(Timestamp::millis))
            .set("created_at", board.created_at.millis())
            .set("updated_at", board.updated_at.millis()),
    );
    work.record(EventType::BOARD_CREATED, None, board)
}

/// Changes a board.
pub async fn update(work: &mut Work, id: &BoardId, patch: BoardPatch) -> Result<Board> {
    let before = get(work, id).await?;
    let after = patch.apply(before.clone(), work.now());
    save(work, before, after).await
}

/// Archives a board; one that is archived already stays as it is.
pub async fn archive(work: &mut Work, id: &BoardId) -> Result<Board> {
    let before = get(work, id).await?;
    let now = work.now();
    let after = Board { archived_at: Some(before.archived_at.unwrap_or(now)), updated_at: now, ..before.clone() };
    save(work, before, after).await
}

/// Takes a board out of the archive.
pub async fn restore(work: &mut Work, id: &BoardId) -> Result<Board> {
    let before = get(work, id).await?;
    let after = Board { archived_at: None, updated_at: work.now(), ..before.clone() };
    save(work, before, after).await
}

/// Moves a board into a folder that is open, or to the root.
pub async fn move_to(work: &mut Work, id: &BoardId, target: Move) -> Result<Board> {
    folders::take_turn(work).await?;
    let before = get(work, id).await?;
    folders::require_open(work, target.field, target.parent.as_ref()).await?;
    let after = Board { folder: target.parent, updated_at: work.now(), ..before.clone() };
    save(work, before, after).await
}

/// Writes what changed; nothing at all if nothing did.
async fn save(work: &mut Work, before: Board, after: Board) -> Result<Board> {
    if (Board { updated_at: before.updated_at, ..after.clone() }) == before {
        return Ok(before);
    }
    on!(work, conn => sqlx::query(
        "UPDATE boards SET folder_id = $2, title = $3, name_key = $4, description = $5, visibility = $6, role = $7, \
         archived_at = $8, updated_at = $9 WHERE id = $1",
    )
    .bind(after.id.as_str())
    .bind(after.folder.as_ref().map(FolderId::as_str))
    .bind(&after.title)
    .bind(fold(&after.title))
    .bind(&after.description)
    .bind(after.visibility.as_str())
    .bind(&after.role)
    .bind(after.archived_at.map(Timestamp::millis))
    .bind(after.updated_at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    work.record(EventType::BOARD_UPDATED, Some(&before), &after)?;
    Ok(after)
}

/// Deletes a board with its tasks and lists, each with its own event.
pub async fn delete(work: &mut Work, id: &BoardId) -> Result<()> {
    let board = get(work, id).await?;
    delete_content(work, id, u32::MAX).await?;
    delete_empty(work, &board).await
}

/// Deletes at most `most` of what is on a board that the caller has locked: first tasks, then lists. Says how many of each.
pub(crate) async fn delete_content(work: &mut Work, id: &BoardId, most: u32) -> Result<(u32, u32)> {
    lists::lock_on_board(work, id).await?;
    let tasks = task_deletions::delete_on_board(work, id, most).await?;
    let lists = lists::delete_on_board(work, id, most - tasks).await?;
    Ok((tasks, lists))
}

/// Deletes a board on which nothing is left, and which the caller has locked.
pub(crate) async fn delete_empty(work: &mut Work, board: &Board) -> Result<()> {
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE boards SET deleted_at = $2 WHERE id = $1")
        .bind(board.id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.record(EventType::BOARD_DELETED, None, board)
}

/// The boards in a folder that were made until a moment, behind one of them in the order of their making, at most `limit`.
pub(crate) async fn inside(view: &mut impl View, folder: &str, behind: &str, until: Timestamp, limit: u32) -> Result<Vec<Board>> {
    let select = alive(view).and("folder_id = ?", folder).and("id > ?", behind).and("created_at <= ?", until.millis());
    let rows: Vec<Row> = select.first(view, "id", limit).await?;
    rows.into_iter().map(Board::try_from).collect()
}

/// Some board in a folder, locked.
pub(crate) async fn any_inside(work: &mut Work, folder: &FolderId) -> Result<Option<Board>> {
    loop {
        let rows: Vec<Row> = alive(work).and("folder_id = ?", folder.as_str()).first(work, "id", 1).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        match get(work, &BoardId::from_stored(row.id)).await {
            // Somebody else deleted it before it was locked.
            Err(StoreError::NotFound) => {}
            found => return found.map(Some),
        }
    }
}
