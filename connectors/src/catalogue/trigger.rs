//! A trigger: an event as something to start from.

use super::{Field, Noun};
use crate::samples;
use domain::event::{Event, EventType};
use domain::input::{Described, Form, Presence};
use domain::location::Location;

/// An event as something to start from.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The event.
    pub event: EventType,
    /// What it happens to.
    pub noun: Noun,
    /// What people pick: "New Client".
    pub label: String,
    /// What happens, in one sentence.
    pub summary: String,
    /// When it fires, in one sentence.
    pub description: String,
    /// What narrows it down: only what happens in one folder, or on one board.
    pub fields: Vec<Field>,
}

impl Trigger {
    /// The trigger of an event; `None` if the catalogue has no noun for it.
    pub fn of(event: EventType) -> Option<Self> {
        Noun::of(event.noun()).map(|noun| Self::about(event, noun))
    }

    /// The trigger of an event that happens to this.
    pub fn about(event: EventType, noun: Noun) -> Self {
        let thing = noun.with_article();
        let noun_label = noun.label;
        let (label, summary) = match event.verb() {
            "created" => (format!("New {noun_label}"), format!("{thing} is created")),
            // Kitchen's published Zapier app says "Deleted Company", and "… Deleted" everywhere else.
            "deleted" if noun.key == "company" => (format!("Deleted {noun_label}"), format!("{thing} is deleted")),
            "deleted" => (format!("{noun_label} Deleted"), format!("{thing} is deleted")),
            "disabled" => (format!("{noun_label} Disabled"), format!("{thing} is disabled by the gateway")),
            "succeeded" => (format!("{noun_label} Succeeded"), format!("{thing} has done everything it was asked for")),
            "failed" => (format!("{noun_label} Failed"), format!("{thing} cannot go on")),
            "cancelled" => (format!("{noun_label} Cancelled"), format!("{thing} is cancelled")),
            "completed" => (format!("{noun_label} Completed"), format!("{thing} is completed")),
            "reopened" => (format!("{noun_label} Reopened"), format!("{thing} is reopened")),
            "paid" => (format!("{noun_label} Paid"), format!("{thing} is paid")),
            "moved" => (format!("{noun_label} Moved"), format!("{thing} is moved to another list")),
            // Kitchen's published app calls the lists of a board task lists.
            "updated" if noun.key == "list" => ("Task List Updated".into(), format!("{thing} changes")),
            _ => (format!("{noun_label} Updated"), format!("{thing} changes")),
        };
        let description = format!("Triggers when {}.", summary.replacen('A', "a", 1));
        let only_in = |name: &str, prefix, label: &str, help| Field {
            is_required: false,
            label: label.into(),
            help,
            ..Field::of(Described { name: name.into(), presence: Presence::Optional, form: Form::Id(prefix) })
        };
        let place = Location::of(event.as_str(), &(noun.sample)(), None);
        let fields = if place == Location::default() {
            Vec::new()
        } else {
            vec![
                only_in("folder", "fo", "Only in Folder", "Only what happens in this folder, or in one that lies in it."),
                only_in("board", "tskb", "Only on Board", "Only what happens on this board. With a folder too: in either."),
            ]
        };
        Self { event, noun, label, summary: summary + ".", description, fields }
    }

    /// An event like those that happen, made up, for when there is no real one yet.
    pub fn sample(&self) -> Event {
        samples::event(self.event, (self.noun.sample)())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flat;

    #[test]
    fn every_trigger_has_words_and_a_sample_with_the_id_of_its_resource() {
        for event in EventType::ALL {
            let Some(trigger) = Trigger::of(*event) else { panic!("{event:?} has no noun") };
            let sample = flat::item(&trigger.sample());
            assert!(sample["id"].as_str().is_some_and(|id| id.starts_with("evt_")), "{sample}");
            assert_eq!(sample["event"], trigger.event.as_str());
            let (summary, description) = (&trigger.summary, &trigger.description);
            assert!(["A ", "An "].iter().any(|article| summary.starts_with(article)), "{trigger:?}");
            assert!(
                ["a ", "an "].iter().any(|article| description.starts_with(&format!("Triggers when {article}"))),
                "{trigger:?}"
            );
            assert!(sample[format!("{}_id", trigger.noun.key)].is_string(), "{sample}");
        }
    }
}
