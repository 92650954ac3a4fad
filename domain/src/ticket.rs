//! Tickets: random text whose bearer is let in. A session's cookie holds one, and so does the link of an invitation. Only the
//! SHA-256 of a ticket is stored: with 256 random bits a slow hash would add cost and no safety.

use crate::secret::{self, Secret};
use sha2::{Digest as _, Sha256};

/// 43 characters of base62 carry 256 bits.
const LENGTH: usize = 43;

/// A ticket, in its bearer's hands.
#[derive(Clone, Debug)]
pub struct Ticket(Secret);

impl Ticket {
    /// A new random ticket.
    pub fn generate() -> Self {
        Self(Secret::new(secret::random_base62(LENGTH)))
    }

    /// Reads a presented ticket; `None` when its form is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let is_ticket = text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        is_ticket.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The ticket itself, for its bearer.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// What is stored in its place.
    pub fn hash(&self) -> String {
        secret::hex(&Sha256::digest(self.reveal().as_bytes()))
    }
}
