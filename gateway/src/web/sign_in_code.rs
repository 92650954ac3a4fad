//! Signing in with a one-time code that comes by mail. Whether an address belongs to anyone is told neither by an answer nor by the
//! work it takes; and it needs a mail server, because a code that others can read lets them in.

use crate::app::Gateway;
use crate::body::Body;
use crate::error::ApiError;
use crate::web::Page;
use crate::web::session::Device;
use crate::web::shell::render;
use crate::web::sign_in::{Attempt, enter};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use domain::audit::Actor;
use domain::mail::NewMail;
use serde_json::Value;
use store::sessions::Way;
use store::{mails, sign_in_codes, users};

const NO_MATCH: &str = "This code is not right, or no longer valid. Check it, or have a new one sent.";

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    workspace: String,
    email: String,
    next: String,
    failure: Option<&'static str>,
}

impl CodePage {
    fn of(attempt: &Attempt, failure: Option<&'static str>) -> Self {
        Self { workspace: attempt.slug.clone(), email: attempt.email.clone(), next: attempt.next.clone(), failure }
    }
}

/// Sends a code, if there is somebody to send it to, and asks for it in any case.
pub(crate) async fn send(State(gateway): State<Gateway>, device: Device, Body(fields): Body) -> Page {
    if !gateway.settings().has_mail_server {
        return Err(
            ApiError::Conflict("No mail server is set, so no code can be sent. Sign in with your password.".into()).into()
        );
    }
    let attempt = Attempt::read(&gateway, &device, &fields).await?;
    if let Some(workspace) = attempt.addressed() {
        let mut work = gateway.store().begin(&workspace.id, Actor::gateway());
        let code = sign_in_codes::create(&mut work, &attempt.email).await?;
        // Whoever was invited and has not joined follows their link first.
        mails::write_to_member(&mut work, &NewMail::sign_in_code(&attempt.email, &workspace.name, &code)).await?;
        work.commit().await?;
    }
    Ok(render(StatusCode::OK, &CodePage::of(&attempt, None)))
}

/// Signs in with a code.
pub(crate) async fn sign_in(State(gateway): State<Gateway>, device: Device, Body(fields): Body) -> Page {
    let attempt = Attempt::read(&gateway, &device, &fields).await?;
    let typed = fields.get("code").and_then(Value::as_str).unwrap_or_default();
    if let Some(workspace) = attempt.addressed() {
        let mut work = gateway.store().begin(&workspace.id, Actor::gateway());
        let is_right = sign_in_codes::take(&mut work, &attempt.email, typed).await?;
        let member = users::find_credentials(&mut work, &attempt.email).await?;
        work.commit().await?;
        if let (true, Some((user, Some(_)))) = (is_right, member) {
            return enter(&gateway, &workspace.id, &user, &device, &attempt.next, Way::Code).await;
        }
    }
    attempt.refused(&gateway, &device);
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &CodePage::of(&attempt, Some(NO_MATCH))))
}
