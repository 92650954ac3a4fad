//! Lists: the columns of a board.

use crate::insert::Insert;
use crate::paging::{Select, convert, fold};
use crate::work::View;
use crate::{Result, StoreError, Work, boards, folders, task_deletions};
use domain::board::{List, ListFilter, ListPatch, NewList};
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::{BoardId, ListId};
use domain::page::{Page, PageRequest};
use sqlx::AssertSqlSafe;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    board_id: String,
    title: String,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, board_id, title, created_at, updated_at";

impl TryFrom<Row> for List {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: ListId::from_stored(row.id),
            title: row.title,
            board: BoardId::from_stored(row.board_id),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "lists", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of the lists on a board.
pub async fn list(view: &mut impl View, board: &BoardId, filter: ListFilter, page: PageRequest) -> Result<Page<List>> {
    boards::get(view, board).await?;
    convert(alive(view).and("board_id = ?", board.as_str()).named(filter.title.as_ref()).page::<Row>(view, page).await?)
}

/// One list.
pub async fn get(view: &mut impl View, id: &ListId) -> Result<List> {
    let row = alive(view).and("id = ?", id.as_str()).one::<Row>(view).await?;
    row.try_into()
}

/// Lists with these ids, as far as they are there.
pub async fn list_of_ids(view: &mut impl View, ids: &[&ListId]) -> Result<Vec<List>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = alive(view).and_in("id IN (?)", ids.iter().map(|id| id.as_str())).first(view, "id", u32::MAX).await?;
    rows.into_iter().map(List::try_from).collect()
}

/// Makes a list on a board.
pub async fn create(work: &mut Work, board: &BoardId, new: NewList) -> Result<List> {
    boards::get(work, board).await?;
    let now = work.now();
    let list = List { id: ListId::new(now), title: new.title, board: board.clone(), created_at: now, updated_at: now };
    insert(work, &list)?;
    Ok(list)
}

/// Writes a new list, on a board that the caller has locked.
pub(crate) fn insert(work: &mut Work, list: &List) -> Result<()> {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("lists")
            .set("id", list.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("board_id", list.board.as_str())
            .set("title", &list.title)
            .set("name_key", fold(&list.title))
            .set("created_at", list.created_at.millis())
            .set("updated_at", list.updated_at.millis()),
    );
    work.record(EventType::LIST_CREATED, None, list)
}

/// Changes a list.
pub async fn update(work: &mut Work, id: &ListId, patch: ListPatch) -> Result<List> {
    let before = get(work, id).await?;
    let title = patch.title.unwrap_or_else(|| before.title.clone());
    if title == before.title {
        return Ok(before);
    }
    let list = List { title, updated_at: work.now(), ..before.clone() };
    on!(work, conn => sqlx::query("UPDATE lists SET title = $2, name_key = $3, updated_at = $4 WHERE id = $1")
        .bind(list.id.as_str())
        .bind(&list.title)
        .bind(fold(&list.title))
        .bind(list.updated_at.millis())
        .execute(conn)
        .await
        .map(drop))?;
    work.record(EventType::LIST_UPDATED, Some(&before), &list)?;
    Ok(list)
}

/// Deletes a list with its tasks, each with its own event.
pub async fn delete(work: &mut Work, id: &ListId) -> Result<()> {
    folders::take_turn(work).await?;
    let list = get(work, id).await?;
    task_deletions::delete_on_list(work, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE lists SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.record(EventType::LIST_DELETED, None, &list)
}

/// Locks the lists of a board, so that no task is added to one of them.
pub(crate) async fn lock_on_board(work: &mut Work, board: &BoardId) -> Result<()> {
    if work.lock().is_empty() {
        return Ok(());
    }
    let select = Select::from(work, "lists", "id").and_is("deleted_at IS NULL").and("board_id = ?", board.as_str());
    select.locked::<(String,)>(work, u32::MAX).await.map(drop)
}

/// Deletes empty lists of a board that the caller has locked, so that none is added meanwhile: at most `most`. Says how many there were.
pub(crate) async fn delete_on_board(work: &mut Work, board: &BoardId, most: u32) -> Result<u32> {
    let (now, lock) = (work.now().millis(), work.lock());
    let text = AssertSqlSafe(format!(
        "UPDATE lists SET deleted_at = $2 WHERE id IN (SELECT id FROM lists WHERE board_id = $1 AND deleted_at IS NULL \
         ORDER BY id LIMIT $3 {lock}) RETURNING {COLUMNS}"
    ));
    let rows: Vec<Row> = on!(work, conn => sqlx::query_as(text)
        .bind(board.as_str())
        .bind(now)
        .bind(i64::from(most))
        .fetch_all(conn)
        .await)?;
    let mut lists = rows.into_iter().map(List::try_from).collect::<Result<Vec<_>>>()?;
    lists.sort_by(|one, other| one.id.cmp(&other.id));
    for list in &lists {
        work.record(EventType::LIST_DELETED, None, list)?;
    }
    Ok(u32::try_from(lists.len()).unwrap_or(u32::MAX))
}

/// The lists on a board that were made until a moment, behind one of them in the order of their making, at most `limit`.
pub(crate) async fn inside(view: &mut impl View, board: &str, behind: &str, until: Timestamp, limit: u32) -> Result<Vec<List>> {
    let select = alive(view).and("board_id = ?", board).and("id > ?", behind).and("created_at <= ?", until.millis());
    let rows: Vec<Row> = select.first(view, "id", limit).await?;
    rows.into_iter().map(List::try_from).collect()
}
