//! Pages of lists, as Kitchen counts them: from 1, 20 rows unless asked otherwise, newest first.

use crate::input::{Fields, Invalid};

/// The largest page a list gives.
pub const MAX_PER_PAGE: u32 = 100;
const DEFAULT_PER_PAGE: u32 = 20;

/// What the rows are ordered by. Ties are broken by id in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// When the row was made.
    CreatedAt,
    /// The name or title, without regard to case.
    Name,
    /// How well the name matches what was looked for: the less it holds beside that, the better; among equals the newest.
    Relevance,
}

/// A request for one page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub page: u32,
    /// Rows a page, 1 to [`MAX_PER_PAGE`].
    pub per_page: u32,
    /// What to order by.
    pub sort: SortKey,
    /// Whether the order is reversed: newest or last first.
    pub is_descending: bool,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { page: 1, per_page: DEFAULT_PER_PAGE, sort: SortKey::CreatedAt, is_descending: true }
    }
}

impl PageRequest {
    /// Reads `page`, `per_page` and `sort` (`created_at`, one of `names`, either with a leading `-` for descending, or `relevance`). A
    /// page below 1 is page 1.
    pub fn read(fields: &mut Fields<'_>, names: &[&str]) -> Self {
        let page = fields.optional("page", crate::input::integer(i64::MIN, i64::from(u32::MAX)));
        let per_page = fields.optional("per_page", crate::input::integer(1, i64::from(MAX_PER_PAGE)));
        let sort = fields.optional("sort", |value: &serde_json::Value| {
            let text = value.as_str().unwrap_or_default();
            let (field, is_descending) = text.strip_prefix('-').map_or((text, false), |field| (field, true));
            match field {
                "created_at" => Ok((SortKey::CreatedAt, is_descending)),
                "relevance" if !names.is_empty() => Ok((SortKey::Relevance, is_descending)),
                name if names.contains(&name) => Ok((SortKey::Name, is_descending)),
                _ => {
                    let known = [&["created_at"], names].concat().join(" or ");
                    Err(format!("The selected sort is invalid. Use {known}, with a leading - for descending."))
                }
            }
        });
        let (sort, is_descending) = sort.unwrap_or((SortKey::CreatedAt, true));
        let to_u32 = |number: i64| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
        Self { page: page.map_or(1, to_u32), per_page: per_page.map_or(DEFAULT_PER_PAGE, to_u32), sort, is_descending }
    }

    /// Rows before this page.
    pub fn offset(&self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.per_page)
    }
}

/// One page of rows, and how many there are in all.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Rows on all pages.
    pub total: u64,
    /// What was asked for.
    pub request: PageRequest,
}

/// A list request: which page, and the resource's own filters.
pub trait Filter: Sized {
    /// What the resource calls the name its list can be sorted by; empty if it has none.
    const NAMES: &'static [&'static str] = &[];

    /// Reads the filter from the query.
    fn read(fields: &mut Fields<'_>) -> Self;
}

/// A list that is not filtered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unfiltered;

impl Filter for Unfiltered {
    fn read(_: &mut Fields<'_>) -> Self {
        Self
    }
}

/// Reads page and filter of a list request; every wrong parameter is named.
pub fn read_list<F: Filter>(query: &serde_json::Value) -> Result<(PageRequest, F), Invalid> {
    let mut fields = Fields::of(query);
    let page = PageRequest::read(&mut fields, F::NAMES);
    let filter = F::read(&mut fields);
    fields.finish(|| Some((page, filter)))
}
