//! What the suite runs on: real servers, real databases, real receivers, and a clock that is moved instead of waited for.
//!
//! `script/test` starts a private Postgres and Redis and says where they are; SQLite needs nothing.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot go on should stop")]

/// A test in a process of its own.
pub mod alone;
/// A real browser.
pub mod browser;
/// Calls to the gateway, and what they answer.
pub mod client;
/// What something costs, whatever else the machine does.
pub mod cost;
/// The database behind the gateway's back.
pub mod database;
/// What tests measured.
pub mod figures;
/// A forward proxy.
pub mod forward_proxy;
/// Servers that behave badly.
pub mod hostile;
/// One whole installation inside the test process.
pub mod kitchen;
/// Clients that go on through faults, and a receiver that counts.
pub mod load;
/// Apps on the platforms' side, run by node.
pub mod node;
/// The `kitchen` program itself, as processes.
pub mod process;
/// A stranger's server: records what it receives, answers as told.
pub mod receiver;
/// Databases and queues of a test's own.
pub mod services;
/// What answers must look like.
pub mod shape;
/// A mail server.
pub mod smtp;
/// Receivers with TLS.
pub mod tls;
/// A person with a browser, as far as HTTP goes.
pub mod visitor;

pub use alone::alone;
pub use browser::Browser;
pub use client::{Api, Reply};
pub use cost::Meter;
pub use forward_proxy::ForwardProxy;
pub use hostile::Hostile;
pub use kitchen::{Kitchen, Setup};
pub use load::{Load, Tally};
pub use process::{PrivatePostgres, PrivateRedis, Program, Site};
pub use receiver::{Received, Receiver};
pub use services::Engine;
pub use smtp::Smtp;
pub use tls::Authority;
pub use visitor::Visitor;

use std::time::{Duration, Instant};

/// Asks again and again until the answer is there; fails after `within`.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, within: Duration, mut ask: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < within, "waited {within:?} in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// Makes a test of one async function for each engine: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($engine: harness::Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(harness::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(harness::Engine::Postgres).await;
            }
        }
    )*};
}
