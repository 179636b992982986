//! A mail in the form of mail.

use std::str::FromStr;
use std::time::SystemTime;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::{Mail, MailError};

/// The longest address, in bytes.
const ADDRESS_MAX: usize = 254;

/// Why mail cannot be sent in somebody's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// It is no address.
    #[error("{0:?} is no mail address, such as shop@example.com or Shop <shop@example.com>")]
    Address(String),
    /// Connections to the mail server cannot be made ready.
    #[error("connections to the mail server cannot be made ready: {0}")]
    Connections(String),
    /// There is no such directory.
    #[error("mail cannot be kept in files: {0}")]
    Files(String),
}

/// In whose name mail is sent.
#[derive(Clone, Debug)]
pub struct Sender {
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

impl Sender {
    /// Reads addresses such as `Shop <shop@example.com>`.
    ///
    /// # Errors
    /// [`MailFault::Address`]
    pub fn new(from: &str, reply_to: Option<&str>) -> Result<Self, MailFault> {
        let mailbox = |text: &str| Mailbox::from_str(text).map_err(|_| MailFault::Address(text.to_owned()));
        Ok(Self { from: mailbox(from)?, reply_to: reply_to.map(mailbox).transpose()? })
    }

    /// The part of its address after the `@`.
    pub(super) fn domain(&self) -> &str {
        self.from.email.domain()
    }
}

/// A customer's address as it is kept: what every mail server accepts. Nothing where it is none.
pub fn checked_address(text: &str) -> Option<String> {
    let text = text.trim();
    let usual = text.is_ascii() && text.len() <= ADDRESS_MAX && !text.contains(['"', '[', '\\']);
    let address: Address = text.parse().ok().filter(|_| usual)?;
    let (user, domain) = (address.user(), address.domain());
    let labels = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let fits = user.len() <= 64 && domain.contains('.') && labels;
    fits.then(|| format!("{user}@{}", domain.to_ascii_lowercase()))
}

/// The mail as it is sent.
pub(super) fn message(sender: &Sender, mail: &Mail) -> Result<Message, MailError> {
    let to = checked_address(&mail.to).and_then(|address| address.parse::<Address>().ok());
    let to = to.ok_or_else(|| MailError::Refused("address".to_owned()))?;
    let mut builder = Message::builder()
        .from(sender.from.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&mail.subject))
        .date(SystemTime::from(mail.at))
        .message_id(Some(format!("<{}@{}>", bare(&mail.id), sender.domain())));
    let own =
        mail.reply_to.as_deref().map(|address| address.parse::<Address>().map(|to| Mailbox::new(None, to)));
    let own = own.transpose().map_err(|_| MailError::Refused("reply_to".to_owned()))?;
    if let Some(reply_to) = own.or_else(|| sender.reply_to.clone()) {
        builder = builder.reply_to(reply_to);
    }
    builder = builder.raw_header(raw("Content-Language", &bare(&mail.language))?);
    // Programs that answer by themselves know not to.
    builder = builder.raw_header(raw("Auto-Submitted", "auto-generated")?);
    if let Some(url) = &mail.unsubscribe_url {
        builder = builder.raw_header(raw("List-Unsubscribe", &format!("<{}>", one_line(url)))?);
    }
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::plain(mail.text.clone()))
        .singlepart(SinglePart::html(mail.html.clone()));
    builder.multipart(parts).map_err(|_| MailError::Refused("form".to_owned()))
}

/// The bytes of a mail as they are sent.
///
/// # Errors
/// [`MailError::Refused`] where it cannot be one.
pub fn message_bytes(sender: &Sender, mail: &Mail) -> Result<Vec<u8>, MailError> {
    Ok(message(sender, mail)?.formatted())
}

fn raw(name: &'static str, value: &str) -> Result<HeaderValue, MailError> {
    let name =
        HeaderName::new_from_ascii(name.to_owned()).map_err(|_| MailError::Refused("form".to_owned()))?;
    Ok(HeaderValue::new(name, value.to_owned()))
}

