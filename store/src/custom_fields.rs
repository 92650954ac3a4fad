//! Custom fields of boards.

use crate::insert::Insert;
use crate::paging::{Select, convert, fold};
use crate::work::{View, damaged};
use crate::{Result, StoreError, Work, boards, folders, task_deletions};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::custom_field::{
    CustomField, CustomFieldFilter, CustomFieldPatch, FieldOption, FieldType, NewCustomField, stored_options, with_ids,
};
use domain::ids::{BoardId, CustomFieldId};
use domain::input::Invalid;
use domain::page::{Page, PageRequest};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    board_id: String,
    name: String,
    field_type: String,
    color: Option<String>,
    show_icon: bool,
    visible_to_clients: bool,
    options: String,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, board_id, name, field_type, color, show_icon, visible_to_clients, options, created_at, updated_at";

impl TryFrom<Row> for CustomField {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: CustomFieldId::from_stored(row.id),
            board: BoardId::from_stored(row.board_id),
            name: row.name,
            field_type: FieldType::parse(&row.field_type).ok_or_else(|| damaged("type of field", &row.field_type))?,
            color: row.color,
            show_icon: row.show_icon,
            visible_to_clients: row.visible_to_clients,
            options: stored_options(&row.options)?,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "custom_fields", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of the custom fields of a board.
pub async fn list(
    view: &mut impl View,
    board: &BoardId,
    filter: CustomFieldFilter,
    page: PageRequest,
) -> Result<Page<CustomField>> {
    boards::require(view, board).await?;
    convert(alive(view).and("board_id = ?", board.as_str()).named(filter.name.as_ref()).page::<Row>(view, page).await?)
}

/// One custom field; of a board, if one is named.
pub async fn get(view: &mut impl View, board: Option<&BoardId>, id: &CustomFieldId) -> Result<CustomField> {
    let select = alive(view).and_if("board_id = ?", board.map(BoardId::as_str)).and("id = ?", id.as_str());
    let field: CustomField = select.one::<Row>(view).await?.try_into()?;
    boards::require(view, &field.board).await?;
    Ok(field)
}

/// Makes a custom field.
pub async fn create(work: &mut Work, board: &BoardId, new: NewCustomField) -> Result<CustomField> {
    // Locked, so that it is not deleted meanwhile.
    boards::get(work, board).await?;
    let now = work.now();
    let field = CustomField {
        id: CustomFieldId::new(now),
        board: board.clone(),
        name: new.name,
        field_type: new.field_type,
        color: new.color,
        show_icon: new.show_icon,
        visible_to_clients: new.visible_to_clients,
        options: with_ids(new.options, &[], now)?,
        created_at: now,
        updated_at: now,
    };
    insert(work, &field, None)?;
    work.note(Action::CUSTOM_FIELD_CREATED, Some(field.id.as_str()), Some(&field.name));
    Ok(field)
}

/// Writes a new custom field, on a board that the caller has locked; perhaps the copy of another one.
pub(crate) fn insert(work: &mut Work, field: &CustomField, copied_from: Option<&str>) -> Result<()> {
    let workspace = work.workspace().clone();
    work.insert(
        Insert::into("custom_fields")
            .set("id", field.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("board_id", field.board.as_str())
            .set("name", &field.name)
            .set("name_key", fold(&field.name))
            .set("field_type", field.field_type.as_str())
            .set("color", &field.color)
            .set("show_icon", field.show_icon)
            .set("visible_to_clients", field.visible_to_clients)
            .set("options", serde_json::to_string(&field.options)?)
            .set("copied_from", copied_from)
            .set("created_at", field.created_at.millis())
            .set("updated_at", field.updated_at.millis()),
    );
    Ok(())
}

/// Changes a custom field. What tasks say in it stays, so that an option they name cannot be taken away.
pub async fn update(
    work: &mut Work,
    board: Option<&BoardId>,
    id: &CustomFieldId,
    patch: CustomFieldPatch,
) -> Result<CustomField> {
    let before = get(work, board, id).await?;
    let field = patch.apply(before.clone(), work.now())?;
    if (CustomField { updated_at: before.updated_at, ..field.clone() }) == before {
        return Ok(before);
    }
    for option in before.options.iter().filter(|option| field.options.iter().all(|kept| kept.id != option.id)) {
        refuse_used(work, id, option).await?;
    }
    let options = serde_json::to_string(&field.options)?;
    on!(work, conn => sqlx::query(
        "UPDATE custom_fields SET name = $2, name_key = $3, color = $4, show_icon = $5, visible_to_clients = $6, options = $7, \
         updated_at = $8 WHERE id = $1",
    )
    .bind(field.id.as_str())
    .bind(&field.name)
    .bind(fold(&field.name))
    .bind(&field.color)
    .bind(field.show_icon)
    .bind(field.visible_to_clients)
    .bind(options)
    .bind(field.updated_at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    work.note(Action::CUSTOM_FIELD_UPDATED, Some(id.as_str()), Some(&field.name));
    Ok(field)
}

/// Whoever gives a task a value has locked the field, which the caller holds: none comes to use the option meanwhile.
async fn refuse_used(work: &mut Work, id: &CustomFieldId, option: &FieldOption) -> Result<()> {
    let count: i64 = on!(work, conn => sqlx::query_scalar(
        "SELECT COUNT(*) FROM task_custom_fields JOIN tasks ON tasks.id = task_id \
         WHERE custom_field_id = $1 AND deleted_at IS NULL AND value LIKE '%' || $2 || '%'",
    )
    .bind(id.as_str())
    .bind(option.id.as_str())
    .fetch_one(conn)
    .await)?;
    let tasks = if count == 1 { "a task has".to_owned() } else { format!("{count} tasks have") };
    if count == 0 {
        return Ok(());
    }
    let message = format!("The option {} cannot be taken away: {tasks} it. Give them another value first.", option.name);
    Err(Invalid::field("options", message).into())
}

/// Deletes a custom field. Tasks lose what they say in it; each of these changes is an event.
pub async fn delete(work: &mut Work, board: Option<&BoardId>, id: &CustomFieldId) -> Result<()> {
    folders::take_turn(work).await?;
    let field = get(work, board, id).await?;
    task_deletions::leave_custom_field(work, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE custom_fields SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::CUSTOM_FIELD_DELETED, Some(id.as_str()), Some(&field.name));
    Ok(())
}

/// The custom fields of a board that were made until a moment, behind one of them in the order of their making, at most `limit`.
pub(crate) async fn inside(
    view: &mut impl View,
    board: &str,
    behind: &str,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<CustomField>> {
    let select = alive(view).and("board_id = ?", board).and("id > ?", behind).and("created_at <= ?", until.millis());
    let rows: Vec<Row> = select.first(view, "id", limit).await?;
    rows.into_iter().map(CustomField::try_from).collect()
}
