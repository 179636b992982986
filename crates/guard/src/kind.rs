//! What a pasted text is: a link, a phone number or a mail sender.

use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::link::scheme::{Scheme, scheme_of};
use crate::phone;

/// What the text is judged as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A link or a bare domain name.
    Url,
    /// A phone number.
    Phone,
    /// The sender of a mail, with or without a display name.
    Email,
}

impl Kind {
    /// Guesses the kind of a text whose kind nobody told.
    ///
    /// ```
    /// use choba_guard::Kind;
    /// assert_eq!(Kind::guess("example-shop.co.jp"), Kind::Url);
    /// assert_eq!(Kind::guess("https://user@example.com"), Kind::Url);
    /// assert_eq!(Kind::guess("192.0.2.1/login"), Kind::Url);
    /// assert_eq!(Kind::guess("０１２０ー１２３ー４５６"), Kind::Phone);
    /// assert_eq!(Kind::guess("Shop <info@example.com>"), Kind::Email);
    /// ```
    #[must_use]
    pub fn guess(text: &str) -> Self {
        let text = text.trim();
        match scheme_of(text) {
            Scheme::Phone => Self::Phone,
            Scheme::Mail => Self::Email,
            Scheme::Web | Scheme::Dangerous | Scheme::Other => Self::Url,
            Scheme::Missing => Self::guess_without_scheme(text),
        }
    }

    fn guess_without_scheme(text: &str) -> Self {
        if looks_like_mail(text) {
            Self::Email
        } else if looks_like_phone(text) {
            Self::Phone
        } else {
            Self::Url
        }
    }

    /// The name used in requests and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

/// The text was none of `url`, `phone`, `email`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no kind; the kinds are url, phone and email")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        [Self::Url, Self::Phone, Self::Email]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// An `@` makes a mail sender, unless a path came first: `forum.example/@name` is a link.
fn looks_like_mail(text: &str) -> bool {
    let Some(at) = text.find(['@', '＠', '﹫']) else { return false };
    let before = &text[..at];
    let path_first = before.contains(['/', '?', '#']) && before.contains('.');
    !path_first || before.contains(|c: char| c.is_whitespace() || c == '<')
}

/// Mostly digits, and no dot that leads into a name: `0120-123-456.example` is a link.
fn looks_like_phone(text: &str) -> bool {
    let plain: String = phone::without_label(text).nfkc().take(256).collect();
    let host = plain.split(['/', ':', '?', '#']).next().unwrap_or(&plain);
    if host.parse::<Ipv4Addr>().is_ok() || plain.contains("://") || dot_leads_into_name(&plain) {
        return false;
    }
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    let letters = plain.chars().filter(|c| c.is_alphabetic() && *c != 'ー' && *c != '一').count();
    let kanji_digits = plain.chars().filter(|c| phone::kanji_digit(*c).is_some()).count();
    (letters == 0 && digits >= 2) || digits >= 5 && digits + 4 > letters || kanji_digits >= 9
}

fn dot_leads_into_name(text: &str) -> bool {
    text.char_indices()
        .filter(|(_, c)| matches!(c, '.' | '。' | '．' | '｡'))
        .any(|(at, c)| text[at + c.len_utf8()..].starts_with(char::is_alphabetic))
}
