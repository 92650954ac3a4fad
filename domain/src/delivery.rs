//! The life of one delivery: an event on its way to one webhook.
//!
//! ```text
//! pending ──attempt──> delivered          a 2xx answer
//!    │                 gone               a 410: the subscription is over
//!    └──> waiting ───> exhausted          the schedule has no attempt left, or the delivery is too old
//! pending, waiting ──> exhausted          it became too old while it could not be attempted
//! pending, waiting <──> paused            the webhook is disabled, and enabled again
//! pending, waiting, paused ──> cancelled  the webhook was deleted, or somebody skipped it
//! exhausted, gone, cancelled ──> pending  a replay begins it anew: its whole schedule, and its age from there
//! ```
//! A delivery that a worker holds keeps its state and carries a lease beside it, so that a crashed worker leaves nothing
//! to repair: when the lease ends the delivery is due again, as it was. A retry asked for by a person is an extra
//! attempt: it can turn any state into `delivered`, and otherwise leaves state and schedule as they were.

use crate::clock::Timestamp;
use crate::ids::{AttemptId, DeliveryId, EventId, WebhookId};
use crate::retries::Retries;
use serde::Serialize;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Not attempted yet.
    Pending,
    /// Attempted without success; the next attempt has a time.
    Waiting,
    /// Answered with a 2xx.
    Delivered,
    /// The schedule is used up.
    Exhausted,
    /// The receiver answered 410.
    Gone,
    /// Held back because its webhook is disabled.
    Paused,
    /// Given up because its webhook was deleted, or because somebody skipped it.
    Cancelled,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Waiting, Self::Delivered, Self::Exhausted, Self::Gone, Self::Paused, Self::Cancelled];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
            Self::Gone => "gone",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something moves deliveries in this state to another.
    pub fn is_moved_by(self, happening: Happening<'_>) -> bool {
        let now = Timestamp::from_millis(0);
        let before = Progress { state: self, planned_count: 1, next_attempt_at: Some(now) };
        before.after(happening, now).state != self
    }

    /// From the text of [`DeliveryState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx answer, read to its end, or as far as answers are read at all.
    Success,
    /// 410: nobody wants this any more.
    Gone,
    /// Anything else: another status (3xx included), no connection, no answer in time.
    Failure,
}

impl Outcome {
    /// Judges a status code.
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Success,
            410 => Self::Gone,
            _ => Self::Failure,
        }
    }
}

/// What can happen to a delivery.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'r> {
    /// An attempt ended.
    Attempt {
        /// What it came to.
        outcome: Outcome,
        /// Whether a person asked for it.
        is_manual: bool,
        /// What is left of the schedule.
        retries: &'r Retries<'r>,
    },
    /// It was due, and its webhook was disabled.
    Disabled,
    /// Its webhook was enabled again.
    Enabled,
    /// Its webhook was deleted.
    Deleted,
    /// Somebody gave it up.
    Skipped,
    /// It became too old while it waited.
    TooOld,
    /// A replay sends it once more.
    Replayed,
}

/// State and schedule of a delivery, before or after something happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The state.
    pub state: DeliveryState,
    /// Attempts of the schedule made so far; retries asked for by people do not count.
    pub planned_count: u32,
    /// When the schedule's next attempt is due; `None` when there is none.
    pub next_attempt_at: Option<Timestamp>,
}

impl Progress {
    /// What something that happened `now` makes of a delivery: the only place that says so. Statements take from here which states they
    /// change.
    #[must_use]
    pub fn after(self, happening: Happening<'_>, now: Timestamp) -> Self {
        use DeliveryState::{Cancelled, Exhausted, Gone, Paused, Pending, Waiting};
        match (happening, self.state) {
            (Happening::Attempt { outcome, is_manual, retries }, _) => self.after_attempt(outcome, is_manual, now, retries),
            (Happening::Disabled, Pending | Waiting) => Self { state: Paused, next_attempt_at: None, ..self },
            (Happening::Enabled, Paused) => {
                let state = if self.planned_count == 0 { Pending } else { Waiting };
                Self { state, next_attempt_at: Some(now), ..self }
            }
            (Happening::Deleted | Happening::Skipped, Pending | Waiting | Paused) => {
                Self { state: Cancelled, next_attempt_at: None, ..self }
            }
            (Happening::TooOld, Pending | Waiting) => Self { state: Exhausted, next_attempt_at: None, ..self },
            (Happening::Replayed, Exhausted | Gone | Cancelled) => {
                Self { state: Pending, planned_count: 0, next_attempt_at: Some(now) }
            }
            _ => self,
        }
    }

