//! The shop's names, findable inside labels and words that look like them.
//!
//! A *name* is the label a shop registered: `example-shop` of `example-shop.co.jp`. Labels of public suffixes
//! (`co`, `jp`, `com`) are never names. What a look-up costs does not depend on how many names there are.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::{fold, squeeze, words};
use crate::neighbours::Neighbours;

/// How a text resembles a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The text is the name.
    Equal,
    /// The name stands inside a longer text.
    Inside,
    /// One edit away, or two from ten letters on.
    Near,
    /// The words of the name in another order.
    Rearranged,
}

/// A name found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resemblance {
    /// Which name, as numbered by [`Brands::add`].
    pub brand: usize,
    /// How close it is.
    pub how: How,
    /// The name is not there as it is written: characters were replaced by others that look like them.
    pub substituted: bool,
}

/// All names of an official list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brands {
    labels: Vec<String>,
    by_label: HashMap<String, usize>,
    exact: HashMap<String, usize>,
    rearranged: HashMap<String, usize>,
    near: Neighbours,
    inside: Option<AhoCorasick>,
    inside_patterns: Vec<(String, usize)>,
    shortest: usize,
    longest: usize,
    most_words: usize,
}

/// Names shorter than this are found only where they stand alone: `au` is in half of all words.
const SHORTEST_INSIDE: usize = 4;
/// Names shorter than this are compared by edit distance with whole labels only, not with words in a text.
const SHORTEST_NEAR_WORD: usize = 6;
/// From this length on two edits are still near.
const LENGTH_OF_TWO_EDITS: usize = 10;

impl Brands {
    /// Adds a label in its Unicode form and answers its number; the same label gets the same number.
    pub fn add(&mut self, label: &str) -> usize {
        if let Some(known) = self.by_label.get(label) {
            return *known;
        }
        let id = self.labels.len();
        self.by_label.insert(label.to_owned(), id);
        self.labels.push(label.to_owned());
        let folded = fold(label);
        for form in [Some(&folded.light), folded.heavy.as_ref()].into_iter().flatten() {
            self.add_form(form, id);
        }
        id
    }

    fn add_form(&mut self, form: &str, id: usize) {
        let squeezed = squeeze(form);
        let length = squeezed.chars().count();
        self.shortest = if self.exact.is_empty() { length } else { self.shortest.min(length) };
        self.longest = self.longest.max(length);
        self.most_words = self.most_words.max(words(form).count());
        self.rearranged.entry(sorted_words(form)).or_insert(id);
        if length >= SHORTEST_INSIDE {
            self.near.add(&squeezed, if length >= LENGTH_OF_TWO_EDITS { 2 } else { 1 }, id);
        }
        if length >= SHORTEST_INSIDE || length >= 2 && !squeezed.is_ascii() {
            self.inside_patterns.push((form.to_owned(), id));
            self.inside_patterns.push((squeezed.clone(), id));
        }
        self.exact.entry(squeezed).or_insert(id);
    }

    /// Call once after the last name was added.
    pub fn finish(&mut self) {
        self.near.finish();
        self.inside = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(self.inside_patterns.iter().map(|(pattern, _)| pattern))
            .ok();
    }

    /// The label of a name.
    pub fn label(&self, brand: usize) -> &str {
        &self.labels[brand]
    }

    /// Looks for a name in a host label or in any short text.
    pub fn find(&self, text: &str) -> Option<Resemblance> {
        // An edit may take two letters away; what is shorter still cannot resemble any name.
        if text.len() + 2 < self.shortest {
            return None;
        }
        let folded = fold(text);
        let found = self
            .find_folded(&folded.light)
            .or_else(|| self.find_folded(folded.heavy.as_deref()?))
            .or_else(|| self.find_folded(&latin_only(&folded.light)?));
        found.map(|(brand, how)| self.resemblance(text, brand, how))
    }

    /// Looks for a name that was cut by dots or hyphens: `ama.zon.example`.
    pub fn find_across(&self, text: &str) -> Option<Resemblance> {
        let folded = fold(text);
        let words: Vec<&str> = words(&folded.light).collect();
        let found = self.runs(&words, 2, |run| self.exact.get(run).copied());
        found.map(|brand| self.resemblance(text, brand, How::Equal))
    }

    fn resemblance(&self, text: &str, brand: usize, how: How) -> Resemblance {
        let (text, label) = (text.to_lowercase(), self.label(brand));
        if how == How::Near || how == How::Rearranged || text.contains(label) {
            return Resemblance { brand, how, substituted: false };
        }
        // `exampleshop` and `ama-zon` hold every letter of the name: a hyphen more or less is a misspelling.
        let letters_stand = squeeze(&text).contains(&squeeze(label));
        let how = if letters_stand && how == How::Equal { How::Near } else { how };
        Resemblance { brand, how, substituted: !letters_stand }
    }

