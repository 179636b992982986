//! The wire: which call an ask is, and what an answer of HTTP means.
//!
//! Both directions stand beside each other, because the client and the sandbox must never read one differently. What
//! the calls are is told to outsiders in `docs/outside.md`. Nothing is sent here.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::record::{AuthorizationState, CreditReason};
use crate::refusal::{AskError, Refusal, RefusalCode};
use crate::secret::Secret;

/// What is done to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does something, once for each idempotency key.
    Post,
    /// Ends something.
    Delete,
}

/// A request of HTTP without its headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is done.
    pub method: Method,
    /// The parts of the path after `/v1/`, not yet encoded.
    pub path: Vec<String>,
    /// The JSON body of a `POST`.
    pub body: Option<Value>,
}

impl Call {
    fn get(path: &[&str]) -> Self {
        Self { method: Method::Get, path: owned(path), body: None }
    }

    fn post(path: &[&str], body: Value) -> Self {
        Self { method: Method::Post, path: owned(path), body: Some(body) }
    }

    /// Looks up what became of an idempotency key.
    pub fn look_up(idempotency_key: &str) -> Self {
        Self::get(&["requests", idempotency_key])
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|part| (*part).to_owned()).collect()
}

/// The call that makes an ask.
pub fn call_of(ask: &Ask) -> Call {
    match ask {
        Ask::Authorise { amount, currency, reference, card_token } => Call::post(
            &["authorizations"],
            json!({ "amount": amount, "currency": currency, "reference": reference,
                "card_token": card_token.reveal() }),
        ),
        Ask::Capture { authorization, amount } => {
            Call::post(&["authorizations", authorization, "captures"], json!({ "amount": amount }))
        }
        Ask::Void { authorization } => Call::post(&["authorizations", authorization, "void"], json!({})),
        Ask::Refund { capture, amount } => {
            Call::post(&["captures", capture, "refunds"], json!({ "amount": amount }))
        }
        Ask::KonbiniOpen { amount, deadline, reference } => Call::post(
            &["konbini"],
            json!({ "amount": amount, "deadline": deadline.to_string(), "reference": reference }),
        ),
        Ask::KonbiniCancel { konbini } => Call::post(&["konbini", konbini, "cancel"], json!({})),
        Ask::SeeAuthorization { authorization } => Call::get(&["authorizations", authorization]),
        Ask::SeeCapture { capture } => Call::get(&["captures", capture]),
        Ask::SeeRefund { refund } => Call::get(&["refunds", refund]),
        Ask::SeeKonbini { konbini } => Call::get(&["konbini", konbini]),
        Ask::Balance { account } => Call::get(&["members", account, "balance"]),
        Ask::Hold { account, points, reference } => {
            Call::post(&["members", account, "holds"], json!({ "points": points, "reference": reference }))
        }
        Ask::HoldCapture { hold, points } => {
            Call::post(&["holds", hold, "capture"], json!({ "points": points }))
        }
        Ask::HoldRelease { hold } => Call::post(&["holds", hold, "release"], json!({})),
        Ask::SeeHold { hold } => Call::get(&["holds", hold]),
        Ask::Credit { account, points, reference, reason } => Call::post(
            &["members", account, "credits"],
            json!({ "points": points, "reference": reference, "reason": reason }),
        ),
        Ask::Debit { account, points, reference } => {
            Call::post(&["members", account, "debits"], json!({ "points": points, "reference": reference }))
        }
        Ask::Link { code } => Call::post(&["links"], json!({ "code": code.reveal() })),
        Ask::Unlink { account } => {
            Call { method: Method::Delete, path: owned(&["links", account]), body: None }
        }
    }
}

