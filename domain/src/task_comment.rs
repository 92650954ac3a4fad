//! A comment on a task.

use crate::clock::Timestamp;
use crate::ids::{BoardId, TaskCommentId, TaskId, UserId};
use crate::input::{Fields, Invalid, one_of, text};
use serde::Serialize;
use serde_json::Value;

/// How the content of a comment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As it is.
    Text,
    /// HTML. It is kept and given back; whoever shows it has to judge what is in it.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Text, Self::Html];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
        }
    }

    /// From the text of [`Format::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskComment {
    /// Its id.
    pub id: TaskCommentId,
    /// The task it is on.
    pub task: TaskId,
    /// The board that task is on.
    pub board: BoardId,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// What it says.
    pub content: String,
    /// How that is written.
    pub format: Format,
    /// Files, of which there are none here yet.
    pub attachments: [(); 0],
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A comment to be made.
#[derive(Clone, Debug)]
pub struct NewTaskComment {
    /// See [`TaskComment::content`].
    pub content: String,
    /// See [`TaskComment::format`].
    pub format: Format,
}

/// What an update of a comment changes.
#[derive(Clone, Debug, Default)]
pub struct TaskCommentPatch {
    /// See [`TaskComment::content`].
    pub content: Option<String>,
}

/// Refuses what cannot be kept, rather than to lose it.
fn refuse_attachments(fields: &mut Fields<'_>) {
    if fields.raw("attachments").is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty())) {
        fields.refuse("attachments", "Files cannot be attached here yet; leave the attachments field out.");
    }
}

impl NewTaskComment {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let content = fields.required("content", text(10_000));
        let format = fields.required("format", one_of(Format::ALL.map(Format::as_str).to_vec(), Format::parse));
        refuse_attachments(&mut fields);
        fields.finish(|| Some(Self { content: content?, format: format? }))
    }
}

impl TaskCommentPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self { content: fields.change("content", text(10_000)) };
        refuse_attachments(&mut fields);
        fields.finish(|| Some(patch))
    }
}
