//! Words and rules of Kitchen Gateway: ids, time, secrets, input, events, deliveries and one module per resource.
//!
//! Owns everything that is true without a database, a network or a process. Refuses I/O of any kind: what happens
//! is decided here, and carried out by `store`, `worker` and `gateway`.

/// Time: milliseconds since the epoch, and a clock that tests can move.
pub mod clock;
/// Prefixed, time-ordered ids, one type per kind of thing.
pub mod ids;
/// Randomness and text that must never be printed.
pub mod secret;
/// Sealing of secrets that have to be readable again.
pub mod seal;
/// The tokens of API keys: made, checked for typing errors, hashed.
pub mod api_key;
/// The two signatures every delivery carries.
pub mod signature;
/// Reading fields out of form or JSON input, with errors that name the field.
pub mod input;
/// Which page of a list is asked for.
pub mod page;
/// How resources are written as JSON: Kitchen's seconds, the platforms' milliseconds.
pub mod dialect;
/// What happened: event types and the envelope that webhooks receive.
pub mod event;
/// The doorbell: how a commit makes workers look at once.
pub mod doorbell;
/// The life of one delivery, and when the next attempt is due.
pub mod delivery;
/// Which addresses the gateway may call.
pub mod egress;
/// What folders, boards and their like share: visibility, roles, archive state.
pub mod node;

/// A board, and the lists on it.
pub mod board;
/// A company: what clients belong to.
pub mod company;
/// A folder: what other resources live in.
pub mod folder;
/// Clients and members: the people of a workspace.
pub mod user;
/// A webhook: who wants to hear of which events.
pub mod webhook;
/// A workspace: the wall around everything else.
pub mod workspace;
