//! Pabbly Connect: an app is set up in a form, without code, so whatever a Zapier app could mend in code must be right already: bare arrays,
//! flat objects, an `id` at the top.

use super::Connector;
use domain::webhook::Platform;

/// Pabbly Connect.
pub(crate) struct Pabbly;

impl Connector for Pabbly {
    fn platform(&self) -> Platform {
        Platform::Pabbly
    }

    fn title(&self) -> &'static str {
        "Pabbly Connect"
    }

    fn summary(&self) -> &'static str {
        "Workflows between web apps that are put together in forms."
    }
}
