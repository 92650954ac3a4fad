//! What can go wrong in the store, told apart as far as callers must act differently.

use crate::connections;
use domain::input::Invalid;

/// Why the store did not do what was asked. Nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row in this workspace.
    #[error("not found")]
    NotFound,
    /// The input contradicts what is stored; the fields are named.
    #[error("invalid: {}", .0.message())]
    Invalid(Invalid),
    /// The row is in a state that does not allow this; the text says which.
    #[error("{0}")]
    Conflict(String),
    /// The database could not be reached or refused the statement.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// A migration failed, or the database is newer than this program.
    #[error("migrations: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A stored secret cannot be opened.
    #[error(transparent)]
    Seal(#[from] domain::seal::SealError),
    /// A stored value is not of the form it was written in.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The setting that says which database to use makes no sense.
    #[error("{0}")]
    Setting(String),
}

impl From<Invalid> for StoreError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// What was read of a row; `None`, with a warning that names it, if this program cannot: for work on many rows, of which one must not hold
/// up the others.
pub(crate) fn readable<T>(what: &str, id: &str, read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(id, %error, "a {what} cannot be read, and is passed over until it can")).ok()
}

/// What must be unique in a workspace: the index on Postgres, the column `SQLite` names, the field callers know it by.
const UNIQUE: [(&str, &str, &str); 3] = [
    ("users_email", "users.email_key", "email"),
    ("companies_name", "companies.name_key", "name"),
    ("workspaces_slug", "workspaces.slug", "slug"),
];

impl From<sqlx::Error> for StoreError {
    /// The violation of a unique index is an error on the field that must be unique.
    fn from(error: sqlx::Error) -> Self {
        let violated = error.as_database_error().filter(|error| error.is_unique_violation()).and_then(|error| {
            UNIQUE.iter().find(|(index, column, _)| match error.constraint() {
                Some(constraint) => constraint == *index,
                None => error.message().contains(column),
            })
        });
        if let Some((_, _, field)) = violated {
            return Self::Invalid(Invalid::field(field, format!("The {field} has already been taken.")));
        }
        let error = Self::Database(error);
        if error.is_unavailable() {
            connections::count_loss();
        }
        error
    }
}

impl StoreError {
    /// Whether the database is away rather than the statement wrong: worth another try.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_)) => {
                true
            }
            // Postgres, classes 08 and 57P: connection lost, server shutting down or starting up; 53300: too many connections;
            // 40P01: a deadlock was broken; 53100: the disk is full.
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                code.starts_with("08")
                    || code.starts_with("57P")
                    || matches!(&*code, "53300" | "40P01" | "53100")
                    || is_refusal_of_sqlite(&code)
            }),
            _ => false,
        }
    }
}

/// The low byte of `SQLite`'s codes says what it is about: another process holds the file (5), the disk failed (10) or is full (13).
fn is_refusal_of_sqlite(code: &str) -> bool {
    // Postgres' codes have five characters.
    code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 10 | 13))
}
