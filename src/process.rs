//! The life of a long-running process: signals, the parts it runs, and their orderly end.

use crate::open_files;
use crate::settings::Settings;
use crate::wiring::{self, Wiring};
use anyhow::{Context as _, Result, anyhow};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What the parts may take beyond the grace they were given, before the process ends without them.
const OVERTIME: Duration = Duration::from_secs(5);

/// `SIGXFSZ`, the same number on Linux and macOS.
const SIGXFSZ: i32 = 25;

/// Which parts this process runs.
pub struct Parts {
    /// The HTTP side, on this listener.
    pub listener: Option<TcpListener>,
    /// Whether it works, too.
    pub is_worker: bool,
}

/// A token that SIGTERM or SIGINT cancels. The second signal ends the process on the spot.
pub fn stop_on_signal() -> Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // A limit on file sizes is then an error of the write that exceeds it, as a full disk is, and not the end of the process.
    let too_long = signal(SignalKind::from_raw(SIGXFSZ))?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        let _too_long = too_long;
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => 128 + 15,
                _ = interrupt.recv() => 128 + 2,
            }
        };
        next().await;
        tracing::info!("stopping: finishing what is under way");
        told.cancel();
        std::process::exit(next().await);
    });
    Ok(stop)
}

/// Starts something that may have to wait for a server; `None` if told to stop meanwhile.
pub async fn unless_stopped<T>(stop: &CancellationToken, start: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    tokio::select! {
        started = start => started.map(Some),
        () = stop.cancelled() => Ok(None),
    }
}

/// Binds the address of the settings.
pub async fn listen(settings: &Settings) -> Result<TcpListener> {
    TcpListener::bind(settings.listen).await.map_err(|error| anyhow!(why_not_bound(settings, &error)))
}

/// Why the address cannot be listened on, and what to do.
pub fn why_not_bound(settings: &Settings, error: &std::io::Error) -> String {
    let address = settings.listen;
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program. Stop it, or choose another address with KITCHEN_LISTEN.")
        }
        std::io::ErrorKind::AddrNotAvailable => {
            format!(
                "{address} is no address of this machine. Set KITCHEN_LISTEN to one that is, or to 0.0.0.0:{}.",
                address.port()
            )
        }
        std::io::ErrorKind::PermissionDenied => {
            format!(
                "Listening on {address} is not permitted. Ports below 1024 need privileges; choose another with KITCHEN_LISTEN."
            )
        }
        _ => format!("Cannot listen on {address}: {error}. Choose another address with KITCHEN_LISTEN."),
    }
}

/// Runs the parts until `stop` is cancelled and they have ended, then closes the database. A part that ends by itself
/// takes the others with it: a process that does half of its work must be seen to be gone.
pub async fn run(wiring: Wiring, settings: &Settings, parts: Parts, stop: CancellationToken) -> Result<()> {
    open_files::raise();
    if parts.is_worker
        && let Err(reason) = open_files::check(settings)
    {
        tracing::warn!("{reason}");
    }
    let mut running: JoinSet<Result<&'static str>> = JoinSet::new();
    if let Some(listener) = parts.listener {
        let (gateway, stop) = (wiring.gateway(settings), stop.clone());
        running.spawn(async move {
            gateway::serve(gateway, listener, stop).await.context("the gateway failed")?;
            Ok("gateway")
        });
    }
    if parts.is_worker {
        let (store, settings, rings) = (wiring.store.clone(), wiring::worker_settings(settings), wiring.rings());
        let stop = stop.clone();
        running.spawn(async move {
            worker::run(store, settings, rings, stop).await.context("the worker failed")?;
            Ok("worker")
        });
    }
    let outcome = tokio::select! {
        outcome = join(&mut running, &stop) => outcome,
        () = overtime(&stop, settings.shutdown_grace + OVERTIME) => {
            tracing::warn!("some work did not finish in time; what was accepted is stored, and goes on at the next start");
            Ok(())
        }
    };
    running.shutdown().await;
    if tokio::time::timeout(OVERTIME, wiring.store.close()).await.is_err() {
        tracing::warn!("the database connections did not close in time");
    }
    outcome
}

async fn join(running: &mut JoinSet<Result<&'static str>>, stop: &CancellationToken) -> Result<()> {
    let mut outcome = Ok(());
    while let Some(ended) = running.join_next().await {
        let fault = match ended {
            Ok(Ok(_)) if stop.is_cancelled() => continue,
            Ok(Ok(part)) => anyhow!("the {part} ended by itself"),
            Ok(Err(error)) => error,
            Err(crashed) => anyhow!("a part of this process crashed: {crashed}"),
        };
        stop.cancel();
        outcome = outcome.and(Err(fault));
    }
    outcome
}

async fn overtime(stop: &CancellationToken, limit: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(limit).await;
}
