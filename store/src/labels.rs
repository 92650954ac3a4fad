//! Labels of boards.

use crate::insert::Insert;
use crate::paging::{Select, convert, fold};
use crate::work::View;
use crate::{Result, StoreError, Work, boards, folders, task_deletions};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::{BoardId, LabelId};
use domain::input::unknown_id;
use domain::label::{Label, LabelFilter, LabelPatch, NewLabel};
use domain::page::{Page, PageRequest};
use domain::task::Task;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    board_id: String,
    title: Option<String>,
    hex_color: String,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, board_id, title, hex_color, created_at, updated_at";

impl TryFrom<Row> for Label {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: LabelId::from_stored(row.id),
            board: BoardId::from_stored(row.board_id),
            title: row.title,
            hex_color: row.hex_color,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "labels", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of the labels of a board.
pub async fn list(view: &mut impl View, board: &BoardId, filter: LabelFilter, page: PageRequest) -> Result<Page<Label>> {
    boards::require(view, board).await?;
    convert(alive(view).and("board_id = ?", board.as_str()).named(filter.title.as_ref()).page::<Row>(view, page).await?)
}

/// A page of the labels a task is marked with.
pub async fn list_of_task(view: &mut impl View, task: &Task, filter: LabelFilter, page: PageRequest) -> Result<Page<Label>> {
    let select = alive(view).and("id IN (SELECT label_id FROM task_labels WHERE task_id = ?)", task.id.as_str());
    convert(select.named(filter.title.as_ref()).page::<Row>(view, page).await?)
}

/// One label; of a board, if one is named.
pub async fn get(view: &mut impl View, board: Option<&BoardId>, id: &LabelId) -> Result<Label> {
    let select = alive(view).and_if("board_id = ?", board.map(BoardId::as_str)).and("id = ?", id.as_str());
    let label: Label = select.one::<Row>(view).await?.try_into()?;
    boards::require(view, &label.board).await?;
    Ok(label)
}

/// Those of these labels that are there, locked, with their boards.
pub(crate) async fn those_of(work: &mut Work, ids: &[LabelId]) -> Result<Vec<Label>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = alive(work).and_in("id IN (?)", ids.iter().map(LabelId::as_str)).locked(work, u32::MAX).await?;
    rows.into_iter().map(Label::try_from).collect()
}

/// Labels named on a task must be of its board.
pub(crate) fn require(found: &[Label], wanted: &[LabelId], board: &BoardId) -> Result<()> {
    let is_there = |id: &LabelId| found.iter().any(|label| label.id == *id && label.board == *board);
    match wanted.iter().position(|id| !is_there(id)) {
        Some(place) => Err(unknown_id(&format!("labels.{place}")).into()),
        None => Ok(()),
    }
}

/// Makes a label.
pub async fn create(work: &mut Work, board: &BoardId, new: NewLabel) -> Result<Label> {
    // Locked, so that it is not deleted meanwhile.
    boards::get(work, board).await?;
    let now = work.now();
    let label = Label {
        id: LabelId::new(now),
        board: board.clone(),
        title: new.title,
        hex_color: new.hex_color,
        created_at: now,
        updated_at: now,
    };
    insert(work, &label, None);
    work.note(Action::LABEL_CREATED, Some(label.id.as_str()), Some(name(&label)));
    Ok(label)
}

/// Writes a new label, on a board that the caller has locked; perhaps the copy of another one.
pub(crate) fn insert(work: &mut Work, label: &Label, copied_from: Option<&str>) {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("labels")
            .set("id", label.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("board_id", label.board.as_str())
            .set("title", &label.title)
            .set("name_key", fold(label.title.as_deref().unwrap_or_default()))
            .set("hex_color", &label.hex_color)
            .set("copied_from", copied_from)
            .set("created_at", label.created_at.millis())
            .set("updated_at", label.updated_at.millis()),
    );
}

/// What it is called in the audit log: its colour where it has no title.
fn name(label: &Label) -> &str {
    label.title.as_deref().unwrap_or(&label.hex_color)
}

/// Changes a label.
pub async fn update(work: &mut Work, board: Option<&BoardId>, id: &LabelId, patch: LabelPatch) -> Result<Label> {
    let before = get(work, board, id).await?;
    let label = patch.apply(before.clone(), work.now());
    if (Label { updated_at: before.updated_at, ..label.clone() }) == before {
        return Ok(before);
    }
    on!(work, conn => sqlx::query("UPDATE labels SET title = $2, name_key = $3, hex_color = $4, updated_at = $5 WHERE id = $1")
        .bind(label.id.as_str())
        .bind(&label.title)
        .bind(fold(label.title.as_deref().unwrap_or_default()))
        .bind(&label.hex_color)
        .bind(label.updated_at.millis())
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::LABEL_UPDATED, Some(id.as_str()), Some(name(&label)));
    Ok(label)
}

/// Deletes a label. Tasks that are marked with it lose it; each of these changes is an event.
pub async fn delete(work: &mut Work, board: Option<&BoardId>, id: &LabelId) -> Result<()> {
    folders::take_turn(work).await?;
    let label = get(work, board, id).await?;
    task_deletions::leave_label(work, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE labels SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::LABEL_DELETED, Some(id.as_str()), Some(name(&label)));
    Ok(())
}

/// The labels of a board that were made until a moment, behind one of them in the order of their making, at most `limit`.
pub(crate) async fn inside(view: &mut impl View, board: &str, behind: &str, until: Timestamp, limit: u32) -> Result<Vec<Label>> {
    let select = alive(view).and("board_id = ?", board).and("id > ?", behind).and("created_at <= ?", until.millis());
    let rows: Vec<Row> = select.first(view, "id", limit).await?;
    rows.into_iter().map(Label::try_from).collect()
}
