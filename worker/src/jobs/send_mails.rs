//! Sending mails that are due: new ones within a second, others when their next attempt has come.

use crate::mailer::Mailer;
use apalis::prelude::{BoxDynError, Data};
use apalis_cron::Tick;
use std::sync::Arc;

/// Sends what is due.
pub(crate) async fn send_mails(_: Tick, mailer: Data<Arc<Mailer>>) -> Result<(), BoxDynError> {
    if let Err(error) = mailer.send_due().await {
        tracing::warn!(%error, "cannot look for mails; trying again in a second");
    }
    Ok(())
}
