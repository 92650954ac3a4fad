//! The HTTP side of Kitchen Gateway: the API, the platforms' endpoints, health.
//!
//! Owns routes, extractors, authentication, rate limits and error answers. Refuses SQL (that is `store`) and calls to
//! other servers (that is `worker`).

/// How answers look: objects, pages, times.
mod answer;
/// What every request can reach.
mod app;
/// Who is asking: API keys.
mod auth;
/// Bodies and queries, from form or JSON into one tree.
mod body;
/// All clients as a file.
mod client_export;
/// A file of clients that was sent.
mod client_import;
/// Answers that are longer than memory should hold.
mod csv;
/// Every error a caller can see, and the only place that knows HTTP statuses.
mod error;
/// What an operation could not do as a file.
mod failures;
/// Brackets in form fields.
mod form;
/// Is it alive, is it ready.
mod health;
/// Inviting members and clients.
mod invite;
/// When keys were last used.
mod last_used;
/// How a connection ends whose request was not read to its end.
mod linger;
/// Deliveries that come back in.
mod loops;
/// The description of the API.
mod openapi;
/// Passwords: hashed and verified where nobody else waits.
mod password;
/// Where a request came from.
mod peer;
/// How many requests a key may make.
mod rate_limit;
/// Request ids, and the last word on every answer.
mod request_id;
/// The whole route table.
mod router;
/// What a request needs of the key it is made with.
mod scope;
/// Connections: accepting them, and how long they may take.
mod serve;
/// Where webhooks may point, looked up when they are saved.
mod target;
/// Files that are sent.
mod upload;

/// Kitchen's API, one file per resource.
mod api;
/// The platforms' endpoints, one file per platform.
mod connect;
/// The catalogue for agents.
mod mcp;
/// The pages under Settings, one file per page.
mod web;

pub use app::{Gateway, Settings};
pub use openapi::document as openapi;
pub use router::router;
pub use serve::serve;
