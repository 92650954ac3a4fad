//! Opening the database, and the one place that knows there are two kinds of it.
//!
//! Statements are written once, in the subset both engines share; `on!` stamps the same body for either connection
//! type. Where an engine deserves its own statement, the two stand side by side in one function.

use crate::connections::Connections;
use crate::gather::Gatherer;
use crate::insert::{Insert, insert_all, script_of};
use crate::work::{Reading, Tx, Work};
use crate::writer::Writer;
use crate::{Result, StoreError, api_keys};
use domain::audit::Actor;
use domain::clock::Clock;
use domain::doorbell::Doorbell;
use domain::ids::{EventId, WorkspaceId};
use domain::seal::MasterKey;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection};
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");

/// Runs one body on a connection of either engine: `on_conn!(conn, conn => query.execute(conn).await)`.
macro_rules! on_conn {
    ($of:expr, $conn:ident => $body:expr) => {
        match $of {
            $crate::engine::Conn::Sqlite($conn) => $body,
            $crate::engine::Conn::Postgres($conn) => $body,
        }
    };
}

/// The same on whichever connection the view holds.
macro_rules! on {
    ($view:expr, $conn:ident => $body:expr) => {
        on_conn!($crate::work::View::conn($view).await?, $conn => $body)
    };
}

/// The same for a transaction over all workspaces.
macro_rules! in_tx {
    ($tx:expr, $conn:ident => $body:expr) => {
        on_conn!($tx.conn(), $conn => $body)
    };
}

/// A connection of either engine.
pub enum Conn<'a> {
    /// To a `SQLite` file.
    Sqlite(&'a mut SqliteConnection),
    /// To a Postgres server.
    Postgres(&'a mut PgConnection),
}

pub(crate) enum Engine {
    Sqlite {
        writer: Writer,
        readers: Connections<Sqlite>,
    },
    Postgres {
        kept: Connections<Postgres>,
        /// For rows that are added together with those of others: nobody waits there for long for a lock that is somebody else's matter.
        adding: Connections<Postgres>,
        /// Connections whose commits do not wait for the disk; see [`Promise::Repeatable`].
        repeatable: Connections<Postgres>,
    },
}

/// What hangs on a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// A caller is told that it happened: it must survive a power cut.
    Kept,
    /// Only the gateway itself relies on it, and would do it again: a dispatch, a claim, an outcome. Should a power cut take
    /// the last of these, events are dispatched, or deliveries attempted, once more under the same `webhook-id`. They still
    /// survive the death of the process.
    Repeatable,
}

/// How to open a database.
#[derive(Clone)]
pub struct OpenOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The source of every time that is stored.
    pub clock: Clock,
    /// Rung after every commit that wrote events.
    pub bell: Arc<dyn Doorbell>,
    /// Seals webhook secrets.
    pub master_key: MasterKey,
    /// Connections to Postgres, or readers of `SQLite`.
    pub max_connections: u32,
    /// Whether a commit on `SQLite` waits for the disk, so that it survives a power cut. Postgres decides for itself.
    pub is_synced: bool,
}

/// The database: cheap to clone, shared by everything in the process.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) bell: Arc<dyn Doorbell>,
    pub(crate) master_key: MasterKey,
    pub(crate) additions: Gatherer<Arc<Vec<Insert>>, ()>,
    pub(crate) keys: Gatherer<String, Option<api_keys::Found>>,
}

/// What a look at the database found.
#[derive(Clone, Debug)]
pub struct Health {
    /// Migrations this program knows and the database has not seen.
    pub pending_migrations: usize,
}

