//! The circuit breaker of a webhook: a receiver that fails again and again is left alone, and asked now and then whether it is back.
//!
//! ```text
//! closed ──failures in a row──> open ──its time has come──> half-open: one probe
//!    ^                           ^                             │
//!    └────────── any success ────┴──────── the probe failed ───┘
//! ```
//! While it is open, deliveries wait without being attempted. A probe is the delivery that has been due longest; each one that fails is
//! followed by a pause as long as the failing has lasted. A receiver that asks to be left alone (`Retry-After`) opens it too, until the
//! time it asked for. Stored with the webhook, so that all workers go by the same.

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
    /// Until when the receiver asked to be left alone, if it did since the last success. A probe that somebody asks for comes before.
    pub asked_until: Option<Timestamp>,
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
    /// What attempts recorded `now` make of it; `asked_until` is the latest time until which one of them was asked to leave the receiver
    /// alone.
    #[must_use]
    pub fn after(self, seen: Seen, asked_until: Option<Timestamp>, now: Timestamp) -> Self {
        let ahead = |until: Option<Timestamp>| until.filter(|until| *until > now);
        let Seen::Failures(count) = seen else {
            // What succeeds before anybody has probed was under way when the receiver asked.
            let asked_before = self.asked_until.filter(|_| self.is_asked());
            let asked_until = ahead(asked_until.max(asked_before));
            return Self { probe_at: asked_until, asked_until, ..Self::default() };
        };
        let asked_until = ahead(asked_until.max(self.asked_until));
        let failures_in_row = self.failures_in_row.saturating_add(count);
        let failing_since = self.failing_since.unwrap_or(now);
        let is_open = failures_in_row >= OPENS_AFTER || self.probe_at.is_some();
        let pause_end = is_open.then(|| now.plus(now.since(failing_since).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)));
        Self { failures_in_row, failing_since: Some(failing_since), probe_at: pause_end.max(asked_until), asked_until }
    }

    /// Whether it is open because the receiver asked for that, and nobody has probed since.
    pub fn is_asked(self) -> bool {
        self.probe_at.is_some() && self.probe_at == self.asked_until
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
        Self { probe_at: None, asked_until: None, ..self }
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
        Circuit { failures_in_row, failing_since: Some(at(since)), probe_at: probe.map(at), asked_until: None }
    }

    fn asked(failures_in_row: u32, since: Option<u64>, probe: u64, until: u64) -> Circuit {
        Circuit { failures_in_row, failing_since: since.map(at), probe_at: Some(at(probe)), asked_until: Some(at(until)) }
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
            assert_eq!(before.after(seen, None, at(now)), after, "{before:?} {seen:?} at {now}");
        }
    }

    #[test]
    fn a_receiver_that_asks_is_left_alone_for_that_time() {
        let closed = Circuit::default();
        let (failure, success) = (Seen::Failures(1), Seen::Success);
        for (before, seen, until, now, after) in [
            (closed, failure, Some(60), 0, asked(1, Some(0), 60, 60)),
            (closed, failure, Some(0), 0, circuit(1, 0, None)),
            // Others that were under way: one that fails otherwise, one that is asked for less and one for more, one that succeeds.
            (asked(1, Some(0), 60, 60), failure, None, 1, asked(2, Some(0), 60, 60)),
            (asked(1, Some(0), 60, 60), failure, Some(30), 1, asked(2, Some(0), 60, 60)),
            (asked(1, Some(0), 60, 60), failure, Some(90), 1, asked(2, Some(0), 90, 90)),
            (asked(1, Some(0), 60, 60), success, None, 1, asked(0, None, 60, 60)),
            // Some succeeded, and one was asked.
            (closed, success, Some(60), 0, asked(0, None, 60, 60)),
            // A probe that somebody asked for at 5, or whose time has come.
            (asked(1, Some(0), 35, 60), success, None, 6, closed),
            (asked(1, Some(0), 35, 60), failure, None, 6, asked(2, Some(0), 60, 60)),
            (asked(1, Some(0), 35, 60), success, Some(70), 6, asked(0, None, 70, 70)),
            (asked(1, Some(0), 90, 60), success, None, 61, closed),
            (asked(1, Some(0), 90, 60), failure, None, 61, circuit(2, 0, Some(122))),
            (asked(1, Some(0), 90, 60), failure, Some(500), 61, asked(2, Some(0), 500, 500)),
            // The longer of both.
            (circuit(9, 0, None), failure, Some(6), 5, asked(10, Some(0), 15, 6)),
            (circuit(9, 0, None), failure, Some(60), 5, asked(10, Some(0), 60, 60)),
        ] {
            assert_eq!(before.after(seen, until.map(at), at(now)), after, "{before:?} {seen:?} asked {until:?} at {now}");
        }
        assert!(asked(1, Some(0), 60, 60).is_asked() && !asked(1, Some(0), 35, 60).is_asked() && !closed.is_asked());
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
