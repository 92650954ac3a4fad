//! A folder: what other resources live in, other folders included.

use crate::clock::Timestamp;
use crate::ids::FolderId;
use crate::input::{Fields, Invalid, Patch, id, line, one_of, text};
use crate::node::{Move, State, Visibility, read_role};
use crate::page::Filter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const ROLES: &[&str] =
    &["folder_admin", "folder_manager", "folder_creator", "folder_commenter", "folder_uploader", "folder_viewer"];

/// The most characters of a name.
const NAME: usize = 255;

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// On an internal folder: the default role of the team.
    pub role: Option<String>,
    /// The folder it lies in; `None` at the root.
    pub folder: Option<FolderId>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// A folder to be made.
#[derive(Clone, Debug)]
pub struct NewFolder {
    /// See [`Folder::name`].
    pub name: String,
    /// See [`Folder::description`].
    pub description: Option<String>,
    /// See [`Folder::visibility`].
    pub visibility: Visibility,
    /// See [`Folder::role`].
    pub role: Option<String>,
    /// See [`Folder::folder`].
    pub folder: Option<FolderId>,
}

/// What an update of a folder changes. It is moved by a request of its own.
#[derive(Clone, Debug, Default)]
pub struct FolderPatch {
    /// See [`Folder::name`].
    pub name: Option<String>,
    /// See [`Folder::description`].
    pub description: Patch<String>,
    /// See [`Folder::visibility`].
    pub visibility: Option<Visibility>,
    /// See [`Folder::role`].
    pub role: Patch<String>,
}

impl NewFolder {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.required("name", line(NAME));
        let description = fields.optional("description", text(10_000));
        let visibility = fields.required("visibility", Visibility::read());
        let role = fields.optional("role", read_role(ROLES));
        let folder = fields.optional("folder", id(FolderId::parse));
        if fields.raw("template").is_some() {
            fields.refuse("template", "The selected template is invalid.");
        }
        fields.finish(|| Some(Self { name: name?, description, visibility: visibility?, role, folder }))
    }
}

impl FolderPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self {
            name: fields.change("name", line(NAME)),
            description: fields.patch("description", text(10_000)),
            visibility: fields.change("visibility", Visibility::read()),
            role: fields.patch("role", read_role(ROLES)),
        };
        fields.finish(|| Some(patch))
    }

    /// The folder after the update.
    pub fn apply(self, folder: Folder, now: Timestamp) -> Folder {
        Folder {
            name: self.name.unwrap_or(folder.name),
            description: self.description.apply(folder.description),
            visibility: self.visibility.unwrap_or(folder.visibility),
            role: self.role.apply(folder.role),
            updated_at: now,
            ..folder
        }
    }
}

/// A copy that is asked for.
#[derive(Clone, Debug)]
pub struct NewCopy {
    /// What the copy shall be called; as people do it if it is not said.
    pub name: Option<String>,
    /// Where it shall lie; beside the folder itself if it is not said.
    pub target: Option<Move>,
}

impl NewCopy {
    /// Reads the body of a request to duplicate.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.optional("name", line(NAME));
        let is_placed = fields.has("parent") || fields.has("folder");
        let target = if is_placed { Move::read(body).map(Some) } else { Ok(None) };
        let (name, target) = Invalid::both(fields.finish(|| Some(name)), target)?;
        Ok(Self { name, target })
    }
}

/// What the copy of a folder is called if nobody says: shortened at its end if need be.
pub fn name_of_copy(name: &str) -> String {
    format!("Copy of {name}").chars().take(NAME).collect::<String>().trim_end().to_owned()
}

/// A copy as it is kept with its operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderCopy {
    /// What the copy is called.
    pub name: String,
    /// The folder it lies in; `None` at the root.
    pub parent: Option<String>,
    /// What is put into the folder much later than this is no part of the copy.
    pub as_of: Timestamp,
}

/// Which folders a list shows.
#[derive(Clone, Debug, Default)]
pub struct FolderFilter {
    /// Active, archived, or all.
    pub state: State,
    /// Part of the name, without regard to case.
    pub name: Option<String>,
}

impl Filter for FolderFilter {
    const NAMES: &'static [&'static str] = &["name"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self { state: fields.optional("state", State::read()).unwrap_or_default(), name: fields.optional("name", line(NAME)) }
    }
}

/// What can lie in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChildKind {
    /// A folder.
    Folder,
    /// A board.
    Board,
}

impl ChildKind {
    /// As written in the API's `object`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Board => "board",
        }
    }
}

/// Which children of a folder a list shows.
#[derive(Clone, Debug, Default)]
pub struct ChildFilter {
    /// Active, archived, or all.
    pub state: State,
    /// Only these kinds, each once; all when empty.
    pub kinds: Vec<ChildKind>,
}

impl Filter for ChildFilter {
    const NAMES: &'static [&'static str] = &["name", "title"];

    fn read(fields: &mut Fields<'_>) -> Self {
        let named = |name: &str| match name {
            "folder" => Some(ChildKind::Folder),
            "board" => Some(ChildKind::Board),
            _ => None,
        };
        let kinds = fields.list("object", 20, one_of(vec!["folder", "board"], named));
        let mut kinds = kinds.unwrap_or_default();
        kinds.sort_unstable();
        kinds.dedup();
        Self { state: fields.optional("state", State::read()).unwrap_or_default(), kinds }
    }
}
