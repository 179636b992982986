//! `/v1/hooks`: what others tell by themselves, signed with a secret that both sides know instead of a bearer token.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use choba_app::PaymentHook;
use choba_outside::webhook::{HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, WebhookHeaders};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::PathOf;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(payments)).routes(routes!(dialler))
}

/// Hear the provider of payments
///
/// A message by the Standard Webhooks specification. It is acknowledged once it is taken in, and also where it is about nothing
/// known here; anything else is to be sent again.
#[utoipa::path(
    post,
    path = "/v1/hooks/payments/{provider}",
    operation_id = "hear_payment_provider",
    tag = "Hooks",
    params(
        ("provider" = String, Path, description = "The provider's name, as configured"),
        ("webhook-id" = String, Header, description = "The same whenever the message is sent"),
        ("webhook-timestamp" = String, Header, description = "When it is sent, in seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,` and a signature"),
    ),
    request_body(content = Object, description = "The message", example = json!({
        "type": "konbini.paid", "timestamp": "2026-11-21T03:00:00Z", "data": {"id": "kon_1"}
    })),
    responses((status = 204, description = "It is acknowledged")),
)]
async fn payments(
    State(service): State<Service>,
    PathOf(provider): PathOf<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let secrets = service.telling.payments.get(&provider);
    let secrets = secrets.ok_or_else(|| Problem::not_found("There is nothing at this path."))?;
    let hook = PaymentHook { provider: &provider, headers: signed(&headers), body: &body };
    service.counter.hear_payment_provider(secrets, hook, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hear the dialler
///
/// How a call goes that the dialler was asked to make, as a message by the Standard Webhooks specification. `type` is
/// `dial.ringing`, `dial.answered`, `dial.no_answer`, `dial.busy`, `dial.failed`, `dial.dropped` or `dial.ended`; the last two have
/// the `seconds` that both talked, and `dial.ended` has `by`. What is about no call known here, or was told before, is
/// acknowledged as well; anything else is to be sent again.
#[utoipa::path(
    post,
    path = "/v1/hooks/dialler",
    operation_id = "hear_dialler",
    tag = "Hooks",
    params(
        ("webhook-id" = String, Header, description = "The same whenever the message is sent"),
        ("webhook-timestamp" = String, Header, description = "When it is sent, in seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,` and a signature"),
    ),
    request_body(content = Object, description = "The message", example = json!({
        "type": "dial.dropped", "timestamp": "2026-11-24T01:00:00Z", "data": {"dial_id": "dial_cb_1_1", "seconds": 42}
    })),
    responses((status = 204, description = "It is acknowledged")),
)]
async fn dialler(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let secrets = &service.telling.dialler;
    if secrets.is_empty() {
        return Err(Problem::not_found("There is nothing at this path."));
    }
    service.counter.hear_dialler(secrets, signed(&headers), &body, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn signed(headers: &HeaderMap) -> WebhookHeaders<'_> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    WebhookHeaders {
        id: header(HEADER_ID),
        timestamp: header(HEADER_TIMESTAMP),
        signature: header(HEADER_SIGNATURE),
    }
}
