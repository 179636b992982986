//! Mail that customers answer with: found by the signed token in the address that they were written from, and taken as
//! the customer's only where its sender is made sure of.
//!
//! A token names the case and is signed for it, and signed once more for the mailbox that it was sent to. What comes
//! with the first signature belongs to the case; only what comes with both, from that very mailbox, is the customer's
//! word. Everything else waits for a person, and nothing is ever answered by the program itself.

use choba_care::case::{Actor, CaseRefusal, Channel, steps};
use choba_outside::mail_in::{InboundMail, read_mail};
use choba_outside::webhook::{WebhookHeaders, WebhookSecret, verify_webhook};
use choba_store::books;
use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::change::{CaseSteps, kept_text};
use super::reply::CustomerWord;
use crate::secrets::Hashed;
use crate::{AppError, Counter, Key, Whose};

/// Letters of each signature: 64 bits.
const SIGNATURE: usize = 16;

/// A mail may have been under way from our mail server for so long.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Letters of an id after `cas_`.
const ID: usize = 26;

/// An address that answers to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyAddress(String);

impl ReplyAddress {
    /// As it stands in `Reply-To`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who passes mail on to us: our own mail server, and what it signs with.
#[derive(Clone, Debug, Default)]
pub struct MailHook {
    /// As it calls itself in what it found out about senders; nobody's word is taken without.
    pub our_server: String,
    /// Two while one changes; nothing is taken without.
    pub secrets: Vec<WebhookSecret>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum MailOutcome {
    /// It was said in a case.
    Said {
        /// In which.
        case_id: String,
    },
    /// It waits on the case until a person has looked at it.
    Unverified {
        /// On which.
        case_id: String,
    },
    /// It answers to no case, or a machine sent it: nothing was kept.
    NotTaken,
}

impl Counter {
    /// The address by which a mailbox answers to a case.
    ///
    /// # Errors
    /// [`AppError::Field`] where the id is none of a case.
    pub fn reply_address(
        &self,
        case_id: &str,
        mailbox: &str,
        domain: &str,
    ) -> Result<ReplyAddress, AppError> {
        let id = case_id.strip_prefix("cas_").filter(|id| id.len() == ID);
        let id = id.ok_or_else(|| AppError::field("/case_id", "expected the id of a case"))?;
        let for_case = self.signature(Hashed::CaseMail, case_id)?;
        let for_mailbox = self.signature(Hashed::CaseMailAddress, &address_of(case_id, mailbox))?;
        // At most 64 letters stand before the @.
        Ok(ReplyAddress(format!("c+{id}{for_case}{for_mailbox}@{domain}")))
    }

    /// Takes in a mail as our own mail server passes it on: the mail itself, signed.
    ///
    /// # Errors
    /// [`AppError::NotSigned`] where it must not be trusted, without saying why; [`AppError::Field`] where it is no mail;
    /// and as [`Counter::receive_mail`].
    pub async fn take_mail(
        &self,
        hook: &MailHook,
        headers: WebhookHeaders<'_>,
        raw: &[u8],
        at: Timestamp,
    ) -> Result<MailOutcome, AppError> {
        verify_webhook(&hook.secrets, headers, raw, at, TOLERANCE).map_err(|_| AppError::NotSigned)?;
        let mail =
            read_mail(raw, &hook.our_server).map_err(|fault| AppError::field("", fault.to_string()))?;
        self.receive_mail(&mail, at).await
    }

    /// Takes in a mail, once for each message.
    ///
    /// # Errors
    /// What the database answers; then it is to be sent again.
    pub async fn receive_mail(&self, mail: &InboundMail, at: Timestamp) -> Result<MailOutcome, AppError> {
        if mail.by_machine {
            return Ok(MailOutcome::NotTaken);
        }
        for recipient in &mail.recipients {
            let Some((case_id, mailbox_signature)) = self.case_of_address(recipient)? else { continue };
            let Some((customer_id, market)) = books::whose_case(&self.store, &case_id).await? else {
                continue;
            };
            let whose = Whose::new(&customer_id, &market);
            let from = mail.from.as_deref().unwrap_or("");
            let known = address_of(&case_id, from);
            let is_theirs = self.secrets.begins_hash(Hashed::CaseMailAddress, &known, &mailbox_signature)?;
            return if mail.authentic && is_theirs && !mail.text.trim().is_empty() {
                self.mail_says(&whose, &case_id, mail, at).await
            } else {
                self.mail_waits(&whose, &case_id, mail, at).await
            };
        }
        Ok(MailOutcome::NotTaken)
    }

