//! What an app offers, as a table for its README.

use crate::catalogue::{Action, Catalogue, Search, Trigger};
use std::fmt::Write as _;

/// The words of one app for what a trigger, an action and a search are in it.
pub(super) struct Words {
    pub(super) trigger: fn(&Trigger) -> &'static str,
    pub(super) action: fn(&Action) -> &'static str,
    pub(super) search: fn(&Search) -> &'static str,
}

/// One row for everything in the catalogue.
pub(super) fn table(catalogue: &Catalogue, words: &Words) -> String {
    let mut table = String::from("| | | |\n| --- | --- | --- |\n");
    let mut row = |kind: &str, label: &str, description: &str| {
        let _ = writeln!(table, "| {kind} | {label} | {description} |");
    };
    for trigger in &catalogue.triggers {
        row((words.trigger)(trigger), &trigger.label, &trigger.description);
    }
    for action in &catalogue.actions {
        row((words.action)(action), &action.label, action.description);
    }
    for search in &catalogue.searches {
        row((words.search)(search), &search.label, search.description);
    }
    table.trim_end().to_owned()
}
