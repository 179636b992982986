//! The issuer that comes with the program, so that it works alone: whoever can read its key on this machine can issue.
//!
//! It finds out nothing about people. With an identity provider of one's own it can be left out.

use std::fmt;

use choba_app::Role;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::claims::is_an_id;
use super::doorkeeper::IdentityFault;
use super::issuer::{Issuer, IssuerSettings, RoleSetting};

/// What its tokens have in `iss`.
const NAME: &str = "urn:choba:own";

/// What its tokens have in `aud`.
const AUDIENCE: &str = "choba";

/// The claim that staff's tokens have.
const ROLE_CLAIM: &str = "choba_role";

/// How long a token is good at most.
pub const TTL_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Who a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A customer, by id.
    Customer(String),
    /// A member of staff.
    Staff(String, Role),
}

/// The issuer, with its key.
#[derive(Clone)]
pub struct OwnIssuer {
    key: SigningKey,
    key_id: String,
}

impl OwnIssuer {
    /// The issuer whose Ed25519 key is made from these random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let key_id = thumbprint(&public(&key));
        Self { key, key_id }
    }

    /// Issues a token, with an id that no other token has.
    ///
    /// # Errors
    /// [`IdentityFault`] where the subject or the time cannot be used.
    pub fn issue(
        &self,
        subject: &Subject,
        ttl: SignedDuration,
        at: Timestamp,
        token_id: &str,
    ) -> Result<String, IdentityFault> {
        let (id, role) = match subject {
            Subject::Customer(id) => (id, None),
            Subject::Staff(id, role) => (id, Some(role.as_str())),
        };
        let fault =
            |field, fault: &str| IdentityFault { issuer: NAME.to_owned(), field, fault: fault.to_owned() };
        if !is_an_id(id) {
            return Err(fault(
                "sub",
                "expected an id of 1 to 128 letters without spaces that does not begin with @",
            ));
        }
        if ttl <= SignedDuration::ZERO || ttl > TTL_MAX {
            return Err(fault("exp", "expected a time of at most 30 days"));
        }
        let now = at.as_second();
        let mut claims = json!({
            "iss": NAME, "aud": AUDIENCE, "sub": id, "iat": now, "nbf": now,
            "exp": now.saturating_add(ttl.as_secs()), "jti": token_id,
        });
        if let (Some(role), Some(claims)) = (role, claims.as_object_mut()) {
            claims.insert(ROLE_CLAIM.to_owned(), role.into());
        }
        let head = json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.key_id });
        let signed = format!("{}.{}", encoded(&head), encoded(&claims));
        let signature = BASE64URL_NOPAD.encode(&self.key.sign(signed.as_bytes()).to_bytes());
        Ok(format!("{signed}.{signature}"))
    }

    /// Its public key, as a JWK set.
    pub fn jwks(&self) -> Value {
        let x = public(&self.key);
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.key_id, "use": "sig", "alg": "EdDSA",
        }] })
    }

    /// What it is to those who check tokens.
    pub(super) fn trusted(&self) -> Result<Issuer, IdentityFault> {
        let role = |role: Role| RoleSetting { has: role.as_str().to_owned(), role: role.as_str().to_owned() };
        Issuer::of(&IssuerSettings {
            issuer: NAME.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks_url: None,
            jwks: Some(self.jwks().to_string()),
            algorithms: vec!["EdDSA".to_owned()],
            customer_claim: Some("sub".to_owned()),
            staff_claim: "sub".to_owned(),
            role_claim: Some(ROLE_CLAIM.to_owned()),
            roles: Role::ALL.map(role).to_vec(),
        })
    }
}

fn public(key: &SigningKey) -> String {
    BASE64URL_NOPAD.encode(key.verifying_key().as_bytes())
}

/// The id of a key follows from the key (RFC 7638).
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    BASE64URL_NOPAD.encode(&Sha256::digest(members))
}

fn encoded(part: &Value) -> String {
    BASE64URL_NOPAD.encode(part.to_string().as_bytes())
}

impl fmt::Debug for OwnIssuer {
    /// Never the key: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OwnIssuer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
