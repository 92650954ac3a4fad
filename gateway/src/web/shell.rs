//! The frame around a page: workspace, navigation, who is signed in, and the one line that says what just happened.

use crate::error::ApiError;
use crate::web::session::Person;
use crate::web::words::initials;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::user::Role;

/// What every page in the frame needs.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    pub(crate) workspace: String,
    pub(crate) person: String,
    pub(crate) flash: Option<String>,
    role: String,
    section: &'static str,
}

/// The page that says that only owners and admins get in.
#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct Refused {
    pub(crate) shell: Shell,
}

impl Shell {
    /// The frame for this person, in a section of the navigation.
    pub(crate) fn of(person: &Person, section: &'static str) -> Self {
        Self {
            workspace: person.workspace.clone(),
            person: person.signed_in.user.name.clone(),
            flash: None,
            role: person.signed_in.user.role.clone(),
            section,
        }
    }

    /// With a line that says what just happened.
    pub(crate) fn saying(mut self, flash: Option<&'static str>) -> Self {
        self.flash = flash.map(str::to_owned);
        self
    }

    pub(crate) fn is_at(&self, section: &str) -> bool {
        self.section == section
    }

    pub(crate) fn workspace_initials(&self) -> String {
        initials(&self.workspace)
    }

    pub(crate) fn person_initials(&self) -> String {
        initials(&self.person)
    }

    /// Whether the pages of owners and admins are theirs too.
    pub(crate) fn is_managing(&self) -> bool {
        Role::parse(&self.role).is_some_and(Role::is_managing)
    }

    pub(crate) fn role_in_words(&self) -> &'static str {
        match self.role.as_str() {
            "owner" => "Owner",
            "admin" => "Admin",
            _ => "Member",
        }
    }
}

/// A page.
pub(crate) fn render(status: StatusCode, page: &impl Template) -> Response {
    written(page).map_or_else(|| ApiError::Internal.into_response(), |page| html(status, page))
}

/// A page's text; `None` if it has a fault, which is logged.
pub(crate) fn written(page: &impl Template) -> Option<String> {
    page.render().inspect_err(|error| tracing::error!(%error, "a page cannot be rendered")).ok()
}

/// An answer with a page's text.
pub(crate) fn html(status: StatusCode, text: impl IntoResponse) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    (status, [(header::CONTENT_TYPE, kind)], text).into_response()
}
