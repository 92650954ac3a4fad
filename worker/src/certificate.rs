//! The certificate and key with which the worker names itself to receivers that ask who calls (mutual TLS).

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
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

    pub(crate) fn identity(&self) -> Result<SingleCertAndKey, CertificateError> {
        let text = std::fs::read(&self.0).map_err(|error| CertificateError::Unreadable(self.0.clone(), error))?;
        read(&text).ok_or_else(|| CertificateError::Unusable(self.0.clone()))
    }
}

/// `None` also if certificate and key do not belong together.
fn read(text: &[u8]) -> Option<SingleCertAndKey> {
    let chain = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(text).ok()?;
    CertifiedKey::from_der(chain, key, CryptoProvider::get_default()?).ok().map(SingleCertAndKey::from)
}
