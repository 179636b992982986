//! `/v1/hooks/mail`: mail that customers answer with, as our own mail server passes it on.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use choba_app::MailOutcome;
use choba_outside::webhook::{HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, WebhookHeaders};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(take))
}

/// What became of a mail.
#[derive(Serialize, ToSchema)]
struct MailTaken {
    /// `said` in its case, `unverified` (a person has to look whether it is the customer's), or `not_taken`: it answers to no
    /// case, or a machine wrote it.
    #[schema(example = "said")]
    outcome: &'static str,
}

impl From<MailOutcome> for MailTaken {
    fn from(outcome: MailOutcome) -> Self {
        let outcome = match outcome {
            MailOutcome::Said { .. } => "said",
            MailOutcome::Unverified { .. } => "unverified",
            MailOutcome::NotTaken => "not_taken",
        };
        Self { outcome }
    }
}

/// Take in a mail
///
/// The body is the mail itself (RFC 5322), as it came, with what our own mail server found out about its sender on top, and
/// signed after Standard Webhooks with its secret; no bearer token. The same mail sent again is taken once.
#[utoipa::path(
    post,
    path = "/v1/hooks/mail",
    operation_id = "take_mail",
    tag = "Hooks",
    security(()),
    params(
        ("webhook-id" = String, Header, description = "The message's id"),
        ("webhook-timestamp" = String, Header, description = "When it was sent, in seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,` and base64"),
    ),
    request_body(content = String, content_type = "message/rfc822", description = "The mail"),
    responses((status = 202, description = "It is taken in", body = MailTaken)),
)]
async fn take(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(axum::http::StatusCode, Json<MailTaken>), Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = WebhookHeaders {
        id: header(HEADER_ID),
        timestamp: header(HEADER_TIMESTAMP),
        signature: header(HEADER_SIGNATURE),
    };
    let taken =
        service.counter.take_mail(&service.telling.mail_in, signed, &body, service.clock.now()).await?;
    Ok((axum::http::StatusCode::ACCEPTED, Json(taken.into())))
}
