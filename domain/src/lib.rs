//! Words and rules of Kitchen Gateway: ids, time, secrets, input, events, deliveries and one module per resource.
//!
//! Owns everything that is true without a database, a network or a process. Refuses I/O of any kind: what happens
//! is decided here, and carried out by `store`, `worker` and `gateway`.

/// The tokens of API keys: made, checked for typing errors, hashed.
pub mod api_key;
/// Who did what, and how that is told to people.
pub mod audit;
/// A receiver that fails again and again is left alone.
pub mod circuit;
/// Time: milliseconds since the epoch, and a clock that tests can move.
pub mod clock;
/// Counts of attempts, and what is read off them.
pub mod counts;
/// The life of one delivery.
pub mod delivery;
/// How resources are written as JSON: Kitchen's seconds, the platforms' milliseconds.
pub mod dialect;
/// The doorbell: how a commit makes workers look at once.
pub mod doorbell;
/// Which addresses the gateway may call.
pub mod egress;
/// What happened: event types and the envelope that webhooks receive.
pub mod event;
/// Which events a list shows.
pub mod event_filter;
/// How much of a worker a webhook may take.
pub mod flow;
/// Headers that a webhook sends beside our own.
pub mod headers;
/// Prefixed, time-ordered ids, one type per kind of thing.
pub mod ids;
/// Reading fields out of form or JSON input, with errors that name the field.
pub mod input;
/// Where in the tree of folders and boards an event happened.
pub mod location;
/// Mail: what is written to whom.
pub mod mail;
/// What folders, boards and their like share: visibility, roles, archive state.
pub mod node;
/// Work that takes too long for one request.
pub mod operation;
/// How fast deliveries may begin.
pub mod pace;
/// Which page of a list is asked for.
pub mod page;
/// Passwords: hashing, and which are accepted.
pub mod password;
/// Past events sent to a webhook once more.
pub mod replay;
/// How long what is done with is kept.
pub mod retention;
/// When a delivery is tried again, and when it is given up.
pub mod retries;
/// How a worker's places are shared out.
pub mod room;
/// What an API key may do.
pub mod scope;
/// Sealing of secrets that have to be readable again.
pub mod seal;
/// Randomness and text that must never be printed.
pub mod secret;
/// One-time codes, with which a member signs in.
pub mod sign_in_code;
/// The two signatures every delivery carries.
pub mod signature;
/// CSV files as spreadsheets write them.
pub mod spreadsheet;
/// Random text whose bearer is let in: sessions, invitations.
pub mod ticket;

/// A board, and the lists on it.
pub mod board;
/// Clients from a CSV file.
pub mod client_import;
/// A company: what clients belong to.
pub mod company;
/// A custom field of a board.
pub mod custom_field;
/// What tasks say in custom fields.
pub mod field_value;
/// A folder: what other resources live in.
pub mod folder;
/// A label of a board's tasks.
pub mod label;
/// Inviting members, and their roles.
pub mod member;
/// A task on a list of a board.
pub mod task;
/// A comment on a task.
pub mod task_comment;
/// Which tasks of a board a list shows.
pub mod task_filter;
/// Clients and members: the people of a workspace.
pub mod user;
/// A webhook: who wants to hear of which events.
pub mod webhook;
/// A workspace: the wall around everything else.
pub mod workspace;
