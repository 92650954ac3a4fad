//! Places at which a debug build can be told to stand still, so that a test can kill it exactly there. `KITCHEN_TEST_HOLD_AT` names
//! the place. A release build has none of this.

/// A place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A delivery is claimed, and nothing sent.
    AfterClaim,
    /// The receiver has answered, and nobody but this task knows.
    AfterSend,
    /// Outcomes are gathered, and not yet written.
    BeforeRecord,
}

/// Stands still for ever if this is the place.
#[cfg(debug_assertions)]
pub(crate) async fn at(place: Place) {
    static CHOSEN: std::sync::LazyLock<Option<String>> = std::sync::LazyLock::new(|| std::env::var("KITCHEN_TEST_HOLD_AT").ok());
    let name = match place {
        Place::AfterClaim => "after-claim",
        Place::AfterSend => "after-send",
        Place::BeforeRecord => "before-record",
    };
    if CHOSEN.as_deref() == Some(name) {
        tracing::info!("standing still at {name}");
        std::future::pending::<()>().await;
    }
}

/// Goes on.
#[cfg(not(debug_assertions))]
#[expect(clippy::unused_async, reason = "the debug build's waits")]
pub(crate) async fn at(_: Place) {}
