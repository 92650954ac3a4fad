//! Carrying out operations: looks each second for steps that are due.

use crate::operator::Operator;
use apalis::prelude::{BoxDynError, Data};
use apalis_cron::Tick;
use std::sync::Arc;

/// Takes the steps that are due.
pub(crate) async fn carry_out_operations(_: Tick, operator: Data<Arc<Operator>>) -> Result<(), BoxDynError> {
    if let Err(error) = operator.work().await {
        tracing::warn!(%error, "cannot carry out operations; trying again in a second");
    }
    Ok(())
}
