//! Finding what no ring announced: events whose ring was lost, retries that have become due, leases that have ended, what is left of a
//! change of a webhook.

use crate::engine::Engine;
use apalis::prelude::{BoxDynError, Data};
use apalis_cron::Tick;

/// Sweeps, unless a sweep is under way.
pub(crate) async fn sweep(_: Tick, engine: Data<Engine>) -> Result<(), BoxDynError> {
    if let Err(error) = engine.sweep().await {
        tracing::warn!(%error, "cannot sweep; trying again in a second");
    }
    Ok(())
}
