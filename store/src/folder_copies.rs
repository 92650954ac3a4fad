//! Copies of folders with all that lies in them: asking for one, taking its steps, and removing what was copied if it is cancelled or
//! fails, so that nobody takes a half copy for a whole one.
//!
//! The walk goes down before it goes on: a folder, its boards, each with its labels, custom fields and lists with their tasks, then the
//! folders in it. How far it is are the places on the way from the outermost folder to where it stands, each with the child that was
//! copied last.

use crate::board_copies::{Done, Run};
use crate::folder_trees::{self, Tally};
use crate::operations::{self, NewOperation};
use crate::steps::{ClaimedOperation, Next, Step, Taken};
use crate::{Result, StoreError, Work, board_copies, boards, folders, lists};
use domain::board::{Board, List};
use domain::clock::Timestamp;
use domain::folder::{Folder, FolderCopy, NewCopy, name_of_copy};
use domain::ids::{BoardId, FolderId, ListId};
use domain::input::Invalid;
use domain::operation::{Callback, Operation, OperationKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Things a step copies, or removes.
const THINGS: u32 = 100;
/// How far the clocks of two gateways may be apart. What is put into the folder later than that after the copy was asked for is no
/// part of it: two copies that are moved into each other's folder would never end.
const SKEW: Duration = Duration::from_mins(1);

/// Asks for a copy of a folder.
pub async fn begin(work: &mut Work, id: &FolderId, new: NewCopy, callback: Option<&Callback>) -> Result<Operation> {
    folders::take_turn(work).await?;
    let folder = folders::get(work, id).await?;
    let (parent, field) = match new.target {
        Some(target) => (target.parent, target.field),
        None => (folder.folder.clone(), "parent"),
    };
    folders::require_open(work, field, parent.as_ref()).await?;
    if let Some(parent) = &parent
        && folders::is_at_or_below(work, parent, id).await?
    {
        return Err(Invalid::field(field, "A folder cannot be copied into itself or a folder inside it.").into());
    }
    let copy = FolderCopy {
        name: new.name.unwrap_or_else(|| name_of_copy(&folder.name)),
        parent: parent.map(|parent| parent.to_string()),
        as_of: work.now(),
    };
    let total = folder_trees::count(work, id).await?;
    let new = NewOperation {
        kind: OperationKind::FolderDuplicate,
        subject: id.as_str(),
        subject_name: &folder.name,
        params: serde_json::to_value(&copy)?,
        total_count: Some(total),
        callback,
    };
    operations::create(work, new).await
}

/// How far a copy is.
#[derive(Debug, Serialize, Deserialize)]
struct Checkpoint {
    /// The outermost folder of the copy.
    copy: String,
    made: Tally,
    removed: Tally,
    /// Where the walk stands, outermost first.
    path: Vec<Place>,
}

/// Something whose children are copied.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    from: String,
    to: String,
    /// Which children.
    children: Children,
    /// The one of these that was copied last; empty before the first.
    behind: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Children {
    Boards,
    Folders,
    Labels,
    CustomFields,
    Lists,
    /// Of a list.
    Tasks,
    /// Of a board: which of its tasks are parts of which.
    Parts,
}

impl Place {
    fn in_folder(from: &FolderId, to: &FolderId) -> Self {
        Self { from: from.to_string(), to: to.to_string(), children: Children::Boards, behind: String::new() }
    }

    fn on_board(from: &BoardId, to: &BoardId) -> Self {
        Self { from: from.to_string(), to: to.to_string(), children: Children::Labels, behind: String::new() }
    }

    fn on_list(from: &ListId, to: &ListId) -> Self {
        Self { from: from.to_string(), to: to.to_string(), children: Children::Tasks, behind: String::new() }
    }

    /// Goes on with other children of the same.
    fn go_on(&mut self, children: Children) {
        (self.children, self.behind) = (children, String::new());
    }
}

impl Checkpoint {
    fn result(&self, is_removed: bool) -> Value {
        let mut result = json!(self.made);
        result["folder"] = json!((!is_removed).then_some(&self.copy));
        result["removed_count"] = json!(self.removed.sum());
        result
    }
}

/// Takes one step of a copy.
pub(crate) async fn step(work: &mut Work, claimed: &ClaimedOperation) -> Result<Taken> {
    let asked: FolderCopy = serde_json::from_str(&claimed.params)?;
    folders::take_turn(work).await?;
    let source = match folders::get(work, &FolderId::from_stored(claimed.subject.clone())).await {
        Err(StoreError::NotFound) => return Ok(Taken::Failed("The folder was deleted meanwhile.".into())),
        found => found?,
    };
    let mut made = Tally::default();
    let mut checkpoint = if let Some(text) = &claimed.checkpoint {
        serde_json::from_str(text)?
    } else {
        let parent = asked.parent.clone().map(FolderId::from_stored);
        match folders::require_open(work, "parent", parent.as_ref()).await {
            Err(StoreError::Invalid(_)) => {
                return Ok(Taken::Failed("The folder that was to hold the copy was deleted or archived meanwhile.".into()));
            }
            open => open?,
        }
        let copy = Folder { name: asked.name.clone(), archived_at: None, ..copy_of(&source, parent, work.now()) };
        let path = vec![Place::in_folder(&source.id, &copy.id)];
        folders::insert(work, &copy)?;
        made.folders += 1;
        Checkpoint { copy: copy.id.to_string(), made: Tally::default(), removed: Tally::default(), path }
    };
    if made.sum() == 0 && !is_there(work, &mut checkpoint).await? {
        return Ok(Taken::Failed("The copy was deleted meanwhile.".into()));
    }
    walk(work, &mut checkpoint, asked.as_of.plus(SKEW), &mut made).await?;
    checkpoint.made.add(made);
    Ok(Taken::Step(Step {
        done: u64::from(made.sum()),
        failures: 0,
        result: checkpoint.result(false),
        next: if checkpoint.path.is_empty() { Next::Done } else { Next::At(work.now()) },
        checkpoint: serde_json::to_string(&checkpoint)?,
    }))
}

/// Removes a part of what was copied, and whatever was put into it meanwhile.
pub(crate) async fn undo(work: &mut Work, claimed: &ClaimedOperation) -> Result<Taken> {
    let Some(text) = &claimed.checkpoint else { return Err(StoreError::Damaged("a copy without its checkpoint".into())) };
    let mut checkpoint: Checkpoint = serde_json::from_str(text)?;
    let (removed, is_whole) = folder_trees::delete_part(work, &FolderId::from_stored(checkpoint.copy.clone()), THINGS).await?;
    checkpoint.removed.add(removed);
    Ok(Taken::Step(Step {
        done: 0,
        failures: 0,
        result: checkpoint.result(is_whole),
        next: if is_whole { Next::Done } else { Next::At(work.now()) },
        checkpoint: serde_json::to_string(&checkpoint)?,
    }))
}

/// Locks what the walk is copying into. What was deleted there meanwhile is not copied any further; says whether the copy itself is
/// still there.
async fn is_there(work: &mut Work, checkpoint: &mut Checkpoint) -> Result<bool> {
    let mut alive = 0;
    for place in &checkpoint.path {
        let found = match place.children {
            Children::Boards | Children::Folders => folders::get(work, &FolderId::from_stored(place.to.clone())).await.map(drop),
            Children::Tasks => lists::get(work, &ListId::from_stored(place.to.clone())).await.map(drop),
            Children::Labels | Children::CustomFields | Children::Lists | Children::Parts => {
                boards::get(work, &BoardId::from_stored(place.to.clone())).await.map(drop)
            }
        };
        match found {
            Ok(()) => alive += 1,
            Err(StoreError::NotFound) => break,
            Err(error) => return Err(error),
        }
    }
    checkpoint.path.truncate(alive);
    Ok(alive > 0)
}

/// Goes on until enough is copied for one step, or nothing is left.
async fn walk(work: &mut Work, checkpoint: &mut Checkpoint, until: Timestamp, made: &mut Tally) -> Result<()> {
    // What is written beside things, such as labels, counts here as they do.
    let mut left = THINGS - made.sum();
    while left > 0
        && let Some(place) = checkpoint.path.last()
    {
        left -= match place.children {
            Children::Boards | Children::Folders | Children::Lists => go_down(work, checkpoint, until, made).await?,
            Children::Labels | Children::CustomFields | Children::Tasks | Children::Parts => {
                copy_run(work, checkpoint, until, left, made).await?
            }
        };
    }
    Ok(())
}

/// Copies the next child that holds others, and goes on inside it; without one, goes on with other children, or further up. Says how
/// many were copied.
async fn go_down(work: &mut Work, checkpoint: &mut Checkpoint, until: Timestamp, made: &mut Tally) -> Result<u32> {
    let now = work.now();
    let Some(place) = checkpoint.path.last_mut() else { return Ok(0) };
    let (id, inner) = match place.children {
        Children::Boards => {
            let Some(board) = boards::inside(work, &place.from, &place.behind, until, 1).await?.pop() else {
                place.go_on(Children::Folders);
                return Ok(0);
            };
            let folder = Some(FolderId::from_stored(place.to.clone()));
            let copy = Board { id: BoardId::new(now), folder, created_at: now, updated_at: now, ..board.clone() };
            boards::insert(work, &copy)?;
            made.boards += 1;
            (board.id.to_string(), Place::on_board(&board.id, &copy.id))
        }
        Children::Lists => match lists::inside(work, &place.from, &place.behind, until, 1).await?.pop() {
            Some(list) => {
                let board = BoardId::from_stored(place.to.clone());
                let copy = List { id: ListId::new(now), board, created_at: now, updated_at: now, ..list.clone() };
                lists::insert(work, &copy)?;
                made.lists += 1;
                (list.id.to_string(), Place::on_list(&list.id, &copy.id))
            }
            None if board_copies::has_parts(work, &place.from).await? => {
                place.go_on(Children::Parts);
                return Ok(0);
            }
            None => {
                checkpoint.path.pop();
                return Ok(0);
            }
        },
        _ => match folders::inside(work, &place.from, &place.behind, until, 1).await?.pop() {
            // The copy itself, if it was moved into the folder meanwhile.
            Some(folder) if folder.id.as_str() == checkpoint.copy => {
                place.behind = folder.id.to_string();
                return Ok(0);
            }
            Some(folder) => {
                let copy = copy_of(&folder, Some(FolderId::from_stored(place.to.clone())), now);
                folders::insert(work, &copy)?;
                made.folders += 1;
                (folder.id.to_string(), Place::in_folder(&folder.id, &copy.id))
            }
            None => {
                checkpoint.path.pop();
                return Ok(0);
            }
        },
    };
    place.behind = id;
    checkpoint.path.push(inner);
    Ok(1)
}

/// Copies the next children that hold no others, at most `limit`, and goes on with other children, or further up, once there are no
/// more. Says how many rows were written.
async fn copy_run(work: &mut Work, checkpoint: &mut Checkpoint, until: Timestamp, limit: u32, made: &mut Tally) -> Result<u32> {
    let [.., outer, place] = checkpoint.path.as_mut_slice() else {
        return Err(StoreError::Damaged("a copy that stands nowhere".into()));
    };
    let run = Run { of: &place.from, behind: &place.behind, until, limit };
    let (board, outer) = (BoardId::from_stored(place.to.clone()), BoardId::from_stored(outer.to.clone()));
    let (Done { count, last }, next) = match place.children {
        Children::Labels => (board_copies::copy_labels(work, &run, &board).await?, Some(Children::CustomFields)),
        Children::CustomFields => (board_copies::copy_custom_fields(work, &run, &board).await?, Some(Children::Lists)),
        Children::Tasks => {
            let list = ListId::from_stored(place.to.clone());
            let done = board_copies::copy_tasks(work, &run, &outer, &list).await?;
            made.tasks += done.count;
            (done, None)
        }
        _ => (board_copies::copy_parts(work, &run, &board).await?, None),
    };
    match (last, next) {
        (Some(last), _) => place.behind = last,
        (None, Some(next)) => place.go_on(next),
        (None, None) => drop(checkpoint.path.pop()),
    }
    Ok(count)
}

fn copy_of(folder: &Folder, parent: Option<FolderId>, now: Timestamp) -> Folder {
    Folder { id: FolderId::new(now), folder: parent, created_at: now, updated_at: now, ..folder.clone() }
}
