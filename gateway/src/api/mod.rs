//! Kitchen's API. A handler reads the body into a validated `domain` type, does one unit of work, answers the resource.

pub(crate) mod api_keys;
pub(crate) mod boards;
pub(crate) mod client_imports;
pub(crate) mod clients;
pub(crate) mod companies;
pub(crate) mod custom_fields;
pub(crate) mod deliveries;
pub(crate) mod event_types;
pub(crate) mod events;
pub(crate) mod folders;
pub(crate) mod labels;
pub(crate) mod lists;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod operations;
pub(crate) mod task_comments;
pub(crate) mod task_custom_fields;
pub(crate) mod task_expansion;
pub(crate) mod task_labels;
pub(crate) mod task_members;
pub(crate) mod tasks;
pub(crate) mod webhooks;
