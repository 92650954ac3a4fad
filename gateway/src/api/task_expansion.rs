//! `expand[]` of tasks: ids in an answer replaced by what they stand for, for a whole page at once. An id whose bearer is gone becomes
//! null.

use crate::auth::Caller;
use crate::body::Expand;
use crate::error::ApiError;
use domain::dialect::canonical;
use domain::ids::{BoardId, ListId, UserId};
use domain::scope::{Access, Family};
use domain::task::Task;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use store::{Reading, boards, lists, users};

/// What can be expanded. There are no milestones; whoever expands them gets null.
const NAMES: [&str; 6] = ["assignee", "author", "board", "completer", "list", "milestone"];
const PEOPLE: [&str; 3] = ["assignee", "author", "completer"];

/// Reads what is to be expanded, and refuses what the key may not look at.
pub(crate) fn read(caller: &Caller, query: &Value) -> Result<Expand, ApiError> {
    let expand = Expand::read(query, &NAMES)?;
    if PEOPLE.iter().any(|name| expand.has(name)) {
        require_people(caller)?;
    }
    Ok(expand)
}

/// Who has to do with a task may be a client or a member.
pub(crate) fn require_people(caller: &Caller) -> Result<(), ApiError> {
    caller.require(Family::Clients, Access::Read)?;
    caller.require(Family::Members, Access::Read)
}

/// Tasks with what was asked for in place of ids.
pub(crate) async fn expanded(view: &mut Reading, tasks: &[Task], expand: &Expand) -> Result<Vec<Value>, ApiError> {
    let mut known = Map::new();
    if PEOPLE.iter().any(|name| expand.has(name)) {
        let named = tasks.iter().flat_map(|task| [&task.assignee, &task.author, &task.completion.completer]).flatten();
        let ids: Vec<&UserId> = named.collect::<BTreeSet<_>>().into_iter().collect();
        known.extend(users::list_of_ids(view, &ids).await?.iter().map(|user| (user.id.to_string(), canonical(user))));
    }
    if expand.has("board") {
        let ids: BTreeSet<&BoardId> = tasks.iter().map(|task| &task.board).collect();
        for id in ids {
            known.insert(id.to_string(), canonical(&boards::get(view, id).await?));
        }
    }
    if expand.has("list") {
        let ids: Vec<&ListId> = tasks.iter().map(|task| &task.list).collect::<BTreeSet<_>>().into_iter().collect();
        known.extend(lists::list_of_ids(view, &ids).await?.iter().map(|list| (list.id.to_string(), canonical(list))));
    }
    let one = |task: &Task| {
        let mut shown = canonical(task);
        for name in NAMES.into_iter().filter(|name| expand.has(name)) {
            let found = shown[name].as_str().and_then(|id| known.get(id)).cloned();
            shown[name] = found.unwrap_or(Value::Null);
        }
        shown
    };
    Ok(tasks.iter().map(one).collect())
}
