//! What was asked, without what may be personal.

use unicode_normalization::UnicodeNormalization;

/// The most letters that are kept.
const LETTERS_MAX: usize = 80;

/// A question as it may be kept: cut to 80 letters, the same for all widths and cases; figures of four digits or
/// more, mail addresses, links and whatever mixes letters and digits are left out. A name cannot be told from other words.
pub fn masked(question: &str) -> String {
    let plain: String = question.nfkc().flat_map(char::to_lowercase).take(LETTERS_MAX * 4).collect();
    let words = plain.split_whitespace().map(word);
    words.collect::<Vec<_>>().join(" ").chars().take(LETTERS_MAX).collect()
}

fn word(word: &str) -> String {
    if word.contains(['@', '/', '\\']) {
        return "…".to_owned();
    }
    let is_part = |char: char| char.is_ascii_alphanumeric() || is_dash(char);
    let mut masked = String::with_capacity(word.len());
    for part in word.split_inclusive(|char| !is_part(char)) {
        let end = part.find(|char| !is_part(char)).unwrap_or(part.len());
        let (code, rest) = part.split_at(end);
        masked.push_str(if is_code(code) { "…" } else { code });
        masked.push_str(rest);
    }
    masked
}

/// Dashes stand between the digits of numbers.
fn is_dash(char: char) -> bool {
    matches!(char, '-' | '‐'..='―' | '−' | '_' | '+' | '.')
}

fn is_code(part: &str) -> bool {
    let digits = part.chars().filter(char::is_ascii_digit).count();
    let letters = part.chars().filter(char::is_ascii_alphabetic).count();
    digits >= 4 || (digits >= 2 && letters + digits >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_addresses_links_and_codes_are_left_out() {
        for (asked, kept) in [
            ("注文番号１２３-４５６７８９０-１２３４５６７が出ない", "注文番号…が出ない"),
            ("taro@example.jp に届かない", "… に届かない"),
            ("https://a.example/x?y=1 は本物", "… は本物"),
            ("090-1234-5678 から電話", "… から電話"),
            ("コード ABCD-12EF-GHJK", "コード …"),
            ("  95円を　５個  ", "95円を 5個"),
        ] {
            assert_eq!(masked(asked), kept);
        }
        assert_eq!(masked(&"あ".repeat(500)).chars().count(), 80);
    }
}
