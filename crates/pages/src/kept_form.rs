//! What somebody typed who is not signed in any more: kept until it can be sent again.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::care::Posted;
use crate::fields::Fields;
use crate::form::{FORM_MAX, from_our_page};
use crate::page;
use crate::visitor::Visitor;

/// A form as it came.
pub struct KeptForm {
    headers: HeaderMap,
    path: String,
    body: Bytes,
}

/// The mark of an answer that leads to signing in.
#[derive(Clone, Copy)]
pub struct SignInFirst;

impl KeptForm {
    /// Keeps what is posted by somebody who is not signed in, if it says that it is no larger than a form may be, and
    /// comes from a page of ours.
    pub async fn of(visitor: &Visitor, request: Request) -> Result<(Request, Option<Self>), Response> {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length: Option<usize> = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let is_form = request.method() == Method::POST && length.is_some_and(|length| length <= FORM_MAX);
        let by_script = request.headers().contains_key("hx-request");
        if visitor.caller().is_some() || !is_form || by_script || !from_our_page(request.headers()) {
            return Ok((request, None));
        }
        let (parts, body) = request.into_parts();
        let body =
            to_bytes(body, FORM_MAX).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        let (headers, path) = (parts.headers.clone(), parts.uri.path().to_owned());
        let kept = Self { headers, path, body: body.clone() };
        Ok((Request::from_parts(parts, Body::from(body)), Some(kept)))
    }

    /// The page that says so, and sends the same again.
    pub async fn page(self, visitor: &Visitor) -> Response {
        let Self { headers, path, body } = self;
        page::expired_form(visitor, &path, &typed(headers, body).await)
    }
}

/// All but files, which cannot be sent again.
async fn typed(headers: HeaderMap, body: Bytes) -> Fields {
    let mut request = Request::new(Body::from(body.clone()));
    *request.headers_mut() = headers;
    match Multipart::from_request(request, &()).await {
        Ok(form) => Posted::read(form).await.map(|posted| posted.fields).unwrap_or_default(),
        Err(_) => Fields::read(&body),
    }
}
