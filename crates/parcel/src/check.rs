//! Check digits: the arithmetic that tells a mistyped number from a good one.
//!
//! Only rules that were seen in a specification or in code and that agree with published numbers are here. Where no
//! rule is publicly known there is none, and the number's shape is all that can be judged.

use crate::shape::code;

/// A check digit rule and where in the number it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// No rule is publicly known.
    None,
    /// The digits before `at`, read as one number, modulo 7. Japan calls it セブンチェック or 7DR; DHL Express uses it too.
    Mod7 { at: u8 },
    /// Eight digits from `from`, weighted 8 6 4 2 3 5 9 7, modulo 11: the postal union's S10, and TNT.
    Weighted11 { from: u8 },
    /// GS1: weights 3 and 1 from the right, modulo 10, over everything from `from`; `carry` is what left-out leading
    /// digits would have added.
    Gs1 { from: u8, carry: u8 },
    /// FedEx Express: weights 1 3 7 from the right, modulo 11 and then 10, over `from..at`.
    Fedex { from: u8, at: u8 },
    /// UPS: weights 1 and 2 from the left, letters worth their place in ASCII less 3, modulo 10.
    Ups { from: u8 },
    /// Luhn over the whole number.
    Luhn,
    /// ISO 7064 mod 37,36 over the whole number; the check character may be a letter.
    Mod37,
}

impl Check {
    /// The name an answer gives the rule; `None` where there is none.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Check::None => None,
            Check::Mod7 { .. } => Some("mod7"),
            Check::Weighted11 { .. } => Some("mod11"),
            Check::Fedex { .. } => Some("mod11-mod10"),
            Check::Gs1 { .. } | Check::Ups { .. } => Some("mod10"),
            Check::Luhn => Some("luhn"),
            Check::Mod37 => Some("mod37-36"),
        }
    }

    /// Where the check character stands in a number of this length.
    pub(crate) fn place(self, length: usize) -> Option<usize> {
        match self {
            Check::None => None,
            Check::Mod7 { at } | Check::Fedex { at, .. } => Some(usize::from(at)),
            Check::Weighted11 { from } => Some(usize::from(from) + 8),
            Check::Gs1 { .. } | Check::Ups { .. } | Check::Luhn | Check::Mod37 => length.checked_sub(1),
        }
    }

    /// Whether the number passes. The number has a shape whose positions suit the rule, so every place it reads is
    /// there; a shorter number would simply fail.
    #[inline]
    pub(crate) fn passes(self, number: &[u8]) -> bool {
        match self {
            Check::None => false,
            Check::Mod7 { at } => split(number, 0, at).is_some_and(|(body, check)| mod7(body) == check),
            Check::Weighted11 { from } => {
                split(number, from, from + 8).is_some_and(|(body, check)| weighted11(body) == check)
            }
            Check::Gs1 { from, carry } => {
                split_last(number, from).is_some_and(|(body, check)| gs1(body, carry) == check)
            }
            Check::Fedex { from, at } => {
                split(number, from, at).is_some_and(|(body, check)| fedex(body) == check)
            }
            Check::Ups { from } => split_last(number, from).is_some_and(|(body, check)| ups(body) == check),
            Check::Luhn => split_last(number, 0).is_some_and(|(body, check)| luhn(body) == check),
            Check::Mod37 => split_last(number, 0).is_some_and(|(body, check)| mod37(body) == check),
        }
    }
}

/// The body of a number and the value of the check character that follows it.
#[inline]
fn split(number: &[u8], from: u8, at: u8) -> Option<(&[u8], u32)> {
    let check = number.get(usize::from(at))?;
    Some((number.get(usize::from(from)..usize::from(at))?, value(*check)))
}

#[inline]
fn split_last(number: &[u8], from: u8) -> Option<(&[u8], u32)> {
    let (check, body) = number.split_last()?;
    Some((body.get(usize::from(from)..)?, value(*check)))
}

