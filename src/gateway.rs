//! `kitchen gateway`: the HTTP side alone, as one of several on the same Postgres and Redis.

use crate::process::{self, Parts};
use crate::settings::Settings;
use crate::wiring::Wiring;
use anyhow::Result;

/// Serves until told to stop.
pub async fn run(settings: &Settings) -> Result<()> {
    let stop = process::stop_on_signal()?;
    let Some(wiring) = process::unless_stopped(&stop, Wiring::of_part(settings, "gateway")).await? else { return Ok(()) };
    let listener = process::listen(settings).await?;
    tracing::info!(address = %listener.local_addr()?, "the gateway listens");
    process::run(wiring, settings, Parts { listener: Some(listener), is_worker: false }, stop).await
}
