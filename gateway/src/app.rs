//! What every request can reach: the store, the limiter, the settings.

use domain::egress::EgressPolicy;
use queue::SharedLimiter;
use store::Store;
use url::Url;

/// Choices of the operator that concern HTTP.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the gateway is reached from outside, for links in answers; taken from the `Host` header when absent.
    pub public_url: Option<Url>,
    /// Which targets webhooks may have.
    pub egress: EgressPolicy,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Whether this process also works (`kitchen serve`), or the queue must be reachable to be ready.
    pub queue: Option<queue::RedisQueue>,
    /// Limits shared by all gateways; without it each process counts alone.
    pub shared_limiter: Option<SharedLimiter>,
}

/// The HTTP side: cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    store: Store,
    settings: std::sync::Arc<Settings>,
}

impl Gateway {
    /// Over a store whose migrations are applied.
    pub fn new(store: Store, settings: Settings) -> Self {
        Self { store, settings: std::sync::Arc::new(settings) }
    }
}
