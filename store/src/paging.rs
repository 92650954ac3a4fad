//! Lists: one builder for the filters of every resource, and one way of paging and ordering them.

use crate::engine::Conn;
use crate::insert::Bound;
use crate::work::View;
use crate::{Result, StoreError};
use domain::clock::Timestamp;
use domain::node::State;
use domain::page::{Page, PageRequest, SortKey};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A list under construction. Holds only statement text written in this crate; every value from outside is bound.
pub(crate) struct Select {
    columns: &'static str,
    from: String,
    conditions: String,
    bound: Vec<Bound>,
    /// How far rows are counted, where there may be too many to count.
    counted: Option<i64>,
}

/// What every row of a list has in common.
const WORKSPACE: &str = "workspace_id = $1";

impl Select {
    /// Rows of a table, as far as they belong to the view's workspace.
    pub(crate) fn from(view: &impl View, table: &str, columns: &'static str) -> Self {
        let bound = vec![view.workspace().as_str().into()];
        Self { columns, from: table.to_owned(), conditions: WORKSPACE.into(), bound, counted: None }
    }

    fn push(&mut self, condition: &str) {
        if condition.starts_with("id IN (") {
            // Rows that are named are found by their names. SQLite has no statistics, and would rather pass through the whole workspace.
            self.conditions = self.conditions.replacen(WORKSPACE, "workspace_id || '' = $1", 1);
        }
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
    }

    /// Adds a condition in which `?` stands for the value.
    pub(crate) fn and(mut self, condition: &str, value: impl Into<Bound>) -> Self {
        self.bound.push(value.into());
        let place = format!("${}", self.bound.len());
        self.push(&condition.replace('?', &place));
        self
    }

    /// Adds a condition if there is a value for it.
    pub(crate) fn and_if(self, condition: &str, value: Option<impl Into<Bound>>) -> Self {
        match value {
            Some(value) => self.and(condition, value),
            None => self,
        }
    }

