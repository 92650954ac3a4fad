//! The doorbell. The database is the truth; a ring only saves workers the wait until they look by themselves.

use crate::ids::EventId;

/// Tells workers that committed events wait. Rings may be lost or doubled without harm, so ringing never fails and
/// never waits.
pub trait Doorbell: Send + Sync + 'static {
    /// Something committed. An empty slice means "look for work that is due".
    fn ring(&self, events: &[EventId]);
}

/// A doorbell nobody hears: for commands that leave the work to the next sweep.
pub struct Silent;

impl Doorbell for Silent {
    fn ring(&self, _events: &[EventId]) {}
}
