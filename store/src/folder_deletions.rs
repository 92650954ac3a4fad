//! Deletions of folders with all that lies in them, a part at a time: asking for one, and taking its steps. What a cancelled one has
//! deleted stays so.

use crate::folder_trees::{self, Tally};
use crate::operations::{self, NewOperation};
use crate::steps::{ClaimedOperation, Next, Step, Taken};
use crate::{Result, Work, folders};
use domain::ids::FolderId;
use domain::operation::{Callback, Operation, OperationKind};
use serde_json::json;

/// Things a step deletes.
const THINGS: u32 = 100;

/// Asks for the deletion of a folder.
pub async fn begin(work: &mut Work, id: &FolderId, callback: Option<&Callback>) -> Result<Operation> {
    let folder = folders::get(work, id).await?;
    let total = folder_trees::count(work, id).await?;
    let new = NewOperation {
        kind: OperationKind::FolderDelete,
        subject: id.as_str(),
        subject_name: &folder.name,
        params: json!({}),
        total_count: Some(total),
        callback,
    };
    operations::create(work, new).await
}

/// Takes one step of a deletion.
pub(crate) async fn step(work: &mut Work, claimed: &ClaimedOperation) -> Result<Taken> {
    let mut tally: Tally = claimed.checkpoint.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let (deleted, is_whole) = folder_trees::delete_part(work, &FolderId::from_stored(claimed.subject.clone()), THINGS).await?;
    tally.add(deleted);
    Ok(Taken::Step(Step {
        checkpoint: serde_json::to_string(&tally)?,
        done: u64::from(deleted.sum()),
        failures: 0,
        result: json!(tally),
        next: if is_whole { Next::Done } else { Next::At(work.now()) },
    }))
}
