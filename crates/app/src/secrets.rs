//! The keys that this counter alone has, and the hashes made with them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{AppError, Entropy};

/// Keys that must outlive the process and be known to nobody else. Whoever loses them can find no gift card by
/// its code any more; whoever steals them, together with the database, can try codes without being slowed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The key under which codes of gift cards, and who tried them, are hashed.
    pub codes: [u8; 32],
}

/// What a hash is of, so that one kind of thing can never be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hashed {
    GiftCardCode,
    TryingCustomer,
    TryingAddress,
}

impl Hashed {
    fn label(self) -> &'static [u8] {
        match self {
            Self::GiftCardCode => b"gift-card-code\0",
            Self::TryingCustomer => b"trying-customer\0",
            Self::TryingAddress => b"trying-address\0",
        }
    }
}

impl Secrets {
    /// New keys, for a counter that starts for the first time.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut codes = [0; 32];
        entropy.fill(&mut codes);
        Self { codes }
    }

    /// A keyed hash, as text.
    pub(crate) fn hash(&self, what: Hashed, text: &str) -> Result<String, AppError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.codes);
        let mut mac = mac.map_err(|error| AppError::Defect(error.to_string()))?;
        mac.update(what.label());
        mac.update(text.as_bytes());
        Ok(data_encoding::BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Secrets").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_the_key_and_on_what_it_is_of() {
        let (one, other) = (Secrets { codes: [1; 32] }, Secrets { codes: [2; 32] });
        let hash = one.hash(Hashed::GiftCardCode, "A").unwrap();
        assert_eq!(hash, one.hash(Hashed::GiftCardCode, "A").unwrap());
        assert_ne!(hash, other.hash(Hashed::GiftCardCode, "A").unwrap());
        assert_ne!(hash, one.hash(Hashed::TryingCustomer, "A").unwrap());
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", Secrets { codes: [7; 32] }), "Secrets { .. }");
    }
}
