//! Every choice the operator has, in one struct: each field is a flag and an environment variable with one help text.
//!
//! Owns the names, the defaults and the reading of single values. Refuses to judge them together: whether a database or
//! Redis is needed depends on the command, and is decided where it starts (`database.rs`, `wiring.rs`).

#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "the comments on the settings are help texts, shown as they are")]

use clap::builder::{BoolishValueParser, Resettable};
use clap::{ArgAction, Args, ValueEnum};
use domain::egress::{EgressPolicy, Opened};
use domain::retention::Retention;
use domain::secret::Secret;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The settings of a process. `.env.example` is generated from this struct (`kitchen env-example`).
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings (a flag wins over its environment variable)")]
pub struct Settings {
    /// Address and port to listen on, for example 0.0.0.0:8080 to be reachable from other machines
    #[arg(long, env = "KITCHEN_LISTEN", global = true, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// Directory of the SQLite database and the generated master key; made if absent
    #[arg(long, env = "KITCHEN_DATA_DIR", global = true, default_value = "./data", value_name = "PATH")]
    pub data_dir: PathBuf,

    /// The database: postgres://user:password@host/name or sqlite:PATH; a SQLite file in the data directory if unset
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true, value_parser = secret, value_name = "URL")]
    pub database_url: Option<Secret>,

    /// Redis or Valkey, which wakes workers and shares rate limits: redis://host:6379/. Needed by `gateway` and `worker`;
    /// `serve` does without
    #[arg(long, env = "REDIS_URL", global = true, hide_env_values = true, value_parser = secret, value_name = "URL")]
    pub redis_url: Option<Secret>,

    /// Where the gateway is reached from outside, for links in answers; the `Host` header of the request if unset
    #[arg(long, env = "KITCHEN_PUBLIC_URL", global = true, value_parser = public_url, value_name = "URL")]
    pub public_url: Option<Url>,

    /// The mail server for invitations: smtp://user:password@host:587?tls=required or smtps://user:password@host:465. If unset,
    /// mails are kept under Settings > Mail and not sent
    #[arg(long, env = "KITCHEN_SMTP_URL", global = true, hide_env_values = true, value_parser = secret, value_name = "URL",
          hide_short_help = true)]
    pub smtp_url: Option<Secret>,

    /// Who mails come from
    #[arg(
        long,
        env = "KITCHEN_MAIL_FROM",
        global = true,
        default_value = "Kitchen Gateway <kitchen@localhost>",
        value_name = "ADDRESS",
        hide_short_help = true
    )]
    pub mail_from: String,

    /// Networks of reverse proxies in front of the gateway, whose X-Forwarded-For header is believed: 10.0.0.0/8,127.0.0.1
    #[arg(long, env = "KITCHEN_TRUSTED_PROXIES", global = true, default_value = "", hide_default_value = true,
          value_parser = networks, value_name = "NETWORKS", hide_short_help = true)]
    pub trusted_proxies: Networks,

    /// Networks that webhooks may point to although they are private, without TLS too: 10.1.0.0/16,192.168.4.20. Ports such as 22 and 6379
    /// stay closed. An entry with a port opens that one alone, whatever it is: 10.0.0.5:9000
    #[arg(long, env = "KITCHEN_ALLOW_TARGETS", global = true, default_value = "", hide_default_value = true,
          value_parser = targets, value_name = "NETWORKS", hide_short_help = true)]
    pub allow_targets: Targets,

    /// Whether webhooks may point to public targets without TLS
    #[arg(long, env = "KITCHEN_ALLOW_HTTP", global = true, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", value_parser = BoolishValueParser::new(),
          value_name = "BOOL", hide_short_help = true)]
    pub allow_http: bool,

    /// Certificate and key of the worker, for receivers that ask who calls: one PEM file with both
    #[arg(long, env = "KITCHEN_EGRESS_CERTIFICATE", global = true, value_name = "PATH", hide_short_help = true)]
    pub egress_certificate: Option<PathBuf>,

    /// Forward proxy for all deliveries: http://user:password@host:port. It is asked with CONNECT, and told addresses, never names
    #[arg(long, env = "KITCHEN_EGRESS_PROXY", global = true, hide_env_values = true, value_parser = secret, value_name = "URL",
          hide_short_help = true)]
    pub egress_proxy: Option<Secret>,

    /// Encrypts webhook secrets in the database: 32 bytes in base64, from `openssl rand -base64 32`. If unset, SQLite uses
    /// the file master.key in the data directory, which is made on first start; Postgres stores the secrets unencrypted
    #[arg(long, env = "KITCHEN_MASTER_KEY", global = true, hide_env_values = true, value_parser = secret, value_name = "KEY",
          hide_short_help = true)]
    pub master_key: Option<Secret>,

    /// What a commit on SQLite survives: full is a power cut, normal is a crash of this program. Postgres decides for itself
    #[arg(long, env = "KITCHEN_DURABILITY", global = true, value_enum, default_value = "full", hide_short_help = true)]
    pub durability: Durability,

    /// Connections to Postgres each process opens at most, or readers of SQLite
    #[arg(long, env = "KITCHEN_DATABASE_CONNECTIONS", global = true, default_value = "16", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1000), hide_short_help = true)]
    pub database_connections: u32,

    /// Deliveries a worker has under way at once. One workspace gets at most three quarters of them
    #[arg(long, env = "KITCHEN_MAX_IN_FLIGHT", global = true, default_value = "2048", value_name = "COUNT",
          value_parser = count, hide_short_help = true)]
    pub max_in_flight: usize,

    /// Deliveries a worker has under way at once to one webhook that has no max_in_flight of its own
    #[arg(long, env = "KITCHEN_MAX_IN_FLIGHT_PER_WEBHOOK", global = true, default_value = "32", value_name = "COUNT",
          value_parser = count, hide_short_help = true)]
    pub max_in_flight_per_webhook: usize,

    /// How long one attempt at a delivery may take, from resolving the name to the last byte of the answer
    #[arg(long, env = "KITCHEN_ATTEMPT_TIMEOUT_SECONDS", global = true, default_value = "15", value_name = "SECONDS",
          value_parser = seconds, hide_short_help = true)]
    pub attempt_timeout: Duration,

    /// Days of nothing but failures after which a webhook is disabled; 0 for never
    #[arg(long, env = "KITCHEN_DISABLE_AFTER_DAYS", global = true, default_value = "5", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub disable_after: Days,

    /// How many hours after a delivery was made it is given up, whatever is left of its schedule
    #[arg(long, env = "KITCHEN_MAX_DELIVERY_AGE_HOURS", global = true, default_value = "120", value_name = "HOURS",
          value_parser = hours, hide_short_help = true)]
    pub max_delivery_age: Duration,

    /// Days for which what was sent and answered in attempts at deliveries is kept: headers and bodies; 0 for ever
    #[arg(long, env = "KITCHEN_RETENTION_BODIES_DAYS", global = true, default_value = "14", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub retention_bodies: Days,

    /// Days for which events are kept with their deliveries and attempts, and so can be sent once more; 0 for ever
    #[arg(long, env = "KITCHEN_RETENTION_EVENTS_DAYS", global = true, default_value = "60", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub retention_events: Days,

    /// Days for which mails and used invitations are kept; 0 for ever
    #[arg(long, env = "KITCHEN_RETENTION_MAILS_DAYS", global = true, default_value = "60", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub retention_mails: Days,

    /// Days for which operations are kept that have ended; 0 for ever
    #[arg(long, env = "KITCHEN_RETENTION_OPERATIONS_DAYS", global = true, default_value = "60", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub retention_operations: Days,

    /// Days for which entries of the audit log are kept; 0 for ever
    #[arg(long, env = "KITCHEN_RETENTION_AUDIT_DAYS", global = true, default_value = "365", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub retention_audit: Days,

    /// Days after which what was deleted (clients, tasks, folders and the like) is removed for good; 0 for never
    #[arg(long, env = "KITCHEN_RETENTION_DELETED_DAYS", global = true, default_value = "30", value_name = "DAYS",
          value_parser = days, hide_short_help = true)]
    pub retention_deleted: Days,

    /// How long a process that was told to stop goes on with requests and attempts under way
    #[arg(long, env = "KITCHEN_SHUTDOWN_GRACE_SECONDS", global = true, default_value = "20", value_name = "SECONDS",
          value_parser = seconds, hide_short_help = true)]
    pub shutdown_grace: Duration,

    /// The largest request body that is read, in bytes
    #[arg(long, env = "KITCHEN_MAX_BODY_BYTES", global = true, default_value = "1048576", value_name = "BYTES",
          value_parser = count, hide_short_help = true)]
    pub max_body_bytes: usize,

    /// E-mail address of the owner of the first workspace, which is made when the database has none
    #[arg(
        long,
        env = "KITCHEN_OWNER_EMAIL",
        global = true,
        default_value = "owner@example.com",
        value_name = "EMAIL",
        hide_short_help = true
    )]
    pub owner_email: String,

    /// What is logged: error, warn, info, debug, or a filter such as info,worker=debug. If unset, info for `serve`, `gateway`
    /// and `worker`, warn for all other commands
    #[arg(long, env = "KITCHEN_LOG", global = true, value_name = "FILTER", hide_short_help = true)]
    pub log: Option<String>,

    /// How the log is written to standard error
    #[arg(long, env = "KITCHEN_LOG_FORMAT", global = true, value_enum, default_value = "text", hide_short_help = true)]
    pub log_format: LogFormat,
}

