//! Who did what: the actor of a change, the actions there are, and how both are told to people. Refuses to know how an entry is kept.

use crate::api_key::ApiKey;
use crate::clock::Timestamp;
use crate::event::EventType;
use crate::ids::AuditEntryId;
use crate::user::User;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What kind of actor did something, and so by which way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A program with an API key.
    Key,
    /// A person in their browser.
    Person,
    /// The operator, on the machine itself.
    CommandLine,
    /// The gateway on its own account.
    Gateway,
    /// Somebody who did not get in.
    Stranger,
}

impl ActorKind {
    const ALL: [Self; 5] = [Self::Key, Self::Person, Self::CommandLine, Self::Gateway, Self::Stranger];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Person => "person",
            Self::CommandLine => "command_line",
            Self::Gateway => "gateway",
            Self::Stranger => "stranger",
        }
    }

    /// From the text of [`ActorKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Of what kind.
    pub kind: ActorKind,
    /// The id of the key or the person; `None` for the others.
    pub id: Option<String>,
    /// What they were called at that moment.
    pub name: String,
    /// Where the request came from; `None` where there was no request.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// A program with this key.
    pub fn key(key: &ApiKey, address: IpAddr) -> Self {
        Self { kind: ActorKind::Key, id: Some(key.id.to_string()), name: key.name.clone(), address: Some(address) }
    }

    /// A person in their browser.
    pub fn person(person: &User, address: IpAddr) -> Self {
        Self { kind: ActorKind::Person, id: Some(person.id.to_string()), name: person.name.clone(), address: Some(address) }
    }

    /// The operator.
    pub fn command_line() -> Self {
        Self { kind: ActorKind::CommandLine, id: None, name: "Command line".into(), address: None }
    }

    /// As what they made says of it.
    pub fn in_words(&self) -> String {
        match self.kind {
            ActorKind::Key => format!("API key {}", self.name),
            ActorKind::Person | ActorKind::CommandLine | ActorKind::Gateway | ActorKind::Stranger => self.name.clone(),
        }
    }

    /// The gateway on its own account.
    pub fn gateway() -> Self {
        Self { kind: ActorKind::Gateway, id: None, name: "Kitchen Gateway".into(), address: None }
    }

    /// Somebody who did not get in; who, nobody knows.
    pub fn stranger(address: IpAddr) -> Self {
        Self { kind: ActorKind::Stranger, id: None, name: "Somebody".into(), address: Some(address) }
    }
}

/// What an action is about: the groups by which the log is filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// API keys.
    ApiKeys,
    /// Webhooks and their deliveries.
    Webhooks,
    /// Operations, of whatever kind.
    Operations,
    /// The team, invitations and mail.
    People,
    /// Coming in and going out.
    SignIns,
    /// Clients, companies, folders, and boards with what is on them.
    Records,
}

impl Subject {
    /// Every group, as the filter offers them.
    pub const ALL: [Self; 6] = [Self::ApiKeys, Self::Webhooks, Self::Operations, Self::People, Self::SignIns, Self::Records];

    /// As stored, and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKeys => "api_keys",
            Self::Webhooks => "webhooks",
            Self::Operations => "operations",
            Self::People => "people",
            Self::SignIns => "sign_ins",
            Self::Records => "records",
        }
    }

    /// From the text of [`Subject::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.as_str() == text)
    }

    /// As people call it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ApiKeys => "API keys",
            Self::Webhooks => "Webhooks",
            Self::Operations => "Operations",
            Self::People => "People",
            Self::SignIns => "Sign-ins",
            Self::Records => "Records",
        }
    }
}

/// Something that was done. Changes of records are called like their events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    name: &'static str,
    subject: Subject,
}

