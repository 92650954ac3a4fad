//! What something costs: the time that processors work on it, here and in the sessions of Postgres. Unlike the time that passes it does not
//! depend on what else the machine does. Counts all that this process does, so that a test that asks is [`crate::alone()`].

use rustix::time::{ClockId, clock_gettime};
use sqlx::{Connection as _, PgConnection};
use std::collections::HashMap;
use std::time::Duration;

/// Counts for one installation.
pub struct Meter {
    /// To the installation's database, if that is on Postgres.
    postgres: Option<PgConnection>,
}

/// What was spent until then.
pub struct Reading {
    here: Duration,
    /// By the session's process.
    there: HashMap<i32, Duration>,
}

impl Meter {
    /// For an installation on this database.
    pub async fn of(database_url: &str) -> Self {
        let postgres = if database_url.starts_with("sqlite:") {
            None
        } else {
            Some(PgConnection::connect(database_url).await.expect("Postgres answers"))
        };
        Self { postgres }
    }

    /// What was spent until now.
    pub async fn read(&mut self) -> Reading {
        let mut there = HashMap::new();
        if let Some(postgres) = &mut self.postgres {
            let sessions = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let sessions: Vec<i32> = sqlx::query_scalar(sessions).fetch_all(postgres).await.expect("Postgres answers");
            there.extend(sessions.into_iter().filter_map(|pid| Some((pid, spent_by(pid)?))));
        }
        let here = clock_gettime(ClockId::ProcessCPUTime);
        Reading { here: Duration::try_from(here).expect("a time since the start"), there }
    }

    /// What was spent since then.
    pub async fn since(&mut self, then: &Reading) -> Duration {
        let now = self.read().await;
        let there = now.there.iter().map(|(pid, spent)| spent.saturating_sub(then.there.get(pid).copied().unwrap_or_default()));
        now.here.saturating_sub(then.here) + there.sum::<Duration>()
    }
}

/// `None` for a session that has ended meanwhile.
fn spent_by(pid: i32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
