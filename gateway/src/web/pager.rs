//! Where in a list a page is, and how to get to the ones beside it.

use domain::clock::Timestamp;
use domain::ids::NotAnId;
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
        let pages = total.div_ceil(u64::from(request.per_page)).max(1);
        Self {
            noun,
            first: before + 1,
            last: before + shown,
            total,
            // From beyond the end of a list that has become shorter, back to its end.
            previous: (request.page > 1).then(|| at(u64::from(request.page - 1).min(pages).try_into().unwrap_or(1))),
            next: (before + shown < total).then(|| at(request.page + 1)),
        }
    }
}

/// What stands below a list that is read from its newest row on, without a count.
pub(crate) struct Steps {
    /// Whether the newest row is on this page.
    pub(crate) is_first: bool,
    pub(crate) newest: String,
    pub(crate) older: Option<String>,
}

impl Steps {
    /// Cuts the rows to one page; one more than that says that there are older ones. `filter` is what the list at `path` is narrowed
    /// to, `place` where a row stands in its order.
    pub(crate) fn cut<T>(
        rows: &mut Vec<T>,
        per_page: u32,
        is_first: bool,
        path: &str,
        filter: &[(&str, &str)],
        place: impl Fn(&T) -> (Timestamp, &str),
    ) -> Self {
        let is_more = rows.len() > per_page as usize;
        rows.truncate(per_page as usize);
        let older = rows.last().filter(|_| is_more).map(|last| {
            let (at, id) = place(last);
            let before = format!("{}-{id}", at.millis());
            address(path, &[filter, &[("before", &before)]].concat())
        });
        Self { is_first, newest: address(path, filter), older }
    }
}

/// A place in such a list, as its addresses name it.
pub(crate) fn place<Id>(text: &str, parse: impl Fn(&str) -> Result<Id, NotAnId>) -> Option<(Timestamp, Id)> {
    let (at, id) = text.split_once('-')?;
    Some((Timestamp::from_millis(at.parse().ok()?), parse(id).ok()?))
}

/// A path with what is not empty of a query.
pub(crate) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
    let text = text.finish();
    if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
}