/// A text that stays within its header.
fn one_line(text: &str) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    text.split(breaks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Letters, digits and little else, for what has a grammar of its own.
fn bare(text: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    text.chars().filter(plain).collect()
}

#[cfg(test)]
mod tests {
    use mail_parser::{HeaderName as Name, MessageParser};

    use super::*;

    fn sender() -> Sender {
        Sender::new("帳場 <shop@example.com>", Some("help@example.com")).unwrap()
    }

    fn mail(subject: &str, text: &str) -> Mail {
        Mail {
            id: "evt_1.order_placed".to_owned(),
            to: "hanako@example.jp".to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            html: format!("<p>{text}</p>"),
            language: "ja".to_owned(),
            at: "2026-11-21T12:00:00+09:00".parse().unwrap(),
            unsubscribe_url: None,
            reply_to: None,
        }
    }

    /// Names of headers, and the subject.
    fn read(mail: &Mail) -> (Vec<String>, String, String) {
        let bytes = message_bytes(&sender(), mail).unwrap();
        assert!(bytes.is_ascii(), "any server takes it");
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        let names = parsed.headers().iter().map(|header| header.name.as_str().to_owned()).collect();
        let text = parsed.body_text(0).unwrap().into_owned();
        (names, parsed.subject().unwrap_or_default().to_owned(), text)
    }

    #[test]
    fn japanese_comes_as_it_was_written() {
        let long = "ご注文ありがとうございます。".repeat(20);
        let (_, subject, text) = read(&mail(&long, &format!("{long}\n{long}\n")));
        assert_eq!(subject, long);
        assert_eq!(text.trim_end().replace("\r\n", "\n"), format!("{long}\n{long}"));
    }

    #[test]
    fn nothing_in_a_text_becomes_a_header_or_another_receiver() {
        let usual = read(&mail("x", "y")).0;
        for attack in [
            "x\r\nBcc: a@evil.example",
            "x\nBcc: a@evil.example",
            "x\rBcc: a@evil.example",
            "x\r\n\r\n<script>",
            "x\u{0}Bcc: a",
            "x\u{2028}Bcc: a@evil.example",
            "x\u{85}Bcc: a",
            "x%0d%0aBcc: a",
            "=?utf-8?B?DQpCY2M6IGFAZXZpbC5leGFtcGxl?=",
            "\r\n Bcc: a",
            "x\r\n\tBcc: a",
            "X\r\nContent-Type: text/html\r\n\r\nhello",
            "x\u{b}Bcc: a\u{c}",
        ] {
            let mail = Mail {
                id: attack.to_owned(),
                language: attack.to_owned(),
                unsubscribe_url: Some(format!("https://example.com/{attack}")),
                ..mail(attack, attack)
            };
            let (mut names, ..) = read(&mail);
            names.retain(|name| name != "List-Unsubscribe");
            assert_eq!(names, usual, "{attack:?}");
            let bytes = message_bytes(&sender(), &mail).unwrap();
            let parsed = MessageParser::default().parse(&bytes).unwrap();
            assert!(parsed.bcc().is_none() && parsed.header(Name::Cc).is_none(), "{attack:?}");
            assert_eq!(parsed.to().unwrap().iter().count(), 1);
        }
    }

    #[test]
    fn an_address_is_one_that_every_server_takes() {
        for (given, kept) in [
            ("hanako@example.jp", "hanako@example.jp"),
            (" Hanako+x@Example.JP ", "Hanako+x@example.jp"),
            ("a.b@sub.example.co.jp", "a.b@sub.example.co.jp"),
        ] {
            assert_eq!(checked_address(given).as_deref(), Some(kept), "{given}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for wrong in [
            "",
            "hanako",
            "@example.jp",
            "a@",
            "a@b",
            "a@localhost",
            "a b@example.jp",
            "a@example..jp",
            "a@-x.jp",
            "a@[127.0.0.1]",
            "\"a b\"@example.jp",
            "花子@example.jp",
            "a@例え.jp",
            "a@example.jp\r\nBcc: b@c.de",
            "a@example.jp, b@example.jp",
            "Hanako <a@example.jp>",
            &long,
        ] {
            assert_eq!(checked_address(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn who_wants_no_more_is_told_where_only_where_it_fits() {
        let (names, ..) = read(&mail("x", "y"));
        assert!(!names.iter().any(|name| name == "List-Unsubscribe"));
        let with = Mail { unsubscribe_url: Some("https://example.com/u".to_owned()), ..mail("x", "y") };
        assert!(read(&with).0.iter().any(|name| name == "List-Unsubscribe"));
    }
}
