//! Operations: what cannot be finished while a caller waits. The worker carries one out step by step, in the background; its owner sees
//! how far it is and can cancel it.

use crate::clock::Timestamp;
use crate::event::EventType;
use crate::ids::{OperationId, WebhookId};
use crate::input::{Fields, Invalid, boolean, integer, moment};
use crate::webhook::read_event_types;
use serde::Serialize;
use serde_json::Value;

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationState {
    /// No step has been taken.
    Queued,
    /// Some steps have.
    Running,
    /// Nothing is left to do.
    Succeeded,
    /// It cannot go on; its error says why. What was done stays done.
    Failed,
    /// Its owner ended it. What was done stays done.
    Cancelled,
}

impl OperationState {
    const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// From the text of [`OperationState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether steps may follow.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// Which events a replay sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// Those that never arrived: given up, refused for good, cancelled.
    Failed,
    /// Those the webhook never was to get: it did not exist, was disabled, or wanted others.
    Missing,
    /// Every one, those that arrived included.
    All,
}

impl Missed {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Failed, Self::Missing, Self::All];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::All => "all",
        }
    }

    /// From the text of [`Missed::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|missed| missed.as_str() == text)
    }
}

/// Sending past events to a webhook again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Where to.
    pub webhook: WebhookId,
    /// Which of them.
    pub state: Missed,
    /// Events from this moment on.
    pub since: Timestamp,
    /// Events before this moment.
    pub until: Timestamp,
    /// Events of these types; empty for those the webhook wants.
    pub events_types: Vec<String>,
    /// How many a second are sent at most.
    pub rate: u32,
}

/// Events sent a second where nothing else is said: a receiver that has just come back is not to be knocked over.
pub const DEFAULT_RATE: u32 = 50;
const MAX_RATE: u32 = 1000;

impl Replay {
    /// Reads the body of a replay. Says also whether it is only to be counted.
    pub fn read(body: &Value, webhook: WebhookId, now: Timestamp) -> Result<(Self, bool), Invalid> {
        let mut fields = Fields::of(body);
        let since = fields.required("since", moment);
        let until = fields.optional("until", moment).unwrap_or(now);
        let state = fields.optional("state", |value| {
            let missed = value.as_str().and_then(Missed::parse);
            missed.ok_or_else(|| "The selected :field is invalid. Use failed, missing or all.".into())
        });
        let events_types = read_event_types(&mut fields).unwrap_or_default();
        let rate = fields.optional("rate", integer(1, i64::from(MAX_RATE)));
        let is_dry_run = fields.optional("dry_run", boolean).unwrap_or(false);
        if since.is_some_and(|since| since >= until) {
            fields.refuse("since", "The since field must be a time before until.");
        }
        fields.finish(|| {
            let replay = Self {
                webhook,
                state: state.unwrap_or(Missed::Failed),
                since: since?,
                until,
                events_types,
                rate: rate.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(DEFAULT_RATE),
            };
            Some((replay, is_dry_run))
        })
    }

    /// The event types it looks at, of a webhook that wants these.
    pub fn types(&self, wanted: &[String]) -> Vec<EventType> {
        let chosen = if self.events_types.is_empty() { wanted } else { self.events_types.as_slice() };
        let is_chosen = |event: &&EventType| chosen.is_empty() || chosen.iter().any(|name| name == event.as_str());
        EventType::ALL.iter().filter(is_chosen).copied().collect()
    }
}

/// An operation as its owner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What is done: `replay`.
    pub kind: &'static str,
    /// Where it stands.
    pub state: OperationState,
    /// To which webhook.
    pub webhook: WebhookId,
    /// Which events, of when, of which types, how fast.
    pub selection: Selection,
    /// How many events were sent so far.
    pub done_count: u64,
    /// How many there were to send when it began; more may have come since.
    pub total_count: u64,
    /// Whether there were more than could be counted.
    pub is_total_exact: bool,
    /// Why it failed.
    pub error: Option<String>,
    /// Who started it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its first step was taken.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What a replay was asked to send.
#[derive(Clone, Debug, Serialize)]
pub struct Selection {
    /// See [`Replay::state`].
    pub state: Missed,
    /// See [`Replay::since`].
    pub since: Timestamp,
    /// See [`Replay::until`].
    pub until: Timestamp,
    /// See [`Replay::events_types`].
    pub events_types: Vec<String>,
    /// See [`Replay::rate`].
    pub rate: u32,
}

/// How many events a replay would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// So many.
    pub count: u64,
    /// `false` when counting ended before the last event was looked at.
    pub is_exact: bool,
}
