//! Connections: accepting them, how long a request's head may take, and ending them when the process stops.
//!
//! Not axum's own loop, which sets no limit for the head of a request: whoever sends half of one, or nothing, would hold a
//! connection for ever.

use crate::app::Gateway;
use crate::linger::{Lingering, Unread};
use crate::router::router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// How long to leave the listener alone when there is no room for another connection.
const CROWDED: Duration = Duration::from_millis(100);

/// Serves HTTP on the listener until `stop` is cancelled; then finishes the requests in flight and returns.
pub async fn serve(gateway: Gateway, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    let housekeeping = tokio::spawn(gateway.limiter().clone().forget_idle_keys());
    let head_timeout = gateway.settings().head_timeout;
    let app = router(gateway);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Most often the process has as many files open as it may; connections that end make room.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(CROWDED).await;
                continue;
            }
        };
        // Answers are small and must not wait to fill a packet. It fails only for a connection that is gone already.
        let _ = stream.set_nodelay(true);
        let (app, unread) = (app.clone(), Unread::default());
        let stream = Lingering::new(stream, unread.clone());
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().call(request.map(|body| Body::new(unread.watch(body))))
        });
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
    housekeeping.abort();
    Ok(())
}
