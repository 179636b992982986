//! How a request fails that never came to a party's books, in the form of RFC 9457.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::wire::Answer;

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The token is missing or another.
    Unauthorised,
    /// No such path, or another method.
    NoSuchCall,
    /// A change without `Idempotency-Key`.
    KeyMissing,
    /// The body is not of the call's form.
    Body(String),
    /// No request with this key has arrived yet.
    RequestUnknown,
    /// Down, as a fault or because the state file cannot be written; nothing was done.
    Down,
    /// Too many requests, as a fault; nothing was done.
    RateLimited {
        /// When to come again.
        retry_after_seconds: u32,
    },
}

impl Problem {
    fn told(&self) -> (u16, &'static str, String) {
        match self {
            Self::Unauthorised => (401, "unauthorised", "a bearer token of this party is needed".to_owned()),
            Self::NoSuchCall => (404, "no_such_call", "there is no such call".to_owned()),
            Self::KeyMissing => {
                let detail = "what changes something needs the header Idempotency-Key: \
                     1 to 255 printable characters of ASCII without spaces";
                (400, "idempotency_key_missing", detail.to_owned())
            }
            Self::Body(fault) => (400, "malformed", fault.clone()),
            Self::RequestUnknown => {
                (404, "unknown_id", "no request with this key has arrived yet".to_owned())
            }
            Self::Down => (503, "down", "nothing was done; come again".to_owned()),
            Self::RateLimited { .. } => {
                (429, "rate_limited", "nothing was done; come again later".to_owned())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, detail) = self.told();
        let body = json!({ "status": status, "code": code, "detail": detail });
        let mut response = response_of(&Answer { status, body });
        let headers = response.headers_mut();
        if let Self::RateLimited { retry_after_seconds } = self {
            headers.insert(header::RETRY_AFTER, retry_after_seconds.into());
        }
        if self == Self::Unauthorised {
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// An answer as a response.
pub(super) fn response_of(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if answer.body.is_null() {
        return status.into_response();
    }
    let kind = if answer.status >= 400 { "application/problem+json" } else { "application/json" };
    (status, [(header::CONTENT_TYPE, kind)], answer.body.to_string()).into_response()
}
