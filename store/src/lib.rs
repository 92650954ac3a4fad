//! All SQL of Kitchen Gateway, on `SQLite` and on Postgres. One module per resource, each with plain functions over a unit of
//! work.
//!
//! The workspace is part of the type through which rows are reached ([`Work`], [`Reading`]): a function cannot be called
//! with one workspace's scope and touch another's rows. A change and its event are written by the same function in the
//! same transaction. Refuses HTTP, queues and rules: it stores what `domain` decided.

/// What can go wrong.
mod error;
/// Two engines, one body of code.
#[macro_use]
mod engine;
/// The log of `SQLite` is copied into the database beside the writer.
mod checkpoints;
/// Connections that wait for their next use.
mod connections;
/// What is due, and who holds it.
mod due;
/// What comes at the same time is done together.
mod gather;
/// Claiming from ordered lanes.
mod heads;
/// Rows to be written.
mod insert;
/// Lists: filters, order, paging.
mod paging;
/// Statements that go to `SQLite` in one message.
mod script;
/// Units of work.
mod work;
/// The single writer of `SQLite`, and its group commit.
mod writer;

/// What came last to the webhooks of platforms.
pub mod activity;
/// Deliveries that became too old while they waited.
pub mod ages;
/// API keys.
pub mod api_keys;
/// Who did what: the audit log.
pub mod audit;
/// What is open at webhooks that were enabled or deleted.
pub mod backlog;
/// Copies of what boards hold.
mod board_copies;
/// Boards.
pub mod boards;
/// How receivers have been doing, and what follows from that.
pub mod circuits;
/// Claiming deliveries that are due: leases and fences.
pub mod claims;
/// Importing clients from a file.
pub mod client_imports;
/// Clients as the page People shows them.
pub mod clients;
/// Companies.
pub mod companies;
/// Counts by hour and by minute: health and history.
pub mod counts;
/// Custom fields of boards.
pub mod custom_fields;
/// Deliveries as their owners see them, and retries asked for by people.
pub mod deliveries;
/// The newest deliveries of a webhook, page by page.
pub mod delivery_search;
/// Matching events with webhooks.
pub mod dispatch;
/// What a dry run of an import would have written so far.
pub mod dry_runs;
/// Events: written by every change, read by feeds.
pub mod events;
/// Feeds of events.
pub mod feeds;
/// Copies of folders with all that lies in them.
pub mod folder_copies;
/// Deletions of folders, a part at a time.
pub mod folder_deletions;
/// All that lies in a folder.
mod folder_trees;
/// Folders, and what lies in them.
pub mod folders;
/// Invitations.
pub mod invitations;
/// Labels of boards.
pub mod labels;
/// What is due, webhook by webhook.
pub mod lanes;
/// Lists on boards.
pub mod lists;
/// What lies above an event's folders and boards.
pub mod locations;
/// Mail: what is to be sent, and what became of it.
pub mod mails;
/// The team: invited, joined, removed.
pub mod members;
/// Operations: long work in small steps.
pub mod operations;
/// Recording what attempts came to.
pub mod outcomes;
/// Removing for good what was deleted long ago.
mod purge;
/// What a replay would send.
mod replay_lanes;
/// Replays: past events sent to a webhook once more.
pub mod replays;
/// Removing what is older than its kind is kept.
pub mod retention;
/// Routines: what is done by the clock, once for each time it is due.
pub mod routines;
/// Sessions.
pub mod sessions;
/// One-time codes.
pub mod sign_in_codes;
/// Carrying out operations, step by step.
pub mod steps;
/// Where deliveries go.
pub mod targets;
/// Comments on tasks.
pub mod task_comments;
/// How tasks go, and what they lose with other things.
pub mod task_deletions;
/// What hangs on tasks: people, labels, what their custom fields hold.
pub mod task_links;
/// Where tasks are.
pub mod task_places;
/// Tasks.
pub mod tasks;
/// Files that were sent.
pub mod uploads;
/// Clients and members.
pub mod users;
/// Headers of webhooks, sealed.
mod webhook_headers;
/// Webhooks.
pub mod webhooks;
/// Workspaces.
pub mod workspaces;

pub use engine::{Health, OpenOptions, Store};
pub use error::StoreError;
pub use work::{Reading, View, Work};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, StoreError>;
