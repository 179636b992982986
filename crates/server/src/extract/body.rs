//! JSON bodies: read once, and every fault named by its place.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::Problem;
use crate::problem::FieldFault;

/// A body as its type.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

/// A JSON body as it was sent: what is asked under an idempotency key is the same only if its bytes are.
#[derive(Clone, Debug)]
pub struct RawJson(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawJson {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !says_json(&request) {
            let detail = "Send the body with `Content-Type: application/json`.";
            let title = "The body is of a type that is not read here";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", title, detail));
        }
        Bytes::from_request(request, state).await.map(Self).map_err(unread)
    }
}

fn says_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json")
}

fn unread(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let title = "The body is too large";
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", title, "Send less at once.");
    }
    Problem::new(StatusCode::BAD_REQUEST, "body", "The body cannot be read", "The body ended early.")
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let RawJson(bytes) = RawJson::from_request(request, state).await?;
        read_json(&bytes).map(Self)
    }
}

/// Reads JSON.
///
/// # Errors
/// 400 where it is no JSON, 422 where a field is not as expected, with its place.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    let read = read.map_err(|error| unreadable(&pointer(error.path()), error.inner()))?;
    deserializer.end().map_err(|error| unreadable("", &error))?;
    Ok(read)
}

fn unreadable(pointer: &str, error: &serde_json::Error) -> Problem {
    if error.is_data() {
        return Problem::field(pointer, error.to_string());
    }
    let title = "The body is not JSON";
    let mut problem = Problem::new(StatusCode::BAD_REQUEST, "json", title, error.to_string());
    problem.blame(FieldFault { pointer: pointer.to_owned(), detail: error.to_string() });
    problem
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
