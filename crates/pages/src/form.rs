//! Forms: what was posted, from this visitor's own page only.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use choba_server::Problem;

use crate::fields::Fields;
use crate::page;
use crate::visitor::Visitor;

/// The name of the field with the token.
pub const TOKEN: &str = "form_token";

/// The most that a form may hold, in bytes.
pub const FORM_MAX: usize = 256 * 1024;

/// What was posted. There is none whose token is not of this visitor's session.
pub struct Form(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = parts.extensions.remove::<Visitor>();
        let visitor = visitor.ok_or_else(|| Problem::defect("a form outside of a visit").into_response())?;
        let ours = from_our_page(&parts.headers);
        let body = to_bytes(body, FORM_MAX).await.map_err(|_| too_large())?;
        let fields = read(&parts.headers, &body).map_err(IntoResponse::into_response)?;
        if ours && visitor.house.service.counter.form_token_fits(&visitor.token, fields.one(TOKEN)) {
            return Ok(Self(fields));
        }
        Err(page::stale_form(&visitor, parts.uri.path(), &fields, ours))
    }
}

fn read(headers: &HeaderMap, body: &Bytes) -> Result<Fields, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded" {
        return Ok(Fields::read(body));
    }
    let title = "The form is of a type that is not read here";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", title, "Send the page's own form."))
}

fn too_large() -> Response {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The form is too large", "Send less at once.")
        .into_response()
}

/// Whether the browser says that the form stood on a page of ours. Browsers that say nothing are believed: the token decides.
pub fn from_our_page(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = said("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let host = said("host").unwrap_or_default();
    said("origin").is_none_or(|origin| origin.split_once("://").is_some_and(|(_, named)| named == host))
}
