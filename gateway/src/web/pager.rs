//! Where in a list a page is, and how to get to the ones beside it.

use domain::page::{Page, PageRequest, SortKey};
use serde_json::Value;

/// Rows on one page of a list.
pub(crate) const PER_PAGE: u32 = 50;

/// The page an address names; the first if it names none that makes sense.
pub(crate) fn page_of(query: &Value, is_descending: bool) -> PageRequest {
    let page = query.get("page").and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(1).max(1);
    PageRequest { page, per_page: PER_PAGE, sort: SortKey::CreatedAt, is_descending }
}

/// What stands below a list.
pub(crate) struct Pager {
    /// What the rows are called.
    pub(crate) noun: &'static str,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) total: u64,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

impl Pager {
    /// For a list at this address, in its one order.
    pub(crate) fn of<T>(path: &str, noun: &'static str, page: &Page<T>) -> Self {
        Self::with(noun, page.request, page.rows.len() as u64, page.total, |page| format!("{path}?page={page}"))
    }

    /// For a list whose addresses `at` knows.
    pub(crate) fn with(noun: &'static str, request: PageRequest, shown: u64, total: u64, at: impl Fn(u32) -> String) -> Self {
        let before = u64::from(request.page - 1) * u64::from(request.per_page);
        Self {
            noun,
            first: before + 1,
            last: before + shown,
            total,
            previous: (request.page > 1).then(|| at(request.page - 1)),
            next: (before + shown < total).then(|| at(request.page + 1)),
        }
    }
}
