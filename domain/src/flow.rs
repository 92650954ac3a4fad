//! How much of a worker a webhook may take. Owns the bounds of what its owner can choose; refuses to share anything out (that is
//! `room`).

use crate::input::{Fields, Patch, integer};
use serde::Serialize;

/// The most requests under way at once that can be chosen.
const MOST_IN_FLIGHT: i64 = 256;

/// What a webhook's owner chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Requests under way at once in one worker; `None` for what the operator set.
    pub max_in_flight: Option<u32>,
}

/// What an update changes of it.
#[derive(Clone, Debug, Default)]
pub struct FlowPatch {
    /// See [`Flow::max_in_flight`].
    pub max_in_flight: Patch<u32>,
}

impl Flow {
    /// Reads the fields of a create.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        FlowPatch::read(fields).apply(Self::default())
    }
}

impl FlowPatch {
    /// Reads the fields of an update.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        Self { max_in_flight: fields.patch("max_in_flight", number(MOST_IN_FLIGHT)) }
    }

    /// What it makes of what was chosen before.
    pub fn apply(self, before: Flow) -> Flow {
        Flow { max_in_flight: self.max_in_flight.apply(before.max_in_flight) }
    }
}

/// A whole number from 1 to `max`.
fn number(max: i64) -> impl Fn(&serde_json::Value) -> crate::input::Parsed<u32> {
    let read = integer(1, max);
    move |value| read(value).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}
