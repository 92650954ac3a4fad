//! One-time codes: six digits, sent by mail, with which a member signs in without a password. Short enough to type, so they live for
//! minutes and bear few tries.

use crate::secret::{Secret, random_bytes};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// How long a code is valid.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// How many codes may be typed for one address in [`COUNTED_FOR`], however many are sent in it: whoever goes on guessing for a
/// year has about one chance in eleven.
pub const MOST_TRIES: u32 = 10;
/// How long tries are counted together.
pub const COUNTED_FOR: Duration = Duration::from_hours(1);

/// A new code.
pub fn generate() -> Secret {
    // 2^64 is so much larger than a million that no code is likelier than another to any degree that matters.
    Secret::new(format!("{:06}", u64::from_le_bytes(random_bytes()) % 1_000_000))
}

/// Whether the code that was typed, blanks aside, is the one that was sent; in constant time.
pub fn matches(sent: &Secret, typed: &str) -> bool {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    sent.reveal().as_bytes().ct_eq(typed.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_and_matches_itself_alone() {
        for _ in 0..100 {
            let code = generate();
            assert!(code.reveal().len() == 6 && code.reveal().bytes().all(|b| b.is_ascii_digit()));
            assert!(
                matches(&code, code.reveal()) && matches(&code, &format!(" {} {} ", &code.reveal()[..3], &code.reveal()[3..]))
            );
            assert!(!matches(&code, "") && !matches(&code, &code.reveal()[..5]));
        }
    }
}
