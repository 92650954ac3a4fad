//! Errors as pages, in plain words. The statuses are those of the API.

use crate::error::{ApiError, whole_seconds};
use crate::web::shell::{Refused, Shell, render};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::time::Duration;

/// A page that is not what was asked for.
pub(crate) enum WebError {
    /// Nobody is signed in; then go on to this address.
    SignIn(String),
    /// A member asked for what owners and admins manage.
    Refused(Box<Shell>),
    /// Too many attempts at something; one more is counted after this long.
    Slow(Duration),
    /// A form that did not come from one of our own pages.
    Foreign,
    /// The link leads nowhere any more; title, text, and whether it may have been meant for somebody who signs in here.
    Link(&'static str, &'static str, bool),
    /// Anything else.
    Api(ApiError),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    text: &'a str,
    /// Where to go from here, and what that is called.
    link: Option<(&'a str, &'a str)>,
    status: u16,
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        const SETTINGS: Option<(&str, &str)> = Some(("/settings", "Go to the settings"));
        const SIGN_IN: Option<(&str, &str)> = Some(("/sign-in", "Go to sign-in"));
        let wait = if let Self::Api(error) = &self { error.wait() } else { None };
        let wait = wait.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let (status, title, text, link) = match self {
            Self::SignIn(next) => {
                let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
                return Redirect::to(&format!("/sign-in?{next}")).into_response();
            }
            Self::Refused(shell) => return render(StatusCode::FORBIDDEN, &Refused { shell: *shell }),
            Self::Slow(wait) => {
                let page = ErrorPage {
                    title: "Too many attempts",
                    text: "Wait a minute, then try again.",
                    link: SIGN_IN,
                    status: StatusCode::TOO_MANY_REQUESTS.as_u16(),
                };
                let wait = [(header::RETRY_AFTER, whole_seconds(wait).to_string())];
                return (wait, render(StatusCode::TOO_MANY_REQUESTS, &page)).into_response();
            }
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                "This form came from elsewhere",
                "Forms are taken from the gateway’s own pages only, and nothing was changed. Open the page at the gateway’s usual \
                 address and send the form from there.",
                SETTINGS,
            ),
            Self::Link(title, text, is_for_team) => (StatusCode::GONE, title, text, SIGN_IN.filter(|_| is_for_team)),
            Self::Api(ApiError::NotFound) => (
                StatusCode::NOT_FOUND,
                "This page doesn’t exist",
                "The address may have a typing mistake, or what it showed has been deleted.",
                SETTINGS,
            ),
            Self::Api(error @ (ApiError::Unavailable | ApiError::Internal)) => {
                (error.status(), "Something went wrong on our side", "Nothing was changed. Try again in a moment.", SETTINGS)
            }
            Self::Api(error) => {
                let text = error.message();
                let page =
                    ErrorPage { title: "This didn’t work", text: &text, link: SETTINGS, status: error.status().as_u16() };
                return (wait, render(error.status(), &page)).into_response();
            }
        };
        (wait, render(status, &ErrorPage { title, text, link, status: status.as_u16() })).into_response()
    }
}

impl<E: Into<ApiError>> From<E> for WebError {
    fn from(error: E) -> Self {
        Self::Api(error.into())
    }
}
