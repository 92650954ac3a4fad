//! Mail: written with the change that caused it, in the same transaction, and sent by the worker under a lease. The text is sealed,
//! because links in it let their bearer in.

use crate::engine::{Conn, Promise};
use crate::insert::Insert;
use crate::paging::{Select, fold};
use crate::work::{View, damaged};
use crate::{Result, Store, StoreError, Work, due};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::MailId;
use domain::mail::{Mail, MailKind, MailState, NewMail, pause_after};
use domain::page::{Page, PageRequest};
use domain::secret::Secret;
use domain::ticket::Ticket;
use sqlx::AssertSqlSafe;
use std::time::Duration;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    recipient: String,
    subject: String,
    sealed_text: String,
    state: String,
    attempts_count: i64,
    due_at: Option<i64>,
    last_error: Option<String>,
    created_at: i64,
    ticket_hash: Option<String>,
}

const COLUMNS: &str =
    "id, kind, recipient, subject, sealed_text, state, attempts_count, due_at, last_error, created_at, ticket_hash";

impl TryFrom<Row> for Mail {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: MailId::from_stored(row.id),
            kind: MailKind::parse(&row.kind).ok_or_else(|| damaged("mail kind", &row.kind))?,
            recipient: row.recipient,
            subject: row.subject,
            state: MailState::parse(&row.state).ok_or_else(|| damaged("mail state", &row.state))?,
            attempts_count: u32::try_from(row.attempts_count).unwrap_or(u32::MAX),
            next_attempt_at: row.due_at.map(Timestamp::from_millis),
            last_error: row.last_error,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// Writes the mail with an invitation's link. Without a mail server it stays on record, to be read and passed on by hand.
pub fn write_invitation(work: &mut Work, mail: &NewMail, ticket: &Ticket, has_mail_server: bool) -> Result<()> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let sealed = work.store().inner().master_key.seal(&mail.text)?;
    let state = if has_mail_server { MailState::Waiting } else { MailState::NotSent };
    work.insert(
        Insert::into("mails")
            .set("id", MailId::new(now).as_str())
            .set("workspace_id", workspace.as_str())
            .set("kind", mail.kind.as_str())
            .set("recipient", &mail.recipient)
            .set("subject", &mail.subject)
            .set("sealed_text", sealed)
            .set("state", state.as_str())
            .set("due_at", has_mail_server.then_some(now.millis()))
            .set("ticket_hash", ticket.hash())
            .set("created_at", now.millis()),
    );
    Ok(())
}

/// Writes a mail to the member who signs in with this address, at the address that is on record: what was typed may be another
/// mailbox that only folds to the same text. One statement with the same values whether or not there is such a member, so that
/// how long it takes does not tell.
pub async fn write_to_member(work: &mut Work, mail: &NewMail) -> Result<()> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let sealed = work.store().inner().master_key.seal(&mail.text)?;
    Ok(on!(work, conn => sqlx::query(
        "INSERT INTO mails (id, workspace_id, kind, recipient, subject, sealed_text, state, due_at, created_at) \
         SELECT $1, $2, $3, users.email, $4, $5, $6, $7, $7 FROM users \
         WHERE users.workspace_id = $2 AND users.email_key = $8 AND users.user_group = 'manager' \
         AND users.password_hash IS NOT NULL AND users.deleted_at IS NULL",
    )
    .bind(MailId::new(now).as_str())
    .bind(workspace.as_str())
    .bind(mail.kind.as_str())
    .bind(&mail.subject)
    .bind(sealed)
    .bind(MailState::Waiting.as_str())
    .bind(now.millis())
    .bind(fold(&mail.recipient))
    .execute(conn)
    .await
    .map(drop))?)
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

/// Sends the same mail once more, as one of its own: a mail server that has seen the first would leave out a second with its id.
pub async fn send_again(work: &mut Work, id: &MailId) -> Result<MailId> {
    let mail: Row = Select::from(work, "mails", COLUMNS).and("id = ?", id.as_str()).one(work).await?;
    let now = work.now();
    if !is_of_use(work, &mail).await? {
        return Err(StoreError::Conflict(
            "What this mail holds is no longer valid. Invite them again, or have them ask for a new code.".into(),
        ));
    }
    let (copy, workspace) = (MailId::new(now), work.workspace().clone());
    work.note(Action::MAIL_SENT_AGAIN, Some(copy.as_str()), Some(&mail.recipient));
    work.insert(
        Insert::into("mails")
            .set("id", copy.as_str())
            .set("workspace_id", workspace.as_str())
            .set("kind", mail.kind)
            .set("recipient", mail.recipient)
            .set("subject", mail.subject)
            .set("sealed_text", mail.sealed_text)
            .set("state", MailState::Waiting.as_str())
            .set("ticket_hash", mail.ticket_hash)
            .set("due_at", now.millis())
            .set("created_at", now.millis()),
    );
    Ok(copy)
}

