//! What a ring carries, and its form on the wire.
//!
//! Owns: the payload and the rule that an unreadable one is an empty one.
//! Refuses: anything but ids. A payload that carried data would be a second copy of the truth.

/// What lies in Redis, as it came from there.
pub(crate) type Part = Vec<u8>;

/// The arguments of one worker task: "look at these events".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    /// Ids of committed events, in no order that matters. Empty means "look for whatever is due".
    pub event_ids: Vec<String>,
}

impl Ring {
    /// Most ids one ring carries; more are spread over several rings, so that several workers share them.
    pub(crate) const MAX_IDS: usize = 500;

    /// What is kept in Redis: the ids one by one, so that rings which wait there leave together; one empty text for "look for whatever
    /// is due".
    pub(crate) fn parts(&self) -> Vec<&str> {
        if self.event_ids.is_empty() { vec![""] } else { self.event_ids.iter().map(String::as_str).collect() }
    }

    /// The ring that these parts are. Ids beside "look for whatever is due", or beside what cannot be read, are found by looking.
    pub(crate) fn of_parts(parts: Vec<Part>) -> Self {
        let ids = parts.into_iter().map(|part| String::from_utf8(part).ok().filter(|text| is_id(text)));
        let event_ids = ids.collect::<Option<Vec<_>>>().unwrap_or_else(|| {
            tracing::debug!("looking for due work instead of what a ring names");
            Vec::new()
        });
        Self { event_ids }
    }
}

/// Whether it may be one: another version's format, and somebody else's data, are none.
fn is_id(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(ring: &Ring) -> Ring {
        Ring::of_parts(ring.parts().into_iter().map(|part| part.as_bytes().to_vec()).collect())
    }

    #[test]
    fn a_ring_survives_the_wire() {
        let ring = Ring { event_ids: vec!["ev_1".into(), "ev_2".into()] };
        assert_eq!(sent(&ring), ring);
        assert_eq!(sent(&Ring::default()), Ring::default());
    }

    #[test]
    fn garbage_is_no_ring() {
        for garbage in [&b"\xff\xfe"[..], b"[1]", b"{\"event_ids\":[\"ev_1\"]}", b"null"] {
            assert_eq!(Ring::of_parts(vec![b"ev_1".to_vec(), garbage.to_vec()]), Ring::default());
        }
    }
}
