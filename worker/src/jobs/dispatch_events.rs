//! Matching events with webhooks, as the doorbell rings.

use crate::engine::Engine;
use apalis::prelude::{BoxDynError, Data};
use queue::Ring;

/// Dispatches the events a ring names.
pub(crate) async fn dispatch_events(ring: Ring, engine: Data<Engine>) -> Result<(), BoxDynError> {
    if let Err(error) = engine.dispatch(&ring.event_ids).await {
        tracing::warn!(%error, count = ring.event_ids.len(), "cannot dispatch events; the sweep will");
    }
    Ok(())
}