impl Store {
    /// Opens the database without changing its tables. The file of `SQLite` is created if absent.
    pub async fn open(options: OpenOptions) -> Result<Self> {
        let engine = if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://") {
            open_postgres(&options)?
        } else if let Some(path) = options.url.strip_prefix("sqlite:") {
            open_sqlite(Path::new(path.trim_start_matches("//")), &options).await?
        } else {
            return Err(StoreError::Setting(
                "DATABASE_URL must begin with postgres:// or sqlite:, for example postgres://user@host/kitchen".into(),
            ));
        };
        let OpenOptions { clock, bell, master_key, .. } = options;
        let (additions, keys) = (Gatherer::new(AT_ONCE), Gatherer::new(AT_ONCE));
        Ok(Self { inner: Arc::new(Inner { engine, clock, bell, master_key, additions, keys }) })
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The clock whose times are stored.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Whether this is the embedded engine, which one process uses alone.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner.engine, Engine::Sqlite { .. })
    }

    /// Rings the doorbell outside a commit.
    pub fn ring(&self, events: &[EventId]) {
        self.inner.bell.ring(events);
    }

    /// Applies what is pending; safe to call from several processes at once.
    pub async fn migrate(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => writer.run_migrations(&SQLITE_MIGRATIONS).await,
            Engine::Postgres { kept, .. } => {
                // A connection of its own, because a migration of a large table may take longer than any request.
                let mut conn = kept.detach().await?;
                sqlx::query("SET statement_timeout = 0").execute(&mut conn).await?;
                POSTGRES_MIGRATIONS.run(&mut conn).await?;
                Ok(conn.close().await?)
            }
        }
    }

    /// Asks the database a question, and how far its tables are.
    pub async fn health(&self) -> Result<Health> {
        let mut view = self.read_system().await?;
        let (applied, known): (std::result::Result<Vec<i64>, sqlx::Error>, &Migrator) = match View::conn(&mut view).await? {
            Conn::Sqlite(conn) => (sqlx::query_scalar(APPLIED).fetch_all(conn).await, &SQLITE_MIGRATIONS),
            Conn::Postgres(conn) => (sqlx::query_scalar(APPLIED).fetch_all(conn).await, &POSTGRES_MIGRATIONS),
        };
        let applied = match applied {
            Ok(applied) => applied,
            // The table of migrations does not exist yet: none was ever applied.
            Err(sqlx::Error::Database(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let pending_migrations = known.iter().filter(|migration| !applied.contains(&migration.version)).count();
        Ok(Health { pending_migrations })
    }

    /// Opens something that is sealed in this database, if anything is, with the master key that is set.
    pub async fn check_master_key(&self) -> Result<()> {
        const SEALED: &str = "SELECT sealed_secret FROM webhooks WHERE deleted_at IS NULL UNION ALL \
             SELECT sealed_text FROM mails WHERE due_at IS NOT NULL LIMIT 1";
        let mut view = self.read_system().await?;
        let sealed: Option<String> = on!(&mut view, conn => sqlx::query_scalar(SEALED).fetch_optional(conn).await)?;
        if let Some(sealed) = sealed {
            self.inner.master_key.open(&sealed)?;
        }
        Ok(())
    }

    /// A unit of work in one workspace: everything done through it is committed together, or not at all.
    /// Whoever does it is on record beside what they did.
    pub fn begin(&self, workspace: &WorkspaceId, actor: Actor) -> Work {
        Work::new(self.clone(), workspace.clone(), actor)
    }

    /// Reads in one workspace, without a transaction.
    pub async fn read(&self, workspace: &WorkspaceId) -> Result<Reading> {
        self.reading(workspace.clone()).await
    }

    pub(crate) async fn begin_tx(&self, promise: Promise) -> Result<Tx> {
        Ok(match (&self.inner.engine, promise) {
            (Engine::Sqlite { writer, .. }, promise) => Tx::Sqlite(writer.begin(promise).await?),
            (Engine::Postgres { kept, .. }, Promise::Kept) => Tx::Postgres(kept.begin().await?),
            (Engine::Postgres { repeatable, .. }, Promise::Repeatable) => Tx::Postgres(repeatable.begin().await?),
        })
    }

    /// Adds rows: one transaction that is kept. Those that come while others are being written share one with each other, and so one wait
    /// for the disk.
    pub(crate) async fn add(&self, rows: Vec<Insert>) -> Result<()> {
        let (store, rows) = (self.clone(), Arc::new(rows));
        let together = move |works: Vec<Arc<Vec<Insert>>>| {
            let store = store.clone();
            async move {
                let rows: Vec<&Insert> = works.iter().flat_map(|work| work.iter()).collect();
                match &store.inner.engine {
                    Engine::Sqlite { .. } => store.add_alone(&rows).await?,
                    // A statement is a transaction of its own.
                    Engine::Postgres { adding, .. } => insert_all(Conn::Postgres(&mut *adding.lend().await?), &rows).await?,
                }
                Ok(vec![(); works.len()])
            }
        };
        let alone = async || self.add_alone(&rows.iter().collect::<Vec<_>>()).await;
        self.inner.additions.call(Arc::clone(&rows), together, alone).await
    }

    async fn add_alone(&self, rows: &[&Insert]) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => writer.write(Promise::Kept, script_of(rows)).await.map(drop),
            Engine::Postgres { kept, .. } => {
                let mut tx = kept.begin().await?;
                insert_all(Conn::Postgres(&mut tx), rows).await?;
                Ok(tx.commit().await?)
            }
        }
    }

    /// Reads, and on Postgres single statements, over all workspaces, with nothing but the gateway's own promises hanging on them.
    pub(crate) async fn read_repeatable(&self) -> Result<Reading> {
        match &self.inner.engine {
            Engine::Sqlite { .. } => self.read_system().await,
            Engine::Postgres { repeatable, .. } => {
                Ok(Reading::postgres(WorkspaceId::from_stored(String::new()), repeatable.lend().await?))
            }
        }
    }

    /// Reads over all workspaces; for the gateway's own purposes, never on behalf of a caller.
    pub(crate) async fn read_system(&self) -> Result<Reading> {
        self.reading(WorkspaceId::from_stored(String::new())).await
    }

    async fn reading(&self, workspace: WorkspaceId) -> Result<Reading> {
        Ok(match &self.inner.engine {
            Engine::Sqlite { readers, .. } => Reading::sqlite(workspace, readers.lend().await?),
            Engine::Postgres { kept, .. } => Reading::postgres(workspace, kept.lend().await?),
        })
    }

    /// Closes all connections, after what is under way has ended.
    pub async fn close(&self) {
        match &self.inner.engine {
            Engine::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres { kept, adding, repeatable } => {
                repeatable.close().await;
                adding.close().await;
                kept.close().await;
            }
        }
    }
}

