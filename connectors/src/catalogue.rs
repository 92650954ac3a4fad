//! The catalogue: every trigger, action and search, with the words people see. Platforms, documents and feeds follow from it.

use crate::{flat, samples};
use domain::event::EventType;
use serde_json::Value;

/// An event as something to start from.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The event.
    pub event: EventType,
    /// The singular noun: "Client".
    pub noun: &'static str,
    /// What people pick: "New Client".
    pub label: String,
    /// What happens, in one sentence.
    pub summary: String,
    /// When it fires, in one sentence.
    pub description: String,
}

impl Trigger {
    /// The trigger of an event.
    pub fn of(event: EventType) -> Self {
        let noun = noun(event);
        let lower = noun.to_lowercase();
        let article = if lower.starts_with(['a', 'e', 'i', 'o']) { "An" } else { "A" };
        let (label, summary) = match event.verb() {
            "created" => (format!("New {noun}"), format!("{article} {lower} is created")),
            // Kitchen's published Zapier app says "Deleted Company", and "… Deleted" everywhere else.
            "deleted" if noun == "Company" => (format!("Deleted {noun}"), format!("{article} {lower} is deleted")),
            "deleted" => (format!("{noun} Deleted"), format!("{article} {lower} is deleted")),
            "disabled" => (format!("{noun} Disabled"), format!("{article} {lower} is disabled by the gateway")),
            "succeeded" => (format!("{noun} Succeeded"), format!("{article} {lower} has done everything it was asked for")),
            "failed" => (format!("{noun} Failed"), format!("{article} {lower} cannot go on")),
            "cancelled" => (format!("{noun} Cancelled"), format!("{article} {lower} is cancelled")),
            _ => (format!("{noun} Updated"), format!("{article} {lower} changes")),
        };
        let description = format!("Triggers when {}.", summary.replacen('A', "a", 1));
        Self { event, noun, label, summary: summary + ".", description }
    }

    /// An item like those the feed and the hook give, made up, for when there is no real one yet.
    pub fn sample(&self) -> Value {
        flat::item(&samples::event(self.event))
    }

    /// The body a webhook receives of such an event, made up.
    pub fn sample_body(&self) -> Value {
        samples::event(self.event).envelope()
    }
}

/// Every trigger, in the order of the events.
pub fn triggers() -> impl Iterator<Item = Trigger> {
    EventType::ALL.iter().copied().map(Trigger::of)
}

fn noun(event: EventType) -> &'static str {
    match event.noun() {
        "client" => "Client",
        "company" => "Company",
        "folder" => "Folder",
        "board" => "Board",
        "list" => "List",
        "webhook" => "Webhook",
        "operation" => "Operation",
        _ => "Event",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kitchens_own_app() {
        let labels: Vec<String> = triggers().map(|trigger| trigger.label).collect();
        for published in [
            "New Board",
            "Board Updated",
            "Board Deleted",
            "New Client",
            "Client Updated",
            "Client Deleted",
            "New Company",
            "Deleted Company",
            "Folder Updated",
        ] {
            assert!(labels.iter().any(|label| label == published), "{published} is missing");
        }
    }

    #[test]
    fn every_trigger_has_a_sample_with_an_id_and_the_id_of_its_resource() {
        for trigger in triggers() {
            let sample = trigger.sample();
            assert!(sample["id"].as_str().is_some_and(|id| id.starts_with("evt_")), "{sample}");
            assert_eq!(sample["event"], trigger.event.as_str());
            let (summary, description) = (&trigger.summary, &trigger.description);
            assert!(["A ", "An "].iter().any(|article| summary.starts_with(article)), "{trigger:?}");
            assert!(
                ["a ", "an "].iter().any(|article| description.starts_with(&format!("Triggers when {article}"))),
                "{trigger:?}"
            );
            assert!(sample[format!("{}_id", trigger.event.noun())].is_string(), "{sample}");
        }
    }
}
