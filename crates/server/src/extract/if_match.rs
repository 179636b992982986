//! Versions of things that change: `ETag` and `If-Match`.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use choba_app::AppError;

use crate::Problem;

/// The version that the caller has seen, where it wants to hear of any change since.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(given) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let given = given.to_str().unwrap_or_default().trim();
        if given == "*" {
            return Ok(Self(None));
        }
        let version = given.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let version = version.and_then(|version| version.parse().ok());
        version.map(|version| Self(Some(version))).ok_or_else(|| {
            Problem::field("#If-Match", "expected the ETag of the version that was seen, such as \"3\"")
        })
    }
}

impl IfMatch {
    /// That it is the version that was seen, or that none was named.
    ///
    /// # Errors
    /// 412 where it is another.
    pub fn check(self, version: i64) -> Result<(), Problem> {
        if self.0.is_none_or(|seen| seen == version) { Ok(()) } else { Err(AppError::Changed.into()) }
    }
}

/// The header value of a version.
pub fn etag(version: i64) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}
