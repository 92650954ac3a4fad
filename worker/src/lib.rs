//! The worker of Kitchen Gateway: matches events with webhooks, delivers, retries, sweeps.

/// Choices of the operator that concern delivery.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which addresses may be called.
    pub egress: domain::egress::EgressPolicy,
    /// Requests under way at once, over all webhooks.
    pub max_in_flight: usize,
    /// Requests under way at once to one webhook.
    pub max_in_flight_per_webhook: usize,
    /// From resolving the name to the last byte of the answer.
    pub attempt_timeout: std::time::Duration,
    /// How long the worker goes on with attempts under way after it was told to stop.
    pub grace: std::time::Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            egress: domain::egress::EgressPolicy::default(),
            max_in_flight: 256,
            max_in_flight_per_webhook: 32,
            attempt_timeout: std::time::Duration::from_secs(15),
            grace: std::time::Duration::from_secs(20),
        }
    }
}

/// Works until `stop` is cancelled; then finishes or gives back what is under way, and returns.
pub async fn run(
    store: store::Store,
    settings: Settings,
    rings: queue::RingBackend,
    stop: tokio_util::sync::CancellationToken,
) {
    let _ = (store, settings, rings);
    stop.cancelled().await;
}
