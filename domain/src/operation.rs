//! An operation: work that takes too long for one request. It is asked for, carried out by the worker in small steps, and can be
//! looked at and cancelled meanwhile.
//!
//! ```text
//! queued ──first step──> running ──> succeeded    there is nothing left to do
//!    │                      │   └──> failed       it cannot go on; `error` says why
//!    └───────────┬──────────┘
//!                └─────────────────> cancelled    somebody asked for that
//! ```
//! Of some kinds no half is left behind: one that was begun stays `running` until what it had made is removed, and `ends_as` says
//! which state comes then.
//!
//! A worker that takes a step holds a lease beside the state, so that one that dies leaves nothing to repair.

use crate::clock::Timestamp;
use crate::egress::EgressPolicy;
use crate::event::EventType;
use crate::ids::{DeliveryId, OperationId};
use crate::input::{Fields, Invalid, one_of};
use crate::page::Filter;
use crate::scope::Family;
use crate::secret::Secret;
use crate::signature::generate_secret;
use crate::webhook::read_url;
use serde::{Serialize, Serializer};
use serde_json::Value;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $family:ident, $title:literal, $of:literal;)*) => {
        /// What an operation does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum OperationKind {
            $($(#[$doc])* $name,)*
        }

        impl OperationKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As written in the API and stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What somebody must have access to who asks for one, looks at it or cancels it.
            pub const fn family(self) -> Family {
                match self { $(Self::$name => Family::$family),* }
            }

            /// As a heading has it.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// As people call an operation on the thing of this name.
            pub fn in_words(self, subject: &str) -> String {
                match self { $(Self::$name => format!(concat!($of, " {}"), subject)),* }
            }
        }
    };
}

// Each with its name, what it belongs to, its heading, and what stands before the name of its subject.
kinds! {
    /// Sends past events to a webhook once more; see [`crate::replay`].
    WebhookReplay = "webhook.replay", Webhooks, "Replay", "replay to";
    /// Makes and updates clients from a file; see [`crate::client_import`].
    ClientsImport = "clients.import", Clients, "Import of clients", "import of clients from";
    /// Copies a folder with all that lies in it; see [`crate::folder::FolderCopy`].
    FolderDuplicate = "folder.duplicate", Folders, "Duplication of a folder", "duplication of";
    /// Deletes a folder with all that lies in it.
    FolderDelete = "folder.delete", Folders, "Deletion of a folder", "deletion of";
}

impl OperationKind {
    /// From the text of [`OperationKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Whether what it made is removed again if it is cancelled or fails.
    pub const fn is_undone(self) -> bool {
        matches!(self, Self::FolderDuplicate)
    }
}

impl Serialize for OperationKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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
    /// The state it will end in, while what it made is being removed.
    pub ends_as: Option<OperationState>,
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
    /// Where its end is told, if that was asked for.
    pub callback_url: Option<String>,
    /// The delivery of that, once it has ended.
    pub callback_delivery: Option<DeliveryId>,
}

impl Operation {
    /// Whether it can still be stopped: not once it has ended, or what it made is being removed.
    pub const fn can_stop(&self) -> bool {
        self.state.is_open() && self.ends_as.is_none()
    }

    /// The event that tells of its end, once there is one.
    pub const fn event(&self) -> Option<EventType> {
        match self.state {
            OperationState::Queued | OperationState::Running => None,
            OperationState::Succeeded => Some(EventType::OPERATION_SUCCEEDED),
            OperationState::Failed => Some(EventType::OPERATION_FAILED),
            OperationState::Cancelled => Some(EventType::OPERATION_CANCELLED),
        }
    }
}

/// Where the end of an operation is to be told, and the secret that is signed with.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Judged, and in its canonical form.
    pub url: String,
    /// Told to whoever asked for the operation, once.
    pub secret: Secret,
}

impl Callback {
    /// Reads `callback_url` of a request that asks for an operation.
    pub fn read(body: &Value, policy: &EgressPolicy) -> Result<Option<Self>, Invalid> {
        let mut fields = Fields::of(body);
        let url = fields.optional("callback_url", read_url(policy));
        fields.finish(|| Some(url.map(|url| Self { url, secret: generate_secret() })))
    }
}

/// Which operations a list shows.
#[derive(Clone, Debug, Default)]
pub struct OperationFilter {
    /// Only those of this kind.
    pub kind: Option<OperationKind>,
    /// Only those in this state.
    pub state: Option<OperationState>,
}

impl Filter for OperationFilter {
    fn read(fields: &mut Fields<'_>) -> Self {
        let state =
            fields.optional("state", one_of(OperationState::ALL.map(OperationState::as_str).to_vec(), OperationState::parse));
        let kinds = OperationKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let kind = fields.optional("kind", one_of(kinds, OperationKind::parse));
        Self { kind, state }
    }
}
