//! API keys: the token a caller presents, and what is kept of it.
//!
//! Token: `kitchen_<public 12>_<secret 32><checksum 6>`, all base62. The public part finds the row by one indexed
//! look-up; the 32 secret characters carry 190 bits; the checksum (CRC-32 of everything before it) refuses a mistyped
//! token without touching the database. Only the SHA-256 of the whole token is stored: with 190 random bits a slow
//! hash would add cost and no safety.

use crate::clock::Timestamp;
use crate::ids::{ApiKeyId, WorkspaceId};
use crate::secret::{self, Secret};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What every token begins with; secret scanners search for it.
pub const TOKEN_PREFIX: &str = "kitchen_";
const PUBLIC_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 32;
const CHECKSUM_LENGTH: usize = 6;

/// Requests a minute a key may make when nothing else was chosen.
pub const DEFAULT_RATE_LIMIT: u32 = 200;
/// The largest limit a key can be given, requests a minute.
pub const MAX_RATE_LIMIT: u32 = 1_000_000;

/// A stored API key: everything but the token, which exists only in its owner's hands.
#[derive(Clone, Debug, Serialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The workspace it opens.
    #[serde(skip)]
    pub workspace_id: WorkspaceId,
    /// What its owner calls it.
    pub name: String,
    /// The visible start of the token, to recognise it by.
    pub start: String,
    /// Requests a minute.
    pub rate_limit: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A token whose form and checksum are right. Whether it opens anything is the store's to say.
#[derive(Clone, Debug)]
pub struct Token {
    text: Secret,
    public: String,
}

/// SHA-256 of a whole token, in lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl Token {
    /// A new random token.
    pub fn generate() -> Self {
        let public = secret::random_base62(PUBLIC_LENGTH);
        let body = format!("{TOKEN_PREFIX}{public}_{}", secret::random_base62(SECRET_LENGTH));
        let text = format!("{body}{}", checksum(&body));
        Self { text: Secret::new(text), public }
    }

    /// Reads a presented token; `None` when its form or checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(TOKEN_PREFIX)?;
        let (public, tail) = rest.split_once('_')?;
        let is_base62 = rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if public.len() != PUBLIC_LENGTH || tail.len() != SECRET_LENGTH + CHECKSUM_LENGTH || !is_base62 {
            return None;
        }
        let (body, sum) = text.split_at(text.len() - CHECKSUM_LENGTH);
        (checksum(body) == sum).then(|| Self { text: Secret::new(text.to_owned()), public: public.to_owned() })
    }

    /// The part that is no secret and finds the row.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The visible start: prefix and public part.
    pub fn start(&self) -> String {
        format!("{TOKEN_PREFIX}{}", self.public)
    }

    /// The whole token, to be shown once.
    pub fn reveal(&self) -> &str {
        self.text.reveal()
    }

    /// What is stored in place of the token.
    pub fn hash(&self) -> TokenHash {
        TokenHash(secret::hex(&Sha256::digest(self.text.reveal().as_bytes())))
    }
}

impl TokenHash {
    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares with a stored hash in constant time.
    pub fn matches(&self, stored: &str) -> bool {
        self.0.as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

fn checksum(body: &str) -> String {
    secret::base62(crc32fast::hash(body.as_bytes()), CHECKSUM_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_token_is_refused_by_its_form_alone() {
        let token = Token::generate();
        assert!(Token::parse(token.reveal()).is_some());
        for at in 0..token.reveal().len() {
            let mut typo = token.reveal().as_bytes().to_vec();
            typo[at] = if typo[at] == b'x' { b'y' } else { b'x' };
            assert!(Token::parse(&String::from_utf8_lossy(&typo)).is_none(), "typo at {at} passed");
        }
        assert!(Token::parse("").is_none());
        assert!(Token::parse(&token.reveal()[..20]).is_none());
    }

    #[test]
    fn only_the_token_itself_matches_its_hash() {
        let token = Token::generate();
        assert!(token.hash().matches(token.hash().as_str()));
        assert!(!Token::generate().hash().matches(token.hash().as_str()));
        assert!(!token.hash().matches(""));
        assert!(!format!("{token:?}").contains(&token.reveal()[24..]));
    }
}
