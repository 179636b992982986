//! A form with a file in it, or without.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use choba_server::Problem;

use crate::fields::Fields;
use crate::form::{Form, TOKEN, from_our_page};
use crate::page;
use crate::visitor::Visitor;

/// The most that such a form may hold, in bytes: a picture and some text.
pub const BODY_MAX: usize = 8 * 1024 * 1024 + 256 * 1024;

/// What was posted. There is none whose token is not of this visitor's session.
pub struct Posted {
    pub fields: Fields,
    /// Name and content.
    pub file: Option<(String, Bytes)>,
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.unwrap_or_default().starts_with("multipart/form-data") {
            let Form(fields) = Form::from_request(request, state).await?;
            return Ok(Self { fields, file: None });
        }
        let visitor = request.extensions().get::<Visitor>().cloned();
        let visitor = visitor.ok_or_else(|| Problem::defect("a form outside of a visit").into_response())?;
        let (ours, path) = (from_our_page(request.headers()), request.uri().path().to_owned());
        let form = Multipart::from_request(request, state).await.map_err(unreadable)?;
        let posted = Self::read(form).await?;
        if ours && visitor.house.service.counter.form_token_fits(&visitor.token, posted.fields.one(TOKEN)) {
            return Ok(posted);
        }
        Err(page::stale_form(&visitor, &path, &posted.fields, ours))
    }
}

impl Posted {
    /// Reads a form that came in parts.
    pub async fn read(mut form: Multipart) -> Result<Self, Response> {
        let mut pairs = Vec::new();
        let mut file = None;
        while let Some(part) = form.next_field().await.map_err(unreadable)? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(called) => {
                    let bytes = part.bytes().await.map_err(unreadable)?;
                    // A file field that was left empty comes without a name.
                    file = Some((called, bytes)).filter(|(called, _)| !called.is_empty()).or(file);
                }
                None => pairs.push((name, part.text().await.map_err(unreadable)?)),
            }
        }
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Ok(Self { fields: Fields::read(text.as_bytes()), file })
    }
}

/// Cut off, too large, or no form.
fn unreadable(error: impl IntoResponse) -> Response {
    let status = error.into_response().status();
    Problem::new(status, "form", "The form cannot be read", "Send less at once.").into_response()
}
