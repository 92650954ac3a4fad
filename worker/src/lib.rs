//! The worker of Kitchen Gateway: matches events with webhooks, delivers, retries, sweeps, carries out operations.
//!
//! Truth is in the store. apalis runs the jobs (`monitor`); a job hands what it claimed to the [`engine`], which makes the
//! attempts and records what they came to. Refuses HTTP routes (that is `gateway`) and SQL (that is `store`).

/// Who the worker is, to receivers that ask.
mod certificate;
/// The one client for every outbound request.
mod client;
/// Claims, attempts, outcomes.
mod engine;
/// What this worker holds leases on.
mod held;
/// Places at which a test can stop a debug build.
mod hold;
/// What apalis runs, one file per job.
mod jobs;
/// Names, and which addresses may be connected to.
mod judge;
/// Mail, over SMTP.
mod mailer;
/// All apalis wiring.
mod monitor;
/// Which addresses a name has.
mod names;
/// Carrying out operations.
mod operator;
/// How fast deliveries may begin.
mod pacer;
/// The operator's forward proxy.
mod proxy;
/// Writing outcomes, many at once.
mod recorder;
/// What is done by the clock.
pub mod routines;
/// Connections through the operator's proxy.
mod tunnel;

pub use certificate::{CertificateError, CertificateFile};
pub use mailer::{MailServer, MailSettingError};
pub use names::Names;
pub use proxy::{ForwardProxy, ProxySettingError};

use domain::egress::EgressPolicy;
use domain::retention::Retention;
use engine::Engine;
use mailer::Mailer;
use operator::Operator;
use queue::RingBackend;
use routines::Routines;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio_util::sync::CancellationToken;

/// Choices of the operator that concern delivery.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which addresses may be called.
    pub egress: EgressPolicy,
    /// Whom to ask about the names in URLs.
    pub names: Names,
    /// What is shown to receivers that ask who calls.
    pub certificate: Option<CertificateFile>,
    /// Through which all connections go; without it they go directly.
    pub proxy: Option<ForwardProxy>,
    /// Deliveries held at once, over all webhooks: under way, or waiting for a place at their webhook.
    pub max_in_flight: usize,
    /// Requests under way at once to one webhook whose owner chose nothing else.
    pub max_in_flight_per_webhook: usize,
    /// From resolving the name to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How long nothing but failures may come before a webhook is disabled; `None` for ever.
    pub disable_after: Option<Duration>,
    /// How old a delivery becomes before it is given up, whatever is left of its schedule.
    pub max_delivery_age: Duration,
    /// How long what is done with is kept.
    pub retention: Retention,
    /// Through which mail is sent; without it none is.
    pub mail: Option<MailServer>,
    /// How long the worker goes on with attempts under way after it was told to stop.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            egress: EgressPolicy::default(),
            names: Names::default(),
            certificate: None,
            proxy: None,
            max_in_flight: 2048,
            max_in_flight_per_webhook: 32,
            attempt_timeout: Duration::from_secs(15),
            disable_after: Some(Duration::from_hours(5 * 24)),
            max_delivery_age: domain::retries::USUAL_MAX_AGE,
            retention: Retention::default(),
            mail: None,
            grace: Duration::from_secs(20),
        }
    }
}

impl Settings {
    /// Whether a worker can start with these, as far as they say by themselves: nothing is connected to.
    ///
    /// # Errors
    /// What the operator has to mend.
    pub fn check(&self) -> Result<(), WorkerError> {
        self.certificate.as_ref().map(CertificateFile::check).transpose()?;
        self.proxy.as_ref().map(ForwardProxy::read).transpose()?;
        self.mail.as_ref().map(MailServer::parse).transpose()?;
        Ok(())
    }
}

/// Why the worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The outbound client could not be set up.
    #[error("the outbound HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
    /// The authorities the system trusts cannot be read.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The proxy's setting makes no sense.
    #[error(transparent)]
    Proxy(#[from] ProxySettingError),
    /// The mail server's settings make no sense.
    #[error(transparent)]
    Mail(#[from] MailSettingError),
    /// A routine has no schedule that can be read.
    #[error("a schedule cannot be read: {0}")]
    Schedule(#[from] cron::error::Error),
}

/// Works until `stop` is cancelled; then finishes or gives back what is under way, and returns.
pub async fn run(store: Store, settings: Settings, rings: RingBackend, stop: CancellationToken) -> Result<(), WorkerError> {
    let grace = settings.grace;
    let mailer = settings.mail.as_ref().map(|server| Mailer::new(store.clone(), server)).transpose()?.map(Arc::new);
    let operator = Arc::new(Operator::new(store.clone(), stop.clone()));
    let routines = Arc::new(Routines::of_worker(&store, &settings.retention, settings.max_delivery_age, &stop)?);
    let engine = Engine::start(store, settings, rings.limiter())?;
    engine.revoke_leases().await;
    operator.revoke_leases().await;
    routines.revoke_runs().await;
    monitor::run(engine.clone(), mailer, operator, routines, rings, stop).await;
    engine.finish(grace).await;
    Ok(())
}
