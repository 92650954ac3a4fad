//! The doorbell: how a committed change wakes a worker at once.
//!
//! The SQL database is the truth. A [`Ring`] only says "look at these rows"; it may be lost or doubled freely, because
//! a sweeper finds whatever no ring announced. Hence the rule of this crate: nothing in it fails or blocks its caller,
//! ends a worker, or grows without bound.
//!
//! Owns: all Redis wiring, the apalis backend, the rate limiter shared by all nodes.
//! Refuses: retries, schedules, priorities, results. Those live in SQL rows.

mod accumulator;
mod backend;
mod bell;
mod error;
mod limiter;
mod redis_queue;
mod ring;

pub use backend::RingBackend;
pub use bell::{Bell, InProcess};
pub use error::QueueError;
pub use limiter::{Decision, SharedLimiter};
pub use redis_queue::RedisQueue;
pub use ring::Ring;
