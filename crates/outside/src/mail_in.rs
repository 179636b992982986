//! Mail that comes in: what it says, to whom, and whether its sender is made sure of.
//!
//! Whether a sender is who they say was found out by our own mail server, which writes it on top of the mail. What stands
//! further down anybody may have written. What a mail means is not decided here.

use data_encoding::HEXLOWER;
use mail_parser::{HeaderValue, Message, MessageParser};
use sha2::{Digest, Sha256};

/// The largest mail that is read, in bytes.
pub const MAIL_MAX: usize = 1024 * 1024;

/// A mail that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMail {
    /// The one mailbox that it says it is from; nothing where there is none, or more than one.
    pub from: Option<String>,
    /// To whom it goes.
    pub recipients: Vec<String>,
    /// What its writer wrote, as plain text, without what they answered to.
    pub text: String,
    /// Whether our own mail server found that it is from the domain it says.
    pub authentic: bool,
    /// Whether a machine wrote it: an absence notice, a bounce, a list.
    pub by_machine: bool,
    /// Of the whole mail: the same one that comes again has the same.
    pub digest: String,
}

/// A mail that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// It is too large.
    #[error("the mail has more than {MAIL_MAX} bytes")]
    TooLarge,
    /// It is no mail.
    #[error("this is no mail")]
    NoMail,
}

/// Reads a mail as it came from our own mail server, which calls itself `our_server` in what it found out.
///
/// # Errors
/// [`MailFault`].
pub fn read_mail(raw: &[u8], our_server: &str) -> Result<InboundMail, MailFault> {
    if raw.len() > MAIL_MAX {
        return Err(MailFault::TooLarge);
    }
    let message = MessageParser::default().parse(raw).filter(|message| !message.headers().is_empty());
    let message = message.ok_or(MailFault::NoMail)?;
    let from = only_sender(&message);
    let authentic = from.as_deref().is_some_and(|from| is_authentic(&message, our_server, from));
    let text = message.body_text(0).map(|text| own_words(&text)).unwrap_or_default();
    Ok(InboundMail {
        authentic,
        recipients: recipients(&message),
        by_machine: is_by_machine(&message),
        digest: HEXLOWER.encode(&Sha256::digest(raw)),
        from,
        text,
    })
}

/// The sender, where the mail names one mailbox in one `From`. Two of either are a trick of those who want one reader to
/// see one sender, and the next another.
fn only_sender(message: &Message<'_>) -> Option<String> {
    let mut headers = message.header_values("From");
    let HeaderValue::Address(address) = headers.next()? else { return None };
    let mut all = address.iter();
    let one = all.next()?.address()?;
    let plain = one.matches('@').count() == 1
        && !one
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || "<>,;:\"()[]\\".contains(letter));
    (plain && all.next().is_none() && headers.next().is_none()).then(|| one.to_lowercase())
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for header in ["Delivered-To", "X-Original-To", "To", "Cc"] {
        for value in message.header_values(header) {
            match value {
                HeaderValue::Address(address) => {
                    found.extend(address.iter().filter_map(|one| one.address()).map(str::to_owned));
                }
                HeaderValue::Text(text) => found.push(text.trim().to_owned()),
                _ => {}
            }
        }
    }
    found.truncate(50);
    found
}

/// What our server found: only what stands on top counts, and only where it is signed with our server's name and says that
/// the sender's domain vouches for the mail (DMARC).
fn is_authentic(message: &Message<'_>, our_server: &str, from: &str) -> bool {
    let Some(domain) = from.rsplit_once('@').map(|(_, domain)| domain) else { return false };
    let mut headers =
        message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    let Some((_, top)) = headers.next() else { return false };
    let mut parts = without_comments(top).into_iter();
    let server = parts.next().unwrap_or_default();
    let server = server.split_whitespace().next().unwrap_or("");
    if our_server.is_empty() || !server.eq_ignore_ascii_case(our_server) {
        return false;
    }
    parts.any(|part| {
        let mut words = part.split_whitespace();
        let passed = words.next().is_some_and(|word| word.eq_ignore_ascii_case("dmarc=pass"));
        passed
            && words.any(|word| {
                let named = word.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("header.from"));
                named.is_some_and(|(_, named)| named.trim_matches('"').eq_ignore_ascii_case(domain))
            })
    })
}

/// The parts of a header between semicolons, without comments in brackets: anybody's words may stand in these.
fn without_comments(header: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_u32);
    for letter in header.chars() {
        match letter {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ';' => parts.push(String::new()),
            letter => {
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
    }
    parts
}

fn is_by_machine(message: &Message<'_>) -> bool {
    let says = |header: &str, words: &[&str]| {
        message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case(header)).any(|(_, value)| {
            let value = value.trim().to_ascii_lowercase();
            words.iter().any(|word| value.starts_with(word))
        })
    };
    says("Auto-Submitted", &["auto-"])
        || says("Precedence", &["bulk", "list", "junk", "auto_reply"])
        || says("Return-Path", &["<>"])
        || says("List-Id", &["<", "\""])
        || says("Content-Type", &["multipart/report"])
}

