//! `=?UTF-8?B?…?=`: display names as mail carries them, made readable.

use data_encoding::BASE64;

use crate::link::percent::decoded;

/// Replaces the encoded words of a text; character sets other than UTF-8 and ASCII stay as they are.
pub(crate) fn decode_words(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, word) = rest.split_at(start);
        plain.push_str(before);
        match decode_word(word) {
            Some((decoded, length)) => {
                plain.push_str(&decoded);
                rest = &word[length..];
            }
            None => {
                plain.push_str("=?");
                rest = &word[2..];
            }
        }
    }
    plain + rest
}

/// A word of at most 75 characters, as the standard wants it; a little more is tolerated.
fn decode_word(text: &str) -> Option<(String, usize)> {
    let mut parts = text[2..].splitn(3, '?');
    let charset = parts.next().filter(|charset| charset.len() <= 32)?;
    let encoding = parts.next().filter(|encoding| encoding.len() == 1)?;
    let after = parts.next()?;
    let end = after.bytes().take(1000).collect::<Vec<_>>().windows(2).position(|pair| pair == b"?=")?;
    let readable = ["utf-8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known));
    let payload = after.get(..end).filter(|_| readable)?;
    let decoded = match encoding {
        "B" | "b" => String::from_utf8_lossy(&BASE64.decode(payload.as_bytes()).ok()?).into_owned(),
        "Q" | "q" => decoded(&payload.replace('%', "%25").replace('=', "%").replace('_', " ")).into_owned(),
        _ => return None,
    };
    Some((decoded, 2 + charset.len() + 1 + encoding.len() + 1 + end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_are_read() {
        assert_eq!(decode_words("=?UTF-8?B?5qW95aSp?= x"), "楽天 x");
        assert_eq!(decode_words("=?utf-8?Q?Ama=7Aon_100%?="), "Amazon 100%");
        assert_eq!(decode_words("=?x =?utf-8?B?!!?="), "=?x =?utf-8?B?!!?=");
    }
}
