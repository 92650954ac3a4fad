//! Opening the database as the settings say: which one, under which master key, reachable, with which tables.
//!
//! Every command that needs data comes through here. Refuses SQL (that is `store`) and anything about Redis (that is
//! `wiring.rs`).

use crate::settings::{Durability, Settings};
use anyhow::{Context as _, Result, anyhow, bail};
use domain::clock::Clock;
use domain::doorbell::{Doorbell, Silent};
use domain::seal::MasterKey;
use domain::secret::Secret;
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions as FileOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{OpenOptions, Store, StoreError};
use url::Url;

/// The file in the data directory that holds the master key nobody chose.
pub const MASTER_KEY_FILE: &str = "master.key";

/// How long a start waits for Postgres, which is often started at the same time.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(1);

/// Which database the settings name.
#[derive(Clone)]
pub enum Database {
    /// A file, used by this machine alone.
    Sqlite(PathBuf),
    /// A server; the URL may hold a password.
    Postgres(Secret),
}

/// What a command does about migrations that are pending on Postgres. On SQLite, which belongs to one machine, every
/// command applies them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Migrations {
    /// Applies them.
    Apply,
    /// Refuses to start: other processes may still run on the old tables.
    Require,
}

impl Database {
    /// From `DATABASE_URL`, or the default file in the data directory.
    pub fn of(settings: &Settings) -> Result<Self> {
        let Some(url) = &settings.database_url else { return Ok(Self::Sqlite(settings.data_dir.join("kitchen.db"))) };
        let text = url.reveal();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.clone()));
        }
        match text.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//")) {
            Some("") | None => bail!(
                "DATABASE_URL must be postgres://user:password@host/name or sqlite:PATH. Leave it empty to use a SQLite file in \
                 the data directory."
            ),
            Some(path) => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }

    /// The server's URL, if it is one.
    pub fn server(&self) -> Option<Url> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(url) => Url::parse(url.reveal()).ok(),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.reveal().to_owned(),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.server()) {
            (Self::Sqlite(path), _) => write!(f, "SQLite at {}", path.display()),
            (Self::Postgres(_), Some(url)) => {
                // Without user and password.
                write!(f, "Postgres at {}:{}{}", url.host_str().unwrap_or("localhost"), url.port().unwrap_or(5432), url.path())
            }
            (Self::Postgres(_), None) => f.write_str("Postgres"),
        }
    }
}

/// For commands that do one thing and end: nobody is rung, workers find the work by sweeping.
pub async fn open_quietly(settings: &Settings) -> Result<Store> {
    open(settings, Arc::new(Silent), Migrations::Require).await
}

/// Opens the database, waits until it answers, and sees to its tables.
pub async fn open(settings: &Settings, bell: Arc<dyn Doorbell>, migrations: Migrations) -> Result<Store> {
    let database = Database::of(settings)?;
    if let Database::Sqlite(path) = &database {
        make_directory(path.parent().unwrap_or(Path::new(".")))?;
    }
    let master_key = master_key(settings, &database)?;
    if let Database::Sqlite(path) = &database {
        make_file(path);
    }
    let store = connect(settings, &database, master_key, bell).await?;
    let pending = wait_until_it_answers(&store, &database).await?;
    if pending > 0 {
        if store.is_sqlite() || migrations == Migrations::Apply {
            let _turn = turn_at_migrating(&database);
            store.migrate().await.with_context(|| format!("cannot apply the migrations to {database}"))?;
            tracing::info!(applied = pending, "migrations applied");
        } else {
            store.close().await;
            bail!(
                "{database} has {pending} pending migration(s). Run `kitchen migrate` with the same DATABASE_URL, then start again."
            );
        }
    }
    store.keep_positions_rising().await?;
    Ok(store)
}

/// Two commands that start at once on a new SQLite file would both make its tables. Postgres sees to this by itself. The
/// directory serves as the lock, so that nothing is left behind; where it cannot be locked, the second of the two fails.
fn turn_at_migrating(database: &Database) -> Option<File> {
    let Database::Sqlite(path) = database else { return None };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = File::open(parent.unwrap_or(Path::new("."))).ok()?;
    directory.lock().ok()?;
    Some(directory)
}

/// On SQLite, makes this process the only one that serves from the file, for as long as the result is kept: a second one would take
/// over deliveries that the first has under way. A file of its own is locked, because closing the database's would end
/// SQLite's own locks on it. Postgres is made to be shared.
pub fn serve_alone(settings: &Settings) -> Result<Option<File>> {
    let Database::Sqlite(path) = Database::of(settings)? else { return Ok(None) };
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let file = File::create(&name).with_context(|| format!("cannot write {}", Path::new(&name).display()))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!(
            "Another `kitchen serve` is running on {}. Stop it first, or use Postgres to run several processes.",
            path.display()
        ),
        // Some network file systems have no locks; SQLite should not be put on them, but that is not for this to forbid.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(file)),
    }
}

