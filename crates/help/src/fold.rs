//! Writing that means the same made the same: width, case, kana, long vowels, with the place where each letter was.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a letter is, as far as words are told apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Latin letters and digits: words are written apart.
    Latin,
    /// Kanji.
    Kanji,
    /// Katakana; most words of it carry meaning.
    Katakana,
    /// Hiragana; mostly endings and particles.
    Hiragana,
    /// What stands between words.
    Break,
}

/// A folded letter.
#[derive(Clone, Copy, Debug)]
pub struct Letter {
    /// As folded: kana are large hiragana, Latin is small.
    pub char: char,
    /// What it was before kana were folded.
    pub class: Class,
    /// Where it stood in the text, in bytes.
    pub from: u32,
    /// Where it ended, long vowel included.
    pub to: u32,
}

/// Folds a text.
pub fn fold(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    while let Some((from, char)) = chars.next() {
        // A mark belongs to the letter before it: half-width `ｶﾞ` are two letters for `ガ`.
        let mut to = from + char.len_utf8();
        while let Some((at, mark)) = chars.next_if(|(_, next)| is_mark(*next)) {
            to = at + mark.len_utf8();
        }
        let Some(cluster) = text.get(from..to) else { continue };
        for plain in cluster.nfkc().flat_map(char::to_lowercase) {
            push(&mut letters, plain, place(from), place(to));
        }
    }
    join_figures(letters)
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn is_mark(char: char) -> bool {
    is_combining_mark(char) || matches!(char, 'ﾞ' | 'ﾟ')
}

fn push(letters: &mut Vec<Letter>, char: char, from: u32, to: u32) {
    match (char, letters.last_mut()) {
        // A long vowel is heard or not: サーバー, サーバ.
        ('ー', Some(last)) if matches!(last.class, Class::Katakana | Class::Hiragana) => last.to = to,
        ('\'' | '’', Some(last)) if last.class == Class::Latin => last.to = to,
        _ => letters.push(Letter { char: kana(char), class: class(char), from, to }),
    }
}

/// `3,980` is one figure, and so is `3.5`.
fn join_figures(letters: Vec<Letter>) -> Vec<Letter> {
    let is_digit = |letter: Option<&Letter>| letter.is_some_and(|letter| letter.char.is_ascii_digit());
    let mut joined = Vec::with_capacity(letters.len());
    for (at, letter) in letters.iter().enumerate() {
        let between = at > 0 && is_digit(letters.get(at - 1)) && is_digit(letters.get(at + 1));
        match letter.char {
            ',' if between => {}
            '.' if between => joined.push(Letter { class: Class::Latin, ..*letter }),
            _ => joined.push(*letter),
        }
    }
    joined
}

fn class(char: char) -> Class {
    match char {
        '々' | '〆' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => {
            Class::Kanji
        }
        '\u{30a1}'..='\u{30fa}' => Class::Katakana,
        '\u{3041}'..='\u{3096}' => Class::Hiragana,
        _ if char.is_alphanumeric() => Class::Latin,
        _ => Class::Break,
    }
}

/// Large hiragana for every kana: キャ and きや are told apart by nobody in a hurry.
fn kana(char: char) -> char {
    let hiragana = match char {
        '\u{30a1}'..='\u{30f6}' => char::from_u32(u32::from(char) - 0x60).unwrap_or(char),
        _ => char,
    };
    match hiragana {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text).iter().map(|letter| letter.char).collect()
    }

    #[test]
    fn width_case_kana_and_long_vowels_make_no_difference() {
        for text in ["ギフトカード", "ｷﾞﾌﾄｶｰﾄﾞ", "ぎふとかーど", "ギフトカド"]
        {
            assert_eq!(folded(text), "ぎふとかど", "{text}");
        }
        assert_eq!(folded("ｄポイント　ＪＣＢ"), "dぽいんと jcb");
        assert_eq!(folded("キャンセル"), folded("キヤンセル"));
        assert_eq!(folded("3,980円"), "3980円");
        assert_eq!(folded("don't"), "dont");
    }

    #[test]
    fn every_letter_knows_where_it_stood() {
        let text = "ｷﾞフト3,980円";
        let letters = fold(text);
        let first = letters[0];
        assert_eq!((first.char, &text[first.from as usize..first.to as usize]), ('ぎ', "ｷﾞ"));
        let last = letters.last().unwrap();
        assert_eq!(&text[last.from as usize..last.to as usize], "円");
    }
}
