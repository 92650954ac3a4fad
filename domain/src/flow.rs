//! How much of a worker a webhook may take, how fast, and in which order. Owns the bounds of what its owner can choose; refuses to share
//! anything out (that is `room`) or to count (that is `pace`).

use crate::input::{Fields, Parser, Patch, as_form, boolean, integer};
use crate::pace::Rate;
use crate::webhook::Platform;
use serde::Serialize;

/// The most requests under way at once that can be chosen.
pub const MOST_IN_FLIGHT: i64 = 256;
/// The most deliveries a second that can be chosen.
pub const MOST_A_SECOND: i64 = 1000;
/// How many a second Zapier takes from one account before it throttles.
const ZAPIER_RATE: u32 = 30;
/// How many a second one hook of Make takes: 300 in 10 seconds.
const MAKE_RATE: u32 = 30;

/// What a webhook's owner chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Requests under way at once in one worker; `None` for what the operator set.
    pub max_in_flight: Option<u32>,
    /// Deliveries a second, over all workers; `None` for as many as come.
    pub rate_limit: Option<u32>,
    /// Whether one is delivered after the other, in the order of their events.
    pub ordered: bool,
}

/// What an update changes of it.
#[derive(Clone, Debug, Default)]
pub struct FlowPatch {
    /// See [`Flow::max_in_flight`].
    pub max_in_flight: Patch<u32>,
    /// See [`Flow::rate_limit`].
    pub rate_limit: Patch<u32>,
    /// See [`Flow::ordered`].
    pub ordered: Option<bool>,
}

impl Flow {
    /// Reads the fields of a create.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        FlowPatch::read(fields).apply(Self::default())
    }

    /// What a platform's subscriptions begin with.
    pub(crate) fn of(platform: Platform) -> Self {
        let rate_limit = match platform {
            Platform::Zapier => Some(ZAPIER_RATE),
            Platform::Make => Some(MAKE_RATE),
            Platform::Kitchen | Platform::Pabbly | Platform::N8n | Platform::Custom | Platform::Callback => None,
        };
        Self { rate_limit, ..Self::default() }
    }

    /// What is sent to it is paced by this.
    pub fn rate(self) -> Option<Rate> {
        self.rate_limit.map(Rate::a_second)
    }

    /// Whether its deliveries may only be taken where everything that is due is looked at, and not as they are made.
    pub fn is_held_back(self) -> bool {
        self.rate_limit.is_some() || self.ordered
    }
}

impl FlowPatch {
    /// Reads the fields of an update.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            max_in_flight: fields.patch("max_in_flight", number(MOST_IN_FLIGHT)),
            rate_limit: fields.patch("rate_limit", number(MOST_A_SECOND)),
            ordered: fields.change("ordered", boolean()),
        }
    }

    /// What it makes of what was chosen before.
    pub fn apply(self, before: Flow) -> Flow {
        Flow {
            max_in_flight: self.max_in_flight.apply(before.max_in_flight),
            rate_limit: self.rate_limit.apply(before.rate_limit),
            ordered: self.ordered.unwrap_or(before.ordered),
        }
    }
}

/// A whole number from 1 to `max`.
fn number(max: i64) -> impl Parser<u32> {
    let read = integer(1, max);
    as_form(read.form(), move |value: &serde_json::Value| {
        read.parse(value).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    })
}
