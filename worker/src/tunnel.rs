//! Connections through the operator's proxy: a name is resolved and judged here, the proxy is asked for one of its addresses, and TLS, where
//! the URL asks for it, is with the name.

use crate::client::CONNECT_TIMEOUT;
use crate::judge::Judge;
use crate::proxy::Proxy;
use hyper::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service};

/// Makes connections.
pub(crate) type Tunnels = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// Makes connections through this proxy. The error is a [`io::ErrorKind::TimedOut`] if there was none in time.
pub(crate) fn tunnels(judge: Judge, proxy: Proxy, tls: ClientConfig) -> Tunnels {
    let secured = HttpsConnector::from((Tunnel { judge, proxy: Arc::new(proxy) }, tls));
    BoxCloneSyncService::new(tower::service_fn(move |target: Uri| {
        let connecting = secured.clone().call(target);
        async move { tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.map_err(io::Error::from)? }
    }))
}

#[derive(Clone)]
struct Tunnel {
    judge: Judge,
    proxy: Arc<Proxy>,
}

impl Service<Uri> for Tunnel {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Self { judge, proxy } = self.clone();
        Box::pin(async move {
            let host = target.host().unwrap_or_default().trim_matches(['[', ']']);
            let port = target.port_u16().unwrap_or(if target.scheme_str() == Some("http") { 80 } else { 443 });
            let addresses = judge.addresses(host).await?.into_iter().map(|address| SocketAddr::new(address, port));
            Ok(TokioIo::new(proxy.tunnel(addresses).await?))
        })
    }
}
