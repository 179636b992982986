//! What a signed token says, judged at an instant: a pure rule.

use choba_app::Caller;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::issuer::Issuer;
use super::token::TokenFault;

/// How far the clock of an issuer may go ahead of ours, in seconds. It makes no token live longer.
const AHEAD_MAX: i64 = 30;

/// The longest id of a person, in letters.
const ID_LENGTH_MAX: usize = 128;

/// Who a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Who is asking.
    pub caller: Caller,
    /// The token's own id, if it has one; an API key's id for a program.
    pub token_id: Option<String>,
}

/// Judges what an issuer has signed.
pub(super) fn judge(
    issuer: &Issuer,
    claims: &Map<String, Value>,
    at: Timestamp,
) -> Result<Identified, TokenFault> {
    if claims.get("iss").and_then(Value::as_str) != Some(issuer.name.as_str()) {
        return Err(TokenFault::UnknownIssuer);
    }
    if !is_meant_for(claims.get("aud"), &issuer.audience) {
        return Err(TokenFault::Audience);
    }
    check_time(claims, at)?;
    let token_id = claims.get("jti").and_then(Value::as_str).map(str::to_owned);
    Ok(Identified { caller: caller(issuer, claims)?, token_id })
}

fn is_meant_for(audience: Option<&Value>, own: &str) -> bool {
    match audience {
        Some(Value::String(one)) => one == own,
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(own)),
        _ => false,
    }
}

fn check_time(claims: &Map<String, Value>, at: Timestamp) -> Result<(), TokenFault> {
    let now = at.as_second();
    let expires_at = claims.get("exp").and_then(seconds).ok_or(TokenFault::Expired)?;
    if now >= expires_at {
        return Err(TokenFault::Expired);
    }
    for begin in ["nbf", "iat"] {
        match claims.get(begin) {
            None => {}
            Some(begins_at) if seconds(begins_at).is_some_and(|begins_at| begins_at <= now + AHEAD_MAX) => {}
            Some(_) => return Err(TokenFault::NotYet),
        }
    }
    Ok(())
}

/// Whole seconds of a numeric date; what is beyond a second is cut.
fn seconds(date: &Value) -> Option<i64> {
    let text = date.as_number()?.to_string();
    let whole = text.split('.').next()?;
    whole.parse().ok()
}

/// A member of staff where the token gives a role, else a customer where the issuer has customers.
fn caller(issuer: &Issuer, claims: &Map<String, Value>) -> Result<Caller, TokenFault> {
    if let Some(role) = issuer.role(claims) {
        return Ok(Caller::Staff { staff_id: id(claims, &issuer.staff_claim)?, role });
    }
    let claim = issuer.customer_claim.as_deref().ok_or(TokenFault::Nobody)?;
    Ok(Caller::Customer { customer_id: id(claims, claim)? })
}

/// An id that can stand in the books: what begins with `@` is the books' own.
fn id(claims: &Map<String, Value>, claim: &str) -> Result<String, TokenFault> {
    let id = claims.get(claim).and_then(Value::as_str).ok_or(TokenFault::Nobody)?;
    is_an_id(id).then(|| id.to_owned()).ok_or(TokenFault::Nobody)
}

pub(super) fn is_an_id(id: &str) -> bool {
    let letters = id.chars().count();
    let plain = !id.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    (1..=ID_LENGTH_MAX).contains(&letters) && plain && !id.starts_with('@')
}
