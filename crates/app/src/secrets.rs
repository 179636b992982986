//! The keys that this counter alone has, and the hashes made with them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{AppError, Entropy};

/// Keys that must outlive the process and be known to nobody else. Whoever loses them can find no gift card by
/// its code any more; whoever steals them, together with the database, can try codes without being slowed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The key under which secrets of others (codes, API keys) and who tried them are hashed, and the audit log is
    /// sealed.
    pub codes: [u8; 32],
}

/// What a hash is of, so that one kind of thing can never be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hashed {
    GiftCardCode,
    TryingCustomer,
    TryingAddress,
    ApiKeySecret,
    VerificationChallenge,
    VerificationCode,
    VerifyingCustomer,
    VerifyingAddress,
    AuditHead,
}

impl Hashed {
    fn label(self) -> &'static [u8] {
        match self {
            Self::GiftCardCode => b"gift-card-code\0",
            Self::TryingCustomer => b"trying-customer\0",
            Self::TryingAddress => b"trying-address\0",
            Self::ApiKeySecret => b"api-key-secret\0",
            Self::VerificationChallenge => b"verification-challenge\0",
            Self::VerificationCode => b"verification-code\0",
            Self::VerifyingCustomer => b"verifying-customer\0",
            Self::VerifyingAddress => b"verifying-address\0",
            Self::AuditHead => b"audit-head\0",
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
        Ok(data_encoding::BASE64URL_NOPAD.encode(&self.mac(what, text)?.finalize().into_bytes()))
    }

    /// Whether a keyed hash is that of a text; it takes as long wherever they differ.
    pub(crate) fn is_hash_of(&self, hash: &str, what: Hashed, text: &str) -> Result<bool, AppError> {
        let hash = data_encoding::BASE64URL_NOPAD.decode(hash.as_bytes()).unwrap_or_default();
        Ok(self.mac(what, text)?.verify_slice(&hash).is_ok())
    }

    fn mac(&self, what: Hashed, text: &str) -> Result<Hmac<Sha256>, AppError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.codes);
        let mut mac = mac.map_err(|error| AppError::Defect(error.to_string()))?;
        mac.update(what.label());
        mac.update(text.as_bytes());
        Ok(mac)
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
    fn a_hash_is_known_again() {
        let secrets = Secrets { codes: [1; 32] };
        let hash = secrets.hash(Hashed::VerificationCode, "123456").unwrap();
        assert!(secrets.is_hash_of(&hash, Hashed::VerificationCode, "123456").unwrap());
        assert!(!secrets.is_hash_of(&hash, Hashed::VerificationCode, "123457").unwrap());
        assert!(!secrets.is_hash_of(&hash, Hashed::GiftCardCode, "123456").unwrap());
        assert!(!secrets.is_hash_of("", Hashed::VerificationCode, "123456").unwrap());
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", Secrets { codes: [7; 32] }), "Secrets { .. }");
    }
}
