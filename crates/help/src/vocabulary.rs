//! The words of the shop: what its synonyms name, and what stands in titles as a word by itself.

use std::collections::{HashMap, HashSet};

use crate::approximate;
use crate::fold::Class;
use crate::term::{Cut, Flat, Key, Term, Worth, cut};

/// How a slip lowers what a word is worth, in eighths.
pub const AFTER_SLIP: u64 = 6;

/// Words by which texts are known, several forms for one concept.
#[derive(Debug, Default)]
pub struct Vocabulary {
    forms: HashMap<char, Vec<Form>>,
    concepts: u32,
    latin: HashMap<String, String>,
}

#[derive(Debug)]
struct Form {
    chars: Vec<char>,
    concept: u32,
}

impl Vocabulary {
    /// The vocabulary of groups of synonyms and of titles.
    pub fn new<'t>(synonyms: &[Vec<String>], titles: impl Iterator<Item = &'t Cut>) -> Self {
        let mut vocabulary = Self::default();
        let mut known = HashSet::new();
        for group in synonyms {
            for form in group {
                let chars: Vec<char> = cut(form, false).flat.iter().map(|flat| flat.char).collect();
                known.insert(chars.clone());
                vocabulary.add(chars);
            }
            vocabulary.concepts += 1;
        }
        for (class, chars) in titles.flat_map(|title| &title.runs) {
            let is_word = matches!(class, Class::Katakana | Class::Kanji) && chars.len() >= 3;
            if is_word && known.insert(chars.clone()) {
                vocabulary.add(chars.clone());
                vocabulary.concepts += 1;
            }
        }
        vocabulary
    }

    fn add(&mut self, chars: Vec<char>) {
        let Some(first) = chars.first().copied() else { return };
        self.forms.entry(first).or_default().push(Form { chars, concept: self.concepts });
    }

    /// Takes in the Latin words of a text, so that slips in them are seen.
    pub fn learn(&mut self, words: &[(String, String)]) {
        self.latin.extend(words.iter().filter(|(word, _)| word.len() >= 3).cloned());
    }

    /// The words that stand in a text, as terms.
    pub fn in_text(&self, flat: &[Flat]) -> Vec<Term> {
        let mut terms = Vec::new();
        for (at, letter) in flat.iter().enumerate().filter(|(_, letter)| letter.begins) {
            let rest = flat.get(at..).unwrap_or_default();
            for form in self.forms.get(&letter.char).into_iter().flatten() {
                if let Some(last) = form.fits(rest) {
                    let key = Key::Concept(form.concept);
                    terms.push(Term { key, worth: Worth::Concept, from: letter.from, to: last.to });
                }
            }
        }
        terms
    }

    /// The words that were probably meant where a text says something that no article says: with one slip from
    /// four letters on, with two from eight.
    pub fn with_slips(&self, flat: &[Flat], is_unknown: impl Fn(u32, u32) -> bool) -> Vec<Term> {
        let text: Vec<char> = flat.iter().map(|flat| flat.char).collect();
        let mut found: Vec<(usize, Term)> = Vec::new();
        for form in self.forms.values().flatten().filter(|form| form.may_slip()) {
            let most = if form.chars.len() >= 8 { 2 } else { 1 };
            let Some(place) = approximate::find(&form.chars, &text, most) else { continue };
            let (Some(first), Some(last)) = (flat.get(place.from), flat.get(place.to - 1)) else { continue };
            if place.slips > 0 && is_unknown(first.from, last.to) {
                let key = Key::Concept(form.concept);
                found.push((place.slips, Term { key, worth: Worth::Concept, from: first.from, to: last.to }));
            }
        }
        let fewest = found.iter().map(|(slips, _)| *slips).min();
        found.into_iter().filter(|(slips, _)| Some(*slips) == fewest).map(|(_, term)| term).collect()
    }

    /// Stems of Latin words that a word of no article was probably meant to be: those with the fewest slips, or else
    /// those that begin with it.
    pub fn latin_near(&self, word: &str) -> Vec<&str> {
        let most = match word.chars().count() {
            0..4 => 0,
            4..8 => 1,
            _ => 2,
        };
        let near: Vec<(usize, &str)> = self
            .latin
            .iter()
            .filter(|(known, _)| known.len().abs_diff(word.len()) <= most && known.len() > 3)
            .map(|(known, stem)| (strsim::osa_distance(known, word), stem.as_str()))
            .filter(|(slips, _)| *slips <= most)
            .collect();
        let fewest = near.iter().map(|(slips, _)| *slips).min();
        let mut stems: Vec<&str> = match fewest {
            Some(fewest) => {
                near.into_iter().filter(|(slips, _)| *slips == fewest).map(|(_, stem)| stem).collect()
            }
            None => self
                .latin
                .iter()
                .filter(|(known, _)| begins(known, word))
                .map(|(_, stem)| stem.as_str())
                .collect(),
        };
        stems.sort_unstable();
        stems.dedup();
        stems.truncate(8);
        stems
    }
}

fn begins(known: &str, word: &str) -> bool {
    word.chars().count() >= 3 && known.starts_with(word)
}

impl Form {
    /// The last letter of this form at the beginning of a text, if it stands there as a word.
    fn fits<'f>(&self, rest: &'f [Flat]) -> Option<&'f Flat> {
        let here = rest.get(..self.chars.len())?;
        let same = here.iter().map(|flat| flat.char).eq(self.chars.iter().copied());
        here.last().filter(|last| same && last.ends)
    }

    fn may_slip(&self) -> bool {
        self.chars.len() >= 4 && !self.chars.iter().any(char::is_ascii)
    }
}
