//! The log: one line an occurrence, on standard error, so that standard output stays what a command was asked for.

use crate::settings::{LogFormat, Settings};
use anyhow::{Result, anyhow};
use std::io::IsTerminal as _;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Starts logging. `default` is the level when the operator chose none.
pub fn start(settings: &Settings, default: &str) -> Result<()> {
    let text = settings.log.as_deref().unwrap_or(default);
    let unreadable = |reason: &dyn std::fmt::Display| {
        anyhow!("KITCHEN_LOG cannot be read ({reason}). Write a level such as info, or info,worker=debug.")
    };
    // The filter takes a word it does not know for the name of a part, and would then say nothing at all.
    let is_level = |word: &&str| word.contains(['=', '[']) || word.trim().parse::<LevelFilter>().is_ok();
    if let Some(word) = text.split(',').find(|word| !is_level(word)) {
        return Err(unreadable(&format_args!("`{word}` is no level")));
    }
    let filter = EnvFilter::try_new(text).map_err(|error| unreadable(&error))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
