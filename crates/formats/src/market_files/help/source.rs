//! An article's file: its head, and its text in each language, with their places.

use std::ops::Range;

/// The parts of a file, as bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The head, in TOML.
    pub head: Range<usize>,
    /// The text in Japanese.
    pub ja: Range<usize>,
    /// The text in English.
    pub en: Range<usize>,
}

/// Why a file cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untaken {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// What was found.
    pub found: &'static str,
    /// What was expected.
    pub expected: &'static str,
}

/// The lines at which an article is parted, in their order.
const MARKS: [(&str, &str); 3] = [
    ("+++", "a line `+++` at the beginning, before the head"),
    ("+++ ja", "a line `+++ ja` after the head, before the text in Japanese"),
    ("+++ en", "a line `+++ en`, before the text in English"),
];

/// Takes a file apart.
pub fn parts(text: &str) -> Result<Parts, Untaken> {
    let mut marks = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = at..at + line.len();
        at = span.end;
        let Some((mark, expected)) = MARKS.get(marks.len()) else { break };
        if line.trim_end() == *mark {
            marks.push(span);
        } else if line.starts_with("+++") || marks.is_empty() {
            return Err(Untaken { span, found: "another line", expected });
        }
    }
    match (marks.as_slice(), MARKS.get(marks.len())) {
        ([head, ja, en], _) => {
            Ok(Parts { head: head.end..ja.start, ja: ja.end..en.start, en: en.end..text.len() })
        }
        (_, Some((_, expected))) => Err(Untaken { span: 0..0, found: "the end of the file", expected }),
        (_, None) => Err(Untaken { span: 0..0, found: "too many marks", expected: "three" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_head_and_two_texts() {
        let text = "+++\nx = 1\n+++ ja\n日本語\n+++ en\nEnglish\n";
        let parts = parts(text).unwrap();
        assert_eq!(
            (&text[parts.head], &text[parts.ja], &text[parts.en]),
            ("x = 1\n", "日本語\n", "English\n")
        );
    }

    #[test]
    fn a_missing_language_is_told_with_what_is_missing() {
        let missing = parts("+++\n+++ ja\ntext\n").unwrap_err();
        assert!(missing.expected.contains("`+++ en`"));
        assert!(parts("# title\n").unwrap_err().expected.contains("at the beginning"));
        assert!(parts("+++\n+++ en\n+++ ja\n").unwrap_err().expected.contains("`+++ ja`"));
    }
}
