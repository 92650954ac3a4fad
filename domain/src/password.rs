//! Passwords: how they are hashed, and which are accepted. Hashing takes tens of milliseconds on purpose; callers do it off the
//! threads that serve requests.

use crate::input::{Fields, Form, Parsed, Parser, as_form};
use crate::secret::Secret;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use serde_json::Value;
use std::sync::LazyLock;

/// The shortest password, in characters (NIST SP 800-63B asks for at least 8).
const SHORTEST: usize = 10;
/// The longest, so that hashing it stays bounded.
const LONGEST: usize = 256;

/// The hash of a password, with its salt and parameters, as text that can be stored.
///
/// # Panics
/// If the operating system has no randomness to give.
#[expect(clippy::expect_used, reason = "without randomness nothing that is made would be safe")]
pub fn hash(password: &Secret) -> String {
    Argon2::default().hash_password(password.reveal().as_bytes()).expect("the operating system provides randomness").to_string()
}

/// What a password is compared with where there is none to compare with, so that this takes as long.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash(&Secret::new(crate::secret::random_base62(32))));

/// Whether this is the password of a stored hash. Without one the answer is no, and takes as long.
pub fn verify(password: &Secret, stored: Option<&str>) -> bool {
    let text = stored.unwrap_or(&NOBODYS);
    let is_right = password.reveal().len() <= LONGEST * 4
        && PasswordHash::new(text)
            .is_ok_and(|parsed| Argon2::default().verify_password(password.reveal().as_bytes(), &parsed).is_ok());
    is_right && stored.is_some()
}

/// Reads a new password, not trimmed.
pub fn password() -> impl Parser<Secret> {
    as_form(Form::Password, read_password)
}

fn read_password(value: &Value) -> Parsed<Secret> {
    let text = value.as_str().ok_or("The :field field must be a string.")?;
    let length = text.chars().count();
    if length < SHORTEST {
        return Err(format!("The :field field must have at least {SHORTEST} characters."));
    }
    if length > LONGEST {
        return Err(format!("The :field field must not be greater than {LONGEST} characters."));
    }
    Ok(Secret::new(text.to_owned()))
}

/// Reads a new password that was typed twice: `password` and `password_confirmation`.
pub fn read_twice(fields: &mut Fields<'_>) -> Option<Secret> {
    let chosen = fields.required("password", password())?;
    let again = fields.raw("password_confirmation").and_then(Value::as_str);
    if again != Some(chosen.reveal()) {
        fields.refuse("password_confirmation", "The two passwords are not the same.");
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let right = Secret::new("correct horse battery".into());
        let stored = hash(&right);
        assert!(stored.starts_with("$argon2id$") && !stored.contains("horse"));
        assert!(verify(&right, Some(&stored)));
        assert!(!verify(&Secret::new("correct horse".into()), Some(&stored)));
        assert!(!verify(&right, None) && !verify(&right, Some("nonsense")));
    }
}
