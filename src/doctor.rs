//! `kitchen doctor`: looks at everything a process needs before it is started, and says in words what is wrong and what
//! to do. Changes nothing: no directory, file or table is made.

use crate::database::{self, Database, MASTER_KEY_FILE};
use crate::open_files;
use crate::process;
use crate::settings::Settings;
use crate::{wiring, words};
use anyhow::{Result, bail};
use clap::Args;
use domain::clock::Clock;
use domain::doorbell::Silent;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use worker::{MailSettingError, ProxySettingError};

/// How long one question may take.
const LIMIT: Duration = Duration::from_secs(3);

/// 2026-11-01T00:00:00Z. This program is younger, so a clock that shows an earlier time is wrong.
const EARLIEST_MILLIS: i64 = 1_793_491_200_000;

/// The flags of `doctor`.
#[derive(Args)]
pub struct Doctor {
    /// Do not check whether the port is free, for a look at a gateway that runs
    #[arg(long)]
    skip_port: bool,
}

/// What a check came to.
enum Finding {
    /// As it should be.
    Fine(String),
    /// Works, but the operator should know.
    Warning(String),
    /// Does not work; the text says what to do.
    Problem(String),
}

use Finding::{Fine, Problem, Warning};

/// Prints one line a check; fails if one of them found a problem.
pub async fn run(doctor: &Doctor, settings: &Settings) -> Result<()> {
    let mut problems_count = 0;
    let mut report = |subject: &str, finding: Finding| {
        let (mark, text) = match finding {
            Fine(text) => ("ok", text),
            Warning(text) => ("warning", text),
            Problem(text) => {
                problems_count += 1;
                ("problem", text)
            }
        };
        // Some libraries' errors end in a line break.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A reader that has seen enough (`| head`) is no fault.
        let _ = writeln!(std::io::stdout(), "{mark:<8} {subject:<14}  {text}");
    };
    let database = Database::of(settings);
    report("configuration", configuration(settings, &database));
    if let Ok(database) = &database {
        report("data directory", data_directory(settings, database));
        report("master key", master_key(settings, database));
        let (reachable, migrations) = ask_database(settings, database).await;
        report("database", reachable);
        if let Some(migrations) = migrations {
            report("migrations", migrations);
        }
    }
    report("Redis", redis(settings).await);
    report("mail", mail(settings).await);
    report("certificate", certificate(settings));
    report("proxy", proxy(settings).await);
    report("clock", clock());
    report("open files", open_files::check(settings).map_or_else(Warning, Fine));
    if !doctor.skip_port {
        report("port", port(settings).await);
    }
    match problems_count {
        0 => Ok(()),
        1 => bail!("1 problem found."),
        count => bail!("{count} problems found."),
    }
}

fn configuration(settings: &Settings, database: &Result<Database>) -> Finding {
    let listen = settings.listen;
    match database {
        Err(error) => Problem(words::of(error)),
        Ok(database) if listen.ip().is_loopback() || settings.public_url.is_some() => {
            Fine(format!("{database}, listening on {listen}"))
        }
        Ok(database) => Warning(format!(
            "{database}, listening on {listen}. Links in answers follow the Host header of the request; set KITCHEN_PUBLIC_URL."
        )),
    }
}

/// Writes a file for real and drops it: permissions say little to root, on a full disk or a read-only mount.
fn data_directory(settings: &Settings, database: &Database) -> Finding {
    let Database::Sqlite(file) = database else { return Fine("not needed: the database is Postgres".into()) };
    let beside = file.parent().unwrap_or(Path::new("."));
    for directory in [settings.data_dir.as_path(), beside] {
        let nearest = directory.ancestors().find(|path| path.exists()).filter(|path| !path.as_os_str().is_empty());
        if let Err(error) = tempfile::tempfile_in(nearest.unwrap_or(Path::new("."))) {
            return Problem(format!(
                "{} cannot be written ({error}). Give this user the right to, or choose another with KITCHEN_DATA_DIR.",
                directory.display()
            ));
        }
    }
    if file.exists()
        && let Err(error) = std::fs::OpenOptions::new().write(true).open(file)
    {
        return Problem(format!("{} cannot be written ({error}). It must belong to the user who runs this.", file.display()));
    }
    Fine(format!("{} can be written", settings.data_dir.display()))
}

fn master_key(settings: &Settings, database: &Database) -> Finding {
    match database::chosen_master_key(settings) {
        Err(error) => return Problem(words::of(&error)),
        Ok(Some(_)) => return Fine("webhook secrets are encrypted with KITCHEN_MASTER_KEY".into()),
        Ok(None) => {}
    }
    let Database::Sqlite(path) = database else {
        return Warning("webhook secrets are stored unencrypted. Set KITCHEN_MASTER_KEY (`openssl rand -base64 32`).".into());
    };
    let file = settings.data_dir.join(MASTER_KEY_FILE);
    if file.exists() {
        return match database::read_master_key(&file) {
            Ok(_) => Fine(format!("webhook secrets are encrypted with {}", file.display())),
            Err(error) => Problem(format!("{}. Put the right file back, or set KITCHEN_MASTER_KEY.", words::of(&error))),
        };
    }
    if database::is_begun(path) {
        Problem(format!("{} is missing. Put it back, or set KITCHEN_MASTER_KEY.", file.display()))
    } else {
        Fine(format!("{} will be made at the first start", file.display()))
    }
}

