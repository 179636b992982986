//! What one typed character stands for in a number.
//!
//! Full-width forms, the many dashes and spaces of the world's keyboards, invisible marks that come along when copying,
//! and letters of other alphabets that look like Latin ones.

/// A typed character, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// An ASCII digit, a letter in the case it was typed, or `|`.
    Symbol(u8),
    /// As `Symbol`, but typed as a look-alike from another alphabet.
    LookAlike(u8),
    /// Something dash-like between groups.
    Dash,
    /// A space of any width.
    Space,
    /// Something that cannot be seen.
    Nothing,
    /// `+`, which begins an international telephone number.
    Plus,
    /// Punctuation.
    Mark,
    /// The end of a line.
    Newline,
    /// Anything else: kana, kanji, emoji.
    Text,
}

impl Glyph {
    /// Reads one character.
    #[inline]
    pub(crate) fn of(character: char) -> Glyph {
        match ASCII.get(character as usize) {
            Some(glyph) => *glyph,
            None => beyond_ascii(character),
        }
    }

    /// The symbol, if it is one, in the case it was typed.
    pub(crate) fn symbol(self) -> Option<u8> {
        match self {
            Glyph::Symbol(symbol) | Glyph::LookAlike(symbol) => Some(symbol),
            _ => None,
        }
    }
}

static ASCII: [Glyph; 128] = ascii();

const fn ascii() -> [Glyph; 128] {
    let mut table = [Glyph::Nothing; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'|' => Glyph::Symbol(byte),
            // Brackets around an area code or a GS1 identifier separate as dashes do.
            b'-' | b'_' | b'.' | b'~' | b'(' | b')' => Glyph::Dash,
            b' ' | b'\t' => Glyph::Space,
            b'\n' | b'\r' => Glyph::Newline,
            b'+' => Glyph::Plus,
            0..=31 | 127 => Glyph::Nothing,
            _ => Glyph::Mark,
        };
        byte += 1;
    }
    table
}

fn beyond_ascii(character: char) -> Glyph {
    match character {
        // Full-width forms stand in ASCII's order.
        '\u{ff01}'..='\u{ff5e}' => Glyph::of(shifted(character, 0xff01, b'!')),
        '\u{00a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Glyph::Space
        }
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{0080}'..='\u{0084}'
        | '\u{0086}'..='\u{009f}'
        | '\u{00ad}'
        | '\u{061c}'
        | '\u{180e}'
        | '\u{feff}' => Glyph::Nothing,
        '\u{0085}' | '\u{2028}' | '\u{2029}' => Glyph::Newline,
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{207b}'
        | '\u{2212}'
        | '\u{05be}'
        | '\u{2500}'
        | '\u{2501}'
        | '\u{2796}'
        | '\u{301c}'
        | '\u{30fc}'
        | '\u{3161}'
        | '\u{4e00}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff70}'
        | '\u{00b7}' => Glyph::Dash,
        '\u{0660}'..='\u{0669}' => digit(character, 0x0660),
        '\u{06f0}'..='\u{06f9}' => digit(character, 0x06f0),
        '\u{1d7ce}'..='\u{1d7ff}' => Glyph::Symbol(b'0' + ((character as u32 - 0x1d7ce) % 10) as u8),
        '\u{2460}'..='\u{2468}' => Glyph::Symbol(b'1' + (character as u32 - 0x2460) as u8),
        '\u{24ea}' => Glyph::Symbol(b'0'),
        '\u{2000}'..='\u{206f}'
        | '\u{3001}'..='\u{3004}'
        | '\u{3008}'..='\u{3020}'
        | '\u{ff5f}'..='\u{ff65}' => Glyph::Mark,
        '\u{00a1}'..='\u{00bf}' | '\u{30fb}' => Glyph::Mark,
        other => look_alike(other),
    }
}

/// Zero and one as drawn elsewhere, and the Greek and Cyrillic capitals that look Latin.
fn look_alike(character: char) -> Glyph {
    let symbol = match character {
        '〇' | '○' | '◯' | 'О' | 'о' | 'Ο' | 'ο' => b'O',
        'І' | 'і' | 'Ι' | 'ι' | 'Ⅰ' | 'ⅰ' | 'ı' => b'I',
        '│' | '┃' | '∣' | '丨' => b'|',
        'А' | 'а' | 'Α' => b'A',
        'В' | 'Β' => b'B',
        'С' | 'с' => b'C',
        'Е' | 'е' | 'Ε' => b'E',
        'Н' | 'Η' => b'H',
        'Ј' => b'J',
        'К' | 'Κ' => b'K',
        'М' | 'Μ' => b'M',
        'Ν' => b'N',
        'Р' | 'р' | 'Ρ' => b'P',
        'Ѕ' => b'S',
        'Т' | 'Τ' => b'T',
        'Х' | 'х' | 'Χ' => b'X',
        'У' | 'Υ' => b'Y',
        'Ζ' => b'Z',
        _ => return Glyph::Text,
    };
    Glyph::LookAlike(symbol)
}

fn digit(character: char, zero: u32) -> Glyph {
    Glyph::Symbol(b'0' + (character as u32 - zero) as u8)
}

fn shifted(character: char, from: u32, to: u8) -> char {
    char::from((character as u32 - from) as u8 + to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_reads_as_half_width() {
        for (full, half) in
            [('０', '0'), ('９', '9'), ('Ａ', 'A'), ('ｚ', 'z'), ('－', '-'), ('＿', '_'), ('｜', '|')]
        {
            assert_eq!(Glyph::of(full), Glyph::of(half));
        }
    }

    #[test]
    fn dashes_spaces_and_invisible_marks_are_told_apart() {
        for dash in "-_ー−‐―－–—ｰ‑‒─.".chars() {
            assert_eq!(Glyph::of(dash), Glyph::Dash, "{dash:?}");
        }
        for space in " \t\u{a0}\u{3000}\u{2009}\u{202f}".chars() {
            assert_eq!(Glyph::of(space), Glyph::Space, "{space:?}");
        }
        for nothing in "\u{200b}\u{feff}\u{200e}\u{202e}\u{2066}\u{0}\u{1b}".chars() {
            assert_eq!(Glyph::of(nothing), Glyph::Nothing, "{nothing:?}");
        }
    }

    #[test]
    fn every_character_reads_as_something() {
        for character in '\0'..=char::MAX {
            if let Some(symbol) = Glyph::of(character).symbol() {
                assert!(symbol.is_ascii_alphanumeric() || symbol == b'|', "{character:?}");
            }
        }
    }
}
