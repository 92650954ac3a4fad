//! The platforms' endpoints: the same resources and events, in the shapes each platform expects.

pub(crate) mod zapier;