use crate::work::View;

const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success";

/// How long a request waits for a connection before it is told that the database is away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// No statement of ours is meant to take long; one that does must not hold its connection for ever.
const STATEMENT_TIMEOUT: &str = "30s";
/// How long rows that are added together wait for a lock.
const LOCK_TIMEOUT: &str = "100ms";
/// How many statements that do the same for many callers are under way at once: one more than the one that waits.
const AT_ONCE: usize = 2;
/// The worker's statements name rows by their ids, or find them by an index made for them. A planner that believes a table to be small,
/// as it does until statistics are first gathered, would read all of it, again and again as it grows; and it would make a plan anew for
/// each number of ids.
const BY_INDEX: [(&str, &str); 2] = [("enable_seqscan", "off"), ("plan_cache_mode", "force_generic_plan")];

fn open_postgres(options: &OpenOptions) -> Result<Engine> {
    let connect = PgConnectOptions::from_str(&options.url)
        .map_err(|error| StoreError::Setting(format!("DATABASE_URL cannot be read: {error}")))?
        .application_name("kitchen")
        // Compiling a statement takes longer than any of ours.
        .options([("statement_timeout", STATEMENT_TIMEOUT), ("jit", "off")])
        .disable_statement_logging();
    let connections = |connect| Connections::to_server(connect, options.max_connections, ACQUIRE_TIMEOUT);
    Ok(Engine::Postgres {
        kept: connections(connect.clone()),
        adding: connections(connect.clone().options([("lock_timeout", LOCK_TIMEOUT)])),
        repeatable: connections(connect.options([("synchronous_commit", "off")]).options(BY_INDEX)),
    })
}

/// Statements that a connection to `SQLite` keeps prepared: a third of its work was making them anew. Those that write many rows at once
/// are kept for each number of rows up to [`KEPT_ROWS`].
const KEPT_STATEMENTS: usize = 512;

/// The most rows of a statement that is kept prepared although its text depends on how many there are.
const KEPT_ROWS: usize = 32;

/// Whether a statement of so many rows is kept prepared.
pub(crate) fn is_kept(rows: usize) -> bool {
    rows <= KEPT_ROWS
}

/// Pages the writing connection keeps: room for the parts of every index that are written to.
const WRITER_CACHE_KIB: u32 = 65_536;

async fn open_sqlite(path: &Path, options: &OpenOptions) -> Result<Engine> {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // The writer waits for the disk by itself, and only for what a caller is told.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .statement_cache_capacity(KEPT_STATEMENTS)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging();
    let writing = connect
        .clone()
        // What a turn may have to undo stays in memory instead of going through a file of its own.
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", format!("-{WRITER_CACHE_KIB}"));
    let writer = Writer::open(writing, options.is_synced.then_some(path)).await?;
    let reading = connect.read_only(true).create_if_missing(false);
    let readers = Connections::to_file(reading, options.max_connections, ACQUIRE_TIMEOUT);
    Ok(Engine::Sqlite { writer, readers })
}
