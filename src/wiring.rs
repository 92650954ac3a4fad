//! How the parts of a process are put together: which bell the store rings, what the gateway and the worker are given.
//!
//! The one place that changes when a crate asks for another setting. Refuses to run anything (that is `process.rs`).

use crate::database::{self, Database, Migrations};
use crate::settings::Settings;
use anyhow::{Context as _, Result, bail};
use gateway::Gateway;
use queue::{Bell, InProcess, RedisQueue, RingBackend, SharedLimiter};
use std::sync::Arc;
use std::time::Duration;
use store::Store;

/// Long enough for the slowest of lines, short enough that connections nobody uses do not add up.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// An open database, and the bell it rings.
pub struct Wiring {
    /// The database.
    pub store: Store,
    doorbell: Doorbell,
}

enum Doorbell {
    InProcess(InProcess),
    Redis(RedisQueue),
}

impl Wiring {
    /// Opens what a process that does everything needs: any database, and Redis only if it was named.
    pub async fn of_all(settings: &Settings) -> Result<Self> {
        Self::open(settings, Migrations::Apply).await
    }

    /// Opens what a process needs that shares the work with others. `command` is the one that was called.
    pub async fn of_part(settings: &Settings, command: &str) -> Result<Self> {
        if let Database::Sqlite(_) = Database::of(settings)? {
            bail!(
                "`kitchen {command}` shares its database with other processes, which SQLite cannot. Set DATABASE_URL to \
                 postgres://user:password@host/name, or run `kitchen serve`, which does everything in one process."
            );
        }
        if settings.redis_url.is_none() {
            bail!(
                "`kitchen {command}` needs Redis, through which gateways wake workers. Set REDIS_URL to redis://host:6379/, or run \
                 `kitchen serve`, which does everything in one process."
            );
        }
        Self::open(settings, Migrations::Require).await
    }

    async fn open(settings: &Settings, migrations: Migrations) -> Result<Self> {
        let (bell, doorbell) = if let Some(redis) = redis(settings)? {
            (Bell::redis(&redis), Doorbell::Redis(redis))
        } else {
            let (bell, heard) = Bell::in_process();
            (bell, Doorbell::InProcess(heard))
        };
        let store = database::open(settings, Arc::new(bell), migrations).await?;
        // Otherwise every delivery fails for it, one after the other.
        store.check_master_key().await.context("the secrets in the database cannot be read; set the right KITCHEN_MASTER_KEY")?;
        if !store.is_sqlite() && settings.master_key.is_none() {
            tracing::warn!("KITCHEN_MASTER_KEY is not set: webhook secrets are stored unencrypted");
        }
        if let Doorbell::Redis(redis) = &doorbell
            && let Err(error) = redis.ping().await
        {
            // Not a reason to stay down: everything works without it, a little later.
            tracing::warn!(%error, "Redis does not answer; going on without it until it does");
        }
        Ok(Self { store, doorbell })
    }

    /// The HTTP side.
    pub fn gateway(&self, settings: &Settings) -> Gateway {
        let redis = match &self.doorbell {
            Doorbell::InProcess(_) => None,
            Doorbell::Redis(redis) => Some(redis),
        };
        let settings = gateway::Settings {
            public_url: settings.public_url.clone(),
            egress: settings.egress(),
            head_timeout: HEAD_TIMEOUT,
            has_mail_server: settings.smtp_url.is_some(),
            trusted_proxies: settings.trusted_proxies.list().to_vec(),
            max_body_bytes: settings.max_body_bytes,
            queue: redis.cloned(),
            shared_limiter: redis.map(SharedLimiter::new),
        };
        Gateway::new(self.store.clone(), settings)
    }

    /// Where the worker hears of work.
    pub fn rings(&self) -> RingBackend {
        match &self.doorbell {
            Doorbell::InProcess(heard) => heard.backend(),
            Doorbell::Redis(redis) => redis.backend(),
        }
    }

    /// How workers are woken, in words.
    pub fn doorbell_name(&self) -> &'static str {
        match self.doorbell {
            Doorbell::InProcess(_) => "in this process",
            Doorbell::Redis(_) => "through Redis",
        }
    }
}

/// What the worker is told.
pub fn worker_settings(settings: &Settings) -> worker::Settings {
    worker::Settings {
        egress: settings.egress(),
        names: worker::Names::System,
        certificate: certificate(settings),
        proxy: proxy(settings),
        max_in_flight: settings.max_in_flight,
        max_in_flight_per_webhook: settings.max_in_flight_per_webhook,
        retention: settings.retention(),
        mail: mail_server(settings),
        attempt_timeout: settings.attempt_timeout,
        disable_after: settings.disable_after.age(),
        max_delivery_age: settings.max_delivery_age,
        grace: settings.shutdown_grace,
    }
}

/// The certificate of the settings, if they name one.
pub fn certificate(settings: &Settings) -> Option<worker::CertificateFile> {
    settings.egress_certificate.clone().map(worker::CertificateFile)
}

/// The forward proxy of the settings, if they name one.
pub fn proxy(settings: &Settings) -> Option<worker::ForwardProxy> {
    settings.egress_proxy.clone().map(worker::ForwardProxy)
}

/// The mail server of the settings, if they name one.
pub fn mail_server(settings: &Settings) -> Option<worker::MailServer> {
    settings.smtp_url.clone().map(|url| worker::MailServer { url, from: settings.mail_from.clone() })
}

/// The Redis server of the settings, if they name one; not connected yet.
pub fn redis(settings: &Settings) -> Result<Option<RedisQueue>> {
    let opened = settings.redis_url.as_ref().map(|url| RedisQueue::open(url.reveal())).transpose();
    opened.context("REDIS_URL cannot be used")
}
