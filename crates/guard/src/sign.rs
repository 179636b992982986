//! Signs: the reasons a judgement rests on, each with a stable name.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::sentence::{self, Message};

macro_rules! signs {
    ($($(#[doc = $doc:literal])* $sign:ident = $name:literal,)*) => {
        /// A reason for a judgement. The names are stable: new ones are added, none is renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Sign {
            $($(#[doc = $doc])* $sign,)*
        }

        impl Sign {
            /// All signs.
            pub const ALL: &'static [Sign] = &[$(Sign::$sign,)*];

            /// The name in answers.
            ///
            /// ```
            /// assert_eq!(choba_guard::Sign::SubdomainTrick.name(), "subdomain_trick");
            /// ```
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$sign => $name,)*
                }
            }
        }
    };
}

signs! {
    /// Characters of the shop's name were replaced by others drawn like them.
    SubstitutedCharacters = "substituted_characters",
    /// Letters of the shop's name are missing, doubled, swapped or wrong.
    MisspelledName = "misspelled_name",
    /// The words of the shop's name stand in another order.
    RearrangedWords = "rearranged_words",
    /// The shop's name with words added: `shop-login.example`.
    AddedWords = "added_words",
    /// The shop's name under another ending: `shop.example` for `shop.co.jp`.
    OtherDomain = "other_domain",
    /// The shop's name in front of somebody else's domain.
    SubdomainTrick = "subdomain_trick",
    /// Something stands before an `@` in front of the host.
    Userinfo = "userinfo",
    /// The shop's name in the path, where it says nothing.
    NameInPath = "name_in_path",
    /// The host is written as `xn--…`.
    Punycode = "punycode",
    /// Latin letters and those of another script in one label.
    MixedScript = "mixed_script",
    /// A bare IP address instead of a name.
    IpHost = "ip_host",
    /// A port other than the usual one.
    OddPort = "odd_port",
    /// Dots with nothing between them.
    EmptyLabel = "empty_label",
    /// The link leads on to somewhere else.
    Redirect = "redirect",
    /// Characters that are not seen.
    HiddenCharacters = "hidden_characters",
    /// Characters that turn the reading direction.
    ReversedText = "reversed_text",
    /// A backslash, which programs read in different ways.
    Backslash = "backslash",
    /// A link that carries or runs content by itself.
    DataScheme = "data_scheme",
    /// A link that is not for the web.
    OtherScheme = "other_scheme",
    /// The shop's own page, without encryption.
    NoTls = "no_tls",
    /// The owner's domain, but not a part that is on the list.
    BesideOfficial = "beside_official",
    /// No program could read it.
    Unreadable = "unreadable",
    /// Not a link at all.
    NotALink = "not_a_link",
    /// More text than the link, number or sender alone.
    ExtraText = "extra_text",
    /// One digit differs from a published number, or two are swapped.
    SimilarDigits = "similar_digits",
    /// A published number with digits around it, or without its beginning.
    ExtraDigits = "extra_digits",
    /// The same last digits as a published number.
    SameEnding = "same_ending",
    /// A published number under another country code.
    OtherCountryCode = "other_country_code",
    /// Letters stand for digits.
    LettersForDigits = "letters_for_digits",
    /// A name instead of a number, as text messages show it.
    SenderName = "sender_name",
    /// No number at all.
    NotANumber = "not_a_number",
    /// More than one mail address.
    ExtraMailbox = "extra_mailbox",
    /// The shop's name in the display name of somebody else's address.
    NameInDisplayName = "name_in_display_name",
    /// The shop's name in a comment of somebody else's address.
    NameInComment = "name_in_comment",
    /// The shop's name before the `@` of somebody else's address.
    NameInLocalPart = "name_in_local_part",
    /// A full-width `＠`.
    FullwidthAt = "fullwidth_at",
    /// Not a mail address.
    NotASender = "not_a_sender",
}

impl Sign {
    /// What was seen, for a person.
    ///
    /// ```
    /// assert!(choba_guard::Sign::OddPort.message().en.ends_with('.'));
    /// ```
    #[must_use]
    pub fn message(self) -> Message {
        let (ja, en) = sentence::observation(self);
        Message { ja: ja.to_owned(), en: en.to_owned() }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Sign {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
