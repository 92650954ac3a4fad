//! `/api/clients/import`: clients from a CSV file.

use crate::answer::Answer;
use crate::api::operations;
use crate::app::Gateway;
use crate::auth::Caller;
use crate::upload::{self, Upload};
use axum::extract::{Request, State};
use domain::client_import::{ClientImport, ImportOptions, columns_of, read_rows};
use domain::input::Invalid;
use domain::operation::Callback;
use store::client_imports;

/// What a file is called that has no name.
const NAMELESS: &str = "clients.csv";

/// Takes the file in and answers the operation that imports it.
pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, request: Request) -> Answer {
    let sent = upload::receive(&gateway, caller.workspace(), request).await?;
    let callback = Callback::read(&sent.fields, &gateway.settings().egress);
    let (import, callback) = Invalid::both(read(&sent), callback)?;
    operations::judge(&gateway, callback.as_ref()).await?;
    let name = sent.name.as_deref().map_or(NAMELESS, str::trim);
    let name: String = name.chars().filter(|c| !c.is_control()).take(255).collect();
    let mut work = caller.begin(&gateway);
    let operation =
        client_imports::begin(&mut work, &import, &name, sent.rows_count.saturating_sub(1), callback.as_ref()).await?;
    work.commit().await?;
    operations::begun(&operation, callback.as_ref())
}

/// Understands the header of a file.
fn read(sent: &Upload) -> Result<ClientImport, Invalid> {
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
