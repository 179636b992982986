//! The doorkeeper of the service: API keys by the books, tokens by the issuers that are trusted.

use std::future::Future;
use std::pin::Pin;

use choba_app::{API_KEY_PREFIX, ApiKeySecret, AppError, Caller, Counter};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::claims::{Identified, judge};
use super::issuer::{Issuer, IssuerSettings};
use super::key::{Key, algorithm_of};
use super::own_issuer::OwnIssuer;
use super::token::{Token, TokenFault};
use crate::{Doorkeeper, NotLetIn};

/// Settings of identities that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("issuer {issuer:?}: {field}: {fault}")]
pub struct IdentityFault {
    /// Of which issuer.
    pub issuer: String,
    /// Which setting or claim.
    pub field: &'static str,
    /// What is wrong, and what was expected.
    pub fault: String,
}

/// The issuers of tokens that are trusted here.
#[derive(Debug)]
pub struct Issuers {
    issuers: Vec<Issuer>,
    public_keys: Value,
}

/// The doorkeeper.
pub struct Identities {
    issuers: Issuers,
    counter: Counter,
}

impl Identities {
    /// By these issuers, and the API keys of this counter.
    pub fn new(issuers: Issuers, counter: Counter) -> Self {
        Self { issuers, counter }
    }
}

impl Issuers {
    /// The issuers that are trusted: those of the settings, and the program's own where it is given.
    ///
    /// # Errors
    /// [`IdentityFault`] names the setting; two issuers of one name are a fault.
    pub fn new(settings: &[IssuerSettings], own: Option<&OwnIssuer>) -> Result<Self, IdentityFault> {
        let mut issuers = settings.iter().map(Issuer::of).collect::<Result<Vec<_>, _>>()?;
        issuers.extend(own.map(OwnIssuer::trusted).transpose()?);
        for (place, issuer) in issuers.iter().enumerate() {
            if issuers.iter().take(place).any(|other| other.name == issuer.name) {
                let (issuer, fault) = (issuer.name.clone(), "named twice".to_owned());
                return Err(IdentityFault { issuer, field: "issuer", fault });
            }
        }
        let public_keys = own.map_or_else(|| json!({ "keys": [] }), OwnIssuer::jwks);
        Ok(Self { issuers, public_keys })
    }

    /// Who a signed token belongs to.
    ///
    /// # Errors
    /// [`TokenFault`]; callers are not told which.
    pub async fn identify(&self, sent: &str, at: Timestamp) -> Result<Identified, TokenFault> {
        let token = Token::read(sent)?;
        let known = self.issuers.iter().find(|issuer| issuer.name == token.issuer());
        let issuer = known.ok_or(TokenFault::UnknownIssuer)?;
        let algorithm = algorithm_of(&token.algorithm).filter(|named| issuer.algorithms.contains(named));
        let algorithm = algorithm.ok_or(TokenFault::Algorithm)?;
        let keys = issuer.keys.with(token.key_id.as_deref(), at).await;
        let keys = keys.map_err(|_| TokenFault::KeysUnavailable)?;
        let key = key_of(&keys, token.key_id.as_deref(), algorithm)?;
        if !key.signed(algorithm, token.signed, token.signature) {
            return Err(TokenFault::Signature);
        }
        judge(issuer, &token.claims, at)
    }
}

/// The key that a token names. One that names none is checked with the issuer's only key for its algorithm.
fn key_of<'k>(keys: &'k [Key], key_id: Option<&str>, algorithm: Algorithm) -> Result<&'k Key, TokenFault> {
    let fits = |key: &&Key| key_id.is_none() || key.key_id.as_deref() == key_id;
    let mut fitting = keys.iter().filter(fits).peekable();
    fitting.peek().ok_or(TokenFault::UnknownKey)?;
    let mut fitting = fitting.filter(|key| key.algorithms.contains(&algorithm));
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(TokenFault::Algorithm),
        (Some(_), Some(_)) => Err(TokenFault::UnknownKey),
    }
}

impl Doorkeeper for Identities {
    fn caller<'d>(
        &'d self,
        bearer: &'d str,
        at: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Caller, NotLetIn>> + Send + 'd>> {
        Box::pin(async move {
            if bearer.starts_with(API_KEY_PREFIX) {
                return program(&self.counter, bearer, at).await;
            }
            match self.issuers.identify(bearer, at).await {
                Ok(identified) => Ok(identified.caller),
                Err(TokenFault::KeysUnavailable) => Err(NotLetIn::Unavailable),
                Err(fault) => {
                    tracing::debug!(%fault, "a token was refused");
                    Err(NotLetIn::NotValid)
                }
            }
        })
    }

    fn public_keys(&self) -> Value {
        self.issuers.public_keys.clone()
    }
}

async fn program(counter: &Counter, bearer: &str, at: Timestamp) -> Result<Caller, NotLetIn> {
    let secret = ApiKeySecret::read(bearer).ok_or(NotLetIn::Miscopied)?;
    match counter.caller_of_api_key(&secret, at).await {
        Ok(caller) => caller.ok_or(NotLetIn::NotValid),
        Err(AppError::Store(error)) => {
            tracing::warn!(%error, "API keys cannot be looked up");
            Err(NotLetIn::Unavailable)
        }
        Err(error) => {
            tracing::error!(%error, "API keys cannot be looked up");
            Err(NotLetIn::Unavailable)
        }
    }
}
