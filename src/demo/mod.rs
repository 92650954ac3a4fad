//! `kitchen demo`: a whole gateway on a temporary directory, a receiver, and an integration that uses it over real HTTP.
//!
//! Owns the scene: what is started, what stays up for exploring. The play itself is in `steps.rs`.

mod receiver;
mod steps;

use crate::process::{self, Parts};
use crate::settings::{Settings, Targets};
use crate::wiring::Wiring;
use crate::workspaces;
use anyhow::Result;
use clap::Args;
use domain::audit::Actor;
use std::net::{Ipv4Addr, SocketAddr};
use steps::Integration;

/// The flags of `demo`.
#[derive(Args)]
pub struct Demo {
    /// End after the steps instead of staying up for exploring
    #[arg(long)]
    exit: bool,
}

/// Runs the demo; fails if one of its steps does.
pub async fn run(demo: &Demo, settings: &Settings) -> Result<()> {
    let stop = process::stop_on_signal()?;
    let directory = tempfile::tempdir()?;
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data_dir: directory.path().to_owned(),
        database_url: None,
        redis_url: None,
        public_url: None,
        master_key: None,
        allow_targets: Targets::loopback(),
        // Its receiver is on this machine.
        egress_proxy: None,
        ..settings.clone()
    };
    let wiring = Wiring::of_all(&settings).await?;
    let workspace = workspaces::list_or_make_first(&wiring.store, &settings).await?.remove(0);
    let mut work = wiring.store.begin(&workspace.id, Actor::command_line());
    let new = domain::api_key::NewApiKey::read(&serde_json::json!({"name": "demo"}), wiring.store.clock().now())
        .map_err(|invalid| anyhow::anyhow!(invalid.message()))?;
    let (_, token) = store::api_keys::create(&mut work, new);
    work.commit().await?;
    let listener = process::listen(&settings).await?;
    let (receiver, inbox) = receiver::start().await?;
    let mut integration = Integration { gateway: listener.local_addr()?, receiver, inbox, token };

    println!("Kitchen Gateway demo: a gateway and a worker at http://{}, a receiver at http://{receiver}\n", integration.gateway);
    let running = {
        let (settings, stop) = (settings.clone(), stop.clone());
        let parts = Parts { listener: Some(listener), is_worker: true };
        tokio::spawn(async move { process::run(wiring, &settings, parts, stop).await })
    };
    let outcome = tokio::select! {
        outcome = integration.act() => outcome,
        () = stop.cancelled() => Ok(()),
    };
    if outcome.is_ok() && !demo.exit && !stop.is_cancelled() {
        println!("{}", invitation(&integration));
        stop.cancelled().await;
    }
    stop.cancel();
    let ended = running.await?;
    outcome.and(ended)
}

fn invitation(integration: &Integration) -> String {
    let Integration { gateway, token, .. } = integration;
    format!(
        "\nAll of it stays up until Ctrl-C, and is gone afterwards. To explore:\n\n  \
         export TOKEN={}\n  \
         curl -H \"Authorization: Bearer $TOKEN\" http://{gateway}/api/clients\n  \
         curl -H \"Authorization: Bearer $TOKEN\" -d name=Grace -d email=grace@example.com http://{gateway}/api/clients\n  \
         curl -H \"Authorization: Bearer $TOKEN\" http://{gateway}/api/webhooks\n  \
         curl -H \"Authorization: Bearer $TOKEN\" http://{gateway}/connect/zapier/triggers/client.created",
        token.reveal()
    )
}
