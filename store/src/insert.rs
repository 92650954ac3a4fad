//! Rows to be written, as values: a unit of work gathers them, and writes those that nothing was read after in one go.

use crate::Result;
use crate::engine::{Conn, is_kept};
use crate::script::Script;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{AssertSqlSafe, Database, Encode, PgConnection, Type};

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
    fn encode(self, buffer: &mut DB::ArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        match self {
            Self::Text(text) => text.encode(buffer),
            Self::Number(number) => number.encode(buffer),
            Self::Flag(flag) => flag.encode(buffer),
        }
    }

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
}

/// The most rows of one table that one statement of `SQLite` writes: bounds its places, of which it takes 32,766.
const RUN: usize = 500;

/// Tables whose rows refer to none of another table, and no row to them: it makes no difference when in a transaction they are written.
const LOOSE: [&str; 3] = ["events", "audit_entries", "operation_failures"];

/// Writes rows, in one message to the database.
pub(crate) async fn insert_all(conn: Conn<'_>, rows: &[&Insert]) -> Result<()> {
    match conn {
        _ if rows.is_empty() => Ok(()),
        Conn::Sqlite(conn) => {
            script_of(rows).run(conn).await?;
            Ok(())
        }
        Conn::Postgres(conn) => insert_at_once(conn, rows).await,
    }
}

/// Rows of one table that follow each other are one statement. What is loose comes last, so that it does not part the others, whose order
/// matters: each must find the rows it refers to.
pub(crate) fn script_of(rows: &[&Insert]) -> Script {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| LOOSE.iter().position(|table| *table == row.table).map_or(0, |place| place + 1));
    let mut script = Script::new();
    for run in rows.chunk_by(|one, next| one.is_like(next)).flat_map(|run| run.chunks(RUN)) {
        write_run(&mut script, run);
    }
    script
}

fn write_run(script: &mut Script, run: &[&Insert]) {
    let Some(first) = run.first() else { return };
    script.keep(is_kept(run.len()));
    script.begin("INSERT INTO ").text(first.table).text(" (").text(&first.columns.join(", ")).text(") VALUES ");
    for (index, row) in run.iter().enumerate() {
        script.text(if index == 0 { "(" } else { ", (" });
        for (place, value) in row.values.iter().enumerate() {
            script.text(if place == 0 { "" } else { ", " }).bind(value.clone());
        }
        script.text(")");
    }
}

/// Rows do not see each other in one statement, and references between them are checked at its end. Its text does not depend on how many
/// rows there are.
async fn insert_at_once(conn: &mut PgConnection, rows: &[&Insert]) -> Result<()> {
    let mut alike: Vec<Vec<&Insert>> = Vec::new();
    for row in rows {
        match alike.iter_mut().find(|those| those[0].is_like(row)) {
            Some(those) => those.push(row),
            None => alike.push(vec![row]),
        }
    }
    let mut query = sqlx::query(AssertSqlSafe(text_at_once(&alike)));
    for those in &alike {
        for place in 0..those[0].values.len() {
            let column = those.iter().map(|row| &row.values[place]);
            query = match &those[0].values[place] {
                Bound::Text(_) => query.bind(column.map(Bound::text).collect::<Vec<_>>()),
                Bound::Number(_) => query.bind(column.map(Bound::number).collect::<Vec<_>>()),
                Bound::Flag(_) => query.bind(column.map(Bound::flag).collect::<Vec<_>>()),
            };
        }
    }
    query.execute(conn).await?;
    Ok(())
}

fn text_at_once(alike: &[Vec<&Insert>]) -> String {
    let mut places = 1..;
    let statements = alike.iter().map(|those| {
        let Insert { table, columns, values } = those[0];
        let arrays: Vec<String> =
            values.iter().zip(&mut places).map(|(value, place)| format!("${place}::{}[]", value.kind())).collect();
        format!("INSERT INTO {table} ({}) SELECT * FROM UNNEST({})", columns.join(", "), arrays.join(", "))
    });
    let mut statements: Vec<String> = statements.collect();
    let Some(last) = statements.pop() else { return String::new() };
    let before: Vec<String> = statements.iter().enumerate().map(|(index, text)| format!("w{index} AS ({text})")).collect();
    if before.is_empty() { last } else { format!("WITH {} {last}", before.join(", ")) }
}

impl Insert {
    /// Whether it can share a statement with another.
    fn is_like(&self, other: &Self) -> bool {
        self.table == other.table && self.columns == other.columns
    }
}

impl Bound {
    /// What Postgres calls it.
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "bigint",
            Self::Flag(_) => "bool",
        }
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { text.as_deref() } else { None }
    }

    fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self { *number } else { None }
    }

    fn flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_alike_share_a_statement() {
        let row = |table, id: &str| Insert::into(table).set("id", id).set("n", 1).set("is_new", true);
        let (a, b, c) = (row("t", "a"), row("u", "b"), row("t", "c"));
        assert_eq!(
            script_of(&[&a, &c, &b]).sql(),
            "INSERT INTO t (id, n, is_new) VALUES (?, ?, ?), (?, ?, ?); INSERT INTO u (id, n, is_new) VALUES (?, ?, ?)"
        );
        assert_eq!(
            text_at_once(&[vec![&a, &c], vec![&b]]),
            "WITH w0 AS (INSERT INTO t (id, n, is_new) SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::bool[])) \
             INSERT INTO u (id, n, is_new) SELECT * FROM UNNEST($4::text[], $5::bigint[], $6::bool[])"
        );
        assert_eq!(
            text_at_once(&[vec![&b]]),
            "INSERT INTO u (id, n, is_new) SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::bool[])"
        );
    }
}
