//! `/api/companies`.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, Expand, List, Path, Query};
use axum::extract::State;
use domain::company::{CompanyFilter, CompanyPatch, NewCompany};
use domain::dialect::canonical;
use domain::ids::CompanyId;
use domain::scope::{Access, Family};
use store::{companies, users};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<CompanyFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &companies::list(&mut view, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Query(query): Query) -> Answer {
    let expand = Expand::read(&query, &["users"])?;
    let id = CompanyId::parse(&id)?;
    let mut view = gateway.store().read(caller.workspace()).await?;
    let mut company = canonical(&companies::get(&mut view, &id).await?);
    if expand.has("users") {
        caller.require(Family::Clients, Access::Read)?;
        company["users"] = canonical(&users::list_of_company(&mut view, &id).await?);
    }
    ok(&company)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Body(body): Body) -> Answer {
    let new = NewCompany::read(&body)?;
    let mut work = caller.begin(&gateway);
    let company = companies::create(&mut work, new)?;
    work.commit().await?;
    created(&company)
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (CompanyPatch::read(&body)?, CompanyId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    let company = companies::update(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&company)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = CompanyId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    companies::delete(&mut work, &id).await?;
    work.commit().await?;
    deleted()
}
