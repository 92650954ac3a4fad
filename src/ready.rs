//! `kitchen ready`: asks the gateway that runs beside it whether it is ready, for the health checks of containers.

use crate::settings::Settings;
use crate::{http, serve, words};
use anyhow::{Result, bail};

/// Succeeds if `/readyz` on the address of the settings answers 200.
pub async fn run(settings: &Settings) -> Result<()> {
    let address = serve::reachable(settings.listen);
    let answer = match http::send(address, "GET", "/readyz", None, None).await {
        Ok(answer) => answer,
        Err(error) => bail!(
            "No gateway answers at {address} ({}). Start one, or set KITCHEN_LISTEN to where it listens.",
            words::of(&error)
        ),
    };
    match answer.status() {
        200 => Ok(()),
        status => bail!("The gateway at {address} is not ready: {status} {}", String::from_utf8_lossy(&answer.body)),
    }
}
