//! What an API key may do. A key holds scopes; a request needs access to one family of resources.
//!
//! `read` and `write` cover every family of content; `webhooks` covers subscriptions and their deliveries, `keys` the API keys
//! themselves, both for reading and writing. `clients:read` and its like grant one family alone.

use crate::input::{Fields, none_of};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Resources that are granted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Clients.
    Clients,
    /// Companies.
    Companies,
    /// Members of the team.
    Members,
    /// Folders.
    Folders,
    /// Boards, with their lists and tasks.
    Boards,
    /// Webhooks, events, deliveries, operations on them, and platforms' subscriptions.
    Webhooks,
    /// API keys.
    Keys,
}

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// It is looked at.
    Read,
    /// It is made, changed or deleted.
    Write,
}

/// One grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Access to all content.
    Content(Access),
    /// Access to one family of content.
    Of(Family, Access),
    /// Webhooks and their deliveries.
    Webhooks,
    /// API keys.
    Keys,
}

impl Family {
    /// The families of content: all but webhooks and keys, which have scopes of their own.
    pub const CONTENT: [Self; 5] = [Self::Clients, Self::Companies, Self::Members, Self::Folders, Self::Boards];

    /// Every family.
    pub const ALL: [Self; 7] =
        [Self::Clients, Self::Companies, Self::Members, Self::Folders, Self::Boards, Self::Webhooks, Self::Keys];

    /// As written in the API, and as the first part of its paths.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Companies => "companies",
            Self::Members => "members",
            Self::Folders => "folders",
            Self::Boards => "boards",
            Self::Webhooks => "webhooks",
            Self::Keys => "keys",
        }
    }

    /// The family a path's first part, or an event's noun, belongs to.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "clients" | "client" => Self::Clients,
            "companies" | "company" => Self::Companies,
            "members" | "member" => Self::Members,
            "folders" | "folder" => Self::Folders,
            "boards" | "board" | "lists" | "list" | "tasks" | "task" | "task_comment" | "comments" | "labels"
            | "custom-fields" => Self::Boards,
            "webhooks" | "webhook" | "events" | "deliveries" | "operation" | "hooks" => Self::Webhooks,
            "api-keys" => Self::Keys,
            _ => return None,
        })
    }
}

impl Access {
    /// As written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl Scope {
    /// What a key gets when nothing was chosen: everything but the keys themselves, as a key in a no-code tool needs it.
    pub const DEFAULT: [Self; 3] = [Self::Content(Access::Read), Self::Content(Access::Write), Self::Webhooks];

    /// Every scope there is, the wide ones first.
    pub fn all() -> Vec<Self> {
        let narrow =
            Family::CONTENT.into_iter().flat_map(|family| [Access::Read, Access::Write].map(|access| Self::Of(family, access)));
        [Self::Content(Access::Read), Self::Content(Access::Write), Self::Webhooks, Self::Keys]
            .into_iter()
            .chain(narrow)
            .collect()
    }

    /// Whether this scope lets a request through that needs `access` to `family`.
    pub fn grants(self, family: Family, access: Access) -> bool {
        match self {
            Self::Content(granted) => granted == access && Family::CONTENT.contains(&family),
            Self::Of(granted, level) => granted == family && level == access,
            Self::Webhooks => family == Family::Webhooks,
            Self::Keys => family == Family::Keys,
        }
    }

    /// The scope of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().into_iter().find(|scope| scope.to_string() == text)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Content(access) => f.write_str(access.as_str()),
            Self::Of(family, access) => write!(f, "{}:{}", family.as_str(), access.as_str()),
            Self::Webhooks => f.write_str("webhooks"),
            Self::Keys => f.write_str("keys"),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a list of scopes; without any, `None`.
pub fn read_scopes(fields: &mut Fields<'_>) -> Option<Vec<Scope>> {
    let parse = |value: &Value| {
        let named = value.as_str().and_then(|text| Scope::parse(text.trim()));
        named.ok_or_else(|| none_of(&Scope::all().iter().map(Scope::to_string).collect::<Vec<_>>()))
    };
    let mut scopes = fields.list("scopes", 32, parse)?;
    if scopes.is_empty() && !fields.is_refused("scopes") {
        fields.refuse("scopes", "The scopes field must name at least one scope; leave it out for read, write and webhooks.");
    }
    scopes.sort_unstable();
    scopes.dedup();
    Some(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_read_as_it_is_written() {
        for scope in Scope::all() {
            assert_eq!(Scope::parse(&scope.to_string()), Some(scope));
        }
        assert_eq!(Scope::parse("everything"), None);
    }

    #[test]
    fn every_event_is_of_a_family() {
        for event in crate::event::EventType::ALL {
            assert!(Family::of(event.noun()).is_some(), "whoever may read {}s hears of {event:?}", event.noun());
        }
    }

    #[test]
    fn the_default_opens_everything_but_the_keys() {
        let opens = |family, access| Scope::DEFAULT.iter().any(|scope| scope.grants(family, access));
        for access in [Access::Read, Access::Write] {
            for family in Family::CONTENT.into_iter().chain([Family::Webhooks]) {
                assert!(opens(family, access), "{family:?} {access:?}");
            }
            assert!(!opens(Family::Keys, access));
        }
        let narrow = Scope::Of(Family::Clients, Access::Read);
        assert!(narrow.grants(Family::Clients, Access::Read));
        assert!(!narrow.grants(Family::Clients, Access::Write) && !narrow.grants(Family::Boards, Access::Read));
    }
}
