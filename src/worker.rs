//! `kitchen worker`: deliveries alone, as one of several on the same Postgres and Redis.

use crate::process::{self, Parts};
use crate::settings::Settings;
use crate::wiring::{self, Wiring};
use anyhow::Result;

/// Works until told to stop.
pub async fn run(settings: &Settings) -> Result<()> {
    wiring::worker_settings(settings).check()?;
    let stop = process::stop_on_signal()?;
    let Some(wiring) = process::unless_stopped(&stop, Wiring::of_part(settings, "worker")).await? else { return Ok(()) };
    tracing::info!("the worker waits for events");
    process::run(wiring, settings, Parts { listener: None, is_worker: true }, stop).await
}
