//! `/v1/hooks/carriers/{carrier}`: what carriers send by themselves, signed.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use choba_outside::webhook::{HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, WebhookHeaders};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shipments::Taken;
use crate::extract::{PathOf, RawJson};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(take))
}

/// Take a carrier's message
///
/// Signed after Standard Webhooks with a secret of that carrier; no bearer token. The type `tracking.updated` has
/// `data.events`, each as in `tell_tracking` without `carrier`; other types are acknowledged and left alone.
#[utoipa::path(
    post,
    path = "/v1/hooks/carriers/{carrier}",
    operation_id = "take_carrier_message",
    tag = "Parcels",
    security(()),
    params(
        ("carrier" = String, Path, description = "The carrier's id", example = "yamato"),
        ("webhook-id" = String, Header, description = "The message's id"),
        ("webhook-timestamp" = String, Header, description = "When it was sent, in seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,` and base64"),
    ),
    request_body(content = Object, example = json!({"type": "tracking.updated",
        "timestamp": "2026-11-23T10:00:00+09:00", "data": {"events": [{"number": "400000000002",
        "at": "2026-11-23T10:00:00+09:00", "text": "配達完了"}]}})),
    responses((status = 202, description = "It is kept", body = Taken)),
)]
async fn take(
    State(service): State<Service>,
    PathOf(carrier): PathOf<String>,
    headers: HeaderMap,
    RawJson(body): RawJson,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = WebhookHeaders {
        id: header(HEADER_ID),
        timestamp: header(HEADER_TIMESTAMP),
        signature: header(HEADER_SIGNATURE),
    };
    let at = service.clock.now();
    let taken = service.counter.take_carrier_message(&service.carriers, &carrier, signed, &body, at).await?;
    Ok((StatusCode::ACCEPTED, Json(taken.into())))
}
