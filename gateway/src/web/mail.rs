//! The page Mail: every message there was to send. Without a mail server this is where an invitation's link is found.

use crate::app::Gateway;
use crate::body::{Path, Query};
use crate::error::ApiError;
use crate::web::Page;
use crate::web::pager::{Pager, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::clock::Timestamp;
use domain::ids::MailId;
use domain::mail::{Mail, MailKind, MailState};
use domain::secret::Secret;
use domain::user::Role;
use store::mails;

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    shell: Shell,
    has_mail_server: bool,
    mails: Vec<Row>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    shell: Shell,
    has_mail_server: bool,
    mail: Row,
    /// `None` where it would let the reader in as somebody above them.
    text: Option<Secret>,
}

struct Row {
    id: String,
    recipient: String,
    subject: String,
    /// A class and a word for what became of it, and why.
    state: (&'static str, &'static str, String),
    attempts_count: u32,
    /// Whether it can be sent once more.
    is_idle: bool,
    created: Moment,
}

impl Row {
    fn of(mail: Mail, now: Timestamp) -> Self {
        let reason = mail.last_error.unwrap_or_default();
        let state = match mail.state {
            MailState::Sent => ("tag-ok", "Sent", String::new()),
            MailState::Waiting => ("tag-plain", "Waiting", reason),
            MailState::Failed => ("tag-bad", "Failed", reason),
            MailState::NotSent => ("tag-warn", "Not sent", "No mail server was set.".to_owned()),
        };
        Self {
            id: mail.id.to_string(),
            recipient: mail.recipient,
            subject: mail.subject,
            state,
            attempts_count: mail.attempts_count,
            is_idle: mail.next_attempt_at.is_none() && mail.kind != MailKind::SignInCode,
            created: Moment::of(mail.created_at, now),
        }
    }
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let found = mails::list(&mut view, page_of(&query, true)).await?;
    let pager = Pager::of("/settings/mail", "Messages", &found);
    let mails = found.rows.into_iter().map(|mail| Row::of(mail, now)).collect();
    Ok(render(
        StatusCode::OK,
        &MailsPage { shell: Shell::of(&manager.0, "mail"), has_mail_server: gateway.settings().has_mail_server, mails, pager },
    ))
}

pub(crate) async fn show(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let (mail, text) = mails::get(gateway.store(), &mut view, &MailId::parse(&id)?).await?;
    let role = Role::parse(&manager.0.signed_in.user.role).unwrap_or(Role::Member);
    let text = mail.kind.is_readable_by(role).then_some(text);
    let mail = Row::of(mail, gateway.store().clock().now());
    Ok(render(
        StatusCode::OK,
        &MailPage { shell: Shell::of(&manager.0, "mail"), has_mail_server: gateway.settings().has_mail_server, mail, text },
    ))
}

pub(crate) async fn send_again(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let id = MailId::parse(&id)?;
    if !gateway.settings().has_mail_server {
        return Err(ApiError::Conflict("No mail server is set. The operator sets KITCHEN_SMTP_URL.".into()).into());
    }
    let mut work = manager.0.begin(&gateway);
    let copy = mails::send_again(&mut work, &id).await?;
    work.commit().await?;
    Ok(Redirect::to(&format!("/settings/mail/{copy}")).into_response())
}
