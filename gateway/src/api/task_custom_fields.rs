//! `/api/tasks/{id}/custom-fields`: what a task says in the custom fields of its board.

use crate::answer::{Answer, Here, deleted, made_or_there, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Paths};
use crate::error::ApiError;
use axum::extract::State;
use domain::field_value::{NewValue, read_value};
use domain::ids::{CustomFieldId, TaskId};
use domain::input::unknown_id;
use domain::page::{Page, Unfiltered};
use store::{task_links, tasks};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(id): Path,
    List(request, Unfiltered): List<Unfiltered>,
) -> Answer {
    let id = TaskId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let mut values = tasks::get(&mut view, &id).await?.custom_fields;
    if request.is_descending {
        values.reverse();
    }
    let total = values.len() as u64;
    let before = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let rows = values.into_iter().skip(before).take(request.per_page as usize).collect();
    page(&here, &Page { rows, total, request })
}

pub(crate) async fn add(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (new, id) = (NewValue::read(&body)?, TaskId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let set = task_links::set_value(&mut work, &id, &new.custom_field, new.value.as_ref()).await?;
    let (value, is_new) = set.ok_or_else(|| unknown_id("custom_field"))?;
    work.commit().await?;
    made_or_there(&value, is_new)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Paths(id, field): Paths, Body(body): Body) -> Answer {
    let (value, id, field) = (read_value(&body)?, TaskId::parse(&id)?, CustomFieldId::parse(&field)?);
    let mut work = caller.begin(&gateway);
    let (value, _) = task_links::set_value(&mut work, &id, &field, value.as_ref()).await?.ok_or(ApiError::NotFound)?;
    work.commit().await?;
    ok(&value)
}

pub(crate) async fn remove(State(gateway): State<Gateway>, caller: Caller, Paths(id, field): Paths) -> Answer {
    let (id, field) = (TaskId::parse(&id)?, CustomFieldId::parse(&field)?);
    let mut work = caller.begin(&gateway);
    task_links::remove_value(&mut work, &id, &field).await?;
    work.commit().await?;
    deleted()
}
