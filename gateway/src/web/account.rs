//! The signed-in person's own page: password, and where else they are signed in.

use crate::app::Gateway;
use crate::body::{Body, Query};
use crate::password::{hash, verify};
use crate::web::Page;
use crate::web::form::Form;
use crate::web::session::Person;
use crate::web::shell::{Shell, render};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::audit::Action;
use domain::input::{Fields, Invalid};
use domain::password::read_twice;
use domain::secret::Secret;
use serde_json::Value;
use store::{sessions, users};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    email: String,
    form: Form,
}

fn page(person: &Person, flash: Option<&'static str>, form: Form) -> AccountPage {
    AccountPage { shell: Shell::of(person, "account").saying(flash), email: person.signed_in.user.email.clone(), form }
}

pub(crate) async fn show(person: Person, Query(query): Query) -> Page {
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("password") => Some("Your password is changed. You are signed out everywhere else."),
        Some("sessions") => Some("You are signed out everywhere else."),
        _ => None,
    };
    Ok(render(StatusCode::OK, &page(&person, flash, Form::default())))
}

pub(crate) async fn change_password(State(gateway): State<Gateway>, person: Person, Body(fields): Body) -> Page {
    let user = &person.signed_in.user;
    let stored = users::find_credentials(&mut gateway.store().read(&person.signed_in.workspace_id).await?, &user.email).await?;
    let current = Secret::new(fields.get("current").and_then(Value::as_str).unwrap_or_default().to_owned());
    let read = if verify(current, stored.and_then(|(_, hash)| hash)).await {
        let mut read = Fields::of(&fields);
        let chosen = read_twice(&mut read);
        read.finish(|| chosen)
    } else {
        Err(Invalid::field("current", "This is not your current password."))
    };
    let chosen = match read {
        Ok(chosen) => chosen,
        // What was typed is not sent back: these are passwords.
        Err(invalid) => {
            let form = Form::refused(Value::Null, invalid);
            return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page(&person, None, form)));
        }
    };
    let hash = hash(chosen).await?;
    let mut work = person.begin(&gateway);
    users::set_password(&mut work, &user.id, &hash).await?;
    sessions::delete_others(&mut work, &user.id, Some(&person.signed_in.session)).await?;
    work.commit().await?;
    Ok(Redirect::to("/settings/account?done=password").into_response())
}

pub(crate) async fn sign_out_others(State(gateway): State<Gateway>, person: Person) -> Page {
    let mut work = person.begin(&gateway);
    sessions::delete_others(&mut work, &person.signed_in.user.id, Some(&person.signed_in.session)).await?;
    work.note(Action::SESSIONS_DELETED, None, None);
    work.commit().await?;
    Ok(Redirect::to("/settings/account?done=sessions").into_response())
}
