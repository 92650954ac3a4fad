//! A label of a board: a colour, perhaps with a title, that its tasks are marked with.

use crate::clock::Timestamp;
use crate::ids::{BoardId, LabelId};
use crate::input::{Fields, Invalid, Patch, colour, id, line};
use crate::page::Filter;
use serde::Serialize;
use serde_json::Value;

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// The board it is of.
    pub board: BoardId,
    /// What it says.
    pub title: Option<String>,
    /// Its colour: `#ff8800`.
    pub hex_color: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// A label to be made.
#[derive(Clone, Debug)]
pub struct NewLabel {
    /// See [`Label::title`].
    pub title: Option<String>,
    /// See [`Label::hex_color`].
    pub hex_color: String,
}

/// What an update of a label changes.
#[derive(Clone, Debug, Default)]
pub struct LabelPatch {
    /// See [`Label::title`].
    pub title: Patch<String>,
    /// See [`Label::hex_color`].
    pub hex_color: Option<String>,
}

impl NewLabel {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let hex_color = fields.required("hex_color", colour());
        let title = fields.optional("title", line(255));
        fields.finish(|| Some(Self { title, hex_color: hex_color? }))
    }
}

impl LabelPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self { hex_color: fields.change("hex_color", colour()), title: fields.patch("title", line(255)) };
        fields.finish(|| Some(patch))
    }

    /// The label after the update.
    pub fn apply(self, label: Label, now: Timestamp) -> Label {
        Label {
            title: self.title.apply(label.title),
            hex_color: self.hex_color.unwrap_or(label.hex_color),
            updated_at: now,
            ..label
        }
    }
}

/// Reads which label a task is to be marked with: `label`.
pub fn read_label(body: &Value) -> Result<LabelId, Invalid> {
    let mut fields = Fields::of(body);
    let label = fields.required("label", id(LabelId::parse));
    fields.finish(|| label)
}

/// Which labels of a board are shown.
#[derive(Clone, Debug, Default)]
pub struct LabelFilter {
    /// Part of the title, without regard to case.
    pub title: Option<String>,
}

impl Filter for LabelFilter {
    const NAMES: &'static [&'static str] = &["title"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self { title: fields.optional("title", line(255)) }
    }
}
