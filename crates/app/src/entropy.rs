//! Randomness, given from outside, and the ids and numbers made from it.

use data_encoding::{Encoding, Specification};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Where random bytes come from: the operating system, or a seed in tests.
pub trait Entropy: Send + Sync {
    /// Fills all bytes. A source that fails must end the process rather than give bytes that can be guessed.
    fn fill(&self, bytes: &mut [u8]);
}

/// Digits and small letters without those that look alike, in the order of their bytes, so that ids sort by
/// the time they were made at.
#[expect(clippy::expect_used)] // a constant, and each test makes an id
static LETTERS: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.encoding().expect("32 different letters")
});

/// Bytes in letters of five bits each.
pub(crate) fn in_letters(bytes: &[u8]) -> String {
    LETTERS.encode(bytes)
}

/// An id of 26 letters: 48 bits of time in milliseconds, then 80 random bits. Later ones are greater.
pub(crate) fn new_id(entropy: &dyn Entropy, at: Timestamp) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes[6..]);
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    LETTERS.encode(&bytes)
}

/// An id of 26 letters that always is the same for a time and a subject, for what must not be done twice.
pub(crate) fn id_from(at: Timestamp, subject: &str) -> String {
    let mut bytes = [0_u8; 16];
    let digest = Sha256::digest(subject.as_bytes());
    bytes.iter_mut().skip(6).zip(digest).for_each(|(byte, from)| *byte = from);
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    LETTERS.encode(&bytes)
}

/// A number of so many digits, each equally likely.
pub(crate) fn digits(entropy: &dyn Entropy, count: usize) -> String {
    let mut digits = String::with_capacity(count);
    while digits.len() < count {
        let mut bytes = [0_u8; 32];
        entropy.fill(&mut bytes);
        // 250 is the largest multiple of ten that a byte holds; what is above would make some digits likelier.
        let fair = bytes.iter().filter(|byte| **byte < 250);
        digits.extend(fair.map(|byte| char::from(b'0' + byte % 10)).take(count - digits.len()));
    }
    digits
}

/// A return number: `R` and nine digits.
pub(crate) fn return_number(entropy: &dyn Entropy) -> String {
    format!("R{}", digits(entropy, 9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    struct Counting(Mutex<u8>);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let mut next = self.0.lock().unwrap();
            for byte in bytes {
                *byte = *next;
                *next = next.wrapping_add(41);
            }
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made_at() {
        let entropy = Counting(Mutex::new(7));
        let ids: Vec<String> = (0..5)
            .map(|second| new_id(&entropy, Timestamp::from_second(1_795_000_000 + second).unwrap()))
            .collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.len() == 26));
    }
}
