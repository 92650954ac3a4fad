//! Events: what happened to which resource, written in the same transaction as the change itself.

use crate::clock::Timestamp;
use crate::dialect;
use crate::ids::{EventId, WorkspaceId};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The name of an event: `resource.verb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventType(&'static str);

macro_rules! event_types {
    ($($name:ident = $text:literal;)*) => {
        impl EventType {
            $(#[doc = concat!("`", $text, "`")] pub const $name: Self = Self($text);)*
            /// Every event there is, in the order of the resources.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

event_types! {
    CLIENT_CREATED = "client.created";
    CLIENT_UPDATED = "client.updated";
    CLIENT_DELETED = "client.deleted";
    COMPANY_CREATED = "company.created";
    COMPANY_UPDATED = "company.updated";
    COMPANY_DELETED = "company.deleted";
    FOLDER_CREATED = "folder.created";
    FOLDER_UPDATED = "folder.updated";
    FOLDER_DELETED = "folder.deleted";
    BOARD_CREATED = "board.created";
    BOARD_UPDATED = "board.updated";
    BOARD_DELETED = "board.deleted";
    LIST_CREATED = "list.created";
    LIST_UPDATED = "list.updated";
    LIST_DELETED = "list.deleted";
    TASK_CREATED = "task.created";
    TASK_UPDATED = "task.updated";
    TASK_COMPLETED = "task.completed";
    TASK_REOPENED = "task.reopened";
    TASK_MOVED = "task.moved";
    TASK_DELETED = "task.deleted";
    TASK_COMMENT_CREATED = "task_comment.created";
    WEBHOOK_DISABLED = "webhook.disabled";
    OPERATION_SUCCEEDED = "operation.succeeded";
    OPERATION_FAILED = "operation.failed";
    OPERATION_CANCELLED = "operation.cancelled";
}

/// Whether a pattern means an event: its name, `client.*` for every event of clients, `*` for every event. It is asked of the name, so
/// that a pattern means events too that are added after it was saved.
pub fn is_meant(pattern: &str, event_type: &str) -> bool {
    let is_of = |noun: &str| event_type.split_once('.').is_some_and(|(of, _)| of == noun);
    pattern == event_type || pattern == "*" || pattern.strip_suffix(".*").is_some_and(is_of)
}

/// Every pattern there is, names first.
pub fn patterns() -> Vec<String> {
    let names = EventType::ALL.iter().map(|event| event.0.to_owned());
    let mut nouns: Vec<&str> = EventType::ALL.iter().map(|event| event.noun()).collect();
    nouns.dedup();
    names.chain(nouns.into_iter().map(|noun| format!("{noun}.*"))).chain(["*".into()]).collect()
}

impl EventType {
    /// `webhook.test`: what a webhook is tried out with. Nobody subscribes to it, so it is not among [`Self::ALL`].
    pub const WEBHOOK_TEST: Self = Self("webhook.test");

    /// An event under a name of one's own, for a catalogue that offers more than [`Self::ALL`].
    pub const fn named(name: &'static str) -> Self {
        Self(name)
    }

    /// The event of this name, if there is one that can be subscribed to.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.0 == text)
    }

    /// Whether it tells of a change of a record, which somebody made. The others tell how an operation ended.
    pub fn is_of_record(self) -> bool {
        self.noun() != "operation"
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The part before the dot: `client`.
    pub fn noun(self) -> &'static str {
        self.0.split_once('.').map_or(self.0, |(noun, _)| noun)
    }

    /// The same as people write it: `task comment`.
    pub fn noun_in_words(self) -> String {
        self.noun().replace('_', " ")
    }

    /// The part after the dot: `created`.
    pub fn verb(self) -> &'static str {
        self.0.split_once('.').map_or("", |(_, verb)| verb)
    }
}

impl Serialize for EventType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id, never reused; the same on every attempt at every delivery.
    pub id: EventId,
    /// Where it happened.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub event_type: String,
    /// When.
    pub occurred_at: Timestamp,
    /// The resource after the change (before it, for a deletion), with millisecond times.
    pub data: Value,
    /// On an update: the old values of the fields that changed.
    pub previous: Option<Value>,
}

impl Event {
    /// Kitchen's envelope: `{id, type, created, data, previous_attributes?}`, `created` in Unix seconds.
    pub fn envelope(&self) -> Value {
        let mut envelope = json!({
            "id": self.id,
            "type": self.event_type,
            "created": self.occurred_at.seconds(),
            "data": dialect::kitchen(self.data.clone()),
        });
        if let Some(previous) = &self.previous {
            envelope["previous_attributes"] = dialect::kitchen(previous.clone());
        }
        envelope
    }
}

/// The old values of what differs between two states of a resource; `None` when nothing but `updated_at` does.
pub fn previous_attributes(before: &Value, after: &Value) -> Option<Value> {
    let (before, after) = (before.as_object()?, after.as_object()?);
    let changed: Map<String, Value> =
        before.iter().filter(|(key, old)| after.get(*key) != Some(*old)).map(|(key, old)| (key.clone(), old.clone())).collect();
    changed.keys().any(|key| key != "updated_at").then_some(Value::Object(changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_names_and_what_comes_later() {
        for (pattern, meant, others) in [
            ("client.created", vec!["client.created"], vec!["client.updated", "clients.created", "client"]),
            ("client.*", vec!["client.created", "client.merged"], vec!["company.created", "client", "clients.created"]),
            ("*", vec!["client.created", "invoice.paid"], vec![]),
            (".*", vec![], vec!["client.created"]),
        ] {
            assert!(meant.into_iter().all(|event| is_meant(pattern, event)), "{pattern}");
            assert!(!others.into_iter().any(|event| is_meant(pattern, event)), "{pattern}");
        }
        let patterns = patterns();
        assert_eq!(patterns.iter().collect::<std::collections::BTreeSet<_>>().len(), patterns.len());
        assert!(["*", "list.*", "board.deleted"].iter().all(|pattern| patterns.iter().any(|known| known == pattern)));
    }
}