    async fn mail_says(
        &self,
        whose: &Whose,
        case_id: &str,
        mail: &InboundMail,
        at: Timestamp,
    ) -> Result<MailOutcome, AppError> {
        let text = shortened(&mail.text, self.case_terms().text_max);
        let word = CustomerWord { text, channel: Channel::Mail, attachments: Vec::new() };
        let stepped = self.customer_says(whose, case_id, word, mail_key(mail, case_id)?, at).await?;
        Ok(MailOutcome::Said { case_id: stepped.case_id })
    }

    async fn mail_waits(
        &self,
        whose: &Whose,
        case_id: &str,
        mail: &InboundMail,
        at: Timestamp,
    ) -> Result<MailOutcome, AppError> {
        let terms = self.case_terms();
        let text = kept_text(&shortened(&mail.text, terms.text_max), true);
        let domain =
            mail.from.as_deref().and_then(|from| from.rsplit_once('@')).map_or("", |(_, domain)| domain);
        let domain: String = domain.chars().take(255).collect();
        let key = Some(mail_key(mail, case_id)?);
        let steps = CaseSteps::one(whose, case_id, Actor::System, key, move |case| {
            steps::unverified_came(case, &terms, &domain, &text)
        });
        match self.change_cases(steps, at).await {
            Ok(stepped) => Ok(MailOutcome::Unverified { case_id: stepped.case_id }),
            // Nothing to read, or so much came already that nobody will.
            Err(AppError::Case(CaseRefusal::Empty { .. } | CaseRefusal::Full { .. })) => {
                Ok(MailOutcome::NotTaken)
            }
            Err(error) => Err(error),
        }
    }

    /// The case that an address answers to, with the signature for a mailbox; nothing where it is not signed here.
    fn case_of_address(&self, address: &str) -> Result<Option<(String, Vec<u8>)>, AppError> {
        let local = address.rsplit_once('@').map_or("", |(local, _)| local).to_ascii_lowercase();
        let Some(token) = local.strip_prefix("c+") else { return Ok(None) };
        let (Some(id), Some(signatures)) = (token.get(..ID), token.get(ID..)) else { return Ok(None) };
        let Some((for_case, for_mailbox)) = signatures.split_at_checked(SIGNATURE) else { return Ok(None) };
        let read = |text: &str| HEXLOWER.decode(text.as_bytes()).ok().filter(|_| text.len() == SIGNATURE);
        let (Some(for_case), Some(for_mailbox)) = (read(for_case), read(for_mailbox)) else {
            return Ok(None);
        };
        let case_id = format!("cas_{id}");
        let signed = self.secrets.begins_hash(Hashed::CaseMail, &case_id, &for_case)?;
        Ok(signed.then_some((case_id, for_mailbox)))
    }

    fn signature(&self, what: Hashed, text: &str) -> Result<String, AppError> {
        let bytes = self.secrets.hash_bytes(what, text.as_bytes())?;
        Ok(HEXLOWER.encode(bytes.get(..SIGNATURE / 2).unwrap_or(&[])))
    }
}

fn address_of(case_id: &str, mailbox: &str) -> String {
    format!("{case_id}\0{}", mailbox.trim().to_lowercase())
}

fn mail_key(mail: &InboundMail, case_id: &str) -> Result<Key, AppError> {
    Key::new(&format!("mail:{}", mail.digest), "receive_mail", case_id, b"")
}

/// The text, cut where it is too long: what a person writes never is.
fn shortened(text: &str, most: usize) -> String {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or("").to_owned()
}
