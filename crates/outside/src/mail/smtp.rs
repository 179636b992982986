//! Mail over SMTP.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::compose::message;
use super::{Mail, MailError, MailFault, Mailer, Mailing, Sender};
use crate::secret::Secret;

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// From the first byte, usually port 465.
    #[default]
    Tls,
    /// By `STARTTLS`, usually port 587; without it nothing is sent.
    StartTls,
    /// Not at all, for a server on this machine.
    None,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Its name, which its certificate has to have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: SmtpSecurity,
    /// Who sends, where the server asks.
    pub credentials: Option<(String, Secret)>,
    /// How long each step may take.
    pub patience: Duration,
}

/// Sends mail through a server.
#[derive(Clone, Debug)]
pub struct SmtpMailer {
    sender: Sender,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpMailer {
    /// Makes ready to send. Nothing is connected yet.
    ///
    /// # Errors
    /// [`MailFault::Connections`] where there are no certificates to check the server's with.
    pub fn new(sender: Sender, smtp: &Smtp) -> Result<Self, MailFault> {
        let tls = || {
            TlsParameters::new(smtp.host.clone()).map_err(|error| MailFault::Connections(error.to_string()))
        };
        let tls = match smtp.security {
            SmtpSecurity::Tls => Tls::Wrapper(tls()?),
            SmtpSecurity::StartTls => Tls::Required(tls()?),
            SmtpSecurity::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.clone())
            .port(smtp.port)
            .tls(tls)
            .timeout(Some(smtp.patience))
            .hello_name(ClientId::Domain(sender.domain().to_owned()));
        if let Some((user, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        Ok(Self { sender, transport: builder.build() })
    }

    async fn hand_over(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(&self.sender, mail)?;
        self.transport.send(message).await.map(drop).map_err(|error| told(&error))
    }
}

/// What an error means. Its words are not told: they may name the receiver.
fn told(error: &lettre::transport::smtp::Error) -> MailError {
    let code = error.status().map(|code| code.to_string());
    match code {
        // That the server does not know us says nothing of the mail.
        Some(code) if error.is_permanent() && !matches!(code.as_str(), "530" | "534" | "535" | "538") => {
            MailError::Refused(code)
        }
        Some(code) => MailError::Later(code),
        None if error.is_timeout() => MailError::Later("no answer in time".to_owned()),
        None => MailError::Later("no connection".to_owned()),
    }
}

impl Mailer for SmtpMailer {
    fn send<'m>(&'m self, mail: &'m Mail) -> Mailing<'m> {
        Box::pin(self.hand_over(mail))
    }
}
