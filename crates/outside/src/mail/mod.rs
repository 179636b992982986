//! Mail to customers: over SMTP, or into files where there is no mail server.
//!
//! What a mail says is decided elsewhere. Here it is put into the form of mail: both parts in UTF-8 and encoded for any
//! server, and nothing that a text contains can become a header. Nothing is retried here.

mod compose;
mod files;
mod smtp;

use std::pin::Pin;

use jiff::Timestamp;

pub use compose::{MailFault, Sender, checked_address, message_bytes};
pub use files::FileMailer;
pub use smtp::{Smtp, SmtpMailer, SmtpSecurity};

/// A mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Names it; the same whenever it is sent, so that programs of the receiver may notice.
    pub id: String,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
    /// What it says, as HTML.
    pub html: String,
    /// `ja` or `en`.
    pub language: String,
    /// When it was written.
    pub at: Timestamp,
    /// Where one says that one wants no more of these.
    pub unsubscribe_url: Option<String>,
    /// Where an answer goes, where that is not the sender's usual address.
    pub reply_to: Option<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a mail was not taken. There is nothing personal in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It will never be taken.
    #[error("the mail cannot be sent: {0}")]
    Refused(String),
    /// It may be taken later. Where the connection was cut off after all of it was said, it may have been taken.
    #[error("the mail cannot be sent now: {0}")]
    Later(String),
}

/// What comes of sending.
pub type Mailing<'m> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'm>>;

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Sends a mail once. It is sent when this is done without an error.
    fn send<'m>(&'m self, mail: &'m Mail) -> Mailing<'m>;
}
