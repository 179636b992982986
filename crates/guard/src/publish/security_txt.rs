//! `security.txt` (RFC 9116): where to report a fake or a weakness.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::contact::Contact;
use crate::official::Official;

/// Why there is no `security.txt`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecurityTxtFault {
    /// The standard wants at least one way to report.
    #[error("security.txt needs a contact: the list has no phone number or sender, and none was given")]
    NoContact,
    /// A contact must be a link, a mail address or a phone number as a URI.
    #[error("“{0}” is no contact; write https://…, mailto:… or tel:+…")]
    NotAContact(String),
}

/// Makes a `security.txt`: the contacts given first, then the list's senders and numbers; one `Canonical` for each
/// domain.
///
/// ```
/// use choba_guard::{Official, publish::security_txt};
/// let official = Official::from_list(["example-shop.co.jp", "0120-899-543"]).unwrap();
/// let text = security_txt(&official, &[], "2027-02-01T00:00:00Z".parse().unwrap()).unwrap();
/// assert!(text.contains("Contact: tel:+81120899543\n"));
/// assert!(text.contains("Expires: 2027-02-01T00:00:00Z\n"));
/// ```
///
/// # Errors
/// [`SecurityTxtFault`]
pub fn security_txt(
    official: &Official,
    contacts: &[String],
    expires_at: Timestamp,
) -> Result<String, SecurityTxtFault> {
    if let Some(fault) = contacts.iter().find(|contact| !is_contact(contact)) {
        return Err(SecurityTxtFault::NotAContact(fault.clone()));
    }
    let of_list = official.contacts().filter_map(contact_of_list);
    let mut contacts: Vec<String> = contacts.iter().cloned().chain(of_list).collect();
    contacts.dedup();
    if contacts.is_empty() {
        return Err(SecurityTxtFault::NoContact);
    }
    Ok(lines(official, &contacts, expires_at))
}

fn lines(official: &Official, contacts: &[String], expires_at: Timestamp) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for contact in contacts {
        let _ = writeln!(text, "Contact: {contact}");
    }
    let seconds = Timestamp::from_second(expires_at.as_second()).unwrap_or(expires_at);
    let _ = writeln!(text, "Expires: {seconds}");
    let _ = writeln!(text, "Preferred-Languages: ja, en");
    for contact in official.contacts() {
        if let Contact::Domain(domain) = contact {
            let _ = writeln!(text, "Canonical: https://{domain}/.well-known/security.txt");
        }
    }
    text
}

fn contact_of_list(contact: &Contact) -> Option<String> {
    match contact {
        Contact::Domain(_) => None,
        Contact::Phone(number) => Some(format!("tel:{number}")),
        Contact::Sender(address) => Some(format!("mailto:{address}")),
    }
}

/// The standard wants a URI, and `https` for the web.
fn is_contact(contact: &str) -> bool {
    let plain = contact.chars().all(|c| c.is_ascii_graphic());
    plain
        && ["https://", "mailto:", "tel:+"]
            .iter()
            .any(|scheme| contact.len() > scheme.len() && contact.starts_with(scheme))
}
