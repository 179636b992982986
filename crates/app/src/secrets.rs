//! The keys that this counter alone has, and the hashes made with them.

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
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
    PhoneNumber,
    ShareLinkName,
    ShareLink,
    StaffAlias,
    CaseMail,
    CaseMailAddress,
    SessionToken,
    FormToken,
    HandOverCode,
    HandOverName,
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
            Self::PhoneNumber => b"phone-number\0",
            Self::ShareLinkName => b"share-link-name\0",
            Self::ShareLink => b"share-link\0",
            Self::StaffAlias => b"staff-alias\0",
            Self::CaseMail => b"case-mail\0",
            Self::CaseMailAddress => b"case-mail-address\0",
            Self::SessionToken => b"session-token\0",
            Self::FormToken => b"form-token\0",
            Self::HandOverCode => b"hand-over-code\0",
            Self::HandOverName => b"hand-over-name\0",
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
        Ok(data_encoding::BASE64URL_NOPAD.encode(&self.hash_bytes(what, text.as_bytes())?))
    }

    /// Whether a keyed hash begins with these bytes, at least one; it takes as long wherever they differ.
    pub(crate) fn begins_hash(&self, what: Hashed, text: &str, bytes: &[u8]) -> Result<bool, AppError> {
        Ok(!bytes.is_empty() && self.mac(what, text.as_bytes())?.verify_truncated_left(bytes).is_ok())
    }

    /// Whether a keyed hash is that of a text; it takes as long wherever they differ.
    pub(crate) fn is_hash_of(&self, hash: &str, what: Hashed, text: &str) -> Result<bool, AppError> {
        let hash = data_encoding::BASE64URL_NOPAD.decode(hash.as_bytes()).unwrap_or_default();
        self.is_hash_of_bytes(&hash, what, text.as_bytes())
    }

    /// A keyed hash of bytes, as bytes.
    pub(crate) fn hash_bytes(&self, what: Hashed, bytes: &[u8]) -> Result<Vec<u8>, AppError> {
        Ok(self.mac(what, bytes)?.finalize().into_bytes().to_vec())
    }

    /// Whether a keyed hash is that of bytes; it takes as long wherever they differ.
    pub(crate) fn is_hash_of_bytes(&self, hash: &[u8], what: Hashed, bytes: &[u8]) -> Result<bool, AppError> {
        Ok(self.mac(what, bytes)?.verify_slice(hash).is_ok())
    }

    fn mac(&self, what: Hashed, bytes: &[u8]) -> Result<Hmac<Sha256>, AppError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.codes);
        let mut mac = mac.map_err(|error| AppError::Defect(error.to_string()))?;
        mac.update(what.label());
        mac.update(bytes);
        Ok(mac)
    }
}

/// Secrets of others that have to be told again, and so cannot be hashed: they are kept encrypted, with the id of what
/// they belong to, so that none can be put in another's place.
impl Secrets {
    /// A text that only this counter can read, for the thing of that id.
    pub(crate) fn seal(&self, entropy: &dyn Entropy, id: &str, plain: &str) -> Result<String, AppError> {
        let mut nonce = [0_u8; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = plain.as_bytes().to_vec();
        let (key, aad) = (self.sealing_key()?, Aad::from(id.as_bytes()));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| AppError::Defect("a secret cannot be encrypted".to_owned()))?;
        let all: Vec<u8> = nonce.into_iter().chain(sealed).collect();
        Ok(data_encoding::BASE64URL_NOPAD.encode(&all))
    }

    /// Reads what was sealed for the thing of that id.
    pub(crate) fn unseal(&self, id: &str, sealed: &str) -> Result<String, AppError> {
        let unreadable = || AppError::Defect("a secret was encrypted with other keys, or changed".to_owned());
        let all = data_encoding::BASE64URL_NOPAD.decode(sealed.as_bytes()).map_err(|_| unreadable())?;
        let (nonce, sealed) = all.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut sealed = sealed.to_vec();
        let key = self.sealing_key()?;
        let plain = key.open_in_place(nonce, Aad::from(id.as_bytes()), &mut sealed);
        let plain = plain.map_err(|_| unreadable())?;
        String::from_utf8(plain.to_vec()).map_err(|_| unreadable())
    }

    /// A key for this alone, made from the one there is.
    fn sealing_key(&self) -> Result<LessSafeKey, AppError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.codes);
        let mut mac = mac.map_err(|error| AppError::Defect(error.to_string()))?;
        mac.update(b"sealing-key\0");
        let key = UnboundKey::new(&CHACHA20_POLY1305, &mac.finalize().into_bytes());
        key.map(LessSafeKey::new).map_err(|_| AppError::Defect("a key cannot be made".to_owned()))
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

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(5);
        }
    }

    #[test]
    fn what_is_sealed_is_read_with_the_same_keys_for_the_same_thing_only() {
        let (one, other) = (Secrets { codes: [1; 32] }, Secrets { codes: [2; 32] });
        let sealed = one.seal(&Fixed, "we_1", "whsec_abc").unwrap();
        assert!(!sealed.contains("abc"));
        assert_eq!(one.unseal("we_1", &sealed).unwrap(), "whsec_abc");
        assert!(one.unseal("we_2", &sealed).is_err());
        assert!(other.unseal("we_1", &sealed).is_err());
        assert!(one.unseal("we_1", "AAAA").is_err());
        assert!(one.unseal("we_1", &sealed.replace(&sealed[20..21], "~")).is_err());
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
