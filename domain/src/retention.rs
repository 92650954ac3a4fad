//! How long what is done with is kept. Refuses to know how it is removed.

use crate::clock::Timestamp;
use std::time::Duration;

/// Longer than the longest history a page draws: a week.
const COUNTS: Duration = Duration::from_hours(8 * 24);

/// An age for each kind of record; `None` keeps them for ever. What still waits to be done is kept at any age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// What was sent and answered in an attempt: headers and bodies.
    pub bodies: Option<Duration>,
    /// Events with their deliveries and attempts.
    pub events: Option<Duration>,
    /// Mails that were sent or given up, and invitations that were accepted or revoked.
    pub mails: Option<Duration>,
    /// Operations that have ended.
    pub operations: Option<Duration>,
    /// Entries of the audit log.
    pub audit: Option<Duration>,
    /// What was deleted: clients, tasks, folders and the like.
    pub deleted: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Some(Duration::from_hours(24 * days));
        Self { bodies: days(14), events: days(60), mails: days(60), operations: days(60), audit: days(365), deleted: days(30) }
    }
}

/// A kind of record that ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aged {
    /// See [`Retention::bodies`].
    Bodies,
    /// Deliveries with their attempts.
    Deliveries,
    /// Events that no delivery is left of.
    Events,
    /// Mails.
    Mails,
    /// Invitations.
    Invitations,
    /// Operations.
    Operations,
    /// The hidden webhooks of callbacks, once neither an operation nor a delivery is left of them.
    Callbacks,
    /// See [`Retention::audit`].
    AuditEntries,
    /// Counts by the hour and by the minute.
    Counts,
    /// See [`Retention::deleted`].
    Deleted,
}

impl Aged {
    /// Every kind, in an order in which each finds removed what it hangs on.
    pub const ALL: [Self; 10] = [
        Self::Bodies,
        Self::Deliveries,
        Self::Events,
        Self::Mails,
        Self::Invitations,
        Self::Operations,
        Self::Callbacks,
        Self::AuditEntries,
        Self::Counts,
        Self::Deleted,
    ];

    /// As people call them.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Bodies => "attempts’ contents",
            Self::Deliveries => "deliveries",
            Self::Events => "events",
            Self::Mails => "mails",
            Self::Invitations => "invitations",
            Self::Operations => "operations",
            Self::Callbacks => "callbacks",
            Self::AuditEntries => "audit entries",
            Self::Counts => "counts",
            Self::Deleted => "deleted things",
        }
    }
}

impl Retention {
    /// What is older than this is removed; `None` if nothing is.
    pub fn oldest(&self, what: Aged, now: Timestamp) -> Option<Timestamp> {
        let age = match what {
            Aged::Bodies => self.bodies,
            Aged::Deliveries | Aged::Events => self.events,
            Aged::Mails | Aged::Invitations => self.mails,
            Aged::Operations | Aged::Callbacks => self.operations,
            Aged::AuditEntries => self.audit,
            Aged::Counts => Some(COUNTS),
            Aged::Deleted => self.deleted,
        };
        age.map(|age| now.minus(age))
    }
}
