//! A board, and the lists on it.

use crate::clock::Timestamp;
use crate::ids::{BoardId, FolderId, ListId};
use crate::input::{Fields, Invalid, Patch, id, line, text};
use crate::node::{State, Visibility, read_role};
use crate::page::Filter;
use serde::Serialize;
use serde_json::Value;

const ROLES: &[&str] =
    &["board_admin", "board_manager", "board_editor", "board_full_creator", "board_creator", "board_commenter", "board_viewer"];

/// A board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Its id.
    pub id: BoardId,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// On an internal board: the default role of the team.
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

/// A board to be made.
#[derive(Clone, Debug)]
pub struct NewBoard {
    /// See [`Board::title`].
    pub title: String,
    /// See [`Board::description`].
    pub description: Option<String>,
    /// See [`Board::visibility`].
    pub visibility: Visibility,
    /// See [`Board::role`].
    pub role: Option<String>,
    /// See [`Board::folder`].
    pub folder: Option<FolderId>,
}

/// What an update of a board changes. It is moved by a request of its own.
#[derive(Clone, Debug, Default)]
pub struct BoardPatch {
    /// See [`Board::title`].
    pub title: Option<String>,
    /// See [`Board::description`].
    pub description: Patch<String>,
    /// See [`Board::visibility`].
    pub visibility: Option<Visibility>,
    /// See [`Board::role`].
    pub role: Patch<String>,
}

impl NewBoard {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let title = fields.required("title", line(255));
        let description = fields.optional("description", text(10_000));
        let visibility = fields.required("visibility", Visibility::read());
        let role = fields.optional("role", read_role(ROLES));
        let folder = fields.optional("folder", id(FolderId::parse));
        fields.finish(|| Some(Self { title: title?, description, visibility: visibility?, role, folder }))
    }
}

impl BoardPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self {
            title: fields.change("title", line(255)),
            description: fields.patch("description", text(10_000)),
            visibility: fields.change("visibility", Visibility::read()),
            role: fields.patch("role", read_role(ROLES)),
        };
        fields.finish(|| Some(patch))
    }

    /// The board after the update.
    pub fn apply(self, board: Board, now: Timestamp) -> Board {
        Board {
            title: self.title.unwrap_or(board.title),
            description: self.description.apply(board.description),
            visibility: self.visibility.unwrap_or(board.visibility),
            role: self.role.apply(board.role),
            updated_at: now,
            ..board
        }
    }
}

/// Which boards a list shows.
#[derive(Clone, Debug, Default)]
pub struct BoardFilter {
    /// Active, archived, or all.
    pub state: State,
    /// Part of the title, without regard to case.
    pub title: Option<String>,
}

impl Filter for BoardFilter {
    const NAMES: &'static [&'static str] = &["title"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self { state: fields.optional("state", State::read()).unwrap_or_default(), title: fields.optional("title", line(255)) }
    }
}

/// A list: one column of a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// Its title.
    pub title: String,
    /// The board it is on.
    pub board: BoardId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// A list to be made.
#[derive(Clone, Debug)]
pub struct NewList {
    /// See [`List::title`].
    pub title: String,
}

/// What an update of a list changes.
#[derive(Clone, Debug, Default)]
pub struct ListPatch {
    /// See [`List::title`].
    pub title: Option<String>,
}

impl NewList {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let title = fields.required("title", line(255));
        fields.finish(|| Some(Self { title: title? }))
    }
}

impl ListPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self { title: fields.change("title", line(255)) };
        fields.finish(|| Some(patch))
    }
}

/// Which lists of a board are shown.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    /// Part of the title, without regard to case.
    pub title: Option<String>,
}

impl Filter for ListFilter {
    const NAMES: &'static [&'static str] = &["title"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self { title: fields.optional("title", line(255)) }
    }
}
