//! Companies.

use crate::insert::Insert;
use crate::paging::{Select, convert, fold};
use crate::work::View;
use crate::{Result, StoreError, Work, users};
use domain::clock::Timestamp;
use domain::company::{Company, CompanyFilter, CompanyPatch, NewCompany};
use domain::event::EventType;
use domain::ids::CompanyId;
use domain::page::{Page, PageRequest};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    initials: Option<String>,
    website: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    address: Option<String>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, name, initials, website, email, phone_number, address, created_at, updated_at";

impl TryFrom<Row> for Company {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: CompanyId::from_stored(row.id),
            name: row.name,
            initials: row.initials,
            website: row.website,
            email: row.email,
            phone_number: row.phone_number,
            address: row.address,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn alive(view: &impl View) -> Select {
    Select::from(view, "companies", COLUMNS).and_is("deleted_at IS NULL")
}

/// A page of companies.
pub async fn list(view: &mut impl View, filter: CompanyFilter, page: PageRequest) -> Result<Page<Company>> {
    convert(alive(view).named(filter.name.as_ref()).page::<Row>(view, page).await?)
}

/// One company.
pub async fn get(view: &mut impl View, id: &CompanyId) -> Result<Company> {
    let row = alive(view).and("id = ?", id.as_str()).one::<Row>(view).await?;
    row.try_into()
}

/// Makes a company.
pub fn create(work: &mut Work, new: NewCompany) -> Result<Company> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let company = Company {
        id: CompanyId::new(now),
        name: new.name,
        initials: new.initials,
        website: new.website,
        email: new.email,
        phone_number: new.phone_number,
        address: new.address,
        created_at: now,
        updated_at: now,
    };
    work.insert(
        Insert::into("companies")
            .set("id", company.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("name", &company.name)
            .set("name_key", fold(&company.name))
            .set("initials", &company.initials)
            .set("website", &company.website)
            .set("email", &company.email)
            .set("phone_number", &company.phone_number)
            .set("address", &company.address)
            .set("created_at", now.millis())
            .set("updated_at", now.millis()),
    );
    work.record(EventType::COMPANY_CREATED, None, &company)?;
    Ok(company)
}

/// Changes a company.
pub async fn update(work: &mut Work, id: &CompanyId, patch: CompanyPatch) -> Result<Company> {
    let before = get(work, id).await?;
    let company = patch.apply(before.clone(), work.now());
    if (Company { updated_at: before.updated_at, ..company.clone() }) == before {
        return Ok(before);
    }
    on!(work, conn => sqlx::query(
        "UPDATE companies SET name = $2, name_key = $3, initials = $4, website = $5, email = $6, phone_number = $7, \
         address = $8, updated_at = $9 WHERE id = $1",
    )
    .bind(company.id.as_str())
    .bind(&company.name)
    .bind(fold(&company.name))
    .bind(&company.initials)
    .bind(&company.website)
    .bind(&company.email)
    .bind(&company.phone_number)
    .bind(&company.address)
    .bind(company.updated_at.millis())
    .execute(conn)
    .await
    .map(drop))?;
    work.record(EventType::COMPANY_UPDATED, Some(&before), &company)?;
    Ok(company)
}

/// Deletes a company. Its people stay, without a company; each of these changes is an event too.
pub async fn delete(work: &mut Work, id: &CompanyId) -> Result<()> {
    let company = get(work, id).await?;
    users::leave_company(work, id).await?;
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE companies SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.record(EventType::COMPANY_DELETED, None, &company)
}
