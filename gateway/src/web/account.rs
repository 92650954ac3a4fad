//! The signed-in person's own page: name and e-mail, password, and where they are signed in. Whatever would let somebody who found an
//! open browser keep the account asks for the current password, and guesses at that are counted.

use crate::app::Gateway;
use crate::body::{Body, Path, Query};
use crate::error::ApiError;
use crate::password::{hash, verify};
use crate::rate_limit::Quota;
use crate::web::form::Form;
use crate::web::pager::{Pager, page_of};
use crate::web::session::Person;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use crate::web::{Page, WebError, device};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::SessionId;
use domain::input::{Fields, email, line};
use domain::password::read_twice;
use domain::secret::Secret;
use serde_json::{Value, json};
use store::sessions::{self, Session};
use store::{StoreError, users};

/// Guesses a minute at the current password.
const GUESSES: u32 = 6;
const WRONG: &str = "This is not your current password.";

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    email: String,
    /// Name and e-mail.
    you: Form,
    /// The password.
    form: Form,
    /// Whether the password asks for the one before.
    needs_current: bool,
    sessions: Vec<Row>,
    pager: Pager,
}

struct Row {
    id: String,
    device: String,
    address: String,
    is_this: bool,
    created: Moment,
    seen: Moment,
}

impl Row {
    fn of(session: Session, this: &SessionId, now: Timestamp) -> Self {
        Self {
            device: device::in_words(&session.user_agent),
            address: session.address,
            is_this: session.id == *this,
            created: Moment::of(session.created_at, now),
            // A session that has not opened a page yet was seen when it began.
            seen: Moment::of(session.last_seen_at.max(session.created_at), now),
            id: session.id.to_string(),
        }
    }
}

/// The page with its forms; `None` where nothing was sent.
async fn page(gateway: &Gateway, person: &Person, query: &Value, you: Option<Form>, form: Option<Form>) -> Page {
    let status = if you.is_some() || form.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("saved") => Some("Your name and e-mail are saved."),
        Some("password") => Some("Your password is changed. You are signed out everywhere else."),
        Some("session") => Some("That device is signed out."),
        Some("sessions") => Some("You are signed out everywhere else."),
        _ => None,
    };
    let now = gateway.store().clock().now();
    let user = &person.signed_in.user;
    let mut view = gateway.store().read(&person.signed_in.workspace_id).await?;
    let found = sessions::list(&mut view, &user.id, now, page_of(query, true)).await?;
    let pager = Pager::of("/settings/account", "Sessions", &found);
    let sessions = found.rows.into_iter().map(|session| Row::of(session, &person.signed_in.session, now)).collect();
    let page = AccountPage {
        shell: Shell::of(person, "account").saying(flash),
        email: user.email.clone(),
        you: you.unwrap_or_else(|| Form::of(json!({"name": user.name, "email": user.email}))),
        form: form.unwrap_or_default(),
        needs_current: !person.signed_in.may_choose_password,
        sessions,
        pager,
    };
    Ok(render(status, &page))
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("/settings/account?done={what}")).into_response()
}

/// Whether what was typed is the person's password.
async fn is_current(gateway: &Gateway, person: &Person, typed: Option<&Value>) -> Result<bool, WebError> {
    let user = &person.signed_in.user;
    let allowance = gateway.limiter().check(&Quota::new(format!("current-password:{}", user.id), GUESSES)).await;
    if !allowance.is_allowed {
        return Err(WebError::Slow(allowance.retry_after));
    }
    let stored = users::find_credentials(&mut gateway.store().read(&person.signed_in.workspace_id).await?, &user.email).await?;
    let typed = Secret::new(typed.and_then(Value::as_str).unwrap_or_default().to_owned());
    Ok(verify(typed, stored.and_then(|(_, hash)| hash)).await)
}

pub(crate) async fn show(State(gateway): State<Gateway>, person: Person, Query(query): Query) -> Page {
    page(&gateway, &person, &query, None, None).await
}

/// Saves name and e-mail. With the address goes the way in, so a new one asks for the password.
pub(crate) async fn update(State(gateway): State<Gateway>, person: Person, Query(query): Query, Body(fields): Body) -> Page {
    let user = &person.signed_in.user;
    let mut read = Fields::of(&fields);
    let (name, address) = (read.required("name", line(255)), read.required("email", email()));
    if address.as_ref().is_some_and(|address| *address != user.email) {
        if read.raw("confirm").is_none() {
            read.refuse("confirm", "Type your current password to change the e-mail.");
        } else if !is_current(&gateway, &person, fields.get("confirm")).await? {
            read.refuse("confirm", WRONG);
        }
    }
    let updated = match read.finish(|| Some((name?, address?))) {
        Ok((name, address)) => {
            let mut work = person.begin(&gateway);
            match users::update_account(&mut work, &user.id, &name, &address).await {
                Ok(()) => work.commit().await,
                refused => refused,
            }
        }
        Err(invalid) => Err(invalid.into()),
    };
    match updated {
        Ok(()) => Ok(done("saved")),
        Err(StoreError::Invalid(invalid)) => {
            let form = Form::refused(json!({"name": fields["name"], "email": fields["email"]}), invalid);
            page(&gateway, &person, &query, Some(form), None).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn change_password(
    State(gateway): State<Gateway>,
    person: Person,
    Query(query): Query,
    Body(fields): Body,
) -> Page {
    let mut read = Fields::of(&fields);
    let mut chosen = None;
    if person.signed_in.may_choose_password || is_current(&gateway, &person, fields.get("current")).await? {
        chosen = read_twice(&mut read);
    } else {
        read.refuse("current", WRONG);
    }
    let chosen = match read.finish(|| chosen) {
        Ok(chosen) => chosen,
        // What was typed is not sent back: these are passwords.
        Err(invalid) => return page(&gateway, &person, &query, None, Some(Form::refused(Value::Null, invalid))).await,
    };
    let hash = hash(chosen).await?;
    let id = &person.signed_in.user.id;
    let mut work = person.begin(&gateway);
    users::set_password(&mut work, id, &hash).await?;
    sessions::delete_others(&mut work, id, Some(&person.signed_in.session)).await?;
    work.commit().await?;
    Ok(done("password"))
}

/// Ends one session of the person's own.
pub(crate) async fn sign_out_one(State(gateway): State<Gateway>, person: Person, Path(id): Path) -> Page {
    let mut work = person.begin(&gateway);
    if !sessions::delete(&mut work, &person.signed_in.user.id, &SessionId::parse(&id)?).await? {
        return Err(ApiError::NotFound.into());
    }
    work.commit().await?;
    Ok(done("session"))
}

pub(crate) async fn sign_out_others(State(gateway): State<Gateway>, person: Person) -> Page {
    let mut work = person.begin(&gateway);
    work.note(Action::SESSIONS_DELETED, None, None);
    sessions::delete_others(&mut work, &person.signed_in.user.id, Some(&person.signed_in.session)).await?;
    work.commit().await?;
    Ok(done("sessions"))
}
