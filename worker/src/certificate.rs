//! The certificate and key with which the worker names itself to receivers that ask who calls (mutual TLS).

use std::path::PathBuf;

/// A file in PEM with a certificate, whatever leads from it to its authority, and its key.
#[derive(Clone, Debug)]
pub struct CertificateFile(pub PathBuf);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// There is no such file, or it may not be read.
    #[error("KITCHEN_EGRESS_CERTIFICATE: {} cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// It does not hold what is needed.
    #[error(
        "KITCHEN_EGRESS_CERTIFICATE: {} holds no certificate with its key in PEM. Write both into one file: \
         cat certificate.pem key.pem",
        .0.display()
    )]
    Unusable(PathBuf),
}

impl CertificateFile {
    /// Whether it can be used.
    pub fn check(&self) -> Result<(), CertificateError> {
        self.identity().map(drop)
    }

    pub(crate) fn identity(&self) -> Result<reqwest::Identity, CertificateError> {
        let text = std::fs::read(&self.0).map_err(|error| CertificateError::Unreadable(self.0.clone(), error))?;
        let identity = reqwest::Identity::from_pem(&text);
        let unusable = |_| CertificateError::Unusable(self.0.clone());
        let identity = identity.map_err(unusable)?;
        // Only a client finds out whether certificate and key belong together.
        reqwest::Client::builder().no_proxy().identity(identity.clone()).build().map_err(unusable)?;
        Ok(identity)
    }
}