/// What a commit on SQLite waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// The disk.
    Full,
    /// The operating system.
    Normal,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// An age, as one setting; `None` for any.
#[derive(Clone, Copy, Debug)]
pub struct Days(Option<Duration>);

impl Days {
    /// The age.
    pub fn age(self) -> Option<Duration> {
        self.0
    }
}

/// A list of networks, as one setting.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// All of them.
    pub fn list(&self) -> &[IpNet] {
        &self.0
    }
}

/// Networks that deliveries may go to, as one setting.
#[derive(Clone, Debug, Default)]
pub struct Targets(Vec<Opened>);

impl Targets {
    /// The machine itself, for the demo.
    pub fn loopback() -> Self {
        targets("127.0.0.0/8").unwrap_or_default()
    }
}

impl Settings {
    /// How long what is done with is kept.
    pub fn retention(&self) -> Retention {
        Retention {
            bodies: self.retention_bodies.0,
            events: self.retention_events.0,
            mails: self.retention_mails.0,
            operations: self.retention_operations.0,
            audit: self.retention_audit.0,
            deleted: self.retention_deleted.0,
        }
    }

    /// The rules for webhook targets.
    pub fn egress(&self) -> EgressPolicy {
        EgressPolicy { allowed: self.allow_targets.0.clone(), is_http_allowed: self.allow_http }
    }
}