/// Whether what a mail holds would still let its reader in: a link, as long as it was neither used nor withdrawn. A code lives for
/// minutes, and whoever wants one asks for it.
async fn is_of_use(work: &mut Work, mail: &Row) -> Result<bool> {
    if mail.kind == MailKind::SignInCode.as_str() {
        return Ok(false);
    }
    // Mails from before these columns are not known to be about anything.
    let Some(ticket) = &mail.ticket_hash else { return Ok(true) };
    let now = work.now().millis();
    let found: Option<String> = on!(work, conn => sqlx::query_scalar(
        "SELECT id FROM invitations WHERE ticket_hash = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
    )
    .bind(ticket)
    .bind(now)
    .fetch_optional(conn)
    .await)?;
    Ok(found.is_some())
}

/// A mail a worker holds.
#[derive(Debug)]
pub struct ClaimedMail {
    /// Its id.
    pub id: MailId,
    /// The address.
    pub recipient: String,
    /// The subject line.
    pub subject: String,
    /// The text.
    pub text: Secret,
    /// Which attempt this is, from 1; also tells this claim from others.
    pub attempt: u32,
}

/// What an attempt came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It did not.
    Failed {
        /// Why, in words.
        reason: String,
        /// Whether there is no use in trying again.
        is_final: bool,
    },
}

/// Leases mails that are due, longest due first.
pub async fn claim_due(store: &Store, lease: Duration, limit: u32) -> Result<Vec<ClaimedMail>> {
    let now = store.clock().now();
    if !due::is_any(store, "mails", now).await? {
        return Ok(Vec::new());
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let skip = if matches!(tx.conn(), Conn::Postgres(_)) { "FOR UPDATE SKIP LOCKED" } else { "" };
    let text = AssertSqlSafe(format!(
        "UPDATE mails SET due_at = $1, attempts_count = attempts_count + 1 WHERE id IN \
         (SELECT id FROM mails WHERE due_at <= $2 ORDER BY due_at LIMIT $3 {skip}) RETURNING {COLUMNS}"
    ));
    let rows: Vec<Row> = in_tx!(tx, conn => sqlx::query_as(text)
        .bind(now.plus(lease).millis())
        .bind(now.millis())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    tx.commit().await?;
    rows.into_iter()
        .map(|row| {
            Ok(ClaimedMail {
                id: MailId::from_stored(row.id),
                recipient: row.recipient,
                subject: row.subject,
                text: store.inner().master_key.open(&row.sealed_text)?,
                attempt: u32::try_from(row.attempts_count).unwrap_or(u32::MAX),
            })
        })
        .collect()
}

/// Records what an attempt came to; nothing if the mail was claimed again meanwhile.
pub async fn record(store: &Store, claimed: &ClaimedMail, outcome: &Outcome) -> Result<()> {
    let now = store.clock().now();
    let (state, due_at, reason) = match outcome {
        Outcome::Sent => (MailState::Sent, None, None),
        Outcome::Failed { reason, is_final } => match pause_after(claimed.attempt).filter(|_| !is_final) {
            Some(pause) => (MailState::Waiting, Some(now.plus(pause).millis()), Some(reason.as_str())),
            None => (MailState::Failed, None, Some(reason.as_str())),
        },
    };
    let sent_at = (state == MailState::Sent).then_some(now.millis());
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(
        "UPDATE mails SET state = $3, due_at = $4, last_error = $5, sent_at = $6 WHERE id = $1 AND attempts_count = $2",
    )
    .bind(claimed.id.as_str())
    .bind(i64::from(claimed.attempt))
    .bind(state.as_str())
    .bind(due_at)
    .bind(reason)
    .bind(sent_at)
    .execute(conn)
    .await
    .map(drop))?;
    tx.commit().await
}