/// Opens the database without a look at its tables.
pub async fn connect(settings: &Settings, database: &Database, master_key: MasterKey, bell: Arc<dyn Doorbell>) -> Result<Store> {
    let options = OpenOptions {
        url: database.url(),
        clock: Clock::system(),
        bell,
        master_key,
        max_connections: settings.database_connections,
        is_synced: settings.durability == Durability::Full,
    };
    Store::open(options).await.map_err(|error| match error {
        StoreError::Setting(reason) => anyhow!(reason),
        error => anyhow!(error).context(format!("cannot open {database}")),
    })
}

/// How many migrations are pending. A server that is down is waited for; a file has nothing to wait for.
async fn wait_until_it_answers(store: &Store, database: &Database) -> Result<usize> {
    let begun = Instant::now();
    let mut is_told = false;
    loop {
        let error = match store.health().await {
            Ok(health) => return Ok(health.pending_migrations),
            Err(error) => error,
        };
        if store.is_sqlite() || begun.elapsed() >= PATIENCE {
            let remedy = "Check DATABASE_URL and that the server runs; `kitchen doctor` looks closer.";
            return Err(if store.is_sqlite() {
                anyhow!(error).context(format!("cannot read {database}"))
            } else {
                anyhow!("{database} cannot be reached ({error}). {remedy}")
            });
        }
        if !is_told {
            tracing::warn!(%error, "{database} does not answer; trying for {} s", PATIENCE.as_secs());
            is_told = true;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The key secrets are sealed with: the operator's; else, on SQLite, one of our own beside the database.
fn master_key(settings: &Settings, database: &Database) -> Result<MasterKey> {
    if let Some(key) = chosen_master_key(settings)? {
        return Ok(key);
    }
    let Database::Sqlite(path) = database else {
        return Ok(MasterKey::none());
    };
    make_directory(&settings.data_dir)?;
    let file = settings.data_dir.join(MASTER_KEY_FILE);
    if !file.exists() {
        // A new key would make the stored secrets unreadable, and hide that the old one is missing.
        if is_begun(path) {
            bail!(
                "{} exists, but its master key {} does not. Put that file back, or set KITCHEN_MASTER_KEY to the key the database \
                 was written with.",
                path.display(),
                file.display()
            );
        }
        make_master_key(&file).with_context(|| format!("cannot write {}", file.display()))?;
    }
    read_master_key(&file)
}

/// Whether anything was ever stored in this file.
pub fn is_begun(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.len() > 0)
}

/// The key that is there, chosen or of our own; none is made.
pub fn present_master_key(settings: &Settings) -> Result<MasterKey> {
    let file = settings.data_dir.join(MASTER_KEY_FILE);
    match chosen_master_key(settings)? {
        Some(key) => Ok(key),
        None if file.exists() && matches!(Database::of(settings)?, Database::Sqlite(_)) => read_master_key(&file),
        None => Ok(MasterKey::none()),
    }
}

/// The key the operator set, if any.
pub fn chosen_master_key(settings: &Settings) -> Result<Option<MasterKey>> {
    let key = settings.master_key.as_ref().map(|text| MasterKey::parse(text.reveal())).transpose();
    key.context("KITCHEN_MASTER_KEY cannot be used")
}

/// The key in a file.
pub fn read_master_key(file: &Path) -> Result<MasterKey> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    MasterKey::parse(&text).with_context(|| format!("{} cannot be used", file.display()))
}

/// Whole or not at all, and never over an existing one: two commands may come here at once. Readable by its owner only,
/// as all temporary files are.
fn make_master_key(file: &Path) -> std::io::Result<()> {
    let mut fresh = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    writeln!(fresh, "{}", MasterKey::generate().reveal())?;
    fresh.as_file().sync_all()?;
    match fresh.persist_noclobber(file) {
        Err(failed) if failed.error.kind() != ErrorKind::AlreadyExists => Err(failed.error),
        _ => Ok(()),
    }
}

/// Makes the database's file, for its owner alone; SQLite gives the files beside it the same rights. Where it cannot be made, SQLite
/// says so better.
fn make_file(path: &Path) {
    let _ = FileOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

fn make_directory(path: &Path) -> Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    // It holds clients' data and a key: nobody else's business.
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| anyhow!("cannot make the directory {} ({error}). Choose another with KITCHEN_DATA_DIR.", path.display()))
}