    fn after_attempt(self, outcome: Outcome, is_manual: bool, now: Timestamp, retries: &Retries<'_>) -> Self {
        use DeliveryState::{Cancelled, Delivered, Exhausted, Gone, Paused, Pending, Waiting};
        let planned_count = self.planned_count + u32::from(!is_manual);
        let ended = |state| Self { state, planned_count, next_attempt_at: None };
        match (outcome, self.state) {
            (Outcome::Success, _) => ended(Delivered),
            // The row changed hands while the request was under way: the webhook was deleted or disabled.
            (_, Cancelled | Delivered | Gone | Exhausted) => Self { planned_count, ..self },
            (Outcome::Gone, _) => ended(Gone),
            (Outcome::Failure, _) if is_manual => self,
            (Outcome::Failure, state @ (Pending | Waiting | Paused)) => match retries.next(planned_count, now) {
                None => ended(Exhausted),
                next_attempt_at => Self { state: if state == Paused { Paused } else { Waiting }, planned_count, next_attempt_at },
            },
        }
    }
}

/// What holds a delivery up that is due. Waiting costs it none of its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WaitsFor {
    /// The receiver is left alone until a probe gets through: it fails again and again, or asked for it.
    Circuit,
    /// Its webhook is ordered, and an older delivery comes first.
    Order,
}

/// A delivery as its owner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event under way.
    pub event: EventId,
    /// The event's name.
    pub event_type: String,
    /// Where to.
    pub webhook: WebhookId,
    /// Where it stands.
    pub state: DeliveryState,
    /// Whether a worker is attempting it at this moment.
    pub is_leased: bool,
    /// Attempts made, retries asked for by people included.
    pub attempts_count: u32,
    /// When the schedule's next attempt is due; `waits_for` may hold it up longer.
    pub next_attempt_at: Option<Timestamp>,
    /// What holds it up beside its schedule.
    pub waits_for: Option<WaitsFor>,
    /// The status of the last answer, if there was one.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, or why it was given up without one.
    pub last_error: Option<String>,
    /// When the event was matched with the webhook.
    pub created_at: Timestamp,
    /// When the last attempt was recorded, or the state changed otherwise.
    pub updated_at: Timestamp,
}

/// One attempt, as its owner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Counted from 1 within the delivery.
    pub number: u32,
    /// Whether a person asked for it.
    pub is_manual: bool,
    /// When the request was begun.
    pub started_at: Timestamp,
    /// From resolving the name to the last byte of the answer.
    pub duration_ms: u32,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// Why it failed, in words.
    pub error: Option<String>,
    /// The headers of the request, as pairs of name and value; `None` if it was not even tried.
    pub request_headers: Option<Vec<Header>>,
    /// The headers of the answer, as far as they are kept; `None` if none came.
    pub response_headers: Option<Vec<Header>>,
    /// The beginning of the answer's body, as text.
    pub response_body: Option<String>,
}

