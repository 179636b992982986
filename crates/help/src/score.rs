//! How well each article answers a question.

use std::collections::HashMap;

use crate::index::Index;
use crate::term::{Key, Term, Worth, cut};
use crate::vocabulary::AFTER_SLIP;

/// The most words that are told apart in a question.
const WORDS_MAX: usize = 32;

/// A question, cut up and weighed.
#[derive(Debug)]
pub struct Question {
    /// Its words as they were typed.
    pub words: Vec<String>,
    /// What is looked for.
    pub terms: HashMap<Key, Sought>,
    /// What everything asked for weighs.
    weight: u64,
    /// What of it tells what it is about.
    telling: u64,
}

/// Something looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    weight: u64,
    /// Whether it tells what the question is about.
    pub tells: bool,
    /// In which words it stands, as bits.
    words: u32,
}

/// What is known of an article, or of a line, while it is compared.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    saying: u64,
    covered: u64,
    telling: u64,
    words: u32,
}

/// An article with its score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// Its place.
    pub article: usize,
    /// How well it fits; comparable within one search.
    pub score: u64,
    /// The words of the question that do not stand in it.
    pub missing: Vec<String>,
}

impl Question {
    /// Cuts a question up; what no article says is taken for slips of what they say, where that is near.
    pub fn new(text: &str, index: &Index) -> Self {
        let cut = cut(text, true);
        let mut terms: Vec<(Term, u64)> = cut.terms.into_iter().map(|term| (term, 8)).collect();
        terms.extend(index.vocabulary.in_text(&cut.flat).into_iter().map(|term| (term, 8)));
        let unknown: Vec<(u32, u32)> = terms
            .iter()
            .filter(|(term, _)| is_unknown(term, index))
            .map(|(term, _)| (term.from, term.to))
            .collect();
        let mut meant = Vec::new();
        if !unknown.is_empty() {
            let touches = |from, to| unknown.iter().any(|(start, end)| *start < to && from < *end);
            meant.extend(index.vocabulary.with_slips(&cut.flat, touches));
            meant.extend(latin_meant(&terms, index));
        }
        // What was meant takes the place of what was typed.
        terms.retain(|(term, _)| {
            !(is_unknown(term, index)
                && meant.iter().any(|word| word.from <= term.from && term.to <= word.to))
        });
        terms.extend(meant.into_iter().map(|term| (term, AFTER_SLIP)));
        Self::weigh(text, &terms, index)
    }

    fn weigh(text: &str, terms: &[(Term, u64)], index: &Index) -> Self {
        let words = words(text);
        let mut sought: HashMap<Key, Sought> = HashMap::new();
        for (term, eighths) in terms {
            let weight = index.weight(&term.key, term.worth) * eighths / 8;
            let entry =
                sought.entry(term.key.clone()).or_insert(Sought { weight: 0, tells: false, words: 0 });
            entry.weight = entry.weight.max(weight);
            entry.tells |= tells(term);
            entry.words |= bits(&words, term);
        }
        let weight = sought.values().map(|sought| sought.weight).sum();
        let telling = sought.values().filter(|sought| sought.tells).map(|sought| sought.weight).sum();
        let words = words.into_iter().map(|(_, _, word)| word.to_owned()).collect();
        Self { words, terms: sought, weight, telling }
    }

    /// The articles that answer it, best first; equals in the order of the library.
    pub fn score(&self, index: &Index, articles: usize) -> Vec<Scored> {
        let mut sums = vec![Sum::default(); articles];
        let mut heads: HashMap<usize, u64> = HashMap::new();
        for (key, sought) in &self.terms {
            let Some(posting) = index.postings.get(key) else { continue };
            for (article, saying) in &posting.articles {
                if let Some(sum) = sums.get_mut(*article) {
                    sum.add(sought, *saying);
                }
            }
            for line in &posting.heads {
                *heads.entry(*line).or_default() += sought.weight;
            }
        }
        let best = self.best_heads(&heads, index, articles);
        let mut scored: Vec<Scored> = sums
            .iter()
            .zip(best)
            .enumerate()
            .filter(|(_, (sum, _))| self.is_answered(sum))
            .map(|(article, (sum, head))| Scored {
                article,
                score: self.total(sum, head),
                missing: self.missing(sum.words),
            })
            .collect();
        scored.sort_by_key(|scored| (std::cmp::Reverse(scored.score), scored.article));
        scored
    }

