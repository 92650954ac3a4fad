//! Databases and queues of a test's own, on the servers that `script/test` started.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

/// Which of the two ways to run is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// `SQLite` and the in-process doorbell.
    Sqlite,
    /// Postgres and Redis.
    Postgres,
}

impl Engine {
    /// What the half of a test is called that runs on it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

fn setting(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the suite through `script/test`, which starts what it needs"))
}

/// A database that is migrated and otherwise empty.
pub async fn new_postgres() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let admin = setting("KITCHEN_TEST_POSTGRES_URL");
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = format!("template_{}", std::process::id());
            let url = create_database(&admin, &name, None).await;
            let store = crate::kitchen::open_store(&url, domain::clock::Clock::system()).await;
            store.migrate().await.expect("the migrations apply");
            store.close().await;
            name
        })
        .await;
    create_database(&admin, &format!("test_{}_{}", std::process::id(), next()), Some(template)).await
}

/// A database without any table.
pub async fn new_empty_postgres() -> String {
    let admin = setting("KITCHEN_TEST_POSTGRES_URL");
    create_database(&admin, &format!("empty_{}_{}", std::process::id(), next()), None).await
}

/// A template can only be copied by one at a time.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn create_database(admin: &str, name: &str, template: Option<&String>) -> String {
    let mut connection = PgConnection::connect(admin).await.expect("Postgres answers");
    let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    let _turn = ONE_AT_A_TIME.lock().await;
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}{template}")))
        .execute(&mut connection)
        .await
        .expect("a database is created");
    let (server, _) = admin.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{name}")
}

/// A numbered database of the Redis server, not used by any other test of this run.
pub fn new_redis() -> String {
    format!("{}/{}", setting("KITCHEN_TEST_REDIS_URL").trim_end_matches('/'), next())
}

fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
