//! Sending mail: through the operator's own server, over SMTP. Keeps trying while the server is away, and says why it does not go.

use domain::secret::Secret;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::time::Duration;
use store::Store;
use store::mails::{self, ClaimedMail, Outcome};
use tokio::sync::Mutex;

/// How long the server may take for one mail.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Mails one look takes.
const BATCH: u32 = 10;
/// Longer than a whole batch can take.
const LEASE: Duration = Duration::from_secs(20 * 10 + 60);

/// The operator's mail server.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// `smtp://user:password@host:587?tls=required`, `smtps://…`.
    pub url: Secret,
    /// Who mails come from: an address, or `Name <address>`.
    pub from: String,
}

impl MailServer {
    /// Whether these settings can be used, and the server lets us in with them within this time. No mail is sent.
    pub async fn check(&self, within: Duration) -> Result<(), MailSettingError> {
        let (builder, _) = self.parse()?;
        match tokio::time::timeout(within, builder.build::<Tokio1Executor>().test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailSettingError::Unreachable("The mail server is not ready.".into())),
            Ok(Err(error)) => Err(MailSettingError::Unreachable(words(&error))),
            Err(_) => Err(MailSettingError::Unreachable(format!("The mail server gave no answer within {} s", within.as_secs()))),
        }
    }

    pub(crate) fn parse(&self) -> Result<(AsyncSmtpTransportBuilder, Mailbox), MailSettingError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(self.url.reveal()).map_err(|_| MailSettingError::Url)?;
        let from = self.from.parse().map_err(|_| MailSettingError::From)?;
        Ok((builder.timeout(Some(TIMEOUT)), from))
    }
}

/// Why the mail server's settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailSettingError {
    /// Not a URL of the kind that is understood. The URL itself may hold a password.
    #[error(
        "KITCHEN_SMTP_URL cannot be used: write smtp://user:password@host:587?tls=required or smtps://user:password@host:465"
    )]
    Url,
    /// Not an address.
    #[error("KITCHEN_MAIL_FROM cannot be used: write an address, or a name and an address such as Kitchen <kitchen@example.com>")]
    From,
    /// The server is away, or does not let us in.
    #[error("{0}")]
    Unreachable(String),
}

/// The sending half of the worker, for mail.
pub(crate) struct Mailer {
    store: Store,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    sending: Mutex<()>,
}

impl Mailer {
    pub(crate) fn new(store: Store, server: &MailServer) -> Result<Self, MailSettingError> {
        let (builder, from) = server.parse()?;
        Ok(Self { store, transport: builder.build(), from, sending: Mutex::default() })
    }

    /// Sends what is due, unless that is under way.
    pub(crate) async fn send_due(&self) -> store::Result<()> {
        let Ok(_sending) = self.sending.try_lock() else { return Ok(()) };
        for claimed in mails::claim_due(&self.store, LEASE, BATCH).await? {
            let outcome = self.send(&claimed).await;
            if let Outcome::Failed { reason, .. } = &outcome {
                tracing::warn!(mail = %claimed.id, reason, "a mail was not sent");
            }
            mails::record(&self.store, &claimed, &outcome).await?;
        }
        Ok(())
    }

    async fn send(&self, claimed: &ClaimedMail) -> Outcome {
        let Ok(recipient) = claimed.recipient.parse::<Mailbox>() else {
            return Outcome::Failed { reason: "The address cannot be written to.".into(), is_final: true };
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(recipient)
            .subject(claimed.subject.clone())
            // The same on every attempt, so that a mail that was sent twice can be told by its reader's program.
            .message_id(Some(format!("<{}@kitchen-gateway>", claimed.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(claimed.text.reveal().to_owned());
        let message = match message {
            Ok(message) => message,
            Err(error) => return Outcome::Failed { reason: format!("The mail cannot be written: {error}"), is_final: true },
        };
        match self.transport.send(message).await {
            Ok(_) => Outcome::Sent,
            Err(error) => Outcome::Failed { reason: words(&error), is_final: error.is_permanent() },
        }
    }
}

/// What the server or the network said, in words for whoever looks at the mail.
fn words(error: &SmtpError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        format!("The mail server did not answer within {} seconds.", TIMEOUT.as_secs())
    } else if error.is_permanent() || error.is_transient() {
        format!("The mail server answered: {cause}")
    } else {
        format!("The mail server cannot be reached: {cause}")
    }
}
