//! The `kitchen` program itself, as processes.
