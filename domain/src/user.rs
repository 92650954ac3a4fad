//! The people of a workspace. A client and a member are the same object, told apart by `group`.

use crate::clock::Timestamp;
use crate::ids::{CompanyId, UserId};
use crate::input::{Fields, Invalid, Parsed, Parser as _, Patch, boolean, colour, email, id, language, line, text, timezone};
use crate::page::Filter;
use crate::password::password;
use crate::secret::Secret;
use serde::Serialize;
use serde_json::Value;

/// Which side of the portal a person is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// A client of the agency.
    Client,
    /// A member of the team.
    Manager,
}

impl Group {
    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Manager => "manager",
        }
    }
}

/// What a member may do in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything; there is always one.
    Owner,
    /// Everything but what only owners may.
    Admin,
    /// Uses the portal; does not see its settings.
    Member,
}

impl Role {
    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// From the text of [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Member].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether whoever has this role may give another to somebody, or take it away.
    pub const fn may_give(self, role: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(role, Self::Owner),
            Self::Member => matches!(role, Self::Member),
        }
    }

    /// Who may give this role, in words.
    pub const fn givers(self) -> &'static str {
        match self {
            Self::Owner => "an owner, on the page People,",
            Self::Admin => "an owner or an admin, or a key with the scope `keys`,",
            Self::Member => "anyone",
        }
    }

    /// Whether they manage keys, webhooks and people.
    pub const fn is_managing(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

/// A client or a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Client or member.
    pub group: Group,
    /// The full name.
    pub name: String,
    /// The e-mail address, as it was written; unique in the workspace without regard to case.
    pub email: String,
    /// The name others mention them by.
    pub username: String,
    /// The workspace role: `client`, or `owner`, `admin`, `member`.
    pub role: String,
    /// Job title.
    pub title: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Language of the portal: a tag such as `en` or `pt-BR`.
    pub language: Option<String>,
    /// IANA time zone, such as `Europe/Berlin`.
    pub timezone: Option<String>,
    /// The colour of their avatar: `#ff8800`.
    pub color: Option<String>,
    /// The company they belong to.
    pub company: Option<CompanyId>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When anything about them last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// A member of the team who has just been put on record.
    pub fn member(name: String, email: String, role: Role, now: Timestamp) -> Self {
        Self {
            id: UserId::new(now),
            group: Group::Manager,
            username: email.split('@').next().unwrap_or_default().to_owned(),
            name,
            email,
            role: role.as_str().to_owned(),
            title: None,
            phone: None,
            language: None,
            timezone: None,
            color: None,
            company: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A client to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// See [`User::name`].
    pub name: String,
    /// See [`User::email`].
    pub email: String,
    /// See [`User::username`]; the part before the `@` when absent.
    pub username: Option<String>,
    /// See [`User::title`].
    pub title: Option<String>,
    /// See [`User::phone`].
    pub phone: Option<String>,
    /// See [`User::language`].
    pub language: Option<String>,
    /// See [`User::timezone`].
    pub timezone: Option<String>,
    /// See [`User::color`].
    pub color: Option<String>,
    /// See [`User::company`].
    pub company: Option<CompanyId>,
    /// What they sign in to the portal with. Without one they choose it themselves, once they are invited.
    pub password: Option<Secret>,
    /// Whether they are sent an invitation.
    pub notification: Notification,
}

/// Whether a client is told that they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Notification {
    /// They are told nothing.
    #[default]
    None,
    /// They are sent an invitation, perhaps with words of the one who invites them.
    Invitation(Option<String>),
}

impl Notification {
    /// True or false, or words for the invitation, which are then wanted.
    fn read(value: &Value) -> Parsed<Self> {
        match boolean().parse(value) {
            Ok(false) => Ok(Self::None),
            Ok(true) => Ok(Self::Invitation(None)),
            Err(_) if value.is_string() => text(2000).parse(value).map(|words| Self::Invitation(Some(words))),
            Err(_) => Err("The :field field must be true or false, or a text for the invitation.".into()),
        }
    }
}

/// What an update of a client changes.
#[derive(Clone, Debug, Default)]
pub struct ClientPatch {
    /// See [`User::name`].
    pub name: Option<String>,
    /// See [`User::email`].
    pub email: Option<String>,
    /// See [`User::username`].
    pub username: Option<String>,
    /// See [`User::title`].
    pub title: Patch<String>,
    /// See [`User::phone`].
    pub phone: Patch<String>,
    /// See [`User::language`].
    pub language: Patch<String>,
    /// See [`User::timezone`].
    pub timezone: Patch<String>,
    /// See [`User::color`].
    pub color: Patch<String>,
    /// See [`User::company`].
    pub company: Patch<CompanyId>,
}

impl NewClient {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.required("name", line(255));
        let email = fields.required("email", email());
        let username = fields.optional("username", line(64));
        let title = fields.optional("title", line(255));
        let phone = fields.optional("phone", line(64));
        let language = fields.optional("language", language());
        let timezone = fields.optional("timezone", timezone());
        let color = fields.optional("color", colour());
        let company = fields.optional("company", id(CompanyId::parse));
        let password = fields.optional("password", password());
        let notification = fields.optional("notification", Notification::read).unwrap_or_default();
        fields.finish(|| {
            let (name, email) = (name?, email?);
            Some(Self { name, email, username, title, phone, language, timezone, color, company, password, notification })
        })
    }
}

impl NewClient {
    /// The client that is made of it now.
    pub fn into_client(self, now: Timestamp) -> User {
        User {
            id: UserId::new(now),
            group: Group::Client,
            username: self.username.unwrap_or_else(|| self.email.split('@').next().unwrap_or_default().to_owned()),
            name: self.name,
            email: self.email,
            role: "client".into(),
            title: self.title,
            phone: self.phone,
            language: self.language,
            timezone: self.timezone,
            color: self.color,
            company: self.company,
            created_at: now,
            updated_at: now,
        }
    }
}

impl ClientPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self {
            name: fields.change("name", line(255)),
            email: fields.change("email", email()),
            username: fields.change("username", line(64)),
            title: fields.patch("title", line(255)),
            phone: fields.patch("phone", line(64)),
            language: fields.patch("language", language()),
            timezone: fields.patch("timezone", timezone()),
            color: fields.patch("color", colour()),
            company: fields.patch("company", id(CompanyId::parse)),
        };
        fields.finish(|| Some(patch))
    }

    /// The client after the update.
    pub fn apply(self, client: User, now: Timestamp) -> User {
        User {
            name: self.name.unwrap_or(client.name),
            email: self.email.unwrap_or(client.email),
            username: self.username.unwrap_or(client.username),
            title: self.title.apply(client.title),
            phone: self.phone.apply(client.phone),
            language: self.language.apply(client.language),
            timezone: self.timezone.apply(client.timezone),
            color: self.color.apply(client.color),
            company: self.company.apply(client.company),
            updated_at: now,
            ..client
        }
    }
}

/// Which people a list shows.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Part of the name, without regard to case.
    pub name: Option<String>,
    /// The whole address, without regard to case.
    pub email: Option<String>,
}

impl Filter for UserFilter {
    const NAMES: &'static [&'static str] = &["name"];

    fn read(fields: &mut Fields<'_>) -> Self {
        let email = fields.optional("email", line(254));
        Self { name: fields.optional("name", line(255)), email }
    }
}
