//! Sealing: secrets that must be readable again (webhook signing secrets) are encrypted before they are stored.
//!
//! ChaCha20-Poly1305 with a random nonce under the operator's master key. The stored text says which way it was
//! written (`plain:` or `v1:<key id>:…`), so that a master key can be introduced later and old rows stay readable.

use crate::secret::{Secret, hex, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};

/// Why a sealed text cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The master key is not 32 bytes of base64.
    #[error("the master key is not 32 bytes in base64; make one with `openssl rand -base64 32`")]
    BadKey,
    /// The text was sealed under another master key than the one configured.
    #[error("a stored secret was sealed with another master key; set the master key it was written with")]
    OtherKey,
    /// The text was changed, or is none of ours.
    #[error("a stored secret cannot be read: it is damaged")]
    Damaged,
}

/// The operator's key for secrets at rest. Without one, secrets are stored as they are.
#[derive(Clone, Default)]
pub struct MasterKey {
    key: Option<(String, [u8; 32])>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.key.as_ref().map_or("none", |(id, _)| id.as_str()))
    }
}

impl MasterKey {
    /// No key: what is sealed stays readable in the database.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads 32 bytes of base64, with or without padding.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let bytes = STANDARD_NO_PAD.decode(text.trim().trim_end_matches('=')).map_err(|_| SealError::BadKey)?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| SealError::BadKey)?;
        let id = hex(&Sha256::digest(key)[..4]);
        Ok(Self { key: Some((id, key)) })
    }

    /// A new random key, as text that [`MasterKey::parse`] reads.
    pub fn generate() -> Secret {
        Secret::new(STANDARD_NO_PAD.encode(random_bytes::<32>()))
    }

    /// Whether secrets are encrypted at all.
    pub fn is_set(&self) -> bool {
        self.key.is_some()
    }

    /// Seals a secret for storing.
    pub fn seal(&self, secret: &Secret) -> Result<String, SealError> {
        let Some((id, bytes)) = &self.key else { return Ok(format!("plain:{}", secret.reveal())) };
        let nonce = random_bytes::<NONCE_LEN>();
        let mut sealed = secret.reveal().as_bytes().to_vec();
        cipher(bytes)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
            .map_err(|_| SealError::Damaged)?;
        Ok(format!("v1:{id}:{}:{}", STANDARD_NO_PAD.encode(nonce), STANDARD_NO_PAD.encode(sealed)))
    }

    /// Opens what [`MasterKey::seal`] wrote.
    pub fn open(&self, stored: &str) -> Result<Secret, SealError> {
        if let Some(plain) = stored.strip_prefix("plain:") {
            return Ok(Secret::new(plain.to_owned()));
        }
        let mut parts = stored.split(':');
        let (Some("v1"), Some(id), Some(nonce), Some(sealed)) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(SealError::Damaged);
        };
        let bytes = self.key.as_ref().filter(|(own, _)| own == id).map(|(_, bytes)| bytes).ok_or(SealError::OtherKey)?;
        let nonce: [u8; NONCE_LEN] =
            STANDARD_NO_PAD.decode(nonce).ok().and_then(|n| n.try_into().ok()).ok_or(SealError::Damaged)?;
        let mut sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| SealError::Damaged)?;
        let plain = cipher(bytes)?
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
            .map_err(|_| SealError::Damaged)?;
        String::from_utf8(plain.to_vec()).map(Secret::new).map_err(|_| SealError::Damaged)
    }
}

fn cipher(bytes: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&CHACHA20_POLY1305, bytes).map(LessSafeKey::new).map_err(|_| SealError::BadKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_only() -> Result<(), SealError> {
        let key = MasterKey::parse(MasterKey::generate().reveal())?;
        let other = MasterKey::parse(MasterKey::generate().reveal())?;
        let sealed = key.seal(&Secret::new("whsec_abc".into()))?;
        assert!(!sealed.contains("whsec_abc"));
        assert_eq!(key.open(&sealed)?.reveal(), "whsec_abc");
        assert!(matches!(other.open(&sealed), Err(SealError::OtherKey)));
        assert!(matches!(key.open(&format!("{sealed}AA")), Err(SealError::Damaged)));
        assert_eq!(key.open(&MasterKey::none().seal(&Secret::new("old".into()))?)?.reveal(), "old");
        Ok(())
    }
}