macro_rules! actions {
    ($($name:ident = $subject:ident, $text:literal, $words:literal;)*) => {
        impl Action {
            $(#[doc = concat!("`", $text, "`: ", $words)] pub const $name: Self = Self { name: $text, subject: Subject::$subject };)*
        }

        /// What settings' actions are called in front of what they were done to.
        const WORDS: &[(&str, &str)] = &[$(($text, $words)),*];
    };
}

actions! {
    API_KEY_CREATED = ApiKeys, "api_key.created", "Created the API key";
    API_KEY_UPDATED = ApiKeys, "api_key.updated", "Changed the API key";
    API_KEY_ROLLED = ApiKeys, "api_key.rolled", "Rolled the API key";
    API_KEY_DELETED = ApiKeys, "api_key.deleted", "Deleted the API key";
    WEBHOOK_CREATED = Webhooks, "webhook.created", "Created the webhook";
    WEBHOOK_UPDATED = Webhooks, "webhook.updated", "Changed the webhook";
    WEBHOOK_PAUSED = Webhooks, "webhook.paused", "Paused the webhook";
    WEBHOOK_RESUMED = Webhooks, "webhook.resumed", "Resumed the webhook";
    WEBHOOK_SECRET_REVEALED = Webhooks, "webhook.secret_revealed", "Looked at the secret of the webhook";
    WEBHOOK_SECRET_ROTATED = Webhooks, "webhook.secret_rotated", "Rotated the secret of the webhook";
    WEBHOOK_TESTED = Webhooks, "webhook.tested", "Sent a test to the webhook";
    WEBHOOK_DELETED = Webhooks, "webhook.deleted", "Deleted the webhook";
    DELIVERY_RETRIED = Webhooks, "delivery.retried", "Resent the delivery";
    DELIVERY_SKIPPED = Webhooks, "delivery.skipped", "Skipped the delivery";
    OPERATION_CREATED = Operations, "operation.created", "Started the operation";
    OPERATION_CANCELLED = Operations, "operation.cancelled", "Cancelled the operation";
    MEMBER_INVITED = People, "member.invited", "Invited the member";
    MEMBER_INVITED_AGAIN = People, "member.invited_again", "Invited once more the member";
    MEMBER_JOINED = People, "member.joined", "Joined as the member";
    MEMBER_MADE_OWNER = People, "member.made_owner", "Made an owner of";
    MEMBER_MADE_ADMIN = People, "member.made_admin", "Made an admin of";
    MEMBER_MADE_MEMBER = People, "member.made_member", "Made a plain member of";
    MEMBER_REMOVED = People, "member.removed", "Removed the member";
    CLIENT_INVITED = People, "client.invited", "Invited the client";
    CLIENT_INVITATION_REVOKED = People, "client.invitation_revoked", "Revoked the invitation of the client";
    CLIENT_JOINED = People, "client.joined", "Joined as the client";
    MAIL_SENT_AGAIN = People, "mail.sent_again", "Sent again the mail to";
    SESSION_CREATED = SignIns, "session.created", "Signed in";
    SIGN_IN_REFUSED = SignIns, "sign_in.refused", "Tried in vain to sign in as";
    SESSION_DELETED = SignIns, "session.deleted", "Signed out";
    SESSIONS_DELETED = SignIns, "sessions.deleted", "Signed out everywhere else";
    PASSWORD_CHANGED = SignIns, "password.changed", "Changed their password";
    ACCOUNT_RENAMED = SignIns, "account.renamed", "Changed their own name to";
    ACCOUNT_MOVED = SignIns, "account.moved", "Changed their own e-mail address to";
    OWNER_LINK_PRINTED = SignIns, "owner_link.printed", "Made a link with which the owner chooses a password";
    LABEL_CREATED = Records, "label.created", "Created the label";
    LABEL_UPDATED = Records, "label.updated", "Changed the label";
    LABEL_DELETED = Records, "label.deleted", "Deleted the label";
    CUSTOM_FIELD_CREATED = Records, "custom_field.created", "Created the custom field";
    CUSTOM_FIELD_UPDATED = Records, "custom_field.updated", "Changed the custom field";
    CUSTOM_FIELD_DELETED = Records, "custom_field.deleted", "Deleted the custom field";
    TASK_COMMENT_UPDATED = Records, "task_comment.updated", "Changed the task comment";
    TASK_COMMENT_DELETED = Records, "task_comment.deleted", "Deleted the task comment";
    WORKSPACE_CREATED = Records, "workspace.created", "Created the workspace";
}

impl Action {
    /// The action of a change whose event is written.
    pub const fn of(event: EventType) -> Self {
        let subject = if is_webhooks(event.as_str()) { Subject::Webhooks } else { Subject::Records };
        Self { name: event.as_str(), subject }
    }

    /// As stored: `webhook.paused`.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// The group it belongs to.
    pub const fn subject(self) -> Subject {
        self.subject
    }
}

/// Whether the name of an event begins with `webhook.`; as a constant, which the methods of text are not.
const fn is_webhooks(name: &str) -> bool {
    matches!(name.as_bytes(), [b'w', b'e', b'b', b'h', b'o', b'o', b'k', b'.', ..])
}

/// A stored action in words, to be followed by what it was done to.
pub fn in_words(action: &str) -> String {
    if let Some((_, words)) = WORDS.iter().find(|(name, _)| *name == action) {
        return (*words).to_owned();
    }
    let Some(event) = EventType::parse(action) else { return action.to_owned() };
    let verb = match event.verb() {
        "created" => "Created",
        "updated" => "Changed",
        "deleted" => "Deleted",
        "disabled" => "Disabled",
        "completed" => "Completed",
        "reopened" => "Reopened",
        "moved" => "Moved",
        verb => return format!("{} {verb}", event.noun_in_words()),
    };
    format!("{verb} the {}", event.noun_in_words())
}

/// One line of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// When.
    pub created_at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What: see [`Action::as_str`].
    pub action: String,
    /// The id of what it was done to.
    pub subject_id: Option<String>,
    /// What that was called at that moment.
    pub subject_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_and_every_event_has_words() {
        assert_eq!(in_words("webhook.paused"), "Paused the webhook");
        assert_eq!(in_words("client.updated"), "Changed the client");
        for event in EventType::ALL.iter().filter(|event| event.is_of_record()) {
            assert!(in_words(event.as_str()).ends_with(&format!("the {}", event.noun_in_words())), "{event:?}");
        }
        for (name, words) in WORDS {
            assert_eq!(&in_words(name), words);
            assert!(EventType::parse(name).is_none_or(|event| !event.is_of_record()), "{name} is an event already");
        }
    }
}
