//! The one error type of this crate, in words an operator can act on.
//!
//! Refuses: showing the Redis URL, which may hold a password.

use std::time::Duration;

/// Why a call to Redis gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The URL cannot be used. Only [`crate::RedisQueue::open`] answers this.
    #[error(
        "the Redis URL cannot be used: {reason}; expected redis://[user:password@]host[:port][/database] or unix:///path/to/socket"
    )]
    BadUrl {
        /// What the parser objected to. Never holds the URL itself.
        reason: String,
    },
    /// Redis cannot be reached, or answered with an error.
    #[error("Redis is not available: {reason}")]
    Unavailable {
        /// The client's or the server's own words.
        reason: String,
    },
    /// Redis did not answer in time.
    #[error("Redis gave no answer within {} ms", waited.as_millis())]
    TimedOut {
        /// How long the call was willing to wait.
        waited: Duration,
    },
    /// Redis failed a moment ago and is not asked again yet, so that its absence costs the caller no time.
    #[error("Redis failed a moment ago and is not asked again yet")]
    Pausing,
}

impl From<redis::RedisError> for QueueError {
    fn from(error: redis::RedisError) -> Self {
        Self::Unavailable { reason: error.to_string() }
    }
}
