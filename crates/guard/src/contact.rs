//! One entry of an official list: a domain, a phone number or a mail sender, in its canonical form.

use url::Host;

use crate::hidden::hidden_in;
use crate::phone::Number;

/// An official contact in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Contact {
    /// A domain in lower-case ASCII (`xn--…` where needed), without trailing dot. It covers all hosts below it.
    Domain(String),
    /// A phone number in E.164: `+81120123456`.
    Phone(String),
    /// A mail address, local part and domain in lower case.
    Sender(String),
}

/// What is wrong with an entry of an official list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing was written.
    #[error("the entry is empty")]
    Empty,
    /// The entry holds a character that is not seen.
    #[error("it contains an invisible character")]
    HiddenCharacter,
    /// A whole link where a domain was wanted.
    #[error("it is a link; write the domain alone, such as “example.co.jp”")]
    Link,
    /// Not a domain name.
    #[error("it is neither a domain name, a phone number nor a mail address")]
    NotADomain,
    /// One label only, such as `localhost`.
    #[error("a domain name has at least two parts, such as “example.jp”")]
    SingleLabel,
    /// An IP address.
    #[error("it is an IP address; only domain names can be official")]
    IpAddress,
    /// A public suffix: anyone can register a name beneath it.
    #[error("anyone can have a name beneath it; write the shop's own domain")]
    PublicSuffix,
    /// A label or the whole is longer than DNS allows.
    #[error("it is longer than a domain name can be")]
    TooLong,
    /// Not a number that can be dialled from Japan or abroad.
    #[error("it is not a full phone number; write it with its leading 0 or with + and the country code")]
    NotAPhone,
    /// Not a single mail address.
    #[error("it is not a single plain mail address")]
    NotASender,
}

impl Contact {
    /// Reads and canonicalises an entry.
    ///
    /// ```
    /// use choba_guard::{Contact, Fault};
    /// assert_eq!(Contact::parse("ｅｘａｍｐｌｅ。CO.JP."), Ok(Contact::Domain("example.co.jp".into())));
    /// assert_eq!(Contact::parse("0120-123-456"), Ok(Contact::Phone("+81120123456".into())));
    /// assert_eq!(Contact::parse("Info@Example.co.jp"), Ok(Contact::Sender("info@example.co.jp".into())));
    /// assert_eq!(Contact::parse("co.jp"), Err(Fault::PublicSuffix));
    /// ```
    ///
    /// # Errors
    /// The fault that keeps the entry from being official.
    pub fn parse(entry: &str) -> Result<Self, Fault> {
        let entry = entry.trim();
        if entry.is_empty() {
            return Err(Fault::Empty);
        }
        if hidden_in(entry).any {
            return Err(Fault::HiddenCharacter);
        }
        if entry.contains("://") {
            Err(Fault::Link)
        } else if entry.contains('@') {
            parse_sender(entry)
        } else if is_written_as_phone(entry) {
            Number::read(entry).e164_if_plain().map(Self::Phone).ok_or(Fault::NotAPhone)
        } else {
            parse_domain(entry).map(Self::Domain)
        }
    }
}

fn is_written_as_phone(entry: &str) -> bool {
    entry.starts_with("tel:")
        || entry.parse::<std::net::Ipv4Addr>().is_err()
            && !entry.chars().any(|c| c.is_alphabetic() && c != 'ー' || c == ':')
}

fn parse_sender(entry: &str) -> Result<Contact, Fault> {
    let (local, domain) = entry.split_once('@').ok_or(Fault::NotASender)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$&'*+-/=?^_`{|}~.".contains(c);
    if local.is_empty() || local.contains('!') || !local.chars().all(plain) {
        return Err(Fault::NotASender);
    }
    let domain = parse_domain(domain).map_err(|_| Fault::NotASender)?;
    Ok(Contact::Sender(format!("{}@{domain}", local.to_lowercase())))
}

fn parse_domain(entry: &str) -> Result<String, Fault> {
    if entry.contains(['/', '\\', '?', '#', '%', ':', '@', '*', ',']) || entry.contains(char::is_whitespace) {
        return Err(Fault::NotADomain);
    }
    let name = match Host::parse(entry) {
        Ok(Host::Domain(name)) => name,
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(Fault::IpAddress),
        Err(_) => return Err(Fault::NotADomain),
    };
    let name = name.strip_suffix('.').unwrap_or(&name);
    check_labels(name)?;
    check_suffix(name)?;
    Ok(name.to_owned())
}

fn check_labels(name: &str) -> Result<(), Fault> {
    if name.len() > 253 || name.split('.').any(|label| label.len() > 63) {
        return Err(Fault::TooLong);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.split('.').any(|label| label.is_empty() || !label.chars().all(plain)) {
        return Err(Fault::NotADomain);
    }
    if name.contains('.') { Ok(()) } else { Err(Fault::SingleLabel) }
}

fn check_suffix(name: &str) -> Result<(), Fault> {
    match psl::suffix(name.as_bytes()) {
        Some(suffix) if suffix.is_known() && suffix.as_bytes() == name.as_bytes() => Err(Fault::PublicSuffix),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named() {
        let table = [
            ("", Fault::Empty),
            ("  ", Fault::Empty),
            ("exam\u{200b}ple.jp", Fault::HiddenCharacter),
            ("https://example.jp/", Fault::Link),
            ("example.jp/", Fault::NotADomain),
            ("*.example.jp", Fault::NotADomain),
            ("example..jp", Fault::NotADomain),
            ("exam ple.jp", Fault::NotADomain),
            ("localhost", Fault::SingleLabel),
            ("192.0.2.1", Fault::IpAddress),
            ("co.jp", Fault::PublicSuffix),
            ("com", Fault::SingleLabel),
            ("github.io", Fault::PublicSuffix),
            ("110", Fault::NotAPhone),
            ("120-123-456", Fault::NotAPhone),
            ("a@b@example.jp", Fault::NotASender),
            ("@example.jp", Fault::NotASender),
        ];
        for (entry, fault) in table {
            assert_eq!(Contact::parse(entry), Err(fault), "{entry}");
        }
        assert_eq!(Contact::parse(&format!("{}.jp", "a".repeat(64))), Err(Fault::TooLong));
    }

    #[test]
    fn japanese_domains_are_kept_in_ascii() {
        assert_eq!(Contact::parse("楽天.jp"), Ok(Contact::Domain("xn--rssv39a.jp".into())));
        assert_eq!(Contact::parse("shop.github.io"), Ok(Contact::Domain("shop.github.io".into())));
    }
}
