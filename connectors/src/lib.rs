//! What automation platforms expect of the gateway: the catalogue of triggers, actions and searches, and one module per
//! platform with its exact shapes. Pure: no I/O, no HTTP types.
//!
//! A trigger's feed and the body its hook delivers come from one function per platform, so they are the same thing,
//! key for key.

/// Triggers, actions and searches.
pub mod catalogue;
/// Flat objects, as no-code platforms map them.
mod flat;
/// Realistic resources to show before any real one exists.
mod samples;

use domain::dialect::kitchen;
use domain::event::Event;
use domain::webhook::Platform;
use serde_json::Value;

pub use flat::{item, resource};

/// The body a webhook made by this platform receives for an event: bytes that are signed and sent as they are.
pub fn body(platform: Platform, event: &Event) -> Vec<u8> {
    let value: Value = match platform {
        Platform::Kitchen => event.envelope(),
        Platform::Zapier => item(event),
        Platform::Callback => kitchen(event.data.clone()),
    };
    value.to_string().into_bytes()
}
