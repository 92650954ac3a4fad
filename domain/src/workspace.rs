//! A workspace: one agency's portal, and the wall around everything in it.

use crate::clock::Timestamp;
use crate::ids::WorkspaceId;
use crate::input::Invalid;
use serde::Serialize;

/// A workspace.
#[derive(Clone, Debug, Serialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// What commands and addresses call it: lower-case letters, digits and hyphens.
    pub slug: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A workspace to be made, with its first member.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// The owner's name.
    pub owner_name: String,
    /// The owner's e-mail address.
    pub owner_email: String,
}

impl NewWorkspace {
    /// Checks what a command gives.
    pub fn read(name: &str, slug: &str, owner_name: &str, owner_email: &str) -> Result<Self, Invalid> {
        use crate::input::{Fields, Parser as _, email, line};
        let input = serde_json::json!({"name": name, "slug": slug, "owner_name": owner_name, "owner_email": owner_email});
        let mut fields = Fields::of(&input);
        let name = fields.required("name", line(255));
        let slug = fields.required("slug", |value: &serde_json::Value| {
            let slug = line(63).parse(value)?;
            let is_slug =
                slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') && !slug.starts_with('-');
            if is_slug { Ok(slug) } else { Err("The slug may hold lower-case letters, digits and hyphens only.".into()) }
        });
        let owner_name = fields.required("owner_name", line(255));
        let owner_email = fields.required("owner_email", email());
        fields.finish(|| Some(Self { name: name?, slug: slug?, owner_name: owner_name?, owner_email: owner_email? }))
    }
}
