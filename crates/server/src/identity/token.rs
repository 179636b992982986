//! A token as it is sent: three parts, of which the signature covers the first two.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longer texts are no token.
const LENGTH_MAX: usize = 8 * 1024;

/// Why a token does not say who it belongs to. For logs and tests; callers hear only that it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no token at all.
    #[error("it is not a token")]
    NotAToken,
    /// It wants to be understood in a way that is not understood here.
    #[error("it asks for something that is not understood here")]
    NotUnderstood,
    /// Nobody here trusts who issued it.
    #[error("its issuer is not trusted here")]
    UnknownIssuer,
    /// Its algorithm is not one of its issuer's.
    #[error("its algorithm is not one of its issuer's")]
    Algorithm,
    /// Its issuer has no such key.
    #[error("its issuer has no such key")]
    UnknownKey,
    /// It was not signed with that key.
    #[error("it was not signed with that key")]
    Signature,
    /// It is meant for others.
    #[error("it is meant for others")]
    Audience,
    /// Its time is over, or it names none.
    #[error("its time is over")]
    Expired,
    /// Its time has not come.
    #[error("its time has not come")]
    NotYet,
    /// It names nobody who is known here.
    #[error("it names nobody")]
    Nobody,
    /// The keys of its issuer cannot be read at the moment.
    #[error("the keys of its issuer cannot be read at the moment")]
    KeysUnavailable,
}

/// A token, read but not believed.
pub(super) struct Token<'t> {
    pub algorithm: String,
    pub key_id: Option<String>,
    pub claims: Map<String, Value>,
    /// What is signed.
    pub signed: &'t str,
    pub signature: &'t str,
}

/// What is looked at in the head. Keys and addresses of keys that it may name are not.
#[derive(Deserialize)]
struct Head<'h> {
    #[serde(borrow)]
    alg: Cow<'h, str>,
    #[serde(borrow)]
    kid: Option<Cow<'h, str>>,
    #[serde(borrow)]
    typ: Option<Cow<'h, str>>,
    /// What must be understood, or the token refused. Nothing is.
    crit: Option<Value>,
}

impl<'t> Token<'t> {
    /// Reads a token.
    pub fn read(sent: &'t str) -> Result<Self, TokenFault> {
        if sent.len() > LENGTH_MAX {
            return Err(TokenFault::NotAToken);
        }
        let (signed, signature) = sent.rsplit_once('.').ok_or(TokenFault::NotAToken)?;
        let (head, claims) = signed.split_once('.').ok_or(TokenFault::NotAToken)?;
        let head = decoded(head)?;
        let head: Head<'_> = serde_json::from_slice(&head).map_err(|_| TokenFault::NotAToken)?;
        let kind = head.typ.as_deref().is_none_or(|kind| {
            ["jwt", "at+jwt", "application/at+jwt"].iter().any(|known| kind.eq_ignore_ascii_case(known))
        });
        if head.crit.is_some() || !kind {
            return Err(TokenFault::NotUnderstood);
        }
        Ok(Self {
            algorithm: head.alg.into_owned(),
            key_id: head.kid.map(Cow::into_owned),
            claims: serde_json::from_slice(&decoded(claims)?).map_err(|_| TokenFault::NotAToken)?,
            signed,
            signature,
        })
    }

    /// Who says they issued it.
    pub fn issuer(&self) -> &str {
        self.claims.get("iss").and_then(Value::as_str).unwrap_or_default()
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenFault> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| TokenFault::NotAToken)
}
