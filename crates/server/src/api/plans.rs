//! `/v1/plans`: the best way to pay a cart.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use choba_app::Cart;
use choba_engine::plan;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::quote_shapes::{Plan, QuoteRequest};
use super::quotes::QuoteQuery;
use crate::extract::{Asking, Params, RawJson};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(plan))
}

/// What a plan is to be best at.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Aim {
    /// The customer pays least themselves.
    #[default]
    LeastCash,
    /// The total less the worth of the points to come is least.
    MostValue,
    /// Likewise, and only stored value that soon expires is used.
    SavePoints,
}

impl From<Aim> for plan::Aim {
    fn from(aim: Aim) -> Self {
        match aim {
            Aim::LeastCash => Self::LeastCash,
            Aim::MostValue => Self::MostValue,
            Aim::SavePoints => Self::SavePoints,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// What the plan is to be best at; `least_cash` without it.
    #[param(inline)]
    aim: Option<Aim>,
    /// As for quotes.
    customer_id: Option<String>,
}

/// Find the best way to pay a cart
///
/// Chooses coupons and stored value so that the aim is truly optimal, and answers the quote with that choice, how it was
/// proven, and what the second best would cost.
#[utoipa::path(
    post,
    path = "/v1/plans",
    operation_id = "plan",
    tag = "Quotes",
    security(("bearer" = ["quotes"])),
    params(PlanQuery),
    request_body = QuoteRequest,
    responses((status = 200, description = "The plan with its quote", body = Plan)),
)]
async fn plan(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<PlanQuery>,
    RawJson(request): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let of = QuoteQuery { customer_id: query.customer_id }.cart_of(&caller);
    let cart = Cart { caller, of, request: request.to_vec() };
    let aim = query.aim.unwrap_or_default().into();
    let plan = service.counter.plan_cart(cart, aim, service.clock.now()).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], plan))
}