    /// Adds a condition in which `?` stands for a list of values; none without any.
    pub(crate) fn and_in<'v>(mut self, condition: &str, values: impl IntoIterator<Item = &'v str>) -> Self {
        let first = self.bound.len();
        self.bound.extend(values.into_iter().map(Bound::from));
        let places: Vec<String> = (first + 1..=self.bound.len()).map(|place| format!("${place}")).collect();
        if !places.is_empty() {
            self.push(&condition.replace('?', &places.join(", ")));
        }
        self
    }

    /// Adds a condition without a value.
    pub(crate) fn and_is(mut self, condition: &str) -> Self {
        self.push(condition);
        self
    }

    /// Keeps rows that come before this one in the order of time.
    pub(crate) fn before(mut self, at: Timestamp, id: &str) -> Self {
        self.bound.extend([at.millis().into(), id.into()]);
        let last = self.bound.len();
        let _ = write!(self.conditions, " AND (created_at, id) < (${}, ${last})", last - 1);
        self
    }

    /// Keeps rows that come after this one in the order of time.
    pub(crate) fn behind(mut self, at: Timestamp, id: &str) -> Self {
        self.bound.extend([at.millis().into(), id.into()]);
        let last = self.bound.len();
        let _ = write!(self.conditions, " AND (created_at, id) > (${}, ${last})", last - 1);
        self
    }

    /// Keeps rows that come after this place in the order of commits.
    pub(crate) fn after(mut self, position: i64, id: &str) -> Self {
        self.bound.extend([position.into(), id.into()]);
        let last = self.bound.len();
        let _ = write!(self.conditions, " AND (position, id) > (${}, ${last})", last - 1);
        self
    }

    /// Keeps rows whose folded name contains this text.
    pub(crate) fn named(self, name: Option<&String>) -> Self {
        self.and_if("name_key LIKE ? ESCAPE '\\'", name.map(|name| containing(name)))
    }

    /// Keeps active rows, archived ones, or both.
    pub(crate) fn in_state(self, state: State) -> Self {
        match state {
            State::All => self,
            State::Active => self.and_is("archived_at IS NULL"),
            State::Archived => self.and_is("archived_at IS NOT NULL"),
        }
    }

    /// Counts no further than this, or than one row beyond the page that is asked for: with more rows than that, their number in all
    /// is only said to be at least so many.
    pub(crate) fn counted_to(self, most: u32) -> Self {
        Self { counted: Some(i64::from(most)), ..self }
    }

    /// One page of the rows, and how many there are in all.
    pub(crate) async fn page<R>(mut self, view: &mut impl View, request: PageRequest) -> Result<Page<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let count = match self.counted {
            None => format!("SELECT COUNT(*) FROM {} WHERE {}", self.from, self.conditions),
            Some(most) => format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT {}) AS counted",
                self.from,
                self.conditions,
                most.max(request.offset() + i64::from(request.per_page) + 1),
            ),
        };
        let total = self.scalar(view, count).await?;
        let direction = if request.is_descending { "DESC" } else { "ASC" };
        let order = match request.sort {
            SortKey::CreatedAt => format!("created_at {direction}, id {direction}"),
            SortKey::Name => format!("name_key {direction}, id {direction}"),
            // A name that is matched holds what was looked for, so the shorter it is, the less it holds beside it.
            SortKey::Relevance => "LENGTH(name_key), created_at DESC, id DESC".to_owned(),
        };
        self.bound.push(i64::from(request.per_page).into());
        self.bound.push(request.offset().into());
        let text = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {order} LIMIT ${} OFFSET ${}",
            self.columns,
            self.from,
            self.conditions,
            self.bound.len() - 1,
            self.bound.len()
        );
        let rows = self.rows(view, text).await?;
        Ok(Page { rows, total: u64::try_from(total).unwrap_or(0), request })
    }

    /// The one row these conditions leave. In a unit of work the row stays locked until its end, so that two updates of one
    /// resource cannot undo each other; `SQLite` has one writer and needs no lock.
    pub(crate) async fn one<R>(self, view: &mut impl View) -> Result<R>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let text = format!("SELECT {} FROM {} WHERE {} {}", self.columns, self.from, self.conditions, view.lock());
        self.rows(view, text).await?.pop().ok_or(StoreError::NotFound)
    }

    /// The first rows in an order of the caller's own, without a count.
    pub(crate) async fn first<R>(mut self, view: &mut impl View, order: &str, limit: u32) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.bound.push(i64::from(limit).into());
        let text = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {order} LIMIT ${}",
            self.columns,
            self.from,
            self.conditions,
            self.bound.len()
        );
        self.rows(view, text).await
    }

    /// The first rows these conditions leave, locked like [`Select::one`], in the order of their ids: whoever locks several does it in
    /// this order.
    pub(crate) async fn locked<R>(mut self, view: &mut impl View, limit: u32) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.bound.push(i64::from(limit).into());
        let text = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY id LIMIT ${} {}",
            self.columns,
            self.from,
            self.conditions,
            self.bound.len(),
            view.lock()
        );
        self.rows(view, text).await
    }

    async fn scalar(&self, view: &mut impl View, text: String) -> Result<i64> {
        Ok(on!(view, conn => {
            let mut query = sqlx::query_scalar(AssertSqlSafe(text));
            for value in self.bound.clone() {
                query = query.bind(value);
            }
            query.fetch_one(conn).await
        })?)
    }

    async fn rows<R>(&self, view: &mut impl View, text: String) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        Ok(on!(view, conn => {
            let mut query = sqlx::query_as::<_, R>(AssertSqlSafe(text));
            for value in self.bound.clone() {
                query = query.bind(value);
            }
            query.fetch_all(conn).await
        })?)
    }
}

/// Folds text for comparing and sorting without regard to case, alike on both engines.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The pattern of folded texts that contain this one, for `LIKE … ESCAPE '\\'`.
pub(crate) fn containing(text: &str) -> String {
    format!("%{}%", literal(&fold(text)))
}

/// A text as a pattern that means itself, for `LIKE … ESCAPE '\\'`.
pub(crate) fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// What names are sorted by: without regard to case and accents, alike on both engines. Not for telling names apart.
pub(crate) fn sort_key(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    plain.to_lowercase().chars().fold(String::with_capacity(name.len()), |mut key, letter| {
        match whole_letter(letter) {
            Some(written) => key.push_str(written),
            None => key.push(letter),
        }
        key
    })
}

/// Letters that Unicode does not take apart into a base and a mark, though readers of a list look for them beside the base.
fn whole_letter(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        _ => return None,
    })
}

/// Turns rows into resources; one damaged row fails the whole list, because it should never exist.
pub(crate) fn convert<R, T: TryFrom<R, Error = StoreError>>(page: Page<R>) -> Result<Page<T>> {
    let rows = page.rows.into_iter().map(T::try_from).collect::<Result<_>>()?;
    Ok(Page { rows, total: page.total, request: page.request })
}

/// Binds a list of texts to one place: an array on Postgres, a JSON array on `SQLite`.
pub(crate) fn json_array<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(texts).to_string()
}

/// The elements of such a list, bound as JSON to this place on either engine: what an `IN` selects from.
pub(crate) fn elements(conn: &Conn<'_>, place: &str) -> String {
    match conn {
        Conn::Sqlite(_) => format!("SELECT value FROM json_each({place})"),
        Conn::Postgres(_) => format!("SELECT json_array_elements_text({place}::json)"),
    }
}
