//! `kitchen serve`: everything in one process, on any database; what a bare `kitchen` does.

use crate::database::{self, Database};
use crate::process::{self, Parts};
use crate::settings::Settings;
use crate::wiring::{self, Wiring};
use crate::workspaces::{self, WhoseLink};
use anyhow::Result;
use domain::workspace::Workspace;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use store::Store;

/// Serves and works until told to stop.
pub async fn run(settings: &Settings) -> Result<()> {
    // Before anything is made, and anybody is told how to go on.
    wiring::worker_settings(settings).check()?;
    let stop = process::stop_on_signal()?;
    let Some(wiring) = process::unless_stopped(&stop, Wiring::of_all(settings)).await? else { return Ok(()) };
    // Kept until the end of the process.
    let _alone = database::serve_alone(settings)?;
    let workspaces = workspaces::list_or_make_first(&wiring.store, settings).await?;
    let listener = process::listen(settings).await?;
    let address = listener.local_addr()?;
    println!(
        "Kitchen Gateway {} listens on http://{address}\n  database      {}\n  workers wake  {}\n",
        env!("CARGO_PKG_VERSION"),
        Database::of(settings)?,
        wiring.doorbell_name(),
    );
    println!("{}", settings_step(&wiring.store, settings, &workspaces, reachable(address)).await?);
    println!("{}", next_step(settings, workspaces.len(), reachable(address)));
    process::run(wiring, settings, Parts { listener: Some(listener), is_worker: true }, stop).await
}

/// Where the settings are; for an owner who has not joined yet, the link with which they do.
async fn settings_step(store: &Store, settings: &Settings, workspaces: &[Workspace], address: SocketAddr) -> Result<String> {
    let base = settings
        .public_url
        .as_ref()
        .map_or_else(|| format!("http://{address}"), |url| url.as_str().trim_end_matches('/').to_owned());
    let mut text = format!("Settings are at {base}/settings\n");
    for workspace in workspaces {
        if let Some(link) = workspaces::owner_link(store, workspace, &base, WhoseLink::Newcomers).await? {
            let of = if workspaces.len() > 1 { format!(" of {}", workspace.slug) } else { String::new() };
            let _ = write!(text, "\nCreate the owner{of} with this link; it works once, for seven days:\n\n  {link}\n");
        }
    }
    Ok(text)
}

/// What to type next, exactly: the program, the settings it was started with, the address it listens on.
fn next_step(settings: &Settings, workspaces_count: usize, address: SocketAddr) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "kitchen".into());
    let mut command = format!("{program} keys create --name first");
    if workspaces_count > 1 {
        command.push_str(" --workspace SLUG");
    }
    if settings.data_dir != Path::new("./data") {
        let _ = write!(command, " --data-dir '{}'", settings.data_dir.display());
    }
    let hint = if settings.database_url.is_some() { " (with the same DATABASE_URL)" } else { "" };
    format!(
        "Next, in another terminal{hint}, make an API key and call the API with it:\n\n  \
         TOKEN=$({command})\n  \
         curl -H \"Authorization: Bearer $TOKEN\" http://{address}/api/me\n  \
         curl -H \"Authorization: Bearer $TOKEN\" -d name=Ada -d email=ada@example.com http://{address}/api/clients\n\n\
         Ctrl-C stops."
    )
}

/// The same address as this machine can call it: "every address" is none that can be called.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