    /// How like the question the likest title or question of each article is, in thousandths.
    fn best_heads(&self, heads: &HashMap<usize, u64>, index: &Index, articles: usize) -> Vec<u64> {
        let mut best = vec![0; articles];
        for (place, shared) in heads {
            let Some(line) = index.lines.get(*place) else { continue };
            let likeness = 2_000 * shared / (self.weight + line.weight).max(1);
            if let Some(best) = best.get_mut(line.article) {
                *best = likeness.max(*best);
            }
        }
        best
    }

    /// Whether enough of what tells what the question is about stands in an article.
    fn is_answered(&self, sum: &Sum) -> bool {
        sum.telling > 0 && sum.telling * 10 >= self.telling * 3
    }

    fn total(&self, sum: &Sum, head: u64) -> u64 {
        let weight = self.weight.max(1);
        let covered = 1_000 * sum.covered / weight;
        let saying = sum.saying / weight;
        saying * covered / 1_000 + head * 3 / 2
    }

    fn missing(&self, found: u32) -> Vec<String> {
        let telling =
            self.terms.values().filter(|sought| sought.tells).fold(0, |words, sought| words | sought.words);
        let missing = telling & !found;
        let words = self.words.iter().enumerate().filter(|(at, _)| missing & bit(*at) != 0);
        words.map(|(_, word)| word.clone()).collect()
    }
}

impl Sum {
    fn add(&mut self, sought: &Sought, saying: u64) {
        self.saying += sought.weight * saying;
        self.covered += sought.weight;
        if sought.tells {
            self.telling += sought.weight;
            self.words |= sought.words;
        }
    }
}

fn is_unknown(term: &Term, index: &Index) -> bool {
    tells(term) && !index.postings.contains_key(&term.key)
}

/// Whether a term tells what a question is about. A figure does not: the parts of a telephone number or an order number
/// stand in examples of articles that have nothing to do with it, and no other figure is meant by it.
fn tells(term: &Term) -> bool {
    let is_figure =
        matches!(&term.key, Key::Word(word) if word.chars().all(|letter| letter.is_ascii_digit()));
    term.worth.tells() && !is_figure
}

fn latin_meant(terms: &[(Term, u64)], index: &Index) -> Vec<Term> {
    let mut meant = Vec::new();
    for (term, _) in terms.iter().filter(|(term, _)| is_unknown(term, index)) {
        let Key::Word(word) = &term.key else { continue };
        for stem in index.vocabulary.latin_near(word) {
            meant.push(Term { key: Key::Word(stem.to_owned()), worth: Worth::Word, ..term.clone() });
        }
    }
    meant
}

/// The words of a question, with their bytes.
fn words(text: &str) -> Vec<(usize, usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive(|char: char| char.is_whitespace() || "、。,!?!?・".contains(char)) {
        let word = part.trim_matches(|char: char| !char.is_alphanumeric());
        if !word.is_empty() && words.len() < WORDS_MAX {
            words.push((at, at + part.len(), word));
        }
        at += part.len();
    }
    words
}

fn bits(words: &[(usize, usize, &str)], term: &Term) -> u32 {
    let (from, to) = (usize::try_from(term.from).unwrap_or(0), usize::try_from(term.to).unwrap_or(0));
    let inside = words.iter().enumerate().filter(|(_, (start, end, _))| *start < to && from < *end);
    inside.fold(0, |bits, (at, _)| bits | bit(at))
}

fn bit(at: usize) -> u32 {
    u32::try_from(at).ok().and_then(|at| 1_u32.checked_shl(at)).unwrap_or(0)
}

impl Question {
    /// How much of what is asked stands in a line.
    pub fn says(&self, line: &crate::index::Line) -> u64 {
        let mut seen = std::collections::HashSet::new();
        let sought = line
            .terms
            .iter()
            .filter(|term| seen.insert(&term.key))
            .filter_map(|term| self.terms.get(&term.key));
        sought.map(|sought| sought.weight).sum()
    }
}
