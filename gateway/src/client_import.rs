//! A file of clients that was sent, by programs or with the page: what its header says, and what the import is to be.

use crate::upload::Upload;
use domain::client_import::{ClientImport, ImportOptions, columns_of};
use domain::input::Invalid;
use domain::spreadsheet::read_rows;

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
    let opening = sent.opening;
    let is_whole = sent.size == sent.beginning.len() as u64;
    let mut header = read_rows(&sent.beginning[opening.bytes..], opening.delimiter, is_whole, opening.lines, 1);
    let begins_at = ((opening.bytes + header.used) as u64, opening.lines + header.lines);
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
        delimiter: opening.delimiter,
        columns,
        ignored_columns,
        begins_at,
    })
}
