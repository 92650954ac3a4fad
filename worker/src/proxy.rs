//! The operator's forward proxy, through which connections leave a network that is closed. It is told an address that was judged
//! here, never a name, so that it looks nothing up and leads nowhere a connection of our own would not.
//!
//! Refuses to judge its own address: that is the operator's, and may be private.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use percent_encoding::percent_decode_str;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// Bytes of an answer's head that are read.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// A proxy as the operator writes it: `http://user:password@host:port`.
#[derive(Clone, Debug)]
pub struct ForwardProxy(pub Secret);

/// Why the proxy's setting cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProxySettingError {
    /// Not a URL of the kind that is understood. The URL itself may hold a password.
    #[error("KITCHEN_EGRESS_PROXY cannot be used: write http://host:port or http://user:password@host:port")]
    Url,
    /// Nobody listens there.
    #[error("the proxy cannot be reached: {0}")]
    Unreachable(String),
}

impl ForwardProxy {
    /// Whether it can be understood and connected to within this time. Nothing is asked of it.
    pub async fn check(&self, within: Duration) -> Result<(), ProxySettingError> {
        let proxy = self.read()?;
        match tokio::time::timeout(within, proxy.connect()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(ProxySettingError::Unreachable(error.to_string())),
            Err(_) => Err(ProxySettingError::Unreachable(format!("no answer within {} s", within.as_secs()))),
        }
    }

    pub(crate) fn read(&self) -> Result<Proxy, ProxySettingError> {
        let url = Url::parse(self.0.reveal()).map_err(|_| ProxySettingError::Url)?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Err(ProxySettingError::Url) };
        if url.scheme() != "http" || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxySettingError::Url);
        }
        let authorization = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
            pair.push(b':');
            pair.extend(percent_decode_str(url.password().unwrap_or_default()));
            Secret::new(format!("Basic {}", STANDARD.encode(pair)))
        });
        Ok(Proxy { host: host.trim_matches(['[', ']']).to_owned(), port, authorization })
    }
}

/// Why there is no way through the proxy, in words for the webhook's owner: where it stands is none of theirs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TunnelError {
    #[error("the proxy cannot be reached: {0}")]
    Unreachable(std::io::Error),
    #[error("the proxy answered {0}")]
    Refused(u16),
    #[error("the proxy broke off: {0}")]
    BrokeOff(std::io::Error),
    #[error("the proxy gave no answer that can be read")]
    Unreadable,
}

/// A proxy that can be used.
pub(crate) struct Proxy {
    host: String,
    port: u16,
    authorization: Option<Secret>,
}

impl Proxy {
    /// A connection to the first of these addresses to which the proxy lets us.
    pub(crate) async fn tunnel(&self, addresses: impl IntoIterator<Item = SocketAddr>) -> Result<TcpStream, TunnelError> {
        let mut refused = TunnelError::Unreadable;
        for address in addresses {
            match self.tunnel_to(address).await {
                Err(error @ TunnelError::Refused(_)) => refused = error,
                outcome => return outcome,
            }
        }
        Err(refused)
    }

    async fn tunnel_to(&self, address: SocketAddr) -> Result<TcpStream, TunnelError> {
        let mut stream = self.connect().await.map_err(TunnelError::Unreachable)?;
        let mut request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n");
        if let Some(authorization) = &self.authorization {
            request = request + "Proxy-Authorization: " + authorization.reveal() + "\r\n";
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await.map_err(TunnelError::BrokeOff)?;
        let mut head = Vec::new();
        loop {
            if stream.read_buf(&mut head).await.map_err(TunnelError::BrokeOff)? == 0 {
                return Err(TunnelError::BrokeOff(std::io::ErrorKind::UnexpectedEof.into()));
            }
            match status(&head) {
                // Nothing may follow the head: at the other end nobody speaks before we do.
                Some(200..=299) if head.ends_with(b"\r\n\r\n") => return Ok(stream),
                Some(200..=299) => {}
                Some(status) => return Err(TunnelError::Refused(status)),
                None if head.contains(&b'\n') => return Err(TunnelError::Unreadable),
                None => {}
            }
            if head.len() > MAX_HEAD_BYTES {
                return Err(TunnelError::Unreadable);
            }
        }
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// The status, once the whole line is there: `HTTP/1.1 200 Connection established`.
fn status(head: &[u8]) -> Option<u16> {
    let (line, _) = std::str::from_utf8(head).ok()?.split_once('\n')?;
    let (version, rest) = line.split_once(' ')?;
    version.starts_with("HTTP/1.").then(|| rest.trim().split(' ').next()?.parse().ok()).flatten()
}
