//! Inviting members and changing what they may do. A member is a [`crate::user::User`] of the team.

use crate::input::{Fields, Form, Invalid, Parser, as_form, email, line};
use crate::user::Role;
use serde_json::Value;

/// A member to be invited.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The full name.
    pub name: String,
    /// The address the invitation goes to.
    pub email: String,
    /// What they may do once they have joined.
    pub role: Role,
}

/// A role; only those that whoever may give `most` may give are offered, so that the others are refused by their givers.
fn read_role_word(most: Role) -> impl Parser<Role> {
    let given = [Role::Member, Role::Admin, Role::Owner].into_iter().filter(|role| most.may_give(*role));
    as_form(Form::OneOf(given.map(Role::as_str).collect()), |value: &Value| {
        let named = value.as_str().and_then(|text| Role::parse(text.trim()));
        named.ok_or_else(|| "The selected :field is invalid. Use member, admin or owner.".into())
    })
}

impl NewMember {
    /// Reads the body of an invitation; `most` is the mightiest role the one who invites may give.
    pub fn read(body: &Value, most: Role) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.required("name", line(255));
        let email = fields.required("email", email());
        let role = fields.optional("role", read_role_word(most)).unwrap_or(Role::Member);
        refuse_above(&mut fields, role, most);
        fields.finish(|| Some(Self { name: name?, email: email?, role }))
    }
}

/// Reads the body of an update: the new role, if one is named.
pub fn read_role(body: &Value, most: Role) -> Result<Option<Role>, Invalid> {
    let mut fields = Fields::of(body);
    let role = fields.change("role", read_role_word(most));
    if let Some(role) = role {
        refuse_above(&mut fields, role, most);
    }
    fields.finish(|| Some(role))
}

fn refuse_above(fields: &mut Fields<'_>, role: Role, most: Role) {
    if !most.may_give(role) {
        let message = format!("The role `{}` can be given by {} only.", role.as_str(), role.givers());
        fields.refuse("role", message);
    }
}
