//! Mail: what is written to whom, and what became of it. The texts are here, so that they can be read in one place.

use crate::clock::Timestamp;
use crate::ids::MailId;
use crate::secret::Secret;
use crate::user::{Role, User};
use std::time::Duration;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// A member or a client is invited; the text holds a link that lets its bearer in.
    Invitation,
    /// The same for somebody who is to be an owner.
    OwnerInvitation,
    /// Somebody wants to sign in; the text holds a code.
    SignInCode,
}

impl MailKind {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::OwnerInvitation => "owner_invitation",
            Self::SignInCode => "sign_in_code",
        }
    }

    /// From the text of [`MailKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Invitation, Self::OwnerInvitation, Self::SignInCode].into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether somebody of this role may read the text: not if it would let them in as somebody they could not have invited.
    pub const fn is_readable_by(self, role: Role) -> bool {
        match self {
            Self::Invitation => role.is_managing(),
            Self::OwnerInvitation => matches!(role, Role::Owner),
            Self::SignInCode => false,
        }
    }
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It is to be sent, for the first time or once more.
    Waiting,
    /// The mail server took it.
    Sent,
    /// The mail server refused it, or was away for too long.
    Failed,
    /// No mail server was set when it was written: it stays here to be read.
    NotSent,
}

impl MailState {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::NotSent => "not_sent",
        }
    }

    /// From the text of [`MailState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Sent, Self::Failed, Self::NotSent].into_iter().find(|state| state.as_str() == text)
    }
}

/// How long to wait after each attempt that failed; after the last of them a mail has failed.
const PAUSES_SECONDS: [u64; 6] = [10, 60, 300, 1800, 7200, 43_200];

/// How long to wait after so many attempts; `None` when there were enough.
pub fn pause_after(attempts_count: u32) -> Option<Duration> {
    let index = usize::try_from(attempts_count).ok()?.checked_sub(1)?;
    PAUSES_SECONDS.get(index).copied().map(Duration::from_secs)
}

fn in_words(moment: Timestamp) -> String {
    moment.written("%-d %B %Y, %H:%M UTC")
}

/// A mail to be written.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// What it is about.
    pub kind: MailKind,
    /// The address.
    pub recipient: String,
    /// The subject line.
    pub subject: String,
    /// The text, plain.
    pub text: Secret,
}

/// A mail on record, without its text.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The address.
    pub recipient: String,
    /// The subject line.
    pub subject: String,
    /// What became of it.
    pub state: MailState,
    /// How often it was tried to send it.
    pub attempts_count: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

impl NewMail {
    /// The invitation of a member.
    pub fn invitation(member: &User, workspace: &str, invited_by: &str, link: &str, until: Timestamp) -> Self {
        let User { name, email, role, .. } = member;
        let text = format!(
            "Hello {name},\n\n{invited_by} has invited you to {workspace}.\n\nOpen this address to choose a password:\n{link}\n\n\
             The invitation works once, until {}.\nIf you did not expect it, you can ignore this message.\n",
            in_words(until)
        );
        Self {
            kind: if role == Role::Owner.as_str() { MailKind::OwnerInvitation } else { MailKind::Invitation },
            recipient: email.to_owned(),
            subject: format!("Invitation to {workspace}"),
            text: Secret::new(text),
        }
    }

    /// The invitation of a client, perhaps with words of the one who invites them.
    pub fn client_invitation(client: &User, workspace: &str, words: Option<&str>, link: &str, until: Timestamp) -> Self {
        let words = words.map(|words| format!("{words}\n\n")).unwrap_or_default();
        let text = format!(
            "Hello {},\n\n{workspace} has invited you to its client portal.\n\n{words}Open this address to choose a password:\n{link}\n\n\
             The invitation works once, until {}.\nIf you did not expect it, you can ignore this message.\n",
            client.name,
            in_words(until)
        );
        Self {
            kind: MailKind::Invitation,
            recipient: client.email.clone(),
            subject: format!("Invitation to {workspace}"),
            text: Secret::new(text),
        }
    }

    /// A one-time code.
    pub fn sign_in_code(email: &str, workspace: &str, code: &Secret) -> Self {
        let text = format!(
            "Your code for {workspace} is {}.\n\nIt is valid for ten minutes, and for one sign-in.\nIf you did not ask for it, somebody \
             else typed your address; they cannot sign in without the code.\n",
            code.reveal()
        );
        Self {
            kind: MailKind::SignInCode,
            recipient: email.to_owned(),
            subject: format!("Your sign-in code for {workspace}"),
            text: Secret::new(text),
        }
    }
}