    fn find_folded(&self, text: &str) -> Option<(usize, How)> {
        let whole = squeeze(text);
        if let Some(brand) = self.exact.get(&whole) {
            return Some((*brand, How::Equal));
        }
        self.find_inside(text)
            .or_else(|| self.near.find(&whole).map(|brand| (brand, How::Near)))
            .or_else(|| self.find_in_words(text))
    }

    fn find_inside(&self, text: &str) -> Option<(usize, How)> {
        let found = self.inside.as_ref()?.find(text)?;
        Some((self.inside_patterns[found.pattern().as_usize()].1, How::Inside))
    }

    fn find_in_words(&self, text: &str) -> Option<(usize, How)> {
        let words: Vec<&str> = words(text).collect();
        if words.len() < 2 {
            return None;
        }
        if words.len() <= self.most_words
            && let Some(brand) = self.rearranged.get(&sorted_words(text))
        {
            return Some((*brand, How::Rearranged));
        }
        self.runs(&words, 1, |run| self.exact.get(run).copied())
            .map(|brand| (brand, How::Inside))
            .or_else(|| self.runs(&words, 1, |run| self.near_word(run)).map(|brand| (brand, How::Near)))
    }

    fn near_word(&self, word: &str) -> Option<usize> {
        (word.len() + 1 >= SHORTEST_NEAR_WORD)
            .then(|| self.near.find(word))
            .flatten()
            .filter(|brand| self.label(*brand).chars().count() >= SHORTEST_NEAR_WORD)
    }

    /// Tries neighbouring words joined together, as long as no name is shorter than what was joined.
    fn runs(&self, words: &[&str], fewest: usize, look_up: impl Fn(&str) -> Option<usize>) -> Option<usize> {
        let most = self.most_words + 3;
        let mut run = String::new();
        for start in 0..words.len() {
            run.clear();
            for (joined, word) in words[start..].iter().take(most).enumerate() {
                if word.len() > 4 * (self.longest + 2) || run.chars().count() > self.longest + 2 {
                    break;
                }
                run.push_str(word);
                if joined + 1 >= fewest
                    && run.len() + 2 >= self.shortest
                    && let Some(brand) = look_up(&run)
                {
                    return Some(brand);
                }
            }
        }
        None
    }
}

/// The Latin letters of a text that mixes them with others: kana strewn into a name are dropped.
fn latin_only(folded: &str) -> Option<String> {
    let latin: String = folded.chars().filter(char::is_ascii).collect();
    (latin.len() < folded.len() && latin.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(latin)
}

fn sorted_words(folded: &str) -> String {
    let mut words: Vec<&str> = words(folded).collect();
    words.sort_unstable();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brands() -> Brands {
        let mut brands = Brands::default();
        for label in ["example-shop", "amazon", "au", "楽天"] {
            brands.add(label);
        }
        brands.finish();
        brands
    }

    fn how(text: &str) -> Option<(String, How)> {
        let brands = brands();
        brands.find(text).map(|found| (brands.label(found.brand).to_owned(), found.how))
    }

    #[test]
    fn each_way_of_resembling_a_name() {
        let table = [
            ("amazon", "amazon", How::Equal),
            ("amaz0n", "amazon", How::Equal),
            ("arnazon", "amazon", How::Equal),
            ("ama-zon", "amazon", How::Near),
            ("amazon-login", "amazon", How::Inside),
            ("amazom", "amazon", How::Near),
            ("secure-amazom-jp", "amazon", How::Near),
            ("exampleshop", "example-shop", How::Near),
            ("exampleshopjp", "example-shop", How::Inside),
            ("exmpleshp", "example-shop", How::Near),
            ("shop-example", "example-shop", How::Rearranged),
            ("exaのmpleのshop", "example-shop", How::Near),
            ("aのmaのzoのn", "amazon", How::Equal),
            ("au-pay", "au", How::Inside),
            ("楽天ログイン", "楽天", How::Inside),
        ];
        for (text, label, expected) in table {
            assert_eq!(how(text), Some((label.to_owned(), expected)), "{text}");
        }
    }

    #[test]
    fn ordinary_words_resemble_nothing() {
        for text in ["auction", "example", "shop", "drama-zone", "www", "login", "aq", "天"] {
            assert_eq!(how(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_cut_by_dots_is_found() {
        assert!(brands().find_across("ama.zon.co.jp").is_some());
        assert!(brands().find_across("drama.zone.com").is_none());
    }
}
