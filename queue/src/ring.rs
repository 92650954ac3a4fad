//! What a ring carries, and its form on the wire.
//!
//! Owns: the payload and the rule that an unreadable one is an empty one.
//! Refuses: anything but ids. A payload that carried data would be a second copy of the truth.

use serde::{Deserialize, Serialize};

/// The arguments of one worker task: "look at these events".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Ids of committed events, in no order that matters. Empty means "look for whatever is due".
    pub event_ids: Vec<String>,
}

impl Ring {
    /// Most ids one ring carries; more are spread over several rings, so that several workers share them.
    pub(crate) const MAX_IDS: usize = 500;

    /// The form kept in Redis.
    pub(crate) fn encode(&self) -> Vec<u8> {
        // A list of strings always serialises; an empty payload would still be read as "look for due work".
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a payload. `None` when it is not a ring: another version's format, or somebody else's data.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_survives_the_wire() {
        let ring = Ring { event_ids: vec!["ev_1".into(), "ev_2".into()] };
        assert_eq!(Ring::decode(&ring.encode()), Some(ring));
        assert_eq!(Ring::decode(&Ring::default().encode()), Some(Ring::default()));
    }

    #[test]
    fn garbage_is_no_ring() {
        for garbage in [&b""[..], b"\xff\xfe", b"[1]", b"{\"event_ids\":5}", b"null"] {
            assert_eq!(Ring::decode(garbage), None);
        }
    }
}
