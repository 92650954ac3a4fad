//! The page Mail: every message there was to send. Without a mail server this is where an invitation's link is found.

use crate::app::Gateway;
use crate::body::{Path, Query};
use crate::web::Page;
use crate::web::pager::{Pager, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::Moment;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::MailId;
use domain::mail::Mail;
use domain::secret::Secret;
use store::mails;

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    shell: Shell,
    mails: Vec<Row>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    shell: Shell,
    mail: Row,
    text: Secret,
}

struct Row {
    id: String,
    recipient: String,
    subject: String,
    created: Moment,
}

impl Row {
    fn of(mail: Mail, now: domain::clock::Timestamp) -> Self {
        let created = Moment::of(mail.created_at, now);
        Self { id: mail.id.to_string(), recipient: mail.recipient, subject: mail.subject, created }
    }
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let found = mails::list(&mut view, page_of(&query, true)).await?;
    let pager = Pager::of("/settings/mail", "Messages", &found);
    let mails = found.rows.into_iter().map(|mail| Row::of(mail, now)).collect();
    Ok(render(StatusCode::OK, &MailsPage { shell: Shell::of(&manager.0, "mail"), mails, pager }))
}

pub(crate) async fn show(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let (mail, text) = mails::get(gateway.store(), &mut view, &MailId::parse(&id)?).await?;
    let mail = Row::of(mail, gateway.store().clock().now());
    Ok(render(StatusCode::OK, &MailPage { shell: Shell::of(&manager.0, "mail"), mail, text }))
}
