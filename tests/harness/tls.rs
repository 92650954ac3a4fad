//! Receivers with TLS: authorities, certificates and keys as `openssl` makes them, and a listener that speaks it.

use axum::serve::Listener;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const EXTENSIONS: &str = "[req]\ndistinguished_name=dn\n[dn]\n\
    [ca]\nbasicConstraints=critical,CA:TRUE\n\
    [server]\nsubjectAltName=DNS:localhost\n\
    [client]\nextendedKeyUsage=clientAuth\n";

/// An authority, and what it has signed for a server and a client. Gone with the test.
pub struct Authority {
    directory: tempfile::TempDir,
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        let authority = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        std::fs::write(authority.path("openssl.cnf"), EXTENSIONS).expect("a file");
        authority.make("ca", &[]);
        for name in ["server", "client"] {
            authority.make(name, &["-CA", "ca.pem", "-CAkey", "ca.key"]);
        }
        let both = [authority.path("client.pem"), authority.path("client.key")].map(|path| std::fs::read(path).expect("a file"));
        std::fs::write(authority.path("identity.pem"), both.concat()).expect("a file");
        authority
    }

    fn make(&self, name: &str, signed_by: &[&str]) {
        let (key, certificate, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/CN={name}"));
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-config", "openssl.cnf", "-extensions", name, "-nodes", "-days", "30"]);
        command.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        command.args(["-subj", &subject, "-keyout", &key, "-out", &certificate]).args(signed_by);
        let output = command.current_dir(&self.directory).output().expect("openssl is there: `script/setup` installs it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A file: `ca.pem`, `client.pem`, `client.key`, or `identity.pem`, which holds the client's two.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A listener on a free port, for `https://localhost:…`; one that asks who calls takes only callers this authority knows.
    pub async fn listen(&self, asks_who_calls: bool) -> TlsListener {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let read = |name: &str| CertificateDer::from_pem_file(self.path(name)).expect("a certificate");
        let config = if asks_who_calls {
            let mut roots = RootCertStore::empty();
            roots.add(read("ca.pem")).expect("an authority");
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("a verifier");
            rustls::ServerConfig::builder().with_client_cert_verifier(verifier)
        } else {
            rustls::ServerConfig::builder().with_no_client_auth()
        };
        let key = PrivateKeyDer::from_pem_file(self.path("server.key")).expect("a key");
        let config = config.with_single_cert(vec![read("server.pem")], key).expect("a certificate with its key");
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        TlsListener { tcp, acceptor: Arc::new(config).into() }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes connections, and of those the ones that can agree on TLS.
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, address)) = self.tcp.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
