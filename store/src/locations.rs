//! The tree of folders and boards, read upwards: what lies above the places where events happened. One statement for all of them.
//! Deleted folders and boards are part of it, so that their last events are known to lie where they lay.

use crate::Result;
use crate::engine::Conn;
use crate::paging::json_array;
use crate::work::View;
use domain::location::Location;
use sqlx::AssertSqlSafe;
use std::collections::{BTreeSet, HashMap};

/// Adds to each location every folder above what it names.
pub(crate) async fn widen(conn: Conn<'_>, locations: &mut [Location]) -> Result<()> {
    let named = |of: fn(&Location) -> &BTreeSet<String>| locations.iter().flat_map(of).cloned().collect::<BTreeSet<String>>();
    let (folders, boards) = (named(|location| &location.folders), named(|location| &location.boards));
    if folders.is_empty() && boards.is_empty() {
        return Ok(());
    }
    let above = edges(conn, folders, boards).await?;
    for location in locations {
        let mut next: Vec<&String> = location.folders.iter().chain(&location.boards).filter_map(|id| above.get(id)).collect();
        let mut found = BTreeSet::new();
        while let Some(folder) = next.pop() {
            if found.insert(folder.clone()) {
                next.extend(above.get(folder));
            }
        }
        location.folders.extend(found);
    }
    Ok(())
}

/// For each of these and everything above them the folder it lies in; what lies in none is left out.
async fn edges(conn: Conn<'_>, folders: BTreeSet<String>, boards: BTreeSet<String>) -> Result<HashMap<String, String>> {
    let any = |place: &str| match conn {
        Conn::Sqlite(_) => format!("IN (SELECT value FROM json_each({place}))"),
        Conn::Postgres(_) => format!("= ANY({place})"),
    };
    let text = AssertSqlSafe(format!(
        "WITH RECURSIVE above (id, folder_id) AS ( \
             SELECT id, folder_id FROM folders WHERE id {} \
             UNION SELECT id, folder_id FROM boards WHERE id {} \
             UNION SELECT folders.id, folders.folder_id FROM folders JOIN above ON folders.id = above.folder_id \
         ) SELECT id, folder_id FROM above WHERE folder_id IS NOT NULL",
        any("$1"),
        any("$2"),
    ));
    let rows: Vec<(String, String)> = match conn {
        Conn::Sqlite(conn) => {
            let [folders, boards] = [&folders, &boards].map(|ids| json_array(ids.iter().map(String::as_str)));
            sqlx::query_as(text).bind(folders).bind(boards).fetch_all(conn).await?
        }
        Conn::Postgres(conn) => {
            let [folders, boards] = [folders, boards].map(|ids| ids.into_iter().collect::<Vec<_>>());
            sqlx::query_as(text).bind(folders).bind(boards).fetch_all(conn).await?
        }
    };
    Ok(rows.into_iter().collect())
}

/// What a webhook can listen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Folders.
    Folder,
    /// Boards.
    Board,
}

impl Kind {
    /// The table, and its column with the name.
    const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Folder => ("folders", "name"),
            Self::Board => ("boards", "title"),
        }
    }
}

/// Those of these ids that are alive in the workspace.
pub(crate) async fn alive(view: &mut impl View, kind: Kind, ids: &[&str]) -> Result<BTreeSet<String>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let workspace = view.workspace().to_string();
    let (table, _) = kind.table();
    let text =
        |any: &str| AssertSqlSafe(format!("SELECT id FROM {table} WHERE workspace_id = $1 AND deleted_at IS NULL AND id {any}"));
    let rows: Vec<String> = match view.conn().await? {
        Conn::Sqlite(conn) => {
            let text = text("IN (SELECT value FROM json_each($2))");
            sqlx::query_scalar(text).bind(&workspace).bind(json_array(ids.iter().copied())).fetch_all(conn).await?
        }
        Conn::Postgres(conn) => sqlx::query_scalar(text("= ANY($2)")).bind(&workspace).bind(ids).fetch_all(conn).await?,
    };
    Ok(rows.into_iter().collect())
}

/// A folder or a board to choose.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// Its name or title.
    pub name: String,
    /// Whether it was deleted since it was chosen.
    pub is_deleted: bool,
}

/// What can be chosen, at most `limit`: those that are chosen already first, deleted or not, then the others by name.
pub async fn choices(view: &mut impl View, kind: Kind, chosen: &[&str], limit: u32) -> Result<Vec<Choice>> {
    let workspace = view.workspace().to_string();
    let (table, name) = kind.table();
    let text = |is_chosen: &str| {
        AssertSqlSafe(format!(
            "SELECT id, {name} AS name, deleted_at IS NOT NULL AS is_deleted FROM {table} \
             WHERE workspace_id = $1 AND (deleted_at IS NULL OR {is_chosen}) ORDER BY ({is_chosen}) DESC, name_key, id LIMIT $3"
        ))
    };
    Ok(match view.conn().await? {
        Conn::Sqlite(conn) => {
            let text = text("id IN (SELECT value FROM json_each($2))");
            let chosen = json_array(chosen.iter().copied());
            sqlx::query_as(text).bind(&workspace).bind(chosen).bind(i64::from(limit)).fetch_all(conn).await?
        }
        Conn::Postgres(conn) => {
            sqlx::query_as(text("id = ANY($2)")).bind(&workspace).bind(chosen).bind(i64::from(limit)).fetch_all(conn).await?
        }
    })
}
