//! The key under which a write is done once.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use choba_app::Key;

use crate::Problem;

const HEADER: &str = "Idempotency-Key";

/// The header `Idempotency-Key`, which every write needs.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::field("#Idempotency-Key", "needed: any text that is new for each write");
        let key = parts.headers.get(HEADER).ok_or_else(missing)?;
        let key = key.to_str().map_err(|_| Problem::field("#Idempotency-Key", "expected printable ASCII"))?;
        Ok(Self(key.to_owned()))
    }
}

impl IdempotencyKey {
    /// The key of a use case about a subject, with what was sent.
    ///
    /// # Errors
    /// 422 where it is too long.
    pub fn of(&self, use_case: &str, subject: &str, body: &[u8]) -> Result<Key, Problem> {
        Ok(Key::new(&self.0, use_case, subject, body)?)
    }
}
