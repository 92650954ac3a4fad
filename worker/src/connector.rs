//! How a connection comes about: a name is resolved, every address it has is judged, and one that passed is connected to, by
//! ourselves or through the operator's proxy. TLS, where the URL asks for it, is with the name.

use crate::names::Names;
use crate::proxy::Proxy;
use crate::{Settings, WorkerError};
use domain::egress::EgressPolicy;
use hyper::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service};

/// How long it may take until there is a connection, name, proxy and TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes connections.
pub(crate) type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// The connector these settings ask for. Its error is a [`io::ErrorKind::TimedOut`] if there was no connection in time.
pub(crate) fn connector(settings: &Settings) -> Result<Connector, WorkerError> {
    let judge = Judge { policy: Arc::new(settings.egress.clone()), names: settings.names.clone() };
    let mut direct = HttpConnector::new_with_resolver(judge.clone());
    direct.enforce_http(false);
    direct.set_nodelay(true);
    direct.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let way = match &settings.proxy {
        None => Way::Direct(direct),
        Some(proxy) => Way::Proxy(judge, Arc::new(proxy.read()?)),
    };
    let secured = HttpsConnector::from((way, tls(settings)?));
    Ok(BoxCloneSyncService::new(tower::service_fn(move |target: Uri| {
        let connecting = secured.clone().call(target);
        async move { tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.map_err(io::Error::from)? }
    })))
}

/// Trusts the authorities the system trusts, and says who calls where that is asked and configured.
fn tls(settings: &Settings) -> Result<ClientConfig, WorkerError> {
    let trusting = ClientConfig::builder().with_platform_verifier()?;
    let mut config = match &settings.certificate {
        None => trusting.with_no_client_auth(),
        Some(certificate) => trusting.with_client_cert_resolver(Arc::new(certificate.identity()?)),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// How an address is reached.
#[derive(Clone)]
enum Way {
    Direct(HttpConnector<Judge>),
    Proxy(Judge, Arc<Proxy>),
}

impl Service<Uri> for Way {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(connector) => connector.poll_ready(context).map_err(Into::into),
            Self::Proxy(..) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        match self {
            Self::Direct(connector) => {
                let connecting = connector.call(target);
                Box::pin(async move { Ok(connecting.await?) })
            }
            Self::Proxy(judge, proxy) => {
                let (judge, proxy) = (judge.clone(), Arc::clone(proxy));
                Box::pin(async move {
                    let host = target.host().unwrap_or_default().trim_matches(['[', ']']);
                    let port = target.port_u16().unwrap_or(if target.scheme_str() == Some("http") { 80 } else { 443 });
                    let addresses = judge.addresses(host).await?.into_iter().map(|address| SocketAddr::new(address, port));
                    Ok(TokioIo::new(proxy.tunnel(addresses).await?))
                })
            }
        }
    }
}

/// Resolves names, and lets through none that leads where nothing may be sent.
#[derive(Clone)]
struct Judge {
    policy: Arc<EgressPolicy>,
    names: Names,
}

impl Judge {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, BoxError> {
        let found = match host.parse() {
            Ok(literal) => vec![literal],
            Err(_) => self.names.addresses(host).await?,
        };
        Ok(self.policy.judge_answer(host, &found)?)
    }
}

impl Service<Name> for Judge {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let judge = self.clone();
        Box::pin(async move {
            let judged = judge.addresses(name.as_str()).await?;
            // The port is filled in by the connector.
            Ok(judged.into_iter().map(|address| SocketAddr::new(address, 0)).collect::<Vec<_>>().into_iter())
        })
    }
}
