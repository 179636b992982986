//! The shape of a number: which characters may stand where.
//!
//! Shapes are written as short patterns and compiled by the compiler, so a mistyped pattern does not build:
//! `#` a digit, `@` a letter, `*` either, `[0-5]` one of a set, anything else itself; `{12}` repeats what stands before
//! it, and `{10,39}` at the end repeats it that many times.

use crate::number::LENGTH_MAX;

/// Positions a shape can tell apart; later positions are like the last one.
const POSITIONS: usize = 40;

const DIGITS: u64 = 0x3ff;
const LETTERS: u64 = ((1 << 36) - 1) & !DIGITS;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Shape {
    sets: [u64; POSITIONS],
    positions: u8,
    pub(crate) length_min: u8,
    pub(crate) length_max: u8,
    /// Every position takes every digit: a number of digits alone needs no look at each position.
    pub(crate) takes_any_digits: bool,
    /// Some position takes no digit at all.
    pub(crate) needs_letter: bool,
    /// Some position takes digits and letters alike, so `O` and `0` can both be meant.
    pub(crate) mixes: bool,
}

impl Shape {
    /// Compiles a pattern; only ever called for constants.
    pub(crate) const fn new(pattern: &str) -> Shape {
        let bytes = pattern.as_bytes();
        let mut shape = Shape {
            sets: [0; POSITIONS],
            positions: 0,
            length_min: 0,
            length_max: 0,
            takes_any_digits: true,
            needs_letter: false,
            mixes: false,
        };
        let mut at = 0;
        while at < bytes.len() {
            let (set, next) = set_at(bytes, at);
            let (least, most, next) = repeat_at(bytes, next);
            shape.push(set, least);
            shape.length_max = shape.length_min + (most - least);
            assert!(most == least || next == bytes.len(), "only the end of a pattern may vary in length");
            at = next;
        }
        assert!(shape.length_max as usize <= LENGTH_MAX, "no number is that long");
        shape
    }

    /// The characters allowed at a position, as a set of symbol codes.
    #[inline]
    pub(crate) fn set(&self, at: usize) -> u64 {
        self.sets[at.min(usize::from(self.positions) - 1)]
    }

    /// The first two characters are always the same.
    pub(crate) const fn begins_fixed(&self) -> bool {
        self.sets[0].count_ones() == 1 && self.sets[1].count_ones() == 1
    }

    /// Whether a number of this many characters can have the shape.
    pub(crate) const fn takes_length(&self, length: usize) -> bool {
        self.length_min as usize <= length && length <= self.length_max as usize
    }

    const fn push(&mut self, set: u64, times: u8) {
        let mut time = 0;
        while time < times {
            self.sets[self.positions as usize] = set;
            self.positions += 1;
            time += 1;
        }
        self.length_min += times;
        self.takes_any_digits = self.takes_any_digits && set & DIGITS == DIGITS;
        self.needs_letter = self.needs_letter || set & DIGITS == 0;
        self.mixes = self.mixes || (set & DIGITS != 0 && set & LETTERS != 0);
    }
}

/// The code of a character in a set: 0–9 the digits, 10–35 the letters, 63 what belongs to no set.
#[inline]
pub(crate) const fn code(symbol: u8) -> u8 {
    match symbol {
        b'0'..=b'9' => symbol - b'0',
        b'A'..=b'Z' => symbol - b'A' + 10,
        _ => 63,
    }
}

const fn set_at(pattern: &[u8], at: usize) -> (u64, usize) {
    match pattern[at] {
        b'#' => (DIGITS, at + 1),
        b'@' => (LETTERS, at + 1),
        b'*' => (DIGITS | LETTERS, at + 1),
        b'[' => bracket_at(pattern, at + 1),
        symbol => (one(symbol), at + 1),
    }
}

const fn bracket_at(pattern: &[u8], mut at: usize) -> (u64, usize) {
    let mut set = 0;
    while pattern[at] != b']' {
        if pattern[at + 1] == b'-' {
            let mut symbol = pattern[at];
            while symbol <= pattern[at + 2] {
                set |= one(symbol);
                symbol += 1;
            }
            at += 3;
        } else {
            set |= one(pattern[at]);
            at += 1;
        }
    }
    (set, at + 1)
}

const fn repeat_at(pattern: &[u8], at: usize) -> (u8, u8, usize) {
    if at >= pattern.len() || pattern[at] != b'{' {
        return (1, 1, at);
    }
    let (least, at) = number_at(pattern, at + 1);
    if pattern[at] == b',' {
        let (most, at) = number_at(pattern, at + 1);
        return (least, most, at + 1);
    }
    (least, least, at + 1)
}

const fn number_at(pattern: &[u8], mut at: usize) -> (u8, usize) {
    let mut number = 0;
    while pattern[at].is_ascii_digit() {
        number = number * 10 + (pattern[at] - b'0');
        at += 1;
    }
    (number, at)
}

const fn one(symbol: u8) -> u64 {
    let code = code(symbol);
    assert!(code < 36, "a pattern holds digits and upper-case letters");
    1 << code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_share_no_code() {
        assert_eq!(LETTERS, (1 << 36) - (1 << 10));
        assert_eq!(DIGITS & LETTERS, 0);
    }

    #[test]
    fn a_pattern_says_its_length_and_sets() {
        let shape = Shape::new("1Z*{15}#");
        assert_eq!((shape.length_min, shape.length_max), (18, 18));
        assert_eq!(shape.set(0), 1 << 1);
        assert_eq!(shape.set(5), DIGITS | LETTERS);
        assert_eq!(shape.set(17), DIGITS);
        assert!(shape.needs_letter && shape.mixes && !shape.takes_any_digits);
    }

    #[test]
    fn the_end_may_vary_in_length() {
        let shape = Shape::new("@{2}*{10,39}");
        assert!(shape.takes_length(12) && shape.takes_length(41) && !shape.takes_length(42));
        assert_eq!(shape.set(30), DIGITS | LETTERS);
    }

    #[test]
    fn sets_may_hold_ranges() {
        assert_eq!(Shape::new("[0-25A]").set(0), 0b10_0111 | 1 << 10);
    }
}
