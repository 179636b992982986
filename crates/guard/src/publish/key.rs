//! Ed25519 keys, read from the text of a file.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};

/// The key that signs. It is never shown: its `Debug` says nothing.
#[derive(Clone)]
pub struct SecretKey(pub(super) SigningKey);

/// The key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(pub(super) VerifyingKey);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Neither PEM nor 32 bytes in base64.
    #[error("the key is neither PEM nor 32 bytes in base64")]
    NotAKey,
    /// PEM, but of another sort of key.
    #[error("the PEM text does not hold the Ed25519 key that is needed here")]
    OtherKey,
    /// A secret key where the public one was wanted.
    #[error("this is a secret key; give the public one (openssl pkey -in KEY -pubout)")]
    SecretInsteadOfPublic,
    /// A public key where the secret one was wanted.
    #[error("this is a public key; signing needs the secret one")]
    PublicInsteadOfSecret,
}

impl SecretKey {
    /// Reads a key made by `openssl genpkey -algorithm ed25519` (PKCS#8 PEM), or a 32-byte seed in base64.
    ///
    /// ```
    /// use choba_guard::publish::SecretKey;
    /// let seed = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    /// assert!(SecretKey::from_text(seed).is_ok());
    /// assert!(SecretKey::from_text("no key").is_err());
    /// ```
    ///
    /// # Errors
    /// The [`KeyFault`], which never repeats the text.
    pub fn from_text(text: &str) -> Result<Self, KeyFault> {
        if text.contains("-----BEGIN PUBLIC KEY") {
            return Err(KeyFault::PublicInsteadOfSecret);
        }
        if text.contains("-----BEGIN") {
            return SigningKey::from_pkcs8_pem(text.trim()).map(Self).map_err(|_| KeyFault::OtherKey);
        }
        Ok(Self(SigningKey::from_bytes(&bytes_of(text)?)))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl PublicKey {
    /// Reads a key made by `openssl pkey -in KEY -pubout` (PEM), or its 32 bytes in base64.
    ///
    /// # Errors
    /// The [`KeyFault`].
    pub fn from_text(text: &str) -> Result<Self, KeyFault> {
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyFault::SecretInsteadOfPublic);
        }
        if text.contains("-----BEGIN") {
            return VerifyingKey::from_public_key_pem(text.trim()).map(Self).map_err(|_| KeyFault::OtherKey);
        }
        VerifyingKey::from_bytes(&bytes_of(text)?).map(Self).map_err(|_| KeyFault::NotAKey)
    }

    /// The 32 bytes in base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.0.as_bytes())
    }
}

fn bytes_of(text: &str) -> Result<[u8; 32], KeyFault> {
    let bytes = BASE64.decode(text.trim().as_bytes()).map_err(|_| KeyFault::NotAKey)?;
    bytes.try_into().map_err(|_| KeyFault::NotAKey)
}
