//! The audit log: who did what, when, from where. Filtered by who, by what it was about and by day; read from the newest on.

use crate::app::Gateway;
use crate::body::Query;
use crate::web::Page;
use crate::web::pager::{Steps, address, place};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use domain::audit::{ActorKind, AuditEntry, Subject, in_words};
use domain::clock::Timestamp;
use domain::ids::AuditEntryId;
use serde_json::Value;
use store::audit::{self, AuditFilter};

const HOME: &str = "/settings/audit";
/// Entries on one page.
const PER_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    chosen: Chosen,
    subjects: [(&'static str, &'static str); 6],
    entries: Vec<Entry>,
    steps: Steps,
}

/// The filter as it stands in the address. What makes no sense there counts as not being there.
struct Chosen {
    who: String,
    about: String,
    from: String,
    to: String,
    before: Option<(Timestamp, AuditEntryId)>,
}

/// An entry as the page shows it.
struct Entry {
    words: String,
    /// The name of what it was done to, and where that is found, if anywhere.
    subject: Option<(String, Option<String>)>,
    /// An icon and its meaning.
    kind: (&'static str, &'static str),
    who: String,
    /// Everything this actor did.
    by_them: String,
    at: Moment,
    address: Option<String>,
    via: &'static str,
}

impl Chosen {
    fn read(query: &Value) -> Self {
        let text = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let day = |name: &str| Some(text(name)).filter(|day| start_of(day).is_some()).unwrap_or_default();
        Self {
            who: text("who"),
            about: Subject::parse(&text("about")).map_or_else(String::new, |subject| subject.as_str().to_owned()),
            from: day("from"),
            to: day("to"),
            before: place(&text("before"), AuditEntryId::parse),
        }
    }

    fn is_any(&self) -> bool {
        self.pairs().iter().any(|(_, text)| !text.is_empty())
    }

    fn filter(&self) -> AuditFilter {
        AuditFilter {
            actor: Some(self.who.clone()).filter(|who| !who.is_empty()),
            subject: Subject::parse(&self.about),
            since: start_of(&self.from).map(|(start, _)| start),
            until: start_of(&self.to).map(|(_, end)| end),
            before: self.before.clone(),
        }
    }

    fn pairs(&self) -> [(&str, &str); 4] {
        [("who", &self.who), ("about", &self.about), ("from", &self.from), ("to", &self.to)]
    }
}

/// When a day such as `2026-03-02` begins and ends, in UTC.
fn start_of(day: &str) -> Option<(Timestamp, Timestamp)> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let midnight = |day: jiff::civil::Date| {
        let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
    };
    Some((midnight(day)?, midnight(day.tomorrow().ok()?)?))
}

impl Entry {
    fn of(entry: AuditEntry, now: Timestamp) -> Self {
        let kind = match entry.actor.kind {
            ActorKind::Key => ("key", "Key: "),
            ActorKind::Person => ("person", "Person: "),
            ActorKind::CommandLine => ("terminal", ""),
            ActorKind::Gateway => ("gear", ""),
            ActorKind::Stranger => ("person", ""),
        };
        let via = match entry.actor.kind {
            ActorKind::Key => "API",
            ActorKind::Person => "Settings",
            ActorKind::Stranger => "Sign-in",
            ActorKind::CommandLine => "kitchen",
            ActorKind::Gateway => "Worker",
        };
        let who = entry.actor.id.as_deref().unwrap_or(&entry.actor.name);
        let by_them = address(HOME, &[("who", who)]);
        let place = entry.subject_id.as_deref().and_then(|id| place_of(&entry.action, id));
        Self {
            words: in_words(&entry.action),
            subject: entry.subject_name.map(|name| (name, place)),
            kind,
            by_them,
            who: entry.actor.name,
            at: Moment::of(entry.created_at, now),
            address: entry.actor.address.map(|address| address.to_string()),
            via,
        }
    }
}

/// The page of what something was done to, where it has one and was not deleted by it.
fn place_of(action: &str, id: &str) -> Option<String> {
    let (kind, verb) = action.split_once('.')?;
    match (kind, verb) {
        (_, "deleted") => None,
        ("webhook", _) => Some(format!("/settings/webhooks/{id}")),
        ("delivery", _) => Some(format!("/settings/deliveries/{id}")),
        ("operation", _) => Some(format!("/settings/operations/{id}")),
        ("mail", _) => Some(format!("/settings/mail/{id}")),
        _ => None,
    }
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let chosen = Chosen::read(&query);
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    // One more than is shown says whether there are older ones.
    let mut found = audit::list(&mut view, chosen.filter(), PER_PAGE + 1).await?;
    let steps = Steps::cut(&mut found, PER_PAGE, chosen.before.is_none(), HOME, &chosen.pairs(), |entry| {
        (entry.created_at, entry.id.as_str())
    });
    let page = AuditPage {
        shell: Shell::of(&manager.0, "audit"),
        subjects: Subject::ALL.map(|subject| (subject.as_str(), subject.in_words())),
        entries: found.into_iter().map(|entry| Entry::of(entry, now)).collect(),
        steps,
        chosen,
    };
    Ok(render(StatusCode::OK, &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_from_midnight_to_midnight_in_utc() {
        let day = start_of("2026-03-02").map(|(start, end)| [start.to_string(), end.to_string()]);
        assert_eq!(day, Some(["2026-03-02T00:00:00.000Z".into(), "2026-03-03T00:00:00.000Z".into()]));
        assert!(["", "2026-13-02", "yesterday"].iter().all(|day| start_of(day).is_none()));
    }
}