/// What somebody wrote, without what they answered to.
fn own_words(text: &str) -> String {
    let mut own = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        let begins_quote = line.starts_with("-----Original Message")
            || line.starts_with("-----元のメッセージ")
            || (line.starts_with("On ") && line.ends_with("wrote:"))
            || (line.ends_with(':') || line.ends_with('：'))
                && line.contains('<')
                && line.contains('@')
                && line.chars().any(|letter| letter.is_ascii_digit());
        if begins_quote {
            break;
        }
        if !line.starts_with('>') {
            own.push(line);
        }
    }
    own.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOP: &str = "Authentication-Results: mx.shop.example; spf=pass smtp.mailfrom=mail.example;\r\n dmarc=pass (p=reject) header.from=mail.example\r\n";

    fn mail(headers: &str, body: &str) -> InboundMail {
        let raw = format!("{headers}\r\n{body}");
        read_mail(raw.as_bytes(), "mx.shop.example").unwrap()
    }

    fn usual(more: &str) -> String {
        format!(
            "{more}From: Hanako <Hanako@mail.example>\r\nTo: c+abc@care.shop.example\r\nSubject: Re: x\r\n"
        )
    }

    #[test]
    fn a_mail_that_its_domain_vouches_for_is_authentic() {
        let read = mail(
            &usual(TOP),
            "届きました。\r\n\r\n2026年11月25日 10:00 Shop <c+abc@care.shop.example>:\r\n> 届きましたか\r\n",
        );
        assert!(read.authentic && !read.by_machine);
        assert_eq!(read.from.as_deref(), Some("hanako@mail.example"));
        assert_eq!(
            (read.text.as_str(), read.recipients.as_slice()),
            ("届きました。", &["c+abc@care.shop.example".to_owned()][..])
        );
    }

    #[test]
    fn a_forged_mail_is_not_authentic() {
        let forged = [
            String::new(),
            TOP.replace("dmarc=pass", "dmarc=fail"),
            TOP.replace("mx.shop.example", "mx.evil.example"),
            TOP.replace("header.from=mail.example", "header.from=evil.example"),
            // What the sender put in stands below what our server says.
            format!("Authentication-Results: mx.shop.example; dmarc=fail header.from=mail.example\r\n{TOP}"),
            "Authentication-Results: mx.shop.example; spf=pass (x; dmarc=pass header.from=mail.example)\r\n"
                .to_owned(),
            "Authentication-Results: mx.shop.example; dkim=pass header.d=mail.example\r\n".to_owned(),
            "Authentication-Results: mx.shop.example.evil.example; dmarc=pass header.from=mail.example\r\n"
                .to_owned(),
        ];
        for header in forged {
            assert!(!mail(&usual(&header), "x").authentic, "{header}");
        }
    }

    #[test]
    fn a_mail_of_two_senders_is_of_none() {
        for from in [
            "From: a@mail.example, b@evil.example\r\n",
            "From: <a@mail.example> <b@evil.example>\r\n",
            "From: a@mail.example\r\nFrom: b@evil.example\r\n",
            "From: \"a@mail.example\" <b@c@evil.example>\r\n",
            "From: undisclosed:;\r\n",
            "",
        ] {
            let read = mail(&format!("{TOP}{from}To: c+abc@shop.example\r\n"), "x");
            assert!(!read.authentic && read.from.is_none(), "{from} {:?}", read.from);
        }
    }

    #[test]
    fn machines_are_told_from_people() {
        for header in [
            "Auto-Submitted: auto-replied\r\n",
            "Precedence: bulk\r\n",
            "Return-Path: <>\r\n",
            "List-Id: <x.example>\r\n",
        ] {
            assert!(mail(&usual(header), "x").by_machine, "{header}");
        }
        assert!(!mail(&usual("Auto-Submitted: no\r\n"), "x").by_machine);
    }

    #[test]
    fn html_becomes_plain_text() {
        let body = "<p>Where is <b>it</b>?</p><script>alert(1)</script>";
        let read = mail(&format!("{}Content-Type: text/html\r\n", usual(TOP)), body);
        assert!(read.text.contains("Where is it?") && !read.text.contains('<'), "{}", read.text);
    }

    #[test]
    fn what_is_too_large_or_no_mail_is_refused() {
        assert_eq!(read_mail(&vec![b'x'; MAIL_MAX + 1], "mx").unwrap_err(), MailFault::TooLarge);
        assert_eq!(read_mail(b"", "mx").unwrap_err(), MailFault::NoMail);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read_mail(&raw, "mx.shop.example");
        }
    }
}
