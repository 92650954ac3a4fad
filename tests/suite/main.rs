//! The whole suite in one program: behaviour through the public surface, on both engines. One file per subject.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod answers;
mod api_keys;
mod api_page;
mod api_page_access;
mod architecture;
mod audit;
mod boards;
mod clients;
mod commands;
mod companies;
mod connections;
mod deliveries;
mod egress;
mod faults;
mod fields;
mod folders;
mod input;
mod isolation;
mod keys;
mod lists;
mod mail;
mod me;
mod members;
mod overview;
mod pages;
mod people;
mod processes;
mod queue;
mod rate_limits;
mod webhook_secrets;
mod webhook_tests;
mod webhooks;
mod webhooks_page;
mod webhooks_page_access;
mod zapier;
