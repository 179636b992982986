//! Codes of gift cards: 80 random bits and a check letter, in letters that do not look alike.
//!
//! The check letter is a weighted sum over the field of 32 elements, each place with a weight of its own. So it
//! finds every single wrong letter and every two letters that changed places.

use std::fmt;

use crate::secrets::Hashed;
use crate::{AppError, Entropy, Secrets};

/// Digits and capitals without `I`, `L`, `O` and `U`; a letter's place is its value.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Random letters of five bits each; the check letter comes after them.
const RANDOM_LETTERS: usize = 16;

/// Longer texts are no code, however much of them is spaces.
const TYPED_LENGTH_MAX: usize = 100;

/// The code of a gift card: a secret. It can be shown, and is kept only as a keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct GiftCardCode(String);

impl GiftCardCode {
    /// A new code.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let mut random = [0_u8; RANDOM_LETTERS];
        entropy.fill(&mut random);
        let values = random.map(|byte| byte % 32);
        let letters = values.into_iter().chain([check_of(&values)]).map(letter_of);
        Self(letters.collect())
    }

    /// What a person typed: full-width or small letters, with dashes and spaces anywhere, `O` for zero, `I` or
    /// `L` for one. Nothing where it cannot be a code.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > TYPED_LENGTH_MAX {
            return None;
        }
        let letters = typed.chars().map(half_width).filter(|letter| !is_between_letters(*letter));
        let values: Option<Vec<u8>> = letters.map(value_of).collect();
        let values = values.filter(|values| values.len() == RANDOM_LETTERS + 1)?;
        let (check, random) = values.split_last()?;
        (check_of(random) == *check).then(|| Self(values.iter().copied().map(letter_of).collect()))
    }

    /// In groups, for people: `0123-4567-89AB-CDEFG`.
    pub fn in_groups(&self) -> String {
        let (first, second) = (self.0.get(..4).unwrap_or(""), self.0.get(4..8).unwrap_or(""));
        let (third, last) = (self.0.get(8..12).unwrap_or(""), self.0.get(12..).unwrap_or(""));
        format!("{first}-{second}-{third}-{last}")
    }

    /// What the books know of it.
    pub(crate) fn hash(&self, secrets: &Secrets) -> Result<String, AppError> {
        secrets.hash(Hashed::GiftCardCode, &self.0)
    }
}

impl fmt::Debug for GiftCardCode {
    /// Never the code: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GiftCardCode(..)")
    }
}

fn letter_of(value: u8) -> char {
    LETTERS.get(usize::from(value)).copied().map_or('0', char::from)
}

fn value_of(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = LETTERS.iter().position(|known| char::from(*known) == letter)?;
    u8::try_from(place).ok()
}

/// The full-width forms of ASCII stand in its order.
fn half_width(letter: char) -> char {
    const DISTANCE: u32 = 0xFEE0;
    let code = u32::from(letter);
    let half = ('\u{FF01}'..='\u{FF5E}').contains(&letter).then(|| code.saturating_sub(DISTANCE));
    half.and_then(char::from_u32).unwrap_or(letter)
}

/// Spaces and dashes of any kind, those of Japanese keyboards among them, and what cannot be seen.
fn is_between_letters(letter: char) -> bool {
    let dash = matches!(
        letter,
        '-' | '_' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{30FC}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF70}'
                | '\u{2500}'
                | '\u{2501}'
    );
    let unseen = matches!(letter, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    dash || unseen || letter.is_whitespace()
}

/// The sum of each value times a power of the field's generator: the check letter weighs 1, the first letter
/// the generator, the next its square. The generator has 31 powers, so no two of the 17 weights are the same.
fn check_of(values: &[u8]) -> u8 {
    values.iter().rev().fold(0, |sum, value| doubled(sum ^ value))
}

/// Times the generator, in the field made with x⁵ + x² + 1.
fn doubled(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Stepping(AtomicU8);

    impl Entropy for Stepping {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(73, Ordering::Relaxed));
        }
    }

    fn codes(count: usize) -> Vec<GiftCardCode> {
        let entropy = Stepping(AtomicU8::new(5));
        (0..count).map(|_| GiftCardCode::draw(&entropy)).collect()
    }

    #[test]
    fn a_code_is_read_as_it_is_shown() {
        for code in codes(50) {
            assert_eq!(GiftCardCode::read(&code.in_groups()), Some(code));
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = GiftCardCode::read("0101-0101-0101-0101-0").or_else(|| {
            (0..32).find_map(|check| GiftCardCode::read(&format!("0101-0101-0101-0101-{}", letter_of(check))))
        });
        let shown = code.clone().unwrap().in_groups();
        let check = shown.chars().last().unwrap().to_ascii_lowercase();
        for typed in [
            format!("oioi olol OIOI OLOL {check}"),
            format!("0101 0101 0101 0101 {check}"),
            format!("0101ー0101―0101−0101‐{check}"),
            format!("\u{feff}0101_0101\t0101\u{200b}0101{check}\n"),
        ] {
            assert_eq!(GiftCardCode::read(&typed), code, "{typed:?}");
        }
    }

    #[test]
    fn every_wrong_letter_is_found() {
        for code in codes(20) {
            for place in 0..17 {
                for wrong in LETTERS {
                    let mut letters = code.0.clone().into_bytes();
                    let right = std::mem::replace(&mut letters[place], *wrong);
                    let read = GiftCardCode::read(&String::from_utf8(letters).unwrap());
                    assert_eq!(read.is_some(), right == *wrong);
                }
            }
        }
    }

    #[test]
    fn every_two_letters_that_changed_places_are_found() {
        for code in codes(20) {
            for (one, other) in (0..17).flat_map(|one| (0..one).map(move |other| (one, other))) {
                let mut letters = code.0.clone().into_bytes();
                letters.swap(one, other);
                let same = letters == code.0.as_bytes();
                assert_eq!(GiftCardCode::read(&String::from_utf8(letters).unwrap()).is_some(), same);
            }
        }
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        for typed in ["", "0101-0101", "U", "ギフト", &"-".repeat(101), &"0".repeat(18)] {
            assert_eq!(GiftCardCode::read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn a_code_is_not_shown_in_logs() {
        assert_eq!(format!("{:?}", codes(1)), "[GiftCardCode(..)]");
    }
}
