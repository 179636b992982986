//! What a text is looked up by: pairs of Japanese letters, Latin words, and the words of the vocabulary.

use crate::fold::{Class, Letter, fold};
use crate::stem::stem;

/// What is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Two Japanese letters side by side.
    Pair(char, char),
    /// A kanji by itself, or any letter where it is all that was typed.
    One(char),
    /// Two kanji with nothing, or the end of a verb, between them: 取消, 取り消し.
    Bones(char, char),
    /// The stem of a Latin word, or a figure.
    Word(String),
    /// A word of the vocabulary, in any of its forms.
    Concept(u32),
}

/// How much a term tells what a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A word that the shop knows.
    Concept,
    /// Latin words that carry meaning.
    Word,
    /// Two kanji or two katakana.
    Full,
    /// A kanji with the kana after it.
    Half,
    /// Kana endings and particles, and "the", "is", "my".
    Grammar,
}

impl Worth {
    /// Its weight in a score.
    pub fn weight(self) -> u64 {
        match self {
            Self::Concept => 16,
            Self::Word => 12,
            Self::Full => 8,
            Self::Half => 4,
            Self::Grammar => 1,
        }
    }

    /// Whether it says by itself what a text is about.
    pub fn tells(self) -> bool {
        self != Self::Grammar
    }
}

/// A term at its place.
#[derive(Clone, Debug)]
pub struct Term {
    /// What is looked up.
    pub key: Key,
    /// How much it tells.
    pub worth: Worth,
    /// From which byte of the text.
    pub from: u32,
    /// To which byte.
    pub to: u32,
}

/// A text as the vocabulary sees it: Latin words as stems, a space at breaks, 取消し for 取り消し.
#[derive(Clone, Copy, Debug)]
pub struct Flat {
    /// The letter.
    pub char: char,
    /// Where it stood.
    pub from: u32,
    /// Where it ended.
    pub to: u32,
    /// Whether a word may begin here: always in Japanese.
    pub begins: bool,
    /// Whether a word may end after it.
    pub ends: bool,
}

/// A text cut up.
#[derive(Debug, Default)]
pub struct Cut {
    /// Its terms, in the order of the text; the vocabulary's are not among them.
    pub terms: Vec<Term>,
    /// What the vocabulary is looked for in.
    pub flat: Vec<Flat>,
    /// Latin words as they were typed, folded, with their stems.
    pub words: Vec<(String, String)>,
    /// Runs of one class, folded: what may be a word in Japanese.
    pub runs: Vec<(Class, Vec<char>)>,
}

/// Cuts a text up. A single Japanese letter between breaks is a term where `alone` is set, as in a query.
pub fn cut(text: &str, alone: bool) -> Cut {
    let letters = fold(text);
    let mut cut = Cut::default();
    for run in letters.chunk_by(|a, b| is_latin(a) == is_latin(b) && is_break(a) == is_break(b)) {
        match run.first().map(|letter| letter.class) {
            None => {}
            Some(Class::Break) => cut.gap(run),
            Some(Class::Latin) => cut.latin(run),
            Some(_) => cut.japanese(run, alone),
        }
    }
    cut
}

fn is_latin(letter: &Letter) -> bool {
    letter.class == Class::Latin
}

fn is_break(letter: &Letter) -> bool {
    letter.class == Class::Break
}

