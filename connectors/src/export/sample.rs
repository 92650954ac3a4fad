//! What an app shows before anything real is there: the samples the endpoints give, and the type of each value in them.

use super::App;
use crate::catalogue::{Action, Search, Trigger, Yield, label_of};
use serde_json::Value;

/// Where links in samples lead.
pub(super) const GATEWAY: &str = "https://kitchen.example.com";

/// One value of a flat sample.
pub(super) struct Output {
    pub(super) key: String,
    pub(super) label: String,
    /// `string`, `integer`, `number`, `boolean` or `datetime`.
    pub(super) kind: &'static str,
}

impl App {
    /// What its trigger gives.
    pub(super) fn sample_of_trigger(self, trigger: &Trigger) -> Value {
        self.connector().item(&trigger.sample())
    }

    /// What its action gives.
    pub(super) fn sample_of_action(self, action: &Action) -> Value {
        let canonical = action.sample();
        let is_there = action.yields != Yield::Deletion;
        self.resource(&canonical, is_there.then(|| action.gives().place(&id_of(&canonical))))
    }

    /// What its search gives.
    pub(super) fn sample_of_search(self, search: &Search) -> Value {
        let canonical = (search.noun.sample)();
        self.resource(&canonical, Some(search.noun.place(&id_of(&canonical))))
    }

    fn resource(self, canonical: &Value, place: Option<String>) -> Value {
        let url = place.map(|place| format!("{GATEWAY}{place}"));
        self.connector().resource(canonical, url.as_deref())
    }
}

fn id_of(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_default().to_owned()
}

/// The values of a flat sample, with their types. What is empty in the sample is known by its name.
pub(super) fn outputs(sample: &Value) -> Vec<Output> {
    let fields = sample.as_object().into_iter().flatten();
    let output = |(key, value): (&String, &Value)| {
        let kind = match value {
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            _ if key.ends_with("_at") => "datetime",
            _ => "string",
        };
        Output { key: key.clone(), label: label_of(key), kind }
    };
    fields.map(output).collect()
}
