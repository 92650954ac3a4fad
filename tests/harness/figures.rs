//! What tests measured, for whoever runs them in full size: each figure is printed, and kept as a line of a Markdown table in the file
//! that `KITCHEN_TEST_FIGURES` names. `script/test` writes the heads of the tables.

use std::fs::File;
use std::io::Write as _;

/// Whether tests are to have their full size, for which a run of the whole suite has no time.
pub fn is_full_size() -> bool {
    std::env::var_os("KITCHEN_TEST_FULL").is_some()
}

/// A size: the full one, or what a run of the whole suite has time for.
pub fn size(full: u64, usual: u64) -> u64 {
    if is_full_size() { full } else { usual }
}

/// What an engine is called in tables.
pub fn engine(database_url: &str) -> &'static str {
    if database_url.starts_with("sqlite") { "SQLite" } else { "Postgres, Redis" }
}

/// Keeps one figure: what was measured, and what it came to.
pub fn report(what: &str, database_url: &str, figure: &str) {
    keep(&format!("| {what:<64} | {:<15} | {figure} |", engine(database_url)));
}

/// Keeps a line of a table.
#[expect(clippy::print_stdout, reason = "the figures are half of what these tests are for")]
pub(crate) fn keep(line: &str) {
    println!("{line}");
    if let Some(path) = std::env::var_os("KITCHEN_TEST_FIGURES") {
        let mut file = File::options().create(true).append(true).open(path).expect("a file for the figures");
        writeln!(file, "{line}").expect("the figures are written");
    }
}