impl Cut {
    fn gap(&mut self, run: &[Letter]) {
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            self.flat.push(Flat { char: ' ', from: first.from, to: last.to, begins: false, ends: false });
        }
    }

    fn latin(&mut self, run: &[Letter]) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        let word: String = run.iter().map(|letter| letter.char).collect();
        let stem = stem(&word);
        let count = stem.chars().count();
        for (at, char) in stem.chars().enumerate() {
            let (begins, ends) = (at == 0, at + 1 == count);
            self.flat.push(Flat { char, from: first.from, to: last.to, begins, ends });
        }
        let worth = if is_grammar(&word) { Worth::Grammar } else { Worth::Word };
        self.terms.push(Term { key: Key::Word(stem.clone()), worth, from: first.from, to: last.to });
        self.words.push((word, stem));
    }

    fn japanese(&mut self, run: &[Letter], alone: bool) {
        for (at, letter) in run.iter().enumerate().filter(|(at, _)| !is_okurigana(run, *at)) {
            // A kana that was left out belongs to the kanji before it.
            let to = run.get(at + 1).filter(|_| is_okurigana(run, at + 1)).map_or(letter.to, |kana| kana.to);
            self.flat.push(Flat { char: letter.char, from: letter.from, to, begins: true, ends: true });
        }
        for word in run.chunk_by(|a, b| a.class == b.class) {
            if let Some(first) = word.first() {
                self.runs.push((first.class, word.iter().map(|letter| letter.char).collect()));
            }
        }
        if let ([only], true) = (run, alone) {
            let key = Key::One(only.char);
            self.terms.push(Term { key, worth: Worth::Full, from: only.from, to: only.to });
            return;
        }
        self.ones(run, alone);
        self.pairs(run);
        self.bones(run);
    }

    /// Kanji by themselves: in a query only where kana stand on both sides, as in 届かない.
    fn ones(&mut self, run: &[Letter], query: bool) {
        let kanji_at = |at: Option<usize>| {
            at.and_then(|at| run.get(at)).is_some_and(|letter| letter.class == Class::Kanji)
        };
        for (at, letter) in run.iter().enumerate().filter(|(_, letter)| letter.class == Class::Kanji) {
            let beside = kanji_at(at.checked_sub(1)) || kanji_at(at.checked_add(1));
            if !(query && beside) {
                let key = Key::One(letter.char);
                self.terms.push(Term { key, worth: Worth::Half, from: letter.from, to: letter.to });
            }
        }
    }

    fn pairs(&mut self, run: &[Letter]) {
        for pair in run.windows(2) {
            let [a, b] = pair else { continue };
            let worth = match (a.class, b.class) {
                (Class::Hiragana, Class::Hiragana) => Worth::Grammar,
                (Class::Hiragana, _) => Worth::Grammar,
                (_, Class::Hiragana) => Worth::Half,
                _ => Worth::Full,
            };
            self.terms.push(Term { key: Key::Pair(a.char, b.char), worth, from: a.from, to: b.to });
        }
    }

    fn bones(&mut self, run: &[Letter]) {
        let kanji: Vec<usize> = (0..run.len())
            .filter(|at| run.get(*at).is_some_and(|letter| letter.class == Class::Kanji))
            .collect();
        for pair in kanji.windows(2) {
            let [first, second] = pair else { continue };
            let between = run.get(first + 1..*second).unwrap_or_default();
            let (Some(a), Some(b)) = (run.get(*first), run.get(*second)) else { continue };
            if between.len() <= 1 && between.iter().all(|letter| is_verb_ending(letter.char)) {
                let key = Key::Bones(a.char, b.char);
                self.terms.push(Term { key, worth: Worth::Half, from: a.from, to: b.to });
            }
        }
    }
}

/// A kana between two kanji of one word, which is written or not: 取り消し, 取消し.
fn is_okurigana(run: &[Letter], at: usize) -> bool {
    let is_kanji =
        |at: Option<usize>| at.and_then(|at| run.get(at)).is_some_and(|it| it.class == Class::Kanji);
    let ends_verb = run.get(at).is_some_and(|it| it.class == Class::Hiragana && is_verb_ending(it.char));
    ends_verb && is_kanji(at.checked_sub(1)) && is_kanji(at.checked_add(1))
}

/// Kana with which the stem of a verb ends; particles are none of them.
fn is_verb_ending(char: char) -> bool {
    "いえきぎけげしせちてつびべみめりれ".contains(char)
}

/// English words that say little by themselves.
fn is_grammar(word: &str) -> bool {
    const WORDS: [&str; 60] = [
        "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could",
        "did", "do", "does", "for", "from", "get", "got", "had", "has", "have", "how", "i", "if", "in", "is",
        "it", "its", "me", "my", "of", "on", "or", "our", "please", "should", "so", "that", "the", "their",
        "there", "they", "this", "to", "was", "we", "were", "what", "when", "where", "which", "who", "will",
        "with", "would", "your",
    ];
    WORDS.binary_search(&word).is_ok() || matches!(word, "you" | "why" | "im" | "ive")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn okurigana_make_no_difference_to_the_bones_of_a_word() {
        for text in ["取消", "取り消し", "取消し", "受取消"] {
            let terms = cut(text, true).terms;
            assert!(terms.iter().any(|term| term.key == Key::Bones('取', '消')), "{text}");
        }
        // A particle is no ending: 店の人 is not 店人.
        assert!(!cut("店の人", true).terms.iter().any(|term| matches!(term.key, Key::Bones(..))));
    }

    #[test]
    fn one_letter_is_a_term_of_a_query() {
        assert_eq!(cut("税", true).terms[0].key, Key::One('税'));
        assert_eq!(cut("d", true).terms[0].key, Key::Word("d".into()));
    }
}
