//! The kinds of resources, as platforms speak of them. A new resource is one more entry.

use crate::{samples, shape};
use domain::dialect::canonical;
use serde_json::Value;

/// A kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct Noun {
    /// As events call it: `task_comment`.
    pub key: &'static str,
    /// As people call it: "Task Comment".
    pub label: &'static str,
    /// As paths call many of it: `clients`. The key of its look-up.
    pub plural: &'static str,
    /// What its ids begin with.
    pub prefix: &'static str,
    /// Where they are listed; `None` if nobody picks one from a list.
    pub list: Option<&'static str>,
    /// The field that names one.
    pub name: &'static str,
    /// One of it, made up.
    pub sample: fn() -> Value,
    /// What each of it looks like, as JSON Schema.
    pub shape: fn() -> Value,
}

macro_rules! nouns {
    ($($name:ident = $key:literal, $label:literal, $plural:literal, $prefix:literal, $list:expr, $field:literal, $sample:path;)*) => {
        $(
        /// One of the kinds.
        pub const $name: Noun = Noun {
            key: $key, label: $label, plural: $plural, prefix: $prefix, list: $list, name: $field,
            sample: || canonical(&$sample()), shape: || shape::of(&$sample()),
        };)*
        /// Every kind.
        pub(super) const ALL: &[Noun] = &[$($name),*];
    };
}

nouns! {
    CLIENT = "client", "Client", "clients", "u", Some("/api/clients"), "name", samples::client;
    MEMBER = "member", "Member", "members", "u", Some("/api/members"), "name", samples::member;
    COMPANY = "company", "Company", "companies", "co", Some("/api/companies"), "name", samples::company;
    FOLDER = "folder", "Folder", "folders", "fo", Some("/api/folders"), "name", samples::folder;
    BOARD = "board", "Board", "boards", "tskb", Some("/api/boards"), "title", samples::board;
    LIST = "list", "List", "lists", "tskl", Some("/api/boards/{board}/lists"), "title", samples::list;
    TASK = "task", "Task", "tasks", "tsk", Some("/api/boards/{board}/tasks"), "title", samples::task;
    LABEL = "label", "Label", "labels", "lbl", Some("/api/boards/{board}/labels"), "title", samples::label;
    TASK_COMMENT = "task_comment", "Task Comment", "comments", "tcm", None, "content", samples::task_comment;
    WEBHOOK = "webhook", "Webhook", "webhooks", "wh", None, "url", samples::webhook;
    OPERATION = "operation", "Operation", "operations", "op", None, "subject_name", samples::operation;
}

impl Noun {
    /// The noun of this key.
    pub fn of(key: &str) -> Option<Self> {
        ALL.iter().copied().find(|noun| noun.key == key)
    }

    /// Where one of it is read, below the gateway's own address.
    pub fn place(&self, id: &str) -> String {
        format!("/api/{}/{id}", self.plural)
    }

    /// "A client", "An operation".
    pub fn with_article(&self) -> String {
        let lower = self.label.to_lowercase();
        format!("{} {lower}", if lower.starts_with(['a', 'e', 'i', 'o']) { "An" } else { "A" })
    }
}
