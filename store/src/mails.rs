//! Mail: written with the change that caused it, in the same transaction. The text is sealed, because links in it let their bearer
//! in.

use crate::insert::Insert;
use crate::paging::Select;
use crate::work::View;
use crate::{Result, Store, StoreError, Work};
use domain::clock::Timestamp;
use domain::ids::MailId;
use domain::mail::{Mail, MailState, NewMail};
use domain::page::{Page, PageRequest};
use domain::secret::Secret;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    recipient: String,
    subject: String,
    sealed_text: String,
    created_at: i64,
}

const COLUMNS: &str = "id, recipient, subject, sealed_text, created_at";

impl TryFrom<Row> for Mail {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: MailId::from_stored(row.id),
            recipient: row.recipient,
            subject: row.subject,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// Writes a mail. There is no mail server to send it through yet, so it stays on record, to be read and passed on by hand.
pub fn write(work: &mut Work, mail: &NewMail) -> Result<()> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let sealed = work.store().inner().master_key.seal(&mail.text)?;
    work.insert(
        Insert::into("mails")
            .set("id", MailId::new(now).as_str())
            .set("workspace_id", workspace.as_str())
            .set("kind", mail.kind.as_str())
            .set("recipient", &mail.recipient)
            .set("subject", &mail.subject)
            .set("sealed_text", sealed)
            .set("state", MailState::NotSent.as_str())
            .set("created_at", now.millis()),
    );
    Ok(())
}

/// A page of mails, newest first.
pub async fn list(view: &mut impl View, page: PageRequest) -> Result<Page<Mail>> {
    crate::paging::convert(Select::from(view, "mails", COLUMNS).page::<Row>(view, page).await?)
}

/// One mail, and its text.
pub async fn get(store: &Store, view: &mut impl View, id: &MailId) -> Result<(Mail, Secret)> {
    let row: Row = Select::from(view, "mails", COLUMNS).and("id = ?", id.as_str()).one(view).await?;
    let text = store.inner().master_key.open(&row.sealed_text)?;
    Ok((row.try_into()?, text))
}
