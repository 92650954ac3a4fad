//! The whole suite in one program: behaviour through the public surface, on both engines. One file per subject.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod deliveries;
mod faults;
