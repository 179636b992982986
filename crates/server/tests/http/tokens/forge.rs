//! Tokens made by hand, right and wrong.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

/// Someone who signs.
pub struct Forger {
    key: EncodingKey,
    algorithm: Algorithm,
}

impl Forger {
    /// With an Ed25519 key made from a seed.
    pub fn ed(seed: u8) -> Self {
        let mut der = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap();
        der.extend([seed; 32]);
        Self { key: EncodingKey::from_ed_der(&der), algorithm: Algorithm::EdDSA }
    }

    /// With a P-256 key.
    pub fn ec() -> Self {
        let key = EncodingKey::from_ec_der(include_bytes!("../keys/p256_for_tests.der"));
        Self { key, algorithm: Algorithm::ES256 }
    }

    /// With an RSA key.
    pub fn rsa() -> Self {
        let key = EncodingKey::from_rsa_der(include_bytes!("../keys/rsa_for_tests.der"));
        Self { key, algorithm: Algorithm::RS256 }
    }

    /// With an RSA key of 1,024 bits.
    pub fn weak_rsa() -> Self {
        let key = EncodingKey::from_rsa_der(include_bytes!("../keys/weak_rsa_for_tests.der"));
        Self { key, algorithm: Algorithm::RS256 }
    }

    /// With a shared secret.
    pub fn hmac(secret: &[u8]) -> Self {
        Self { key: EncodingKey::from_secret(secret), algorithm: Algorithm::HS256 }
    }

    /// The public key as a JWK.
    pub fn public(&self, key_id: &str) -> Value {
        let key = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        let mut key = serde_json::to_value(key).unwrap();
        key["kid"] = key_id.into();
        // An RSA key is for RS… and PS… alike.
        key.as_object_mut().unwrap().remove("alg");
        key
    }

    /// A token, signed with the algorithm that its head names, where the key can, else with the key's own.
    pub fn token(&self, head: &Value, claims: &Value) -> String {
        let signed = unsigned(head, claims);
        let named = serde_json::from_value::<Algorithm>(head["alg"].clone());
        let with = |algorithm| crypto::sign(signed.as_bytes(), &self.key, algorithm).ok();
        let signature = named.ok().and_then(with).or_else(|| with(self.algorithm)).unwrap();
        format!("{signed}.{signature}")
    }
}

/// Head and claims, encoded.
pub fn unsigned(head: &Value, claims: &Value) -> String {
    let encoded = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    format!("{}.{}", encoded(head), encoded(claims))
}

/// A head as it should be.
pub fn head(algorithm: &str, key_id: &str) -> Value {
    json!({ "alg": algorithm, "typ": "JWT", "kid": key_id })
}

/// Claims as they should be, for an hour.
pub fn claims(at: Timestamp) -> Value {
    let now = at.as_second();
    json!({
        "iss": super::ISSUER, "aud": ["other", "shop"], "sub": "hanako", "iat": now, "nbf": now,
        "exp": now + 3_600, "jti": "t1",
    })
}

/// What somebody might take a public key's bytes to be.
pub fn readings_of(key: &Value) -> Vec<Vec<u8>> {
    let mut readings = vec![key.to_string().into_bytes()];
    for member in ["x", "y", "n"] {
        let Some(text) = key[member].as_str() else { continue };
        readings.push(text.as_bytes().to_vec());
        readings.push(BASE64URL_NOPAD.decode(text.as_bytes()).unwrap());
    }
    readings
}
