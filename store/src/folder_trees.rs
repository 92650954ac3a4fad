//! All that lies in a folder, at any depth: counting it, and deleting it, as a whole or a part at a time.

use crate::{Result, StoreError, Work, boards, folders};
use domain::ids::FolderId;
use serde::{Deserialize, Serialize};

/// Folders, boards, lists and tasks, as `result` of an operation counts them.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    #[serde(rename = "folders_count")]
    pub(crate) folders: u32,
    #[serde(rename = "boards_count")]
    pub(crate) boards: u32,
    #[serde(rename = "lists_count")]
    pub(crate) lists: u32,
    // Operations that an earlier version began count none.
    #[serde(rename = "tasks_count", default)]
    pub(crate) tasks: u32,
}

impl Tally {
    /// How many these are together.
    pub(crate) fn sum(self) -> u32 {
        [self.folders, self.boards, self.lists, self.tasks].into_iter().fold(0, u32::saturating_add)
    }

    /// With these added.
    pub(crate) fn add(&mut self, more: Self) {
        self.folders += more.folders;
        self.boards += more.boards;
        self.lists += more.lists;
        self.tasks += more.tasks;
    }
}

/// How many things a folder is, with itself and all that lies in it.
pub(crate) async fn count(work: &mut Work, root: &FolderId) -> Result<u64> {
    let count: i64 = on!(work, conn => sqlx::query_scalar(
        "WITH RECURSIVE tree (id) AS ( \
             SELECT $1 \
             UNION SELECT folders.id FROM folders JOIN tree ON folders.folder_id = tree.id WHERE folders.deleted_at IS NULL \
         ), inside (id) AS ( \
             SELECT boards.id FROM boards JOIN tree ON boards.folder_id = tree.id WHERE boards.deleted_at IS NULL \
         ) SELECT (SELECT COUNT(*) FROM tree) + (SELECT COUNT(*) FROM inside) \
             + (SELECT COUNT(*) FROM lists JOIN inside ON lists.board_id = inside.id WHERE lists.deleted_at IS NULL) \
             + (SELECT COUNT(*) FROM tasks JOIN inside ON tasks.board_id = inside.id WHERE tasks.deleted_at IS NULL)",
    )
    .bind(root.as_str())
    .fetch_one(conn)
    .await)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Deletes at most `most` things of a folder and of all that lies in it, innermost first, each with its own event. Says what these
/// were, and whether nothing is left.
///
/// What was deleted is how far it is: the next part begins with what is there then, so that what is put into the folder meanwhile
/// goes too, and what is taken out of it in time stays. Each folder is locked before its children are looked for: whoever puts
/// something into a folder locks it too, so nothing is added behind our back.
pub(crate) async fn delete_part(work: &mut Work, root: &FolderId, most: u32) -> Result<(Tally, bool)> {
    folders::take_turn(work).await?;
    let mut deleted = Tally::default();
    let mut path = match folders::get(work, root).await {
        Ok(folder) => vec![folder],
        Err(StoreError::NotFound) => return Ok((deleted, true)),
        Err(error) => return Err(error),
    };
    while let Some(folder) = path.last() {
        if deleted.sum() >= most {
            return Ok((deleted, false));
        }
        if let Some(inner) = folders::any_inside(work, &folder.id).await? {
            path.push(inner);
        } else if let Some(board) = boards::any_inside(work, &folder.id).await? {
            let (tasks, lists) = boards::delete_content(work, &board.id, most - deleted.sum()).await?;
            (deleted.tasks, deleted.lists) = (deleted.tasks + tasks, deleted.lists + lists);
            if deleted.sum() < most {
                boards::delete_empty(work, &board).await?;
                deleted.boards += 1;
            }
        } else {
            folders::delete_empty(work, folder).await?;
            deleted.folders += 1;
            path.pop();
        }
    }
    Ok((deleted, true))
}
