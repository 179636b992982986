//! Folding: many spellings that look alike become one.
//!
//! Both sides of every comparison are folded: the shop's names when the list is loaded, the pasted text when
//! it is judged. Folding is for *look-alikes* only; nothing is ever called official because it folds to the
//! shop's name.

use std::iter;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// A text folded in two strengths.
///
/// The light fold maps one character to one, so that edit distances stay true. The heavy fold also joins
/// pairs drawn like one letter (`rn` as `m`); it would distort distances ("clock" becomes "dock"), so it is an
/// addition to the light fold, not a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    /// Letters, `-` for whatever separates words, `.` kept.
    pub light: String,
    /// The same with look-alike pairs joined, where that makes a difference.
    pub heavy: Option<String>,
}

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    let letters = if text.is_ascii() { fold_ascii(text) } else { fold_unicode(text) };
    let heavy = join_pairs(&letters).map(|joined| joined.replace('i', "l"));
    let light = if letters.contains('i') { letters.replace('i', "l") } else { letters };
    Folded { light, heavy }
}

fn fold_ascii(text: &str) -> String {
    text.chars().map(fold_ascii_char).collect()
}

fn fold_unicode(text: &str) -> String {
    let lower: String = text.nfkc().map(separator_to_hyphen).flat_map(char::to_lowercase).collect();
    // TR39 maps `m` to `rn` and some letters to capitals; the pairs and the case are taken up again below.
    let mut letters = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        letters.extend(rest[..end].chars().map(fold_ascii_char));
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        letters.extend(skeleton_of(&rest[..end]));
        rest = &rest[end..];
    }
    letters
}

fn skeleton_of(text: &str) -> impl Iterator<Item = char> + '_ {
    skeleton(text)
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining_mark(*c))
        .map(separator_to_hyphen)
        .flat_map(|c| iter::once(if c.is_ascii() { fold_ascii_char(c) } else { word_or_hyphen(c) }))
}

/// Hyphens, dashes, the Japanese long vowel, box lines and everything drawn like a stroke.
fn separator_to_hyphen(c: char) -> char {
    match c {
        '‐'..='―'
        | '⁃'
        | '−'
        | '─'
        | '━'
        | 'ー'
        | '一'
        | '丨'
        | '﹘'
        | '﹣'
        | '－'
        | 'ｰ'
        | '_'
        | '˗'
        | '➖'
        | '〜'
        | '～'
        | '・'
        | '･'
        | 'ᅳ'
        | 'ㅡ' => '-',
        '。' | '．' | '｡' | '․' => '.',
        other => other,
    }
}

fn word_or_hyphen(c: char) -> char {
    if c.is_alphanumeric() { c } else { '-' }
}

/// Digits become the letters they are drawn like; whatever is no letter separates words.
fn fold_ascii_char(c: char) -> char {
    match c.to_ascii_lowercase() {
        '0' => 'o',
        '1' | '|' => 'l',
        '2' => 'z',
        '3' => 'e',
        '4' => 'a',
        '5' | '$' => 's',
        '6' | '8' => 'b',
        '7' => 't',
        '9' => 'g',
        '.' => '.',
        letter if letter.is_ascii_lowercase() => letter,
        _ => '-',
    }
}

/// `rn` and `nn` are drawn like `m`, `vv` and `uu` like `w`, `cl` like `d`.
fn join_pairs(letters: &str) -> Option<String> {
    const PAIRS: [(&str, &str); 5] = [("rn", "m"), ("nn", "m"), ("vv", "w"), ("uu", "w"), ("cl", "d")];
    let is_pair = |pair: &[u8]| matches!(pair, b"rn" | b"nn" | b"vv" | b"uu" | b"cl");
    if !letters.as_bytes().windows(2).any(is_pair) {
        return None;
    }
    Some(PAIRS.iter().fold(letters.to_owned(), |text, (pair, letter)| text.replace(pair, letter)))
}

/// The folded text without anything that separates words.
pub(crate) fn squeeze(folded: &str) -> String {
    folded.chars().filter(|c| !matches!(c, '-' | '.')).collect()
}

/// The words of a folded text: cut at separators and where Latin letters meet others.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(['-', '.']).filter(|piece| !piece.is_empty()).flat_map(script_runs)
}

fn script_runs(piece: &str) -> impl Iterator<Item = &str> {
    let mut rest = piece;
    iter::from_fn(move || {
        let latin = rest.chars().next()?.is_ascii();
        let end = rest.find(|c: char| c.is_ascii() != latin).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_fold_to_the_same_letters() {
        for text in ["amazon", "AMAZON", "ａｍａｚｏｎ", "аmаzоn", "amaz0n", "àmázön", "𝐚𝐦𝐚𝐳𝐨𝐧", "ɑmazοn"]
        {
            let folded = fold(text);
            let heavy = folded.heavy.unwrap_or_default();
            assert!(folded.light == "amazon" || heavy == "amazon", "{text}: {} {heavy}", folded.light);
        }
    }

    #[test]
    fn joined_pairs_are_a_second_reading() {
        assert_eq!(fold("arnazon").heavy.as_deref(), Some("amazon"));
        assert_eq!(fold("vvalmart").heavy.as_deref(), Some("walmart"));
        assert_eq!(fold("amazon").heavy, None);
    }

    #[test]
    fn every_hyphen_is_one() {
        for text in
            ["example-shop", "example‐shop", "exampleーshop", "example−shop", "example一shop", "example_shop"]
        {
            assert_eq!(fold(text).light, "example-shop", "{text}");
        }
    }

    #[test]
    fn words_end_where_the_script_changes() {
        assert_eq!(words("jpんlogin-x").collect::<Vec<_>>(), ["jp", "ん", "login", "x"]);
    }
}
