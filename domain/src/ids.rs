//! Ids: a prefix that names the kind, `_`, and 24 lower-case hex digits, of which the first 11 are the time.
//!
//! One type per kind, so that a folder's id cannot be passed where a board's is meant. Text that is not of the form
//! is refused here, and callers answer it exactly like an id that never existed.

use crate::clock::Timestamp;
use crate::secret;
use serde::{Serialize, Serializer};
use std::sync::Mutex;

/// The text is no id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

// 96 bits: 44 of time (milliseconds, enough until the year 2527), 52 of randomness.
const RANDOM_BITS: u32 = 52;

/// How far the clock can step back: a day. A clock that was further off was wrong, and ids must not go on telling its time.
const FORGOTTEN: u128 = (24 * 60 * 60 * 1000) << RANDOM_BITS;

/// Ids made by one process rise strictly, also within a millisecond and when the clock steps back, so that
/// "newest first" by id is the order in which things were made.
static LAST: Mutex<u128> = Mutex::new(0);

fn next(now: Timestamp) -> String {
    let time = u128::try_from(now.millis()).unwrap_or(0) << RANDOM_BITS;
    let random = u128::from(u64::from_le_bytes(secret::random_bytes()));
    let mut last = LAST.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let fresh = time | (random & ((1 << RANDOM_BITS) - 1));
    // A random stride, so that a neighbour's id cannot be counted out.
    *last = if fresh > *last || *last - fresh > FORGOTTEN { fresh } else { *last + 1 + (random & 0xFFFF_FFFF) };
    format!("{:024x}", *last & ((1 << 96) - 1))
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|hex| hex.len() == 24 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

/// A kind of id.
pub trait Prefixed {
    /// What stands before the `_`.
    const PREFIX: &'static str;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl Prefixed for $name {
            const PREFIX: &'static str = $prefix;
        }

        impl $name {
            /// A new id, greater than every one made before it by this process.
            pub fn new(now: Timestamp) -> Self {
                Self(format!("{}_{}", $prefix, next(now)))
            }

            /// What no id made since this moment is smaller than, and every one made before it is.
            pub fn floor(at: Timestamp) -> Self {
                Self(format!("{}_{:011x}{:013}", $prefix, at.millis().max(0), 0))
            }

            /// Reads an id; [`NotAnId`] for anything else, other kinds' ids included.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                if is_id(text, $prefix) { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
            }

            /// Takes an id from our own tables, where it was checked when written.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// What tells in which order ids were made, of whatever kind they are.
            pub fn rank(&self) -> &str {
                self.0.strip_prefix(concat!($prefix, "_")).unwrap_or_default()
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A workspace.
    WorkspaceId = "ws";
    /// An API key (not its token).
    ApiKeyId = "key";
    /// A client or a member.
    UserId = "u";
    /// A session: one sign-in on one device.
    SessionId = "ses";
    /// A mail.
    MailId = "mail";
    /// An invitation.
    InvitationId = "invt";
    /// A company.
    CompanyId = "co";
    /// A folder.
    FolderId = "fo";
    /// A board.
    BoardId = "tskb";
    /// A list on a board.
    ListId = "tskl";
    /// A task.
    TaskId = "tsk";
    /// A label of a board's tasks.
    LabelId = "lbl";
    /// A custom field of a board's tasks.
    CustomFieldId = "cf";
    /// What can be chosen in a custom field.
    OptionId = "cfo";
    /// A comment on a task.
    TaskCommentId = "tcm";
    /// A webhook.
    WebhookId = "wh";
    /// An event; also the `webhook-id` of every delivery of it.
    EventId = "evt";
    /// A delivery: one event on its way to one webhook.
    DeliveryId = "dlv";
    /// One attempt at a delivery.
    AttemptId = "att";
    /// An operation.
    OperationId = "op";
    /// A file that was sent.
    UploadId = "upl";
    /// An entry of the audit log.
    AuditEntryId = "aud";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What makes ids of other times: one after the other, because a process has one order of ids.
    static TURN: Mutex<()> = Mutex::new(());

    #[test]
    fn ids_rise_even_when_the_clock_steps_back() {
        let _turn = TURN.lock();
        let mut last = UserId::new(Timestamp::from_millis(1_700_000_000_000));
        for step in 0..10_000 {
            let id = UserId::new(Timestamp::from_millis(1_700_000_000_000 - step));
            assert!(id > last && UserId::parse(id.as_str()).is_ok(), "{id} after {last}");
            last = id;
        }
    }

    #[test]
    fn ids_of_different_kinds_have_one_order() {
        let _turn = TURN.lock();
        let (webhook, event) =
            (WebhookId::new(Timestamp::from_millis(1_700_000_000_009)), EventId::new(Timestamp::from_millis(1_700_000_000_008)));
        assert!(webhook.rank() < event.rank() && event.rank().len() == 24);
    }

    #[test]
    fn a_floor_parts_what_was_made_before_from_what_was_made_since() {
        let _turn = TURN.lock();
        let at = |millis| Timestamp::from_millis(millis);
        assert!(EventId::parse(EventId::floor(at(1_800_000_000_000)).as_str()).is_ok());
        assert!(EventId::new(at(1_900_000_000_000)) > EventId::floor(at(1_900_000_000_000)));
        assert!(EventId::new(at(1_900_000_000_000)) < EventId::floor(at(1_900_000_000_001)));
    }

    #[test]
    fn only_the_exact_form_is_an_id() {
        let _turn = TURN.lock();
        let good = FolderId::new(Timestamp::from_millis(1));
        assert!(FolderId::parse(good.as_str()).is_ok());
        for bad in
            ["", "fo_", "fo_0123", &good.as_str().to_uppercase(), &good.as_str().replace("fo_", "tskb_"), &format!("{good}0")]
        {
            assert_eq!(FolderId::parse(bad), Err(NotAnId), "{bad}");
        }
    }
}
