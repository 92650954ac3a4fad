//! A file of clients that was sent, by programs or with the page: what its header says, and what the import is to be.

use crate::upload::{self, Upload};
use domain::client_import::{ClientImport, ImportOptions, columns_of, read_rows};
use domain::input::Invalid;

/// What a file is called that has no name.
const NAMELESS: &str = "clients.csv";

/// What people know a file by.
pub(crate) fn name(sent: &Upload) -> String {
    let name = sent.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(NAMELESS);
    name.chars().filter(|c| !c.is_control()).take(255).collect()
}

/// How many rows there are to be imported.
pub(crate) fn rows_count(sent: &Upload) -> u64 {
    sent.rows_count.saturating_sub(1)
}

/// Understands the header of a file.
pub(crate) fn read(sent: &Upload) -> Result<ClientImport, Invalid> {
    let (text, mark) = upload::unmarked(&sent.beginning);
    let is_whole = sent.size == sent.beginning.len() as u64;
    let mut header = read_rows(text, sent.delimiter, is_whole, 0, 1);
    let begins_at = (mark + header.used as u64, header.lines);
    let options = ImportOptions::read(&sent.fields);
    let columns = match header.rows.pop() {
        Some(row) => columns_of(&row.cells),
        None => Err(Invalid::field("file", "The file is empty, or its first line is too long to name the columns.")),
    };
    let (options, (columns, ignored_columns)) = Invalid::both(options, columns)?;
    Ok(ClientImport {
        upload: sent.id.to_string(),
        size: sent.size,
        dry_run: options.is_dry_run,
        delimiter: sent.delimiter,
        columns,
        ignored_columns,
        begins_at,
    })
}
