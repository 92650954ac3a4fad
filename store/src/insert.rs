//! Rows to be written, as values: a unit of work gathers them, and writes those that nothing was read after in one go.

use crate::Result;
use crate::engine::Conn;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{AssertSqlSafe, Database, Encode, Type};
use std::fmt::Write as _;

/// A value to be bound to a place of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    Text(Option<String>),
    Number(Option<i64>),
    Flag(bool),
}

macro_rules! bound_from {
    ($($from:ty, $value:ident => $bound:expr;)*) => {$(
        impl From<$from> for Bound {
            fn from($value: $from) -> Self {
                $bound
            }
        }
    )*};
}

bound_from! {
    &str, text => Self::Text(Some(text.to_owned()));
    String, text => Self::Text(Some(text));
    &String, text => Self::Text(Some(text.clone()));
    Option<&str>, text => Self::Text(text.map(str::to_owned));
    Option<String>, text => Self::Text(text);
    &Option<String>, text => Self::Text(text.clone());
    i64, number => Self::Number(Some(number));
    Option<i64>, number => Self::Number(number);
    bool, flag => Self::Flag(flag);
}

// What is sent is told by the value, so that one place of a statement can take any of the three.
impl<'q, DB: Database> Encode<'q, DB> for Bound
where
    Option<String>: Encode<'q, DB>,
    Option<i64>: Encode<'q, DB>,
    bool: Encode<'q, DB> + Type<DB>,
    String: Type<DB>,
    i64: Type<DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        match self {
            Self::Text(text) => text.encode_by_ref(buffer),
            Self::Number(number) => number.encode_by_ref(buffer),
            Self::Flag(flag) => flag.encode_by_ref(buffer),
        }
    }

    fn produces(&self) -> Option<DB::TypeInfo> {
        Some(match self {
            Self::Text(_) => String::type_info(),
            Self::Number(_) => i64::type_info(),
            Self::Flag(_) => bool::type_info(),
        })
    }
}

impl<DB: Database> Type<DB> for Bound
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }
}

/// A row of a table, under construction. Table and columns are written in this crate; every value is bound.
#[derive(Debug)]
pub(crate) struct Insert {
    table: &'static str,
    columns: Vec<&'static str>,
    values: Vec<Bound>,
}

impl Insert {
    /// A row of this table.
    pub(crate) fn into(table: &'static str) -> Self {
        Self { table, columns: Vec::with_capacity(16), values: Vec::with_capacity(16) }
    }

    /// With this value in this column.
    pub(crate) fn set(mut self, column: &'static str, value: impl Into<Bound>) -> Self {
        self.columns.push(column);
        self.values.push(value.into());
        self
    }

    /// The statement, its places counted from `first`.
    fn text(&self, first: usize) -> String {
        let mut text = format!("INSERT INTO {} ({}) VALUES (", self.table, self.columns.join(", "));
        for place in 0..self.columns.len() {
            let _ = write!(text, "{}${}", if place == 0 { "" } else { ", " }, first + place);
        }
        text.push(')');
        text
    }
}

/// The most rows one statement writes row by row on Postgres; bounds how many places it has.
pub(crate) const FIT_ONE_STATEMENT: usize = 32;

/// The most rows of one table that one statement writes: bounds its places, of which `SQLite` takes 32,766.
const RUN: usize = 500;

/// Tables whose rows refer to none of another table, and no row to them: it makes no difference when in a transaction they are written.
const LOOSE: [&str; 3] = ["events", "audit_entries", "operation_failures"];

/// Writes rows in their order. On Postgres one statement, and so one round trip, writes many: rows do not see each other in it,
/// and references between them are checked at its end. Very many rows are written table by table.
pub(crate) async fn insert_all(mut conn: Conn<'_>, mut rows: Vec<Insert>) -> Result<()> {
    if rows.len() > FIT_ONE_STATEMENT {
        return insert_runs(conn, rows).await;
    }
    match &mut conn {
        Conn::Sqlite(conn) => {
            for row in rows {
                let query = sqlx::query(AssertSqlSafe(row.text(1)));
                row.values.into_iter().fold(query, sqlx::query::Query::bind).execute(&mut **conn).await?;
            }
        }
        Conn::Postgres(conn) if !rows.is_empty() => {
            let text = together(&rows);
            let values = rows.drain(..).flat_map(|row| row.values);
            values.fold(sqlx::query(AssertSqlSafe(text)), sqlx::query::Query::bind).execute(&mut **conn).await?;
        }
        Conn::Postgres(_) => {}
    }
    Ok(())
}

/// Rows of one table that follow each other are one statement. What is loose comes last, so that it does not part the others.
async fn insert_runs(mut conn: Conn<'_>, mut rows: Vec<Insert>) -> Result<()> {
    rows.sort_by_key(|row| LOOSE.iter().position(|table| *table == row.table).map_or(0, |place| place + 1));
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.next() {
        let mut run = vec![first];
        while run.len() < RUN
            && let Some(row) = rows.next_if(|row| row.table == run[0].table && row.columns == run[0].columns)
        {
            run.push(row);
        }
        let text = AssertSqlSafe(run_text(&run));
        let values = run.into_iter().flat_map(|row| row.values);
        // The statement's text depends on the number of rows; keeping each variant prepared would crowd out the others.
        match &mut conn {
            Conn::Sqlite(conn) => {
                let query = sqlx::query(text).persistent(false);
                values.fold(query, sqlx::query::Query::bind).execute(&mut **conn).await?;
            }
            Conn::Postgres(conn) => {
                let query = sqlx::query(text).persistent(false);
                values.fold(query, sqlx::query::Query::bind).execute(&mut **conn).await?;
            }
        }
    }
    Ok(())
}

/// One statement that writes rows of the same columns.
fn run_text(rows: &[Insert]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let mut text = first.text(1);
    for (index, row) in rows.iter().enumerate().skip(1) {
        let width = row.columns.len();
        for place in 0..width {
            let _ = write!(text, "{}${}", if place == 0 { ", (" } else { ", " }, index * width + place + 1);
        }
        text.push(')');
    }
    text
}

/// One statement that writes all these rows.
fn together(rows: &[Insert]) -> String {
    let Some((last, before)) = rows.split_last() else { return String::new() };
    let mut text = String::new();
    let mut first = 1;
    for (index, row) in before.iter().enumerate() {
        let _ = write!(text, "{} w{index} AS ({})", if index == 0 { "WITH" } else { "," }, row.text(first));
        first += row.values.len();
    }
    let _ = write!(text, "{}{}", if before.is_empty() { "" } else { " " }, last.text(first));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_written_together_count_their_places_on() {
        let row = |id: &str| Insert::into("t").set("id", id).set("n", 1);
        assert_eq!(together(&[row("a")]), "INSERT INTO t (id, n) VALUES ($1, $2)");
        assert_eq!(
            together(&[row("a"), row("b"), row("c")]),
            "WITH w0 AS (INSERT INTO t (id, n) VALUES ($1, $2)), w1 AS (INSERT INTO t (id, n) VALUES ($3, $4)) \
             INSERT INTO t (id, n) VALUES ($5, $6)"
        );
        assert_eq!(run_text(&[row("a"), row("b"), row("c")]), "INSERT INTO t (id, n) VALUES ($1, $2), ($3, $4), ($5, $6)");
    }
}
