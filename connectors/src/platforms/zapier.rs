//! Zapier: bare arrays newest first, flat objects with an id of their own, `200 {}` for an unsubscribe. What the trait does unless told
//! otherwise was made after it.

use super::Connector;
use domain::webhook::Platform;

/// Zapier.
pub(super) struct Zapier;

impl Connector for Zapier {
    fn platform(&self) -> Platform {
        Platform::Zapier
    }

    fn title(&self) -> &'static str {
        "Zapier"
    }

    fn summary(&self) -> &'static str {
        "Connects thousands of web apps: a Zap starts from what happens here, or does something here."
    }
}
