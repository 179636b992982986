//! Characters that a reader does not see.
//!
//! A text that contains one is never called official: what the eye reads and what the machine reads differ.

/// Whether the text contains an invisible character, and whether one of them turns the reading direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// Controls, zero-width characters, soft hyphens, fillers, variation selectors, tags.
    pub any: bool,
    /// Marks, embeddings, overrides and isolates of the bidirectional algorithm.
    pub bidi: bool,
}

impl Hidden {
    /// What either of two texts hides.
    pub fn or(self, other: Self) -> Self {
        Self { any: self.any || other.any, bidi: self.bidi || other.bidi }
    }
}

/// Looks through the text once.
pub(crate) fn hidden_in(text: &str) -> Hidden {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Hidden::default();
    }
    let bidi = text.chars().any(is_bidi);
    Hidden { any: bidi || text.chars().any(is_hidden), bidi }
}

/// A text without the blanks around it. Line and page separators other than line ends stay: they are not what
/// copying a link leaves behind, and count as hidden.
pub(crate) fn trim_blanks(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() && !matches!(c, '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
    })
}

/// The text as a reader sees it.
pub(crate) fn without_hidden(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Controls and the characters that Unicode says may be ignored when drawing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || is_bidi(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_japanese_hides_nothing() {
        assert_eq!(hidden_in("楽天市場 ｶﾞ が"), Hidden::default());
    }

    #[test]
    fn an_override_hides_and_turns() {
        assert_eq!(hidden_in("a\u{202e}b"), Hidden { any: true, bidi: true });
    }

    #[test]
    fn a_soft_hyphen_a_tab_and_a_tag_hide() {
        for text in ["a\u{ad}b", "a\tb", "a\u{e0061}b", "a\u{200b}b"] {
            assert_eq!(hidden_in(text), Hidden { any: true, bidi: false }, "{text:?}");
        }
    }
}
