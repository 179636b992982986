//! `/v1/shared/{token}`: what a link shows to whoever has it.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use choba_engine::tracking::ParcelStatus;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::PathOf;
use crate::problem::InBoth;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(shared))
}

/// How far a shipment is.
#[derive(Debug, Serialize, ToSchema)]
struct SharedShown {
    #[schema(value_type = String, example = "in_transit")]
    status: ParcelStatus,
    /// The status in words.
    text: Option<InBoth>,
    /// When it came so far.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    numbers: Vec<MaskedNumber>,
    /// Until when the link shows it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A number, masked.
#[derive(Debug, Serialize, ToSchema)]
struct MaskedNumber {
    #[schema(example = "****-****-0002")]
    number: String,
    #[schema(value_type = String, example = "in_transit")]
    status: ParcelStatus,
}

/// Show a shared shipment
///
/// Its state and masked numbers, and nothing else. A link that is wrong, over or taken back is answered 404 alike.
#[utoipa::path(
    get,
    path = "/v1/shared/{token}",
    operation_id = "show_shared_shipment",
    tag = "Parcels",
    security(()),
    params(("token" = String, Path, description = "As it was made")),
    responses((status = 200, description = "How far it is", body = SharedShown)),
)]
async fn shared(
    State(service): State<Service>,
    PathOf(token): PathOf<String>,
) -> Result<impl IntoResponse, Problem> {
    let shown = service.counter.shared_shipment(&token, service.clock.now()).await?;
    let numbers = shown.numbers.into_iter();
    let shown = SharedShown {
        status: shown.state.status,
        text: InBoth::said(&format!("parcel-{}", shown.state.status.code())),
        since: shown.state.since,
        numbers: numbers.map(|(number, state)| MaskedNumber { number, status: state.status }).collect(),
        expires_at: shown.expires_at,
    };
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")], Json(shown)))
}
