//! What Kitchen calls nodes have in common: folders, boards and later conversations, docs, invoices live in folders, have
//! a visibility, can be archived and restored, and moved.

use crate::ids::FolderId;
use crate::input::{Fields, Form, Invalid, Parser, as_form, one_of};
use serde::Serialize;
use serde_json::Value;

/// Who may see a node, before memberships are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Only people given access.
    Private,
    /// The team.
    Internal,
    /// May include clients.
    Shared,
}

impl Visibility {
    /// Every visibility, from closed to open.
    pub const ALL: [Self; 3] = [Self::Private, Self::Internal, Self::Shared];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Shared => "shared",
        }
    }

    /// From the text of [`Visibility::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.as_str() == text)
    }

    /// Reads it from input.
    pub fn read() -> impl Parser<Self> {
        as_form(Form::OneOf(Self::ALL.map(Self::as_str).to_vec()), |value: &Value| {
            let named = value.as_str().and_then(Self::parse);
            named.ok_or_else(|| "The selected :field is invalid. Use private, internal or shared.".into())
        })
    }
}

/// Which rows a list shows of what can be archived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Everything.
    All,
    /// What is not archived; the default.
    #[default]
    Active,
    /// Only what is archived.
    Archived,
}

impl State {
    /// Reads it from a query.
    pub fn read() -> impl Parser<Self> {
        as_form(Form::OneOf(vec!["all", "active", "archived"]), |value: &Value| match value.as_str() {
            Some("all") => Ok(Self::All),
            Some("active") => Ok(Self::Active),
            Some("archived") => Ok(Self::Archived),
            _ => Err("The selected :field is invalid. Use all, active or archived.".into()),
        })
    }
}

/// Where a node is to be moved.
#[derive(Clone, Debug)]
pub struct Move {
    /// The folder it shall lie in; `None` for the root.
    pub parent: Option<FolderId>,
    /// What the request called it; errors name the same.
    pub field: &'static str,
}

impl Move {
    /// Reads the body of a move: `parent` (or `folder`), a folder's id, or empty for the root. One of the two must be there.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let field = if fields.has("parent") || !fields.has("folder") { "parent" } else { "folder" };
        if !fields.has(field) {
            fields.refuse("parent", "The parent field must be present: a folder's id, or null for the root.");
        } else if fields.has("folder") && fields.raw("folder") != fields.raw(field) {
            fields.refuse("folder", "The folder field says something else than parent; send one of them.");
        }
        let parent = fields.optional(field, crate::input::id(FolderId::parse));
        fields.finish(|| Some(Self { parent, field }))
    }
}

/// The role that all team members have by default on an internal node, out of those the kind of node knows.
pub fn read_role(roles: &'static [&'static str]) -> impl Parser<String> {
    one_of(roles.to_vec(), |role| roles.contains(&role).then(|| role.to_owned()))
}
