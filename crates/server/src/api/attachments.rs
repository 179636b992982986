//! Pictures of cases: sent within a case, given back on paths of their own (`/v1/attachments`), so that a proxy can serve
//! them from another host than everything else.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use choba_app::{Attach, Attached, AttachmentFile, Right};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Asking, IdempotencyKey, Params, PathOf};
use crate::{Problem, Service};

/// The largest file that is read, in bytes; that it is small enough for a picture is decided by whoever draws it.
const FILE_MAX: usize = 8 * 1024 * 1024 + 1;

pub fn operations() -> OpenApiRouter<Service> {
    let attach = OpenApiRouter::new().routes(routes!(attach));
    attach.layer(DefaultBodyLimit::max(FILE_MAX)).routes(routes!(file))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileNamed {
    /// As its sender calls it.
    #[param(example = "box.jpg")]
    name: String,
}

/// What was attached.
#[derive(Serialize, ToSchema)]
struct AttachedShown {
    attachment_id: String,
    /// As it is kept.
    name: String,
    /// `image/jpeg` or `image/png`: by its content, whatever it is called.
    media_type: String,
    bytes: u64,
}

impl From<Attached> for AttachedShown {
    fn from(Attached { attachment_id, name, media_type, bytes }: Attached) -> Self {
        Self { attachment_id, name, media_type, bytes }
    }
}

/// Attach a picture
///
/// The body is the file itself: JPEG or PNG, at most 8 MiB and 40 million pixels. It is drawn anew, so that nothing is kept
/// of it but the picture.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/attachments",
    operation_id = "attach_to_case",
    tag = "Cases",
    security(("bearer" = ["cases:write"])),
    params(
        ("case" = String, Path, description = "The case"),
        FileNamed,
        ("Idempotency-Key" = String, Header, description = "New for each file"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    responses((status = 201, description = "It is attached", body = AttachedShown)),
)]
async fn attach(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    Params(query): Params<FileNamed>,
    key: IdempotencyKey,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<AttachedShown>), Problem> {
    caller.needs(Right::CasesWrite)?;
    let bytes = body.map_err(|_| {
        let title = "The file cannot be attached";
        let detail = "It is larger than 8 MiB, or ended early.";
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "attachment_too_large", title, detail)
    })?;
    let key = key.of("attach_to_case", &case, &bytes)?;
    let attach = Attach { name: query.name, bytes: bytes.to_vec() };
    let attached = service.counter.attach_to_case(&caller, &case, attach, key, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(attached.into())))
}

/// Give back a picture
///
/// To whoever may see the case, to be saved and never to be shown as a page.
#[utoipa::path(
    get,
    path = "/v1/attachments/{case}/{attachment}",
    operation_id = "give_attachment",
    tag = "Cases",
    security(("bearer" = ["cases:read"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("attachment" = String, Path, description = "The attachment"),
    ),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "image/png")),
)]
async fn file(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((case, attachment)): PathOf<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let AttachmentFile { name, media_type, bytes } =
        service.counter.case_attachment(&caller, &case, &attachment).await?;
    let headers = [
        (header::CONTENT_TYPE, value(&media_type)?),
        (header::CONTENT_DISPOSITION, value(&disposition(&name))?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-site")),
    ];
    Ok((headers, bytes))
}

fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|error| Problem::defect(&error.to_string()))
}

/// Saved under its name, after RFC 6266: every byte of it that is no plain letter is written as its number.
fn disposition(name: &str) -> String {
    let mut written = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn no_name_adds_a_header_or_a_parameter() {
        let named = disposition("玄関\r\nSet-Cookie: a=b\"; filename=x.html");
        assert!(
            named.is_ascii() && !named.contains(['\r', '\n', '"', ' ']) || named.matches(' ').count() == 1
        );
        assert_eq!(named.matches(';').count(), 1);
        assert_eq!(disposition("box.png"), "attachment; filename*=UTF-8''box.png");
    }
}
