//! API keys: the token a caller presents, and what is kept of it.
//!
//! Token: `kitchen_<public 12>_<secret 32><checksum 6>`, all base62. The public part finds the row by one indexed
//! look-up; the 32 secret characters carry 190 bits; the checksum (CRC-32 of everything before it) refuses a mistyped
//! token without touching the database. Only the SHA-256 of the whole token is stored: with 190 random bits a slow
//! hash would add cost and no safety.

use crate::clock::Timestamp;
use crate::ids::{ApiKeyId, WorkspaceId};
use crate::input::{Fields, Invalid, Parsed, Parser as _, integer, line, moment, network, seconds};
use crate::scope::{Access, Family, Scope, read_scopes};
use crate::secret::{self, Secret};
use ipnet::IpNet;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::time::Duration;
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

/// The longest a rolled token can live on beside its successor.
pub const MAX_OVERLAP: Duration = Duration::from_hours(7 * 24);

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
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Requests a minute.
    pub rate_limit: u32,
    /// The addresses it may be used from; empty for any.
    #[serde(serialize_with = "as_texts")]
    pub allowed_ips: Vec<IpNet>,
    /// When it ceases to open anything; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When a request was last made with its token, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// The address that request came from.
    pub last_used_from: Option<String>,
    /// The token before the last roll, for as long as it lives on.
    pub previous: Option<PreviousToken>,
    /// Who made it, in words.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A token that was rolled and still opens its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreviousToken {
    /// Its visible start.
    pub start: String,
    /// When it ceases to open anything.
    pub expires_at: Timestamp,
    /// When a request was last made with it.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it may do this.
    pub fn may(&self, family: Family, access: Access) -> bool {
        self.scopes.iter().any(|scope| scope.grants(family, access))
    }

    /// Whether it may do all that a scope grants.
    pub fn has(&self, scope: Scope) -> bool {
        Family::ALL.into_iter().all(|family| {
            [Access::Read, Access::Write].into_iter().all(|access| !scope.grants(family, access) || self.may(family, access))
        })
    }

    /// Whether it may do something that another key may not.
    pub fn exceeds(&self, other: &Self) -> bool {
        self.scopes.iter().any(|scope| !other.has(*scope))
    }

    /// Whether it has ceased to open anything.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it may be used from this address.
    pub fn is_allowed_from(&self, address: IpAddr) -> bool {
        self.allowed_ips.is_empty() || self.allowed_ips.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

fn as_texts<S: Serializer>(networks: &[IpNet], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(networks.iter().map(network_text))
}

/// A network as its owner would write it: a single address without the length of its prefix.
pub fn network_text(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() { network.addr().to_string() } else { network.to_string() }
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// See [`ApiKey::name`].
    pub name: String,
    /// See [`ApiKey::scopes`].
    pub scopes: Vec<Scope>,
    /// See [`ApiKey::rate_limit`].
    pub rate_limit: u32,
    /// See [`ApiKey::allowed_ips`].
    pub allowed_ips: Vec<IpNet>,
    /// See [`ApiKey::expires_at`].
    pub expires_at: Option<Timestamp>,
}

/// What an update of a key changes. Token, scopes and expiry stay what they were.
#[derive(Clone, Debug, Default)]
pub struct ApiKeyPatch {
    /// See [`ApiKey::name`].
    pub name: Option<String>,
    /// See [`ApiKey::rate_limit`].
    pub rate_limit: Option<u32>,
    /// See [`ApiKey::allowed_ips`].
    pub allowed_ips: Option<Vec<IpNet>>,
}

fn rate_limit(value: &Value) -> Parsed<u32> {
    integer(1, i64::from(MAX_RATE_LIMIT)).parse(value).map(|limit| u32::try_from(limit).unwrap_or(MAX_RATE_LIMIT))
}

/// The most networks one key can name.
const MAX_NETWORKS: usize = 50;

impl NewApiKey {
    /// Reads the body of a create.
    pub fn read(body: &Value, now: Timestamp) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.required("name", line(255));
        let scopes = read_scopes(&mut fields).unwrap_or_else(|| Scope::DEFAULT.to_vec());
        let rate_limit = fields.optional("rate_limit", rate_limit).unwrap_or(DEFAULT_RATE_LIMIT);
        let allowed_ips = fields.list("allowed_ips", MAX_NETWORKS, network()).unwrap_or_default();
        let expires_at = fields.optional("expires_at", moment());
        if expires_at.is_some_and(|end| end <= now) {
            fields.refuse("expires_at", "The expires_at field must be a time in the future.");
        }
        fields.finish(|| Some(Self { name: name?, scopes, rate_limit, allowed_ips, expires_at }))
    }

    /// Refuses scopes that `maker` does not have itself: a key must not make a mightier one.
    pub fn within(self, maker: &ApiKey) -> Result<Self, Invalid> {
        match self.scopes.iter().find(|scope| !maker.has(**scope)) {
            None => Ok(self),
            Some(scope) => {
                let message = format!("The scopes field names `{scope}`, which this API key does not have itself.");
                Err(Invalid::field("scopes", message))
            }
        }
    }
}

impl ApiKeyPatch {
    /// Whether it changes how much, or from where, the key may be used.
    pub fn limits(&self) -> bool {
        self.rate_limit.is_some() || self.allowed_ips.is_some()
    }

    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let is_emptied = fields.has("allowed_ips");
        let patch = Self {
            name: fields.change("name", line(255)),
            rate_limit: fields.change("rate_limit", rate_limit),
            allowed_ips: fields.list("allowed_ips", MAX_NETWORKS, network()).or_else(|| is_emptied.then(Vec::new)),
        };
        fields.finish(|| Some(patch))
    }
}

/// Reads the body of a roll: how long the old token lives on, `keep_old_for` in seconds; not at all when absent.
pub fn read_roll(body: &Value) -> Result<Duration, Invalid> {
    let mut fields = Fields::of(body);
    let overlap = fields.optional("keep_old_for", seconds(MAX_OVERLAP)).unwrap_or(Duration::ZERO);
    fields.finish(|| Some(overlap))
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
