//! What the text around a number says about it: "ヤマト運輸 お問い合わせ番号:", "Order #".

use alloc::string::String;

use crate::carrier::Carrier;
use crate::glyph::Glyph;
use crate::not_a_parcel::NotAParcel;
use crate::words::{Meaning, words_beginning};

/// What was said of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) carrier: Option<Carrier>,
    /// It was called a parcel's number.
    pub(crate) tracking: bool,
    /// It was called something else.
    pub(crate) other: Option<NotAParcel>,
}

/// How far before and after a number its label is looked for, in bytes.
pub(crate) const BEFORE_MAX: usize = 240;
const AFTER_MAX: usize = 80;
/// A label that denies the number must stand close to it: "order" is said of many things before a number comes.
const DENIAL_MAX: usize = 48;

impl Said {
    /// Whether the text calls the number a parcel's.
    pub(crate) fn is_parcel(&self) -> bool {
        self.tracking || self.carrier.is_some()
    }

    /// Reads the text before a number, at most `BEFORE_MAX` of it, and for a carrier's name also what follows on the same line.
    pub(crate) fn around(before: &str, after: &str) -> Said {
        let mut said = Said::in_words(&folded(before));
        if said.carrier.is_none() {
            let line = head(after, AFTER_MAX).split(['\n', '\r']).next().unwrap_or_default();
            let until = line.find(|character: char| character.is_numeric()).unwrap_or(line.len());
            said.carrier = Said::in_words(&folded(&line[..until])).carrier;
        }
        said
    }

    /// The last word of each sort is the nearest to the number; of words that end together the longest counts.
    fn in_words(text: &str) -> Said {
        let mut said = Said::default();
        let (mut carrier_at, mut kind_at) = ((0, 0), (0, 0));
        for (end, word, meaning) in words_in(text) {
            let place = (end, word.len());
            match meaning {
                Meaning::Carrier(carrier) if place > carrier_at => {
                    (said.carrier, carrier_at) = (Some(carrier), place);
                }
                Meaning::Parcel if place > kind_at => {
                    (said.tracking, said.other, kind_at) = (true, None, place);
                }
                Meaning::Other(other) if place > kind_at && is_close(&text.as_bytes()[end..]) => {
                    (said.tracking, said.other, kind_at) = (false, Some(other), place);
                }
                _ => {}
            }
        }
        // A carrier named after the label is named for this number.
        if carrier_at > kind_at {
            said.other = None;
        }
        said
    }
}

/// Whether a label belongs to what follows it: close by, and no other number between.
fn is_close(between: &[u8]) -> bool {
    between.len() <= DENIAL_MAX && !between.iter().any(u8::is_ascii_digit)
}

/// Every word of the table in the text, with where it ends; Latin words only as whole words.
fn words_in(text: &str) -> impl Iterator<Item = (usize, &'static str, Meaning)> {
    let bytes = text.as_bytes();
    let boundaries = (0..bytes.len()).filter(|at| text.is_char_boundary(*at));
    let starts = boundaries
        .filter(|at| *at == 0 || !(bytes[*at].is_ascii_alphabetic() && bytes[*at - 1].is_ascii_alphabetic()));
    starts.flat_map(move |start| {
        let rest = &bytes[start..];
        let here = words_beginning(rest)
            .filter(move |(word, _)| rest.starts_with(word.as_bytes()) && ends_there(rest, word));
        here.map(move |(word, meaning)| (start + word.len(), *word, *meaning))
    })
}

/// A Latin word does not end where another letter follows.
fn ends_there(text: &[u8], word: &str) -> bool {
    let last_is_latin = word.as_bytes().last().is_some_and(u8::is_ascii_alphabetic);
    !(last_is_latin && text.get(word.len()).is_some_and(u8::is_ascii_alphabetic))
}

/// Lower case, half width, spaces and line breaks as one space.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match Glyph::of(character) {
            Glyph::Symbol(symbol) => folded.push(char::from(symbol.to_ascii_lowercase())),
            Glyph::Space | Glyph::Newline if folded.ends_with(' ') => {}
            Glyph::Space | Glyph::Newline => folded.push(' '),
            Glyph::Nothing => {}
            Glyph::Mark if character == '＃' => folded.push('#'),
            _ => folded.push(character),
        }
    }
    folded
}

/// The end of a text, at most so many bytes.
pub(crate) fn tail(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn head(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carrier(before: &str, after: &str) -> Option<&'static str> {
        Said::around(before, after).carrier.map(Carrier::id)
    }

    #[test]
    fn the_nearest_carrier_before_the_number_is_meant() {
        assert_eq!(carrier("佐川急便ではなくヤマト運輸 お問い合わせ番号：", ""), Some("yamato"));
        assert_eq!(carrier("ＦｅｄＥｘ no. ", ""), Some("fedex"));
        assert_eq!(carrier("", "（佐川急便）"), Some("sagawa"));
        assert_eq!(carrier("groups of ", " follow\nups"), None);
    }

    #[test]
    fn the_nearest_label_says_the_kind() {
        let said = Said::around("お問い合わせ番号 / ご注文番号: ", "");
        assert_eq!(said.other, Some(NotAParcel::OrderNumber));
        let said = Said::around("注文番号のかわりに追跡番号 ", "");
        assert!(said.tracking && said.other.is_none());
        assert_eq!(Said::around("返品確認番号 ", "").other, Some(NotAParcel::ReturnNumber));
        assert_eq!(Said::around("郵便番号", "").carrier, None);
    }
}