/// Makes an empty environment variable count as unset: that is how Compose files and shells write "not chosen".
pub fn ignore_empty_variables(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| {
        let is_empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        if is_empty { arg.env(Resettable::Reset) } else { arg }
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the form of a value parser")]
fn secret(text: &str) -> Result<Secret, Infallible> {
    // Read further where it is used: clap repeats a refused value in its message, and this one must not be repeated.
    Ok(Secret::new(text.to_owned()))
}

fn networks(text: &str) -> Result<Networks, String> {
    domain::egress::parse_networks(text).map(Networks)
}

fn targets(text: &str) -> Result<Targets, String> {
    domain::egress::parse_opened(text).map(Targets)
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "write a full URL such as https://kitchen.example.com".to_owned())?;
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() {
        Ok(url)
    } else {
        Err("the URL must begin with https:// or http:// and name a host".into())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err("write whole seconds from 1 to 3600".into()),
    }
}

fn hours(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(hours @ 1..=8760) => Ok(Duration::from_hours(hours)),
        _ => Err("write whole hours from 1 to 8760".into()),
    }
}

fn days(text: &str) -> Result<Days, String> {
    match text.parse() {
        Ok(0) => Ok(Days(None)),
        Ok(days @ 1..=36_500) => Ok(Days(Some(Duration::from_hours(24 * days)))),
        _ => Err("write whole days from 1 to 36500, or 0 for ever".into()),
    }
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a whole number above 0".into()),
        Ok(count) => Ok(count),
    }
}
