//! What automation platforms expect of the gateway: the catalogue of triggers, actions, searches and look-ups, and one module per
//! platform with its exact shapes. Pure: no I/O, no HTTP types.
//!
//! A trigger's feed and the body its hook delivers come from one function per platform, so they are the same thing,
//! key for key.

/// Triggers, actions, searches and look-ups.
pub mod catalogue;
/// The apps that platforms run on their side.
pub mod export;
/// Flat objects, as no-code platforms map them.
mod flat;
/// One module per platform.
pub mod platforms;
/// Realistic resources to show before any real one exists.
mod samples;
/// Input as JSON Schema.
pub mod schema;
/// What resources look like as JSON Schema.
pub mod shape;

use domain::dialect::kitchen;
use domain::event::Event;
use domain::webhook::Platform;

pub use catalogue::Catalogue;
pub use platforms::{Connector, connector};

/// The body a webhook made by this platform receives for an event: bytes that are signed and sent as they are.
pub fn body(platform: Platform, event: &Event) -> Vec<u8> {
    let value = match (platform, connector(platform)) {
        (_, Some(connector)) => connector.item(event),
        (Platform::Callback, None) => kitchen(event.data.clone()),
        (_, None) => event.envelope(),
    };
    value.to_string().into_bytes()
}
