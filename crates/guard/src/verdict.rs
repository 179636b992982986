//! The answer to one question.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::finding::{Finding, Judgement};
use crate::kind::Kind;
use crate::official::Official;
use crate::sentence::{self, Message};
use crate::sign::Sign;
use crate::{link, mail, phone};

/// The longest text that is judged, in bytes: 64 KiB.
pub const INPUT_BYTES_MAX: usize = 64 * 1024;

/// The text was longer than [`INPUT_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text has {bytes} bytes; at most {INPUT_BYTES_MAX} are judged")]
pub struct TooLong {
    /// Its length in bytes.
    pub bytes: usize,
}

/// A judgement of one text, with its reasons and what to tell the person who asked.
///
/// Serialised, it is an object with `input`, `kind`, `verdict`, `resembles`, `signs` and `message`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The text as it was given.
    pub input: String,
    /// What it was judged as.
    pub kind: Kind,
    /// Official, look-alike or unknown.
    pub verdict: Judgement,
    /// The official contact that a look-alike resembles, where there is one.
    pub resembles: Option<String>,
    /// The reasons, foremost first.
    pub signs: Vec<Sign>,
}

impl Verdict {
    /// What was seen and what to do next, for a person.
    ///
    /// ```
    /// use choba_guard::{Official, check};
    /// let official = Official::from_list(["example-shop.co.jp"]).unwrap();
    /// let verdict = check(&official, "https://example-shop.co.jp.login.example").unwrap();
    /// assert!(verdict.message().en.contains("type example-shop.co.jp yourself"));
    /// ```
    #[must_use]
    pub fn message(&self) -> Message {
        sentence::message(self.kind, self.verdict, self.signs.first().copied(), self.resembles.as_deref())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("Verdict", 6)?;
        answer.serialize_field("input", &self.input)?;
        answer.serialize_field("kind", &self.kind)?;
        answer.serialize_field("verdict", &self.verdict)?;
        answer.serialize_field("resembles", &self.resembles)?;
        answer.serialize_field("signs", &self.signs)?;
        answer.serialize_field("message", &self.message())?;
        answer.end()
    }
}

/// Judges a text whose kind is guessed from its form.
///
/// ```
/// use choba_guard::{Judgement, Official, check};
/// let official = Official::from_list(["example-shop.co.jp", "0120-899-543"]).unwrap();
/// assert_eq!(check(&official, "https://www.example-shop.co.jp/").unwrap().verdict, Judgement::Official);
/// assert_eq!(check(&official, "https://examp1e-shop.co.jp/").unwrap().verdict, Judgement::Lookalike);
/// assert_eq!(check(&official, "0120-899-544").unwrap().verdict, Judgement::Lookalike);
/// assert_eq!(check(&official, "https://www.iana.org/").unwrap().verdict, Judgement::Unknown);
/// ```
///
/// # Errors
/// [`TooLong`], for texts beyond 64 KiB.
pub fn check(official: &Official, text: &str) -> Result<Verdict, TooLong> {
    // The length is looked at first: guessing the kind of something endless would not be worth it.
    refuse_too_long(text)?;
    check_as(Kind::guess(text), official, text)
}

/// Judges a text of a known kind.
///
/// ```
/// use choba_guard::{Judgement, Kind, Official, check_as};
/// let official = Official::from_list(["example-shop.co.jp"]).unwrap();
/// let verdict = check_as(Kind::Email, &official, "Example Shop <help@mail.example>").unwrap();
/// assert_eq!(verdict.verdict, Judgement::Lookalike);
/// ```
///
/// # Errors
/// [`TooLong`], for texts beyond 64 KiB.
pub fn check_as(kind: Kind, official: &Official, text: &str) -> Result<Verdict, TooLong> {
    refuse_too_long(text)?;
    let Finding { verdict, resembles, signs } = match kind {
        Kind::Url => link::judge(official, text),
        Kind::Phone => phone::judge(official, text),
        Kind::Email => mail::judge(official, text),
    };
    Ok(Verdict { input: text.to_owned(), kind, verdict, resembles, signs })
}

fn refuse_too_long(text: &str) -> Result<(), TooLong> {
    if text.len() > INPUT_BYTES_MAX { Err(TooLong { bytes: text.len() }) } else { Ok(()) }
}
