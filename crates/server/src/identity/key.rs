//! Keys of issuers, as a JWK set (RFC 7517) tells them.
//!
//! Of each key it is known which algorithms it is for, from its type: a token cannot choose another one. Symmetric keys are
//! not read at all, so a public key can never be taken for a shared secret.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// More keys than that no issuer needs.
const KEYS_MAX: usize = 100;

/// A key that checks signatures.
#[derive(Clone)]
pub(super) struct Key {
    pub key_id: Option<String>,
    /// What it may be used for.
    pub algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// Keys cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys cannot be read: {0}")]
pub struct KeysFault(pub(super) String);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Wire {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part, which nobody should have sent.
    d: Option<Value>,
}

/// Reads a set. Keys of kinds that are not used here are passed over, as the standard asks.
pub(super) fn read_keys(set: &[u8]) -> Result<Vec<Key>, KeysFault> {
    let set: Set = serde_json::from_slice(set).map_err(|error| KeysFault(error.to_string()))?;
    if set.keys.len() > KEYS_MAX {
        return Err(KeysFault(format!("more than {KEYS_MAX} keys")));
    }
    let keys: Vec<Key> = set.keys.into_iter().filter_map(read_key).collect();
    if keys.is_empty() { Err(KeysFault("no key that can be used".to_owned())) } else { Ok(keys) }
}

fn read_key(key: Value) -> Option<Key> {
    let wire: Wire = serde_json::from_value(key).ok()?;
    let signs = wire.used_for.as_deref().is_none_or(|used_for| used_for == "sig");
    let verifies = wire.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !signs || !verifies || wire.d.is_some() {
        return None;
    }
    let (key, mut algorithms) = match (wire.kty.as_str(), wire.crv.as_deref()) {
        ("RSA", None) => rsa(wire.n?, wire.e?)?,
        ("EC", Some("P-256")) => (curve(&wire.x?, &wire.y?, 32)?, vec![Algorithm::ES256]),
        ("EC", Some("P-384")) => (curve(&wire.x?, &wire.y?, 48)?, vec![Algorithm::ES384]),
        ("OKP", Some("Ed25519")) => (edwards(&wire.x?)?, vec![Algorithm::EdDSA]),
        _ => return None,
    };
    if let Some(only) = wire.alg {
        algorithms.retain(|algorithm| name_of(*algorithm) == only);
    }
    (!algorithms.is_empty()).then_some(Key { key_id: wire.kid, algorithms, key })
}

/// Of 2,048 to 4,096 bits, with a small odd exponent: others are weak, or slow to use.
fn rsa(modulus: String, exponent: String) -> Option<(DecodingKey, Vec<Algorithm>)> {
    let n = bytes(&modulus)?;
    let e = bytes(&exponent)?;
    let first = n.first().filter(|first| **first != 0)?;
    let bits = n.len().checked_mul(8)?.checked_sub(usize::try_from(first.leading_zeros()).ok()?)?;
    let odd = e.last().is_some_and(|last| last % 2 == 1) && n.last().is_some_and(|last| last % 2 == 1);
    let fits = (2_048..=4_096).contains(&bits) && (1..=4).contains(&e.len()) && odd && e != [1];
    use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
    fits.then(|| DecodingKey::from_rsa_raw_components(&n, &e))
        .map(|key| (key, vec![RS256, RS384, RS512, PS256, PS384, PS512]))
}

fn curve(x: &str, y: &str, length: usize) -> Option<DecodingKey> {
    let fits = bytes(x)?.len() == length && bytes(y)?.len() == length;
    fits.then(|| DecodingKey::from_ec_components(x, y).ok()).flatten()
}

fn edwards(x: &str) -> Option<DecodingKey> {
    let x = bytes(x)?;
    // A shorter one would panic where it is used.
    (x.len() == 32).then(|| DecodingKey::from_ed_der(&x))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

impl Key {
    /// Whether it signed this.
    pub fn signed(&self, algorithm: Algorithm, signed: &str, signature: &str) -> bool {
        self.algorithms.contains(&algorithm)
            && jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.key, algorithm)
                .unwrap_or(false)
    }
}

/// The algorithms that can be trusted at all: public keys only.
const KNOWN: [(Algorithm, &str); 9] = [
    (Algorithm::EdDSA, "EdDSA"),
    (Algorithm::ES256, "ES256"),
    (Algorithm::ES384, "ES384"),
    (Algorithm::PS256, "PS256"),
    (Algorithm::PS384, "PS384"),
    (Algorithm::PS512, "PS512"),
    (Algorithm::RS256, "RS256"),
    (Algorithm::RS384, "RS384"),
    (Algorithm::RS512, "RS512"),
];

/// The algorithm of a name, exactly as it is written.
pub(super) fn algorithm_of(name: &str) -> Option<Algorithm> {
    KNOWN.iter().find(|(_, known)| *known == name).map(|(algorithm, _)| *algorithm)
}

fn name_of(algorithm: Algorithm) -> &'static str {
    KNOWN.iter().find(|(known, _)| *known == algorithm).map_or("", |(_, name)| name)
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Key").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
