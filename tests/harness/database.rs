//! The database behind the gateway's back: everything it holds, as text, and statements no request could cause.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use std::str::FromStr as _;
use std::time::Duration;

/// Every value of every column of every table; for `SQLite` also the bytes of its files, free pages and log included.
pub async fn dump(url: &str) -> String {
    let Some(path) = url.strip_prefix("sqlite:") else { return dump_postgres(url).await };
    let mut conn = SqliteConnection::connect(url).await.expect("the file opens");
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'").fetch_all(&mut conn).await.expect("tables");
    let mut dump = String::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&mut conn)
            .await
            .expect("columns");
        let select = format!("SELECT {} FROM \"{table}\"", columns.join(" || ' ' || "));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(select)).fetch_all(&mut conn).await.expect("rows");
        dump.extend(rows.into_iter().map(|row| format!("{table}: {row}\n")));
    }
    for suffix in ["", "-wal"] {
        dump.push_str(&String::from_utf8_lossy(&std::fs::read(format!("{path}{suffix}")).unwrap_or_default()));
    }
    dump
}

async fn dump_postgres(url: &str) -> String {
    let mut conn = PgConnection::connect(url).await.expect("Postgres answers");
    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&mut conn)
        .await
        .expect("tables");
    let mut dump = String::new();
    for table in tables {
        let select = format!("SELECT t::text FROM \"{table}\" t");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(select)).fetch_all(&mut conn).await.expect("rows");
        dump.extend(rows.into_iter().map(|row| format!("{table}: {row}\n")));
    }
    dump
}

/// Runs a statement; says how many rows it changed.
pub async fn execute(url: &str, statement: &str) -> u64 {
    let statement = AssertSqlSafe(statement.to_owned());
    if url.starts_with("sqlite:") {
        sqlx::query(statement).execute(&mut open_file(url).await).await.expect("the statement runs").rows_affected()
    } else {
        let mut conn = PgConnection::connect(url).await.expect("Postgres answers");
        sqlx::query(statement).execute(&mut conn).await.expect("the statement runs").rows_affected()
    }
}

/// How many rows there are: of a table, or of one with a condition behind its name.
pub async fn count(url: &str, rows: &str) -> usize {
    usize::try_from(number(url, &format!("SELECT COUNT(*) FROM {rows}")).await).expect("a count")
}

/// The one number a statement asks for.
pub async fn number(url: &str, statement: &str) -> i64 {
    let statement = AssertSqlSafe(statement.to_owned());
    if url.starts_with("sqlite:") {
        sqlx::query_scalar(statement).fetch_one(&mut open_file(url).await).await.expect("a number")
    } else {
        let mut conn = PgConnection::connect(url).await.expect("Postgres answers");
        sqlx::query_scalar(statement).fetch_one(&mut conn).await.expect("a number")
    }
}

/// The file, beside a program that may be writing to it.
async fn open_file(url: &str) -> SqliteConnection {
    let options = SqliteConnectOptions::from_str(url).expect("a URL").busy_timeout(Duration::from_secs(30));
    options.connect().await.expect("the file opens")
}
