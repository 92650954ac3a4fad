//! The circuit breaker of a webhook: a receiver that fails again and again is left alone, and asked now and then whether it is back.
//!
//! ```text
//! closed ──failures in a row──> open ──its time has come──> half-open: one probe
//!    ^                           ^                             │
//!    └────────── any success ────┴──────── the probe failed ───┘
//! ```
//! While it is open, deliveries wait without being attempted. A probe is the delivery that has been due longest; each one that fails is
//! followed by a pause as long as the failing has lasted. Stored with the webhook, so that all workers go by the same.

use crate::clock::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// Failures in a row that open the circuit.
pub const OPENS_AFTER: u32 = 10;
/// The first pause: as long as the one before a delivery's own second attempt.
const SHORTEST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause between two probes.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// How a receiver has been doing lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Circuit {
    /// Attempts that failed since the last success.
    pub failures_in_row: u32,
    /// When the first of them was recorded.
    #[serde(rename = "since")]
    pub failing_since: Option<Timestamp>,
    /// While it is open: when the next probe may be made.
    pub probe_at: Option<Timestamp>,
}

/// What attempts that ended together came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// At least one succeeded.
    Success,
    /// All of these failed.
    Failures(u32),
}

/// What may be sent to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Everything.
    Closed,
    /// One delivery, to see whether it is back.
    HalfOpen,
    /// Nothing.
    Open,
}

impl Circuit {
    /// What attempts recorded `now` make of it.
    #[must_use]
    pub fn after(self, seen: Seen, now: Timestamp) -> Self {
        let Seen::Failures(count) = seen else { return Self::default() };
        let failures_in_row = self.failures_in_row.saturating_add(count);
        let failing_since = self.failing_since.unwrap_or(now);
        let probe_at =
            (failures_in_row >= OPENS_AFTER).then(|| now.plus(now.since(failing_since).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)));
        Self { failures_in_row, failing_since: Some(failing_since), probe_at }
    }

    /// What may be sent now.
    pub fn passage(self, now: Timestamp) -> Passage {
        match self.probe_at {
            None => Passage::Closed,
            Some(at) if at <= now => Passage::HalfOpen,
            Some(_) => Passage::Open,
        }
    }

    /// The same for a webhook that is disabled: no probe is planned.
    #[must_use]
    pub fn without_probe(self) -> Self {
        Self { probe_at: None, ..self }
    }

    /// Whether nothing but failures has come for so long that the webhook is given up.
    pub fn has_failed_for(self, long: Duration, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| since.plus(long) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn at(seconds: u64) -> Timestamp {
        BEGIN.plus(Duration::from_secs(seconds))
    }

    fn circuit(failures_in_row: u32, since: u64, probe: Option<u64>) -> Circuit {
        Circuit { failures_in_row, failing_since: Some(at(since)), probe_at: probe.map(at) }
    }

    #[test]
    fn every_transition() {
        let closed = Circuit::default();
        for (before, seen, now, after) in [
            (closed, Seen::Success, 0, closed),
            (closed, Seen::Failures(1), 0, circuit(1, 0, None)),
            (circuit(1, 0, None), Seen::Success, 5, closed),
            (circuit(8, 0, None), Seen::Failures(1), 5, circuit(9, 0, None)),
            (circuit(9, 0, None), Seen::Failures(1), 5, circuit(10, 0, Some(15))),
            // Many at once.
            (closed, Seen::Failures(32), 7, circuit(32, 7, Some(17))),
            // Each pause is as long as all before it together, up to the longest.
            (circuit(10, 0, Some(15)), Seen::Failures(1), 20, circuit(11, 0, Some(40))),
            (circuit(11, 0, Some(40)), Seen::Failures(1), 41, circuit(12, 0, Some(82))),
            (circuit(20, 0, Some(4000)), Seen::Failures(1), 4000, circuit(21, 0, Some(4900))),
            // Those that were under way when it opened.
            (circuit(10, 0, Some(15)), Seen::Failures(5), 6, circuit(15, 0, Some(16))),
            (circuit(10, 0, Some(15)), Seen::Success, 6, closed),
            (circuit(11, 0, Some(40)), Seen::Success, 41, closed),
        ] {
            assert_eq!(before.after(seen, at(now)), after, "{before:?} {seen:?} at {now}");
        }
    }

    #[test]
    fn what_passes() {
        for (probe, now, passage) in [
            (None, 0, Passage::Closed),
            (Some(15), 14, Passage::Open),
            (Some(15), 15, Passage::HalfOpen),
            (Some(15), 99, Passage::HalfOpen),
        ] {
            assert_eq!(circuit(10, 0, probe).passage(at(now)), passage, "{probe:?} at {now}");
        }
    }

    #[test]
    fn it_is_given_up_after_failing_for_long() {
        let long = Duration::from_hours(5 * 24);
        assert!(!Circuit::default().has_failed_for(long, at(u64::from(u32::MAX))));
        assert!(!circuit(3, 0, None).has_failed_for(long, at(5 * 86_400 - 1)));
        assert!(circuit(3, 0, None).has_failed_for(long, at(5 * 86_400)));
    }
}
