//! What an operation could not do as a file, row by row: for programs and for the page.

use crate::answer::Answer;
use crate::app::Gateway;
use crate::csv;
use domain::ids::{OperationId, WorkspaceId};
use store::operations;

/// Rows that are read at a time.
const PART: u32 = 500;

/// The file. The caller has looked at the operation.
pub(crate) fn answer(gateway: Gateway, workspace: WorkspaceId, id: OperationId) -> Answer {
    let name = format!("{id}-failures.csv");
    let head = csv::line(["line", "field", "reason"]);
    csv::file("text/csv; charset=utf-8", &name, head, (0, String::new()), move |(line, field)| {
        let (store, workspace, id) = (gateway.store().clone(), workspace.clone(), id.clone());
        async move {
            let mut view = store.read(&workspace).await?;
            let rows = operations::failures(&mut view, &id, (line, &field), PART).await?;
            let text = rows.iter().map(|row| csv::line([row.line.to_string().as_str(), &row.field, &row.reason])).collect();
            Ok(rows.last().map(|last| (text, (last.line, last.field.clone()))))
        }
    })
}