async fn ask_database(settings: &Settings, database: &Database) -> (Finding, Option<Finding>) {
    if let Database::Sqlite(path) = database
        && !database::is_begun(path)
    {
        return (Fine(format!("{} will be made at the first start", path.display())), None);
    }
    if let Err(error) = knock(database).await {
        return (Problem(format!("{database} cannot be reached: {error}. Check DATABASE_URL and that the server runs.")), None);
    }
    let question = async {
        let key = database::present_master_key(settings).unwrap_or_default();
        let store = database::connect(settings, database, key, Arc::new(Silent)).await?;
        let health = store.health().await;
        // Before its tables are there nothing is sealed.
        let is_sealed_with_it = match &health {
            Ok(health) if health.pending_migrations == 0 => store.check_master_key().await,
            _ => Ok(()),
        };
        store.close().await;
        anyhow::Ok((health?.pending_migrations, is_sealed_with_it))
    };
    match tokio::time::timeout(LIMIT, question).await {
        Err(_) => (Problem(format!("{database} gave no answer within {} s. Check DATABASE_URL.", LIMIT.as_secs())), None),
        Ok(Err(error)) => (Problem(format!("{database} cannot be used: {}. Check DATABASE_URL.", words::of(&error))), None),
        Ok(Ok((_, Err(error)))) => (
            Problem(format!(
                "{database} answers, but the secrets in it cannot be read: {error}. Set the right KITCHEN_MASTER_KEY."
            )),
            None,
        ),
        Ok(Ok((pending, Ok(())))) => (Fine(format!("{database} answers")), Some(migrations(database, pending))),
    }
}

/// Connects without speaking, because the pool that follows says only that it waited in vain.
async fn knock(database: &Database) -> Result<(), String> {
    let server = database.server();
    let Some(host) = server.as_ref().and_then(|url| url.host_str()).filter(|host| !host.starts_with('/') && !host.contains('%'))
    else {
        return Ok(());
    };
    let port = server.as_ref().and_then(url::Url::port).unwrap_or(5432);
    match tokio::time::timeout(LIMIT, TcpStream::connect((host.trim_matches(['[', ']']), port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
    }
}

fn migrations(database: &Database, pending: usize) -> Finding {
    match (pending, database) {
        (0, _) => Fine("all are applied".into()),
        (pending, Database::Sqlite(_)) => Warning(format!("{pending} pending; the next start applies them")),
        (pending, Database::Postgres(_)) => {
            Problem(format!("{pending} pending. Run `kitchen migrate` with the same DATABASE_URL."))
        }
    }
}

async fn redis(settings: &Settings) -> Finding {
    match wiring::redis(settings) {
        Err(error) => Problem(words::of(&error)),
        Ok(None) => Fine("not set: workers are woken in process, which is all that `kitchen serve` needs".into()),
        Ok(Some(redis)) => match tokio::time::timeout(LIMIT, redis.ping()).await {
            Ok(Ok(_)) => Fine("answers".into()),
            Ok(Err(error)) => Problem(format!("cannot be reached: {error}. Check REDIS_URL and that the server runs.")),
            Err(_) => Problem(format!("no answer within {} s. Check REDIS_URL and that the server runs.", LIMIT.as_secs())),
        },
    }
}

async fn mail(settings: &Settings) -> Finding {
    let Some(server) = wiring::mail_server(settings) else {
        return Fine("no mail server set: mails are read on the page Mail".into());
    };
    match server.check(LIMIT).await {
        Ok(()) => Fine(format!("the server answers; mails are sent from {}", settings.mail_from)),
        Err(error @ MailSettingError::Unreachable(_)) => Warning(format!("{error}. Mails wait until it can.")),
        Err(error) => Problem(format!("{error}.")),
    }
}

fn certificate(settings: &Settings) -> Finding {
    match wiring::certificate(settings).map(|file| file.check()) {
        None => Fine("none set: receivers that ask who calls refuse".into()),
        Some(Ok(())) => Fine("certificate and key can be used".into()),
        Some(Err(error)) => Problem(format!("{error}.")),
    }
}

async fn proxy(settings: &Settings) -> Finding {
    let Some(proxy) = wiring::proxy(settings) else { return Fine("none set: deliveries go out directly".into()) };
    match proxy.check(LIMIT).await {
        Ok(()) => Fine("takes connections; deliveries go out through it".into()),
        Err(error @ ProxySettingError::Unreachable(_)) => {
            Problem(format!("{error}. Check KITCHEN_EGRESS_PROXY and that the proxy runs."))
        }
        Err(error) => Problem(format!("{error}.")),
    }
}

fn clock() -> Finding {
    let now = Clock::system().now();
    if now.millis() < EARLIEST_MILLIS {
        return Problem(format!("shows {now}, which is in the past. Receivers would refuse what is signed; set the clock."));
    }
    Fine(format!("shows {now}"))
}

async fn port(settings: &Settings) -> Finding {
    match TcpListener::bind(settings.listen).await {
        Ok(_) => Fine(format!("{} is free", settings.listen)),
        Err(error) => {
            Problem(format!("{} (A gateway that runs already? Then add --skip-port.)", process::why_not_bound(settings, &error)))
        }
    }
}
