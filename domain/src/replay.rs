//! A replay: past events sent to a webhook once more, at a pace of its own.
//!
//! What is replayed is read lane by lane, each lane in the order of time, so that a place in one lane says how far the replay is. A
//! row is in one lane only, and stays there as long as it is ahead.

use crate::clock::Timestamp;
use crate::delivery::DeliveryState;
use crate::event::{EventType, is_meant};
use crate::input::{Fields, Invalid, boolean, integer, moment, one_of};
use crate::webhook::read_event_types;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Which events are sent once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chosen {
    /// Those whose delivery was given up.
    #[default]
    Failed,
    /// Those the webhook would receive today and never was to: they happened before it was made or while it was disabled.
    Missing,
    /// Both of these, and those that arrived or are still on their way.
    All,
}

impl Chosen {
    const ALL: [Self; 3] = [Self::Failed, Self::Missing, Self::All];

    /// As written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::All => "all",
        }
    }
}

/// What is to be replayed. Kept with the operation as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// From here on: when the delivery was made, or, where there is none, when the event happened.
    pub since: Timestamp,
    /// Up to here, and never later than the replay was asked for: what it makes itself is not its own to repeat.
    pub until: Timestamp,
    /// Only events of these types, or meant by these patterns; empty for all.
    pub events_types: Vec<String>,
    /// Which of these.
    pub state: Chosen,
    /// How many a second are sent.
    pub rate: u32,
}

/// A replay that is asked for, and whether only how much it would be.
#[derive(Clone, Debug)]
pub struct NewReplay {
    /// What is to be replayed.
    pub replay: Replay,
    /// Whether nothing is to be sent.
    pub is_dry_run: bool,
}

/// Events a second, unless asked otherwise.
pub const USUAL_RATE: u32 = 50;
/// The most. One step of a replay sends at most what a second allows, so this also bounds how long a step takes.
pub const MAX_RATE: u32 = 500;

impl NewReplay {
    /// Reads the body of a request.
    pub fn read(body: &Value, now: Timestamp) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let since = fields.required("since", moment());
        let until = fields.optional("until", moment());
        let events_types = read_event_types(&mut fields).unwrap_or_default();
        let named = |name: &str| Chosen::ALL.into_iter().find(|chosen| chosen.as_str() == name);
        let state = fields.optional("state", one_of(Chosen::ALL.map(Chosen::as_str).to_vec(), named));
        let rate = fields.optional("rate", integer(1, i64::from(MAX_RATE)));
        let is_dry_run = fields.optional("dry_run", boolean()).unwrap_or(false);
        if since.is_some_and(|since| since >= now) {
            fields.refuse("since", "The since field must be a time in the past.");
        } else if since.zip(until).is_some_and(|(since, until)| until <= since) {
            fields.refuse("until", "The until field must be a time after since.");
        }
        fields.finish(|| {
            let replay = Replay {
                since: since?,
                until: until.unwrap_or(now).min(now),
                events_types,
                state: state.unwrap_or_default(),
                rate: rate.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(USUAL_RATE),
            };
            Some(Self { replay, is_dry_run })
        })
    }
}

/// One range of rows that is read in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Deliveries in a state that is final unless somebody retries, of one event type.
    Failed(DeliveryState, EventType),
    /// Every delivery, whatever its state: that may change under way, and a lane for each would be passed twice.
    Deliveries,
    /// Events of a type that were never to be delivered there.
    Missing(EventType),
}

impl Lane {
    /// As a checkpoint has it. Not a number, because a later version may know more event types.
    pub fn name(self) -> String {
        match self {
            Self::Failed(state, event) => format!("{} {}", state.as_str(), event.as_str()),
            Self::Deliveries => "deliveries".into(),
            Self::Missing(event) => format!("missing {}", event.as_str()),
        }
    }
}

impl Replay {
    /// The types that are wanted; tests never are.
    pub fn types(&self) -> impl Iterator<Item = EventType> {
        let wanted =
            |event: &EventType| self.events_types.is_empty() || self.events_types.iter().any(|one| is_meant(one, event.as_str()));
        EventType::ALL.iter().copied().filter(wanted)
    }

    /// The lanes, in the order in which they are gone through.
    pub fn lanes(&self) -> Vec<Lane> {
        let missing = || self.types().map(Lane::Missing);
        match self.state {
            Chosen::Failed => [DeliveryState::Exhausted, DeliveryState::Gone, DeliveryState::Cancelled]
                .into_iter()
                .flat_map(|state| self.types().map(move |event| Lane::Failed(state, event)))
                .collect(),
            Chosen::Missing => missing().collect(),
            Chosen::All => std::iter::once(Lane::Deliveries).chain(missing()).collect(),
        }
    }

    /// How long so many take at this replay's pace.
    pub fn time_for(&self, count: usize) -> Duration {
        Duration::from_millis(u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(1000) / u64::from(self.rate.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(1_772_442_840_123);

    fn read(body: &Value) -> Result<Replay, Invalid> {
        NewReplay::read(body, NOW).map(|new| new.replay)
    }

    #[test]
    fn a_period_lies_in_the_past_and_ends_after_it_begins() -> Result<(), Invalid> {
        let whole = read(&json!({"since": "2026-03-01T00:00:00Z"}))?;
        assert_eq!((whole.until, whole.state, whole.rate), (NOW, Chosen::Failed, USUAL_RATE));
        assert_eq!(read(&json!({"since": "2026-03-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}))?.until, NOW);
        let wrong = json!({"since": "soon", "until": "x", "state": "x", "rate": 501, "events_types": ["x"]});
        for (body, fields) in [
            (json!({}), vec!["since"]),
            (json!({"since": "2027-03-01T00:00:00Z"}), vec!["since"]),
            (json!({"since": "2026-03-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}), vec!["until"]),
            (wrong, vec!["events_types.0", "rate", "since", "state", "until"]),
        ] {
            let refused = read(&body).err().unwrap_or_default();
            assert_eq!(refused.errors.keys().collect::<Vec<_>>(), fields, "{body}");
        }
        Ok(())
    }

    #[test]
    fn a_replay_is_read_as_it_was_kept() -> Result<(), serde_json::Error> {
        let body = json!({"since": "2026-03-01T00:00:00.007Z", "events_types": ["list.created"], "state": "all", "rate": 7});
        let replay = read(&body).ok();
        let kept = serde_json::to_value(&replay)?;
        assert_eq!(kept["until"], "2026-03-02T09:14:00.123Z");
        assert_eq!(serde_json::from_value::<Option<Replay>>(kept)?, replay);
        Ok(())
    }

    #[test]
    fn every_row_is_in_one_lane_and_every_lane_has_a_name() {
        for state in Chosen::ALL {
            let replay = Replay { since: NOW, until: NOW, events_types: Vec::new(), state, rate: 1 };
            let names: std::collections::BTreeSet<_> = replay.lanes().into_iter().map(Lane::name).collect();
            assert_eq!(names.len(), replay.lanes().len());
            assert!(replay.types().all(|event| event != EventType::WEBHOOK_TEST));
        }
    }
}
