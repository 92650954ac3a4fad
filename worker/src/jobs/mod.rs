//! What apalis runs. A job returns `Ok` for everything it has dealt with: what is left to do stands in the database, and
//! the next sweep finds it. apalis' own retries are not used.

/// Carrying out operations, step by step.
pub(crate) mod carry_out_operations;
/// Matching events with webhooks, as the doorbell rings.
pub(crate) mod dispatch_events;
/// Running routines that are due.
pub(crate) mod run_routines;
/// Sending mails that are due.
pub(crate) mod send_mails;
/// Finding what no ring announced.
pub(crate) mod sweep;
