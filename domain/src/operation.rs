//! An operation: work that takes too long for one request. It is asked for, carried out by the worker in small steps, and can be
//! looked at and cancelled meanwhile.
//!
//! ```text
//! queued ──first step──> running ──> succeeded    there is nothing left to do
//!    │                      │   └──> failed       it cannot go on; `error` says why
//!    └───────────┬──────────┘
//!                └─────────────────> cancelled    somebody asked for that
//! ```
//! A worker that takes a step holds a lease beside the state, so that one that dies leaves nothing to repair.

use crate::clock::Timestamp;
use crate::ids::OperationId;
use crate::input::{Fields, none_of};
use crate::page::Filter;
use serde::Serialize;
use serde_json::Value;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum OperationKind {
    /// Sends past events to a webhook once more; see [`crate::replay`].
    #[serde(rename = "webhook.replay")]
    WebhookReplay,
}

impl OperationKind {
    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WebhookReplay => "webhook.replay",
        }
    }

    /// From the text of [`OperationKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::WebhookReplay].into_iter().find(|kind| kind.as_str() == text)
    }

    /// As people call an operation on the thing of this name.
    pub fn in_words(self, subject: &str) -> String {
        match self {
            Self::WebhookReplay => format!("replay to {subject}"),
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationState {
    /// No step was taken yet.
    Queued,
    /// Steps are taken.
    Running,
    /// Everything is done.
    Succeeded,
    /// It could not go on.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl OperationState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

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

    /// Whether there is more to come.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// An operation as its owner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// The id of what it is carried out on.
    pub subject: String,
    /// What that was called when the operation was asked for.
    pub subject_name: String,
    /// What was asked for.
    pub params: Value,
    /// Rows that were seen to, failures included.
    pub done_count: u64,
    /// Rows in all; `None` if there were more than are counted beforehand.
    pub total_count: Option<u64>,
    /// Rows for which it could not be done.
    pub failures_count: u64,
    /// What came of it so far.
    pub result: Option<Value>,
    /// Why it could not go on, in words.
    pub error: Option<String>,
    /// Who asked for it, in words.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its first step was taken.
    pub started_at: Option<Timestamp>,
    /// When it ended, however.
    pub ended_at: Option<Timestamp>,
}

/// Which operations a list shows.
#[derive(Clone, Debug, Default)]
pub struct OperationFilter {
    /// Only those in this state.
    pub state: Option<OperationState>,
}

impl Filter for OperationFilter {
    fn read(fields: &mut Fields<'_>) -> Self {
        let state = fields.optional("state", |value| {
            let state = value.as_str().and_then(OperationState::parse);
            state.ok_or_else(|| none_of(&OperationState::ALL.map(OperationState::as_str)))
        });
        Self { state }
    }
}
