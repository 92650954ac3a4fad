//! What every request can reach: the store, the limiter, the settings.

use crate::last_used::LastUsed;
use crate::openapi::Written;
use crate::rate_limit::Limiter;
use connectors::Catalogue;
use domain::egress::EgressPolicy;
use ipnet::IpNet;
use queue::{RedisQueue, SharedLimiter};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use url::Url;

/// Choices of the operator that concern HTTP.
#[derive(Clone)]
pub struct Settings {
    /// Where the gateway is reached from outside, for links in answers; taken from the `Host` header when absent.
    pub public_url: Option<Url>,
    /// Which targets webhooks may have.
    pub egress: EgressPolicy,
    /// How long a request's head may take, and so also how long a connection may lie idle between requests.
    pub head_timeout: Duration,
    /// Whether mail is sent, or only kept.
    pub has_mail_server: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The queue whose state readiness reports; `None` when the doorbell rings in process.
    pub queue: Option<RedisQueue>,
    /// Limits shared by all gateways; without it each process counts alone.
    pub shared_limiter: Option<SharedLimiter>,
}

/// The HTTP side: cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    settings: Settings,
    catalogue: Catalogue,
    limiter: Limiter,
    last_used: LastUsed,
    description: Written,
}

impl Gateway {
    /// Over a store whose migrations are applied.
    pub fn new(store: Store, settings: Settings) -> Self {
        Self::with_catalogue(store, settings, Catalogue::kitchen())
    }

    /// The same, offering platforms another catalogue than Kitchen's.
    pub fn with_catalogue(store: Store, settings: Settings, catalogue: Catalogue) -> Self {
        let limiter = Limiter::new(settings.shared_limiter.clone());
        let (last_used, description) = (LastUsed::default(), Written::default());
        Self { inner: Arc::new(Inner { store, settings, catalogue, limiter, last_used, description }) }
    }

    /// What platforms are offered.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    /// The description of the API, as it is sent.
    pub(crate) fn description(&self) -> &Written {
        &self.inner.description
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The operator's choices.
    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// When keys were last used.
    pub(crate) fn last_used(&self) -> &LastUsed {
        &self.inner.last_used
    }

    /// The rate limits.
    pub(crate) fn limiter(&self) -> &Limiter {
        &self.inner.limiter
    }
}
