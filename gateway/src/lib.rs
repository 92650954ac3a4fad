//! The HTTP side of Kitchen Gateway: the API, the platforms' endpoints, health.
//!
//! Owns routes, extractors, authentication, rate limits and error answers. Refuses SQL (that is `store`) and calls to
//! other servers (that is `worker`).

/// What every request can reach.
mod app;

pub use app::{Gateway, Settings};

/// Serves HTTP on the listener until `stop` is cancelled; then finishes the requests in flight and returns.
pub async fn serve(
    gateway: Gateway,
    listener: tokio::net::TcpListener,
    stop: tokio_util::sync::CancellationToken,
) -> std::io::Result<()> {
    let _ = (gateway, listener);
    stop.cancelled().await;
    Ok(())
}
