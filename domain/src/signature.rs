//! Signatures of deliveries: Kitchen's own header and Standard Webhooks, both over the raw body.
//!
//! One secret serves both: Kitchen's `Signature` uses the whole secret text as key bytes, Standard Webhooks the bytes
//! decoded from what follows `whsec_` (<https://github.com/standard-webhooks/standard-webhooks>).

use crate::clock::Timestamp;
use crate::secret::{Secret, hex, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What every signing secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// The signatures of one body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// Header `Signature`: lower-case hex HMAC-SHA256 of the body.
    pub kitchen: String,
    /// Header `webhook-signature`: `v1,` and base64 HMAC-SHA256 of `id.timestamp.body`; after a rotation that of the previous
    /// secret follows, separated by a space.
    pub standard: String,
}

/// A new signing secret: `whsec_` and 32 random bytes in base64.
pub fn generate_secret() -> Secret {
    Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(random_bytes::<32>())))
}

/// Signs a body. `id` is the event's id, `at` the moment of the attempt. `previous` is the secret before a rotation, while it
/// signs too; Kitchen's header has room for one signature and carries the new one.
pub fn sign(secret: &Secret, previous: Option<&Secret>, id: &str, at: Timestamp, body: &[u8]) -> Signatures {
    let seconds = at.seconds().to_string();
    let signed = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
    let of = |secret: &Secret| format!("v1,{}", STANDARD.encode(hmac(&key_bytes(secret.reveal()), &signed)));
    let standard = match previous {
        None => of(secret),
        Some(previous) => format!("{} {}", of(secret), of(previous)),
    };
    Signatures { kitchen: hex(&hmac(secret.reveal().as_bytes(), &[body])), standard }
}

/// What Standard Webhooks keys with; a text that is no base64 stands for itself.
fn key_bytes(secret: &str) -> Vec<u8> {
    STANDARD.decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret)).unwrap_or_else(|_| secret.as_bytes().to_vec())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length; the error type is only there for other MACs")]
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The known answer of the Standard Webhooks repository, and Kitchen's rule applied to the same body.
    #[test]
    fn known_answers() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into());
        let at = Timestamp::from_millis(1_614_265_330_999);
        let signed = sign(&secret, None, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        assert_eq!(signed.standard, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(signed.kitchen, "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c");
        let (new, body) = (generate_secret(), br#"{"test": 2432232314}"#);
        let both = sign(&new, Some(&secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body);
        let alone = sign(&new, None, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body);
        assert_eq!((both.kitchen, both.standard), (alone.kitchen, format!("{} {}", alone.standard, signed.standard)));
    }
}
