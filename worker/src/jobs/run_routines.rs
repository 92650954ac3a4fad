//! Running routines: looks each second for those that are due.

use crate::routines::Routines;
use apalis::prelude::{BoxDynError, Data};
use apalis_cron::Tick;
use std::sync::Arc;

/// Runs what is due.
pub(crate) async fn run_routines(_: Tick, routines: Data<Arc<Routines>>) -> Result<(), BoxDynError> {
    if let Err(error) = routines.run_due().await {
        tracing::warn!(%error, "cannot run routines; trying again in a second");
    }
    Ok(())
}
