//! Finding the words within one or two edits of a word, without comparing it to each.
//!
//! Two words within `d` edits have a form in common after at most `d` characters are left out of each (the
//! symmetric-delete method). The forms of the shop's names are kept as hashes; a pasted word computes its own
//! hashes in constant time each from prefix hashes. So a look-up costs the square of one word's length, which
//! is bounded by a label's 63 characters, and nothing for the number of names.

use std::collections::HashMap;

use crate::distance::within;

/// An odd multiplier without structure (the golden ratio in 64 bits).
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Words, findable by what they nearly are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neighbours {
    words: Vec<Word>,
    by_form: HashMap<u64, Vec<usize>>,
    /// One bit for each form: most forms of most words meet nothing, and learn it here in one step.
    bloom: Vec<u64>,
    /// For each length of a query, the most characters to leave out of it.
    edits_by_length: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Word {
    letters: Vec<char>,
    edits: usize,
    id: usize,
}

impl Neighbours {
    /// Adds a word; `edits` is how far away another word may be and still be near.
    pub fn add(&mut self, word: &str, edits: usize, id: usize) {
        let letters: Vec<char> = word.chars().collect();
        let longest = letters.len() + edits;
        self.edits_by_length.resize(self.edits_by_length.len().max(longest + 1), 0);
        for length in letters.len().saturating_sub(edits)..=longest {
            self.edits_by_length[length] = self.edits_by_length[length].max(edits);
        }
        let at = self.words.len();
        each_form(&letters, edits, |form| {
            let same = self.by_form.entry(form).or_default();
            if same.last() != Some(&at) {
                same.push(at);
            }
            false
        });
        self.words.push(Word { letters, edits, id });
    }

    /// Call once after the last word was added.
    pub fn finish(&mut self) {
        let bits = (self.by_form.len() * 16).next_power_of_two().max(64);
        self.bloom = vec![0; bits / 64];
        for form in self.by_form.keys() {
            let bit = bloom_bit(*form, bits);
            self.bloom[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// The id of a word near the one given.
    pub fn find(&self, word: &str) -> Option<usize> {
        let length = word.chars().count();
        let edits = self.edits_by_length.get(length).copied().filter(|edits| *edits > 0)?;
        let letters: Vec<char> = word.chars().collect();
        let mut found = None;
        each_form(&letters, edits, |form| {
            if self.may_contain(form) {
                found = self.verified(form, &letters);
            }
            found.is_some()
        });
        found
    }

    fn may_contain(&self, form: u64) -> bool {
        let bit = bloom_bit(form, self.bloom.len() * 64);
        self.bloom.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1)
    }

    fn verified(&self, form: u64, letters: &[char]) -> Option<usize> {
        let candidates = self.by_form.get(&form)?;
        candidates
            .iter()
            .map(|at| &self.words[*at])
            .find(|word| within(&word.letters, letters, word.edits))
            .map(|word| word.id)
    }
}

fn bloom_bit(form: u64, bits: usize) -> usize {
    let mixed = (form ^ (form >> 32)).wrapping_mul(BASE);
    // `bits` is a power of two; the upper half of a product is the well mixed one.
    (mixed >> 32) as usize & bits.saturating_sub(1)
}

/// Hashes of prefixes, from which the hash of any form follows without walking the word again.
struct Prefixes {
    hashes: Vec<u64>,
    powers: Vec<u64>,
}

impl Prefixes {
    fn of(letters: &[char]) -> Self {
        let mut hashes = vec![0u64];
        let mut powers = vec![1u64];
        for (at, letter) in letters.iter().enumerate() {
            hashes.push(hashes[at].wrapping_mul(BASE).wrapping_add(u64::from(u32::from(*letter)) + 1));
            powers.push(powers[at].wrapping_mul(BASE));
        }
        Self { hashes, powers }
    }

    /// Hash of the letters from `from` up to `to`.
    fn slice(&self, from: usize, to: usize) -> u64 {
        self.hashes[to].wrapping_sub(self.hashes[from].wrapping_mul(self.powers[to - from]))
    }

    /// The hash after appending the letters from `from` up to `to`.
    fn append(&self, hash: u64, from: usize, to: usize) -> u64 {
        hash.wrapping_mul(self.powers[to - from]).wrapping_add(self.slice(from, to))
    }
}

/// Calls `stop` with the hash of each form until it answers `true`: nothing, one or two letters left out.
fn each_form(letters: &[char], edits: usize, mut stop: impl FnMut(u64) -> bool) {
    let prefixes = Prefixes::of(letters);
    let end = letters.len();
    if stop(prefixes.hashes[end]) || edits == 0 {
        return;
    }
    for first in 0..end {
        let head = prefixes.hashes[first];
        if stop(prefixes.append(head, first + 1, end)) {
            return;
        }
        let seconds = if edits > 1 { first + 1..end } else { end..end };
        for second in seconds {
            let middle = prefixes.append(head, first + 1, second);
            if stop(prefixes.append(middle, second + 1, end)) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbours() -> Neighbours {
        let mut neighbours = Neighbours::default();
        neighbours.add("amazon", 1, 7);
        neighbours.add("exampleshop", 2, 8);
        neighbours.finish();
        neighbours
    }

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        for (word, id) in [
            ("amazon", Some(7)),
            ("amazn", Some(7)),
            ("maazon", Some(7)),
            ("xamazon", Some(7)),
            ("amezen", None),
            ("exmpleshp", Some(8)),
            ("xeamplesohp", Some(8)),
            ("exxampleshhop", Some(8)),
            ("example", None),
            ("", None),
        ] {
            assert_eq!(neighbours().find(word), id, "{word}");
        }
    }
}