/// Name and value. A name may come twice.
pub type Header = (String, String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retries::USUAL_DELAYS;
    use DeliveryState::{Cancelled, Delivered, Exhausted, Gone, Paused, Pending, Waiting};
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn at(state: DeliveryState, planned_count: u32, next: Option<i64>) -> Progress {
        Progress {
            state,
            planned_count,
            next_attempt_at: next.map(|seconds| NOW.plus(Duration::from_secs(seconds.unsigned_abs()))),
        }
    }

    #[test]
    fn every_transition() {
        let last = u32::try_from(USUAL_DELAYS.len()).unwrap_or_default();
        let ends_at = NOW.plus(Duration::from_hours(100));
        let retries = Retries { delays: USUAL_DELAYS, asked: None, ends_at, jitter: 0.0 };
        let table = [
            (at(Pending, 0, Some(0)), Outcome::Success, false, at(Delivered, 1, None)),
            (at(Pending, 0, Some(0)), Outcome::Failure, false, at(Waiting, 1, Some(10))),
            (at(Waiting, 1, Some(0)), Outcome::Failure, false, at(Waiting, 2, Some(90))),
            (at(Waiting, 2, Some(0)), Outcome::Failure, false, at(Waiting, 3, Some(300))),
            (at(Waiting, last, Some(0)), Outcome::Failure, false, at(Exhausted, last + 1, None)),
            (at(Waiting, 2, Some(0)), Outcome::Gone, false, at(Gone, 3, None)),
            (at(Paused, 1, None), Outcome::Failure, false, at(Paused, 2, Some(90))),
            // The webhook was deleted while the request was under way.
            (at(Cancelled, 1, None), Outcome::Failure, false, at(Cancelled, 2, None)),
            (at(Cancelled, 1, None), Outcome::Success, false, at(Delivered, 2, None)),
            // Retries asked for by a person leave the schedule alone.
            (at(Waiting, 1, Some(7)), Outcome::Failure, true, at(Waiting, 1, Some(7))),
            (at(Waiting, 1, Some(7)), Outcome::Success, true, at(Delivered, 1, None)),
            (at(Exhausted, 11, None), Outcome::Failure, true, at(Exhausted, 11, None)),
            (at(Exhausted, 11, None), Outcome::Success, true, at(Delivered, 11, None)),
            (at(Delivered, 1, None), Outcome::Failure, true, at(Delivered, 1, None)),
            (at(Delivered, 1, None), Outcome::Gone, true, at(Delivered, 1, None)),
        ];
        for (before, outcome, is_manual, after) in table {
            let happening = Happening::Attempt { outcome, is_manual, retries: &retries };
            assert_eq!(before.after(happening, NOW), after, "{before:?} {outcome:?} manual {is_manual}");
        }
    }

    /// Every state with everything that can happen to it.
    #[test]
    fn every_state_and_everything_that_happens() {
        let ends_at = NOW.plus(Duration::from_hours(100));
        let (left, used_up) = (
            Retries { delays: USUAL_DELAYS, asked: None, ends_at, jitter: 0.0 },
            Retries { delays: &[], asked: None, ends_at, jitter: 0.0 },
        );
        let attempt = |outcome, is_manual, retries| Happening::Attempt { outcome, is_manual, retries };
        let columns = [
            attempt(Outcome::Success, false, &left),
            attempt(Outcome::Success, true, &left),
            attempt(Outcome::Gone, false, &left),
            attempt(Outcome::Failure, false, &left),
            attempt(Outcome::Failure, false, &used_up),
            attempt(Outcome::Failure, true, &left),
            Happening::Disabled,
            Happening::Enabled,
            Happening::Deleted,
            Happening::Skipped,
            Happening::TooOld,
            Happening::Replayed,
        ];
        let ended = |state| [Delivered, Delivered, state, state, state, state, state, state, state, state, state, Pending];
        let table = [
            (
                Pending,
                [
                    Delivered, Delivered, Gone, Waiting, Exhausted, Pending, Paused, Pending, Cancelled, Cancelled, Exhausted,
                    Pending,
                ],
            ),
            (
                Waiting,
                [
                    Delivered, Delivered, Gone, Waiting, Exhausted, Waiting, Paused, Waiting, Cancelled, Cancelled, Exhausted,
                    Waiting,
                ],
            ),
            (
                Paused,
                [Delivered, Delivered, Gone, Paused, Exhausted, Paused, Paused, Waiting, Cancelled, Cancelled, Paused, Paused],
            ),
            (Delivered, [Delivered; 12]),
            (Exhausted, ended(Exhausted)),
            (Gone, ended(Gone)),
            (Cancelled, ended(Cancelled)),
        ];
        assert_eq!(table.map(|(state, _)| state).len(), DeliveryState::ALL.len());
        for (state, expected) in table {
            let before = at(state, 1, matches!(state, Pending | Waiting).then_some(5));
            for (happening, after) in columns.into_iter().zip(expected) {
                let came = before.after(happening, NOW);
                assert_eq!(came.state, after, "{state:?} {happening:?}");
                assert!(came.next_attempt_at.is_none() || matches!(after, Pending | Waiting | Paused), "{state:?} {happening:?}");
            }
        }
        assert_eq!(at(Paused, 0, None).after(Happening::Enabled, NOW), at(Pending, 0, Some(0)), "it was never attempted");
        assert_eq!(
            at(Exhausted, 11, None).after(Happening::Replayed, NOW),
            at(Pending, 0, Some(0)),
            "all of its schedule is ahead"
        );
    }
}