/// Why a request is no ask.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAsk {
    /// There is no such path, or another method belongs to it.
    #[error("there is no such call")]
    NoSuchCall,
    /// The body is not what the call needs.
    #[error("the body cannot be used: {0}")]
    Body(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoriseBody {
    amount: u64,
    currency: String,
    reference: String,
    card_token: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountBody {
    amount: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KonbiniBody {
    amount: u64,
    deadline: jiff::Timestamp,
    reference: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointsBody {
    points: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferencedPointsBody {
    points: u64,
    reference: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreditBody {
    points: u64,
    reference: String,
    reason: CreditReason,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    code: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyBody {}

/// The ask that a call to the card provider makes.
pub fn card_ask_of(method: Method, path: &[&str], body: &[u8]) -> Result<Ask, NoAsk> {
    use Method::{Get, Post};
    Ok(match (method, path) {
        (Post, ["authorizations"]) => {
            let AuthoriseBody { amount, currency, reference, card_token } = read(body)?;
            Ask::Authorise { amount, currency, reference, card_token }
        }
        (Post, ["authorizations", id, "captures"]) => {
            Ask::Capture { authorization: text(id), amount: read::<AmountBody>(body)?.amount }
        }
        (Post, ["authorizations", id, "void"]) => {
            nothing_in(body)?;
            Ask::Void { authorization: text(id) }
        }
        (Post, ["captures", id, "refunds"]) => {
            Ask::Refund { capture: text(id), amount: read::<AmountBody>(body)?.amount }
        }
        (Post, ["konbini"]) => {
            let KonbiniBody { amount, deadline, reference } = read(body)?;
            Ask::KonbiniOpen { amount, deadline, reference }
        }
        (Post, ["konbini", id, "cancel"]) => {
            nothing_in(body)?;
            Ask::KonbiniCancel { konbini: text(id) }
        }
        (Get, ["authorizations", id]) => Ask::SeeAuthorization { authorization: text(id) },
        (Get, ["captures", id]) => Ask::SeeCapture { capture: text(id) },
        (Get, ["refunds", id]) => Ask::SeeRefund { refund: text(id) },
        (Get, ["konbini", id]) => Ask::SeeKonbini { konbini: text(id) },
        _ => return Err(NoAsk::NoSuchCall),
    })
}

/// The ask that a call to a partner program makes.
pub fn partner_ask_of(method: Method, path: &[&str], body: &[u8]) -> Result<Ask, NoAsk> {
    use Method::{Delete, Get, Post};
    Ok(match (method, path) {
        (Get, ["members", account, "balance"]) => Ask::Balance { account: text(account) },
        (Post, ["members", account, "holds"]) => {
            let ReferencedPointsBody { points, reference } = read(body)?;
            Ask::Hold { account: text(account), points, reference }
        }
        (Post, ["members", account, "credits"]) => {
            let CreditBody { points, reference, reason } = read(body)?;
            Ask::Credit { account: text(account), points, reference, reason }
        }
        (Post, ["members", account, "debits"]) => {
            let ReferencedPointsBody { points, reference } = read(body)?;
            Ask::Debit { account: text(account), points, reference }
        }
        (Post, ["holds", id, "capture"]) => {
            Ask::HoldCapture { hold: text(id), points: read::<PointsBody>(body)?.points }
        }
        (Post, ["holds", id, "release"]) => {
            nothing_in(body)?;
            Ask::HoldRelease { hold: text(id) }
        }
        (Get, ["holds", id]) => Ask::SeeHold { hold: text(id) },
        (Post, ["links"]) => Ask::Link { code: read::<LinkBody>(body)?.code },
        (Delete, ["links", account]) => Ask::Unlink { account: text(account) },
        _ => return Err(NoAsk::NoSuchCall),
    })
}

fn text(part: &str) -> String {
    part.to_owned()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, NoAsk> {
    serde_json::from_slice(body).map_err(|fault| NoAsk::Body(fault.to_string()))
}

/// A call without figures may come with `{}` or without any body.
fn nothing_in(body: &[u8]) -> Result<(), NoAsk> {
    if body.is_empty() {
        return Ok(());
    }
    read::<EmptyBody>(body).map(|_| ())
}

/// Status and body of an answer of HTTP.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The JSON body; `null` stands for none.
    pub body: Value,
}

/// How a party's answer to an ask is told.
pub fn answer_of(ask: &Ask, outcome: &Result<Reply, Refusal>) -> Answer {
    match outcome {
        Ok(reply) => Answer { status: status_of_success(ask), body: body_of(reply) },
        Err(refusal) => answer_of_refusal(refusal),
    }
}

fn status_of_success(ask: &Ask) -> u16 {
    match ask {
        Ask::Unlink { .. } => 204,
        Ask::Void { .. } | Ask::KonbiniCancel { .. } | Ask::HoldCapture { .. } | Ask::HoldRelease { .. } => {
            200
        }
        ask if ask.only_reads() => 200,
        _ => 201,
    }
}

fn body_of(reply: &Reply) -> Value {
    match reply {
        Reply::Authorization(record) => json!(record),
        Reply::Capture(record) => json!(record),
        Reply::Refund(record) => json!(record),
        Reply::Konbini(record) => json!(record),
        Reply::Balance(record) => json!(record),
        Reply::Hold(record) => json!(record),
        Reply::Credit(record) => json!(record),
        Reply::Debit(record) => json!(record),
        Reply::Link(record) => json!(record),
        Reply::Unlinked => Value::Null,
    }
}

/// A refusal as a problem in the form of RFC 9457.
pub fn answer_of_refusal(refusal: &Refusal) -> Answer {
    let status = match refusal.code {
        RefusalCode::UnknownId | RefusalCode::UnknownAccount => 404,
        RefusalCode::KeyReused | RefusalCode::Unusable | RefusalCode::DeadlinePassed => 422,
        _ => 409,
    };
    let mut body = json!(refusal);
    body["status"] = json!(status);
    Answer { status, body }
}

/// What an answer of HTTP means for who asked. `retry_after_ms` is what the answer's header said.
pub fn outcome_of(
    ask: &Ask,
    status: u16,
    retry_after_ms: Option<u64>,
    body: &[u8],
) -> Result<Reply, AskError> {
    match status {
        200..=299 => reply_of(ask, body),
        429 | 503 => {
            Err(AskError::Unavailable { why: format!("the party answered {status}"), retry_after_ms })
        }
        // A proxy that waited for the party in vain, or a party that stumbled: either may have done it.
        408 | 500.. => Err(unknown(format!("the party answered {status}"))),
        400..=499 => Err(refused(status, body)),
        _ => Err(AskError::Misconfigured { why: format!("the party answered {status}") }),
    }
}

fn unknown(why: String) -> AskError {
    AskError::Unknown { why }
}

fn reply_of(ask: &Ask, body: &[u8]) -> Result<Reply, AskError> {
    let reply = match ask {
        Ask::Authorise { .. } | Ask::Void { .. } | Ask::SeeAuthorization { .. } => {
            said(body).map(Reply::Authorization)
        }
        Ask::Capture { .. } | Ask::SeeCapture { .. } => said(body).map(Reply::Capture),
        Ask::Refund { .. } | Ask::SeeRefund { .. } => said(body).map(Reply::Refund),
        Ask::KonbiniOpen { .. } | Ask::KonbiniCancel { .. } | Ask::SeeKonbini { .. } => {
            said(body).map(Reply::Konbini)
        }
        Ask::Balance { .. } => said(body).map(Reply::Balance),
        Ask::Hold { .. } | Ask::HoldCapture { .. } | Ask::HoldRelease { .. } | Ask::SeeHold { .. } => {
            said(body).map(Reply::Hold)
        }
        Ask::Credit { .. } => said(body).map(Reply::Credit),
        Ask::Debit { .. } => said(body).map(Reply::Debit),
        Ask::Link { .. } => said(body).map(Reply::Link),
        Ask::Unlink { .. } => Ok(Reply::Unlinked),
    }?;
    declined_is_no(ask, reply)
}

/// What arrived may be half of an answer: it was probably done, but nobody can say what.
fn said<T: DeserializeOwned>(body: &[u8]) -> Result<T, AskError> {
    // The error is told without the text around it, which may be anything.
    serde_json::from_slice(body).map_err(|fault| {
        unknown(format!("the answer cannot be read at line {}, column {}", fault.line(), fault.column()))
    })
}

/// A declined authorization is a "no" to who wanted it, and a record to who looks at it later.
pub fn declined_is_no(ask: &Ask, reply: Reply) -> Result<Reply, AskError> {
    match (ask, reply) {
        (Ask::Authorise { .. }, Reply::Authorization(authorization))
            if authorization.state == AuthorizationState::Declined =>
        {
            Err(AskError::Declined {
                authorization: authorization.id,
                code: authorization.decline_code.unwrap_or_else(|| "declined".to_owned()),
            })
        }
        (_, reply) => Ok(reply),
    }
}

fn refused(status: u16, body: &[u8]) -> AskError {
    match (status, serde_json::from_slice::<Refusal>(body)) {
        (400 | 401 | 403 | 405 | 415, _) => misconfigured(status),
        (_, Ok(refusal)) if refusal.code == RefusalCode::Other("request_in_progress".to_owned()) => {
            unknown("the party is still at it".to_owned())
        }
        // "Not found" may be said of the address as well as of a name; only known words are said of names.
        (404, Ok(refusal)) if matches!(refusal.code, RefusalCode::Other(_)) => misconfigured(status),
        (_, Ok(refusal)) => AskError::Refused(refusal),
        // Something between us and the party answered in its stead.
        (_, Err(_)) => misconfigured(status),
    }
}

fn misconfigured(status: u16) -> AskError {
    let why = match status {
        401 | 403 => "the party does not accept the token",
        404 => "there is no such call at this address",
        _ => "the party does not understand the request",
    };
    AskError::Misconfigured { why: format!("{why} ({status})") }
}

/// What a party tells of an idempotency key.
#[derive(Deserialize)]
struct RequestBody {
    status: u16,
    body: Value,
}

/// How a look-up of an answered key is told.
pub fn answer_of_look_up(operation: &str, answer: &Answer) -> Answer {
    Answer {
        status: 200,
        body: json!({ "operation": operation, "status": answer.status, "body": answer.body }),
    }
}

/// What a look-up's answer says about an ask. `None` where the party has not seen the key.
pub fn looked_up_of(
    ask: &Ask,
    status: u16,
    retry_after_ms: Option<u64>,
    body: &[u8],
) -> Result<Option<Result<Reply, AskError>>, AskError> {
    if status == 200 {
        let found: RequestBody = said(body)?;
        return Ok(Some(outcome_of(ask, found.status, None, found.body.to_string().as_bytes())));
    }
    match outcome_of(ask, status, retry_after_ms, body) {
        Err(AskError::Refused(refusal)) if refusal.code == RefusalCode::UnknownId => Ok(None),
        Err(error) => Err(error),
        Ok(_) => Err(unknown(format!("a look-up was answered {status}"))),
    }
}
