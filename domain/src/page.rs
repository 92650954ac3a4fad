//! Pages of lists, as Kitchen counts them: from 1, 20 rows unless asked otherwise, newest first.

use crate::clock::Timestamp;
use crate::input::{Fields, Form, Invalid, as_form, integer};
use serde_json::Value;

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
        let page = fields.optional("page", integer(i64::MIN, i64::from(u32::MAX)));
        let per_page = fields.optional("per_page", integer(1, i64::from(MAX_PER_PAGE)));
        let sort = fields.optional("sort", |value: &Value| {
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

/// Why a cursor is refused.
pub const NO_CURSOR: &str = "The :field field must be the next_cursor of an answer of this list.";

/// A request for the next rows of a list that is too long to be numbered: newest first, from where the rows before ended.
#[derive(Clone, Debug)]
pub struct CursorRequest {
    /// Rows at most, 1 to [`MAX_PER_PAGE`].
    pub per_page: u32,
    /// The last row of those before, by its time and its id; `None` to begin.
    pub cursor: Option<Cursor>,
}

/// A place in such a list: behind this row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The row's time.
    pub at: Timestamp,
    /// Its id.
    pub id: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.millis(), self.id)
    }
}

impl Cursor {
    /// Reads what [`Cursor`] prints.
    fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let is_id = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        Some(Self { at: Timestamp::from_millis(at.parse().ok()?), id: id.to_owned() }).filter(|_| is_id)
    }
}

impl CursorRequest {
    /// Reads `per_page` and `cursor`. Whoever counts pages here would get the first one for ever, and is told.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let per_page = fields.optional("per_page", integer(1, i64::from(MAX_PER_PAGE)));
        let cursor = fields.optional(
            "cursor",
            as_form(Form::Text { max: 128, is_line: true }, |value: &Value| {
                let cursor = value.as_str().and_then(|text| Cursor::parse(text.trim()));
                cursor.ok_or_else(|| NO_CURSOR.into())
            }),
        );
        fields.unoffered("page", |value: &Value| {
            let is_first = *value == 1 || value.as_str() == Some("1");
            let refusal = "This list has no numbered pages: follow links.next, or send meta.next_cursor as cursor.";
            if is_first { Ok(()) } else { Err(refusal.into()) }
        });
        let per_page = per_page.and_then(|rows| u32::try_from(rows).ok()).unwrap_or(DEFAULT_PER_PAGE);
        Self { per_page, cursor }
    }
}

/// Rows of such a list.
#[derive(Clone, Debug)]
pub struct CursorPage<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where it goes on; `None` at the end. There may be more although there are fewer rows than were asked for, or none.
    pub next: Option<Cursor>,
    /// Rows that were asked for.
    pub per_page: u32,
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
pub fn read_list<F: Filter>(query: &Value) -> Result<(PageRequest, F), Invalid> {
    let mut fields = Fields::of(query);
    let page = PageRequest::read(&mut fields, F::NAMES);
    let filter = F::read(&mut fields);
    fields.finish(|| Some((page, filter)))
}
