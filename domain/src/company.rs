//! A company: what clients belong to.

use crate::clock::Timestamp;
use crate::ids::CompanyId;
use crate::input::{Fields, Invalid, Patch, email, line, text, web_address};
use crate::page::Filter;
use serde::Serialize;
use serde_json::Value;

/// A company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name, unique in the workspace without regard to case.
    pub name: String,
    /// What its avatar shows.
    pub initials: Option<String>,
    /// Its web site: an `http` or `https` address, perhaps without the scheme.
    pub website: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its telephone number.
    pub phone_number: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// A company to be made.
#[derive(Clone, Debug)]
pub struct NewCompany {
    /// See [`Company::name`].
    pub name: String,
    /// See [`Company::initials`].
    pub initials: Option<String>,
    /// See [`Company::website`].
    pub website: Option<String>,
    /// See [`Company::email`].
    pub email: Option<String>,
    /// See [`Company::phone_number`].
    pub phone_number: Option<String>,
    /// See [`Company::address`].
    pub address: Option<String>,
}

/// What an update of a company changes.
#[derive(Clone, Debug, Default)]
pub struct CompanyPatch {
    /// See [`Company::name`].
    pub name: Option<String>,
    /// See [`Company::initials`].
    pub initials: Patch<String>,
    /// See [`Company::website`].
    pub website: Patch<String>,
    /// See [`Company::email`].
    pub email: Patch<String>,
    /// See [`Company::phone_number`].
    pub phone_number: Patch<String>,
    /// See [`Company::address`].
    pub address: Patch<String>,
}

impl NewCompany {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.required("name", line(255));
        let initials = fields.optional("initials", line(8));
        let website = fields.optional("website", web_address());
        let email = fields.optional("email", email());
        let phone_number = fields.optional("phone_number", line(64));
        let address = fields.optional("address", text(1000));
        fields.finish(|| Some(Self { name: name?, initials, website, email, phone_number, address }))
    }
}

impl CompanyPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self {
            name: fields.change("name", line(255)),
            initials: fields.patch("initials", line(8)),
            website: fields.patch("website", web_address()),
            email: fields.patch("email", email()),
            phone_number: fields.patch("phone_number", line(64)),
            address: fields.patch("address", text(1000)),
        };
        fields.finish(|| Some(patch))
    }

    /// The company after the update.
    pub fn apply(self, company: Company, now: Timestamp) -> Company {
        Company {
            name: self.name.unwrap_or(company.name),
            initials: self.initials.apply(company.initials),
            website: self.website.apply(company.website),
            email: self.email.apply(company.email),
            phone_number: self.phone_number.apply(company.phone_number),
            address: self.address.apply(company.address),
            updated_at: now,
            ..company
        }
    }
}

/// Which companies a list shows.
#[derive(Clone, Debug, Default)]
pub struct CompanyFilter {
    /// Part of the name, without regard to case.
    pub name: Option<String>,
}

impl Filter for CompanyFilter {
    const NAMES: &'static [&'static str] = &["name"];

    /// Kitchen's documents call the filter `title` and the attribute `name`; both are read.
    fn read(fields: &mut Fields<'_>) -> Self {
        let name = fields.spelled("name", "title");
        Self { name: fields.optional(name, line(255)) }
    }
}