#[inline]
fn value(symbol: u8) -> u32 {
    u32::from(code(symbol))
}

/// The body has at most eleven digits, far below the largest integer.
#[inline]
fn mod7(body: &[u8]) -> u32 {
    let whole = body.iter().fold(0_u64, |whole, digit| whole * 10 + u64::from(value(*digit)));
    (whole % 7) as u32
}

#[inline]
fn weighted11(body: &[u8]) -> u32 {
    const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| value(*digit) * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        check => check,
    }
}

#[inline]
fn gs1(body: &[u8], carry: u8) -> u32 {
    let threes: u32 = body.iter().rev().step_by(2).map(|digit| value(*digit)).sum();
    let all: u32 = body.iter().map(|digit| value(*digit)).sum();
    up_to_ten(all + 2 * threes + u32::from(carry))
}

#[inline]
fn fedex(body: &[u8]) -> u32 {
    const WEIGHTS: [u32; 13] = [1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1];
    let sum: u32 = body.iter().rev().zip(WEIGHTS).map(|(digit, weight)| value(*digit) * weight).sum();
    sum % 11 % 10
}

/// A letter is worth its ASCII code less 3, modulo 10: `A` 2, `B` 3 … as the courier's own tables have it.
#[inline]
fn ups(body: &[u8]) -> u32 {
    let weights = [1, 2].into_iter().cycle();
    let worth =
        |symbol: u8| if symbol.is_ascii_digit() { value(symbol) } else { (u32::from(symbol) - 3) % 10 };
    up_to_ten(body.iter().zip(weights).map(|(symbol, weight)| worth(*symbol) * weight).sum())
}

#[inline]
fn luhn(body: &[u8]) -> u32 {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let sum = body.iter().rev().enumerate().map(|(place, digit)| match place % 2 {
        0 => DOUBLED.get(usize::from(code(*digit))).copied().unwrap_or(0),
        _ => value(*digit),
    });
    up_to_ten(sum.sum())
}

#[inline]
fn mod37(body: &[u8]) -> u32 {
    let product = body.iter().fold(36, |product, symbol| {
        let sum = (product + value(*symbol)) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    (37 - product) % 36
}

/// What is missing to the next multiple of ten.
#[inline]
fn up_to_ten(sum: u32) -> u32 {
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass_and_their_neighbours_fail() {
        let cases: [(Check, &str, &str); 11] = [
            (Check::Mod7 { at: 11 }, "999999999994", "999999999995"),
            (Check::Mod7 { at: 9 }, "3318810025", "3318810034"),
            (Check::Weighted11 { from: 2 }, "EE471108151FR", "EE471108152FR"),
            (Check::Weighted11 { from: 0 }, "183928252", "183928253"),
            (Check::Gs1 { from: 0, carry: 0 }, "7035114477138472", "7035114477138471"),
            (Check::Gs1 { from: 0, carry: 8 }, "71969010756003077385", "71969010756003077386"),
            (Check::Fedex { from: 0, at: 11 }, "986578788855", "996578788855"),
            (Check::Ups { from: 2 }, "1Z5R89390357567127", "1Z1111111111111111"),
            (Check::Ups { from: 0 }, "C11031500001879", "C11031500001889"),
            (Check::Luhn, "320595463938", "320595463939"),
            (Check::Mod37, "008182709980000020033350276C", "008182709980000020033350276A"),
        ];
        for (check, good, bad) in cases {
            assert!(check.passes(good.as_bytes()), "{check:?} {good}");
            assert!(!check.passes(bad.as_bytes()), "{check:?} {bad}");
        }
    }

    #[test]
    fn a_number_too_short_for_its_rule_fails() {
        for check in
            [Check::Mod7 { at: 11 }, Check::Weighted11 { from: 2 }, Check::Fedex { from: 16, at: 27 }]
        {
            assert!(!check.passes(b"12"));
        }
        assert!(!Check::Luhn.passes(b""));
    }
}
