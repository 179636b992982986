//! Keys of programs: what they send, and what is known of a key.
//!
//! A secret is `choba_live_`, 160 random bits, and a check part that tells a slip of copying before anything is looked
//! up. The prefix lets scanners of repositories and logs recognise it.

use std::fmt;

use choba_store::books::ApiKeyRow;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::entropy::in_letters;
use crate::secrets::Hashed;
use crate::{AppError, Entropy, Right, Secrets};

/// How every secret of a key begins.
pub const API_KEY_PREFIX: &str = "choba_live_";

/// Random bytes of a secret: 32 letters.
const RANDOM_BYTES: usize = 20;

/// Letters of the check part: 25 bits.
const CHECK_LETTERS: usize = 5;

/// The secret of a key. It can be shown once, and is kept only as a keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret(String);

impl ApiKeySecret {
    /// A new secret.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let mut random = [0_u8; RANDOM_BYTES];
        entropy.fill(&mut random);
        let body = in_letters(&random);
        let check = check_of(&body);
        Self(format!("{API_KEY_PREFIX}{body}{check}"))
    }

    /// What a program sent. Nothing where it cannot be a secret, as after a slip of copying.
    pub fn read(sent: &str) -> Option<Self> {
        let letters = sent.strip_prefix(API_KEY_PREFIX)?;
        let (body, check) = letters.split_at_checked(letters.len().checked_sub(CHECK_LETTERS)?)?;
        let right_length = letters.len() == RANDOM_BYTES * 8 / 5 + CHECK_LETTERS;
        (right_length && check_of(body) == check).then(|| Self(sent.to_owned()))
    }

    /// The secret itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the books know of it.
    pub(crate) fn hash(&self, secrets: &Secrets) -> Result<String, AppError> {
        secrets.hash(Hashed::ApiKeySecret, &self.0)
    }
}

fn check_of(body: &str) -> String {
    let digest = Sha256::digest(format!("{API_KEY_PREFIX}{body}"));
    in_letters(&digest).chars().take(CHECK_LETTERS).collect()
}

impl fmt::Debug for ApiKeySecret {
    /// Never the secret: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKeySecret(..)")
    }
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeyState {
    /// It is good.
    Active,
    /// Its own end has come.
    Expired,
    /// Somebody ended it.
    Ended,
}

impl ApiKeyState {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }
}

/// A key, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// What it may do. A word that this program does not know gives no right.
    pub rights: Vec<Right>,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// The hour in which it was last used.
    pub used_at: Option<Timestamp>,
}

impl ApiKey {
    /// How it stands at an instant. Its end is the first instant at which it is not good any more.
    pub fn state(&self, at: Timestamp) -> ApiKeyState {
        if self.ended_at.is_some() {
            ApiKeyState::Ended
        } else if self.expires_at.is_some_and(|expires_at| at >= expires_at) {
            ApiKeyState::Expired
        } else {
            ApiKeyState::Active
        }
    }

    pub(crate) fn row(&self) -> ApiKeyRow {
        let words: Vec<&str> = self.rights.iter().map(|right| right.as_str()).collect();
        ApiKeyRow {
            key_id: self.key_id.clone(),
            name: self.name.clone(),
            rights: words.join(" "),
            made_at: self.made_at,
            made_by: self.made_by.clone(),
            expires_at: self.expires_at,
            ended_at: self.ended_at,
            used_at: self.used_at,
        }
    }
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            rights: row.rights.split_ascii_whitespace().filter_map(Right::read).collect(),
            key_id: row.key_id,
            name: row.name,
            made_at: row.made_at,
            made_by: row.made_by,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            used_at: row.used_at,
        }
    }
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

    #[test]
    fn a_secret_is_read_as_it_is_shown() {
        let entropy = Stepping(AtomicU8::new(1));
        for _ in 0..20 {
            let secret = ApiKeySecret::draw(&entropy);
            assert!(secret.reveal().starts_with("choba_live_"));
            assert_eq!(ApiKeySecret::read(secret.reveal()), Some(secret));
        }
    }

    #[test]
    fn every_wrong_letter_and_every_two_that_changed_places_are_found() {
        let shown = ApiKeySecret::draw(&Stepping(AtomicU8::new(1))).0.into_bytes();
        let read = |letters: Vec<u8>| ApiKeySecret::read(&String::from_utf8(letters).unwrap());
        for place in 0..shown.len() {
            for wrong in
                b"0123456789abcdefghjkmnpqrstvwxyzABC_- ".iter().filter(|wrong| **wrong != shown[place])
            {
                let mut letters = shown.clone();
                letters[place] = *wrong;
                assert_eq!(read(letters), None);
            }
            for other in (0..place).filter(|other| shown[*other] != shown[place]) {
                let mut letters = shown.clone();
                letters.swap(place, other);
                assert_eq!(read(letters), None);
            }
        }
    }

    #[test]
    fn what_was_cut_or_lengthened_is_no_secret() {
        let shown = ApiKeySecret::draw(&Stepping(AtomicU8::new(1))).0;
        for end in 0..shown.len() {
            assert_eq!(ApiKeySecret::read(&shown[..end]), None);
        }
        for sent in [format!("{shown}0"), format!(" {shown}"), "choba_live_あああああ".to_owned()] {
            assert_eq!(ApiKeySecret::read(&sent), None);
        }
    }

    #[test]
    fn a_secret_is_not_shown_in_logs() {
        assert_eq!(format!("{:?}", ApiKeySecret::draw(&Stepping(AtomicU8::new(1)))), "ApiKeySecret(..)");
    }
}
