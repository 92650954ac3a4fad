//! Statements for `SQLite` that are all known beforehand. They go to the connection's thread in one message: each message costs waking a
//! thread there and one back, which takes longer than most statements do.

use crate::insert::Bound;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Execute as _, QueryBuilder, Sqlite, SqliteConnection};

/// The most rows of a list in a script that is kept prepared. Larger ones are rare enough to be prepared anew.
const KEPT_ROWS: usize = 256;

/// Statements and what is bound to their places, in order. Every place is a `?`.
pub(crate) struct Script {
    query: QueryBuilder<Sqlite>,
    is_empty: bool,
    is_kept: bool,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self { query: QueryBuilder::default(), is_empty: true, is_kept: true }
    }

    /// Begins the next statement.
    pub(crate) fn begin(&mut self, text: &str) -> &mut Self {
        self.query.push(if self.is_empty { "" } else { "; " }).push(text);
        self.is_empty = false;
        self
    }

    /// Goes on with the statement.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.query.push(text);
        self
    }

    /// A place, and what is bound to it.
    pub(crate) fn bind(&mut self, value: impl Into<Bound>) -> &mut Self {
        self.query.push_bind(value.into());
        self
    }

    /// A table of these rows, to be selected from; its columns are called `column1`, `column2` and so on. It is filled up with rows of nulls
    /// to a power of two, so that few texts serve any number of rows and stay prepared; the statement has to pass over those.
    pub(crate) fn rows<const N: usize>(&mut self, rows: impl ExactSizeIterator<Item = [Bound; N]>) -> &mut Self {
        let (count, filled) = (rows.len(), rows.len().next_power_of_two());
        self.is_kept &= filled <= KEPT_ROWS;
        let nulls = (count..filled).map(|_| [const { Bound::Number(None) }; N]);
        self.query.push("(").push_values(rows.chain(nulls), |mut row, values| {
            for value in values {
                row.push_bind(value);
            }
        });
        self.query.push(")");
        self
    }

    /// A script whose text depends on how many rows it writes is worth keeping prepared if those are few.
    pub(crate) fn keep(&mut self, is_kept: bool) {
        self.is_kept &= is_kept;
    }

    #[cfg(test)]
    pub(crate) fn sql(&self) -> String {
        self.query.sql().as_str().to_owned()
    }

    /// Runs the statements; answers what they return. After an error those behind the one that failed have not run.
    pub(crate) async fn run(self, conn: &mut SqliteConnection) -> sqlx::Result<Vec<SqliteRow>> {
        self.run_between("", "", conn).await
    }

    /// The same with other statements before and after, in the same message.
    pub(crate) async fn run_between(
        mut self,
        before: &str,
        after: &str,
        conn: &mut SqliteConnection,
    ) -> sqlx::Result<Vec<SqliteRow>> {
        let mut query = self.query.build();
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?.unwrap_or_default();
        let text = [before, query.sql().as_str(), after].concat();
        sqlx::query_with(AssertSqlSafe(text), arguments).persistent(self.is_kept).fetch_all(conn).await
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use sqlx::{Connection as _, Row as _};

    #[tokio::test]
    async fn places_of_all_statements_are_filled_in_order_and_rows_of_nulls_passed_over() {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (id TEXT NOT NULL, n BIGINT)").execute(&mut conn).await.unwrap();
        for count in [1_i32, 3] {
            let mut script = Script::new();
            script.begin("INSERT INTO t SELECT column1, column2 + ").bind(10).text(" FROM ");
            script
                .rows((0..count).map(|n| [format!("of {count}").into(), i64::from(n).into()]))
                .text(" WHERE column1 IS NOT NULL");
            script.begin("SELECT COUNT(*) AS count, SUM(n) AS sum FROM t WHERE id = ").bind(format!("of {count}"));
            let rows = script.run(&mut conn).await.unwrap();
            let of: Vec<(i32, i32)> = rows.iter().map(|row| (row.get("count"), row.get("sum"))).collect();
            assert_eq!(of, [(count, (0..count).map(|n| n + 10).sum())]);
        }
    }
}
