//! Which events, and which deliveries of events, a list shows: by type or pattern, by period, and what became of them.

use crate::clock::Timestamp;
use crate::event::{EventType, is_meant, patterns};
use crate::ids::EventId;
use crate::input::{Fields, Form, Invalid, Parser, as_form, moment, none_of, one_of};
use crate::page::{CursorRequest, NO_CURSOR};
use serde::Serialize;
use serde_json::Value;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventState {
    /// It was not matched with the webhooks yet.
    Waiting,
    /// It was, and no webhook wanted it.
    Unmatched,
    /// There is a delivery of it at least.
    Matched,
}

impl EventState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Unmatched, Self::Matched];

    /// As written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Unmatched => "unmatched",
            Self::Matched => "matched",
        }
    }

    /// From the text of [`EventState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Everything an event can be: what webhooks subscribe to, and what they are tried out with.
fn all_types() -> Vec<EventType> {
    EventType::ALL.iter().copied().chain([EventType::WEBHOOK_TEST]).collect()
}

/// Reads a type, or a pattern as webhooks have it, into the types that are meant. One that no event has is refused: a list of nothing would
/// only say that there was none.
pub fn types() -> impl Parser<Vec<EventType>> {
    as_form(Form::Text { max: 64, is_line: true }, |value: &Value| {
        let wanted = value.as_str().unwrap_or_default().trim();
        let meant: Vec<EventType> = all_types().into_iter().filter(|event| is_meant(wanted, event.as_str())).collect();
        if meant.is_empty() {
            let mut known = patterns();
            known.push(EventType::WEBHOOK_TEST.as_str().into());
            return Err(none_of(&known));
        }
        Ok(meant)
    })
}

/// A time from which on, and one up to which; the latter is no part of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// From here on.
    pub since: Option<Timestamp>,
    /// Up to here.
    pub until: Option<Timestamp>,
}

impl Period {
    /// Reads `since` and `until`.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let period = Self { since: fields.optional("since", moment()), until: fields.optional("until", moment()) };
        if period.since.zip(period.until).is_some_and(|(since, until)| until <= since) {
            fields.refuse("until", "The until field must be a time after since.");
        }
        period
    }
}

/// Which events a list shows.
#[derive(Clone, Debug)]
pub struct EventFilter {
    /// Only those of one of these types.
    pub types: Vec<EventType>,
    /// Only those that happened then.
    pub period: Period,
    /// Only those of which this became.
    pub state: Option<EventState>,
}

impl EventFilter {
    /// Reads the query of a list.
    pub fn read(query: &Value) -> Result<(CursorRequest, Self), Invalid> {
        let mut fields = Fields::of(query);
        let request = CursorRequest::read(&mut fields);
        if request.cursor.as_ref().is_some_and(|cursor| EventId::parse(&cursor.id).is_err()) {
            fields.refuse("cursor", NO_CURSOR.replace(":field", "cursor"));
        }
        fields.unoffered("sort", |value: &Value| match value.as_str() {
            Some("-created_at") => Ok(()),
            _ => Err("This list is sorted by time, newest first.".into()),
        });
        let filter = Self {
            types: fields.optional("type", types()).unwrap_or_else(all_types),
            period: Period::read(&mut fields),
            state: fields.optional("state", one_of(EventState::ALL.map(EventState::as_str).to_vec(), EventState::parse)),
        };
        fields.finish(|| Some((request, filter)))
    }
}
