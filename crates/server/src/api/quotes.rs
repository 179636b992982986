//! `/v1/quotes`: what a cart costs, who pays, what it earns, and why.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use choba_app::{Caller, Cart, CartOf};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::quote_shapes::{Quote, QuoteRequest};
use crate::extract::{Asking, Params, RawJson};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(quote))
}

/// Whose cart it is.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QuoteQuery {
    /// A customer of the books: what they hold comes from there, and the time is now. Without it the request's
    /// `customer` and `at` are used as they stand. A customer's own token always means that customer.
    #[param(example = "hanako")]
    pub customer_id: Option<String>,
}

impl QuoteQuery {
    pub fn cart_of(self, caller: &Caller) -> CartOf {
        match (self.customer_id, caller) {
            (Some(customer_id), _) => CartOf::Customer(customer_id),
            (None, Caller::Customer { customer_id }) => CartOf::Customer(customer_id.clone()),
            (None, _) => CartOf::AsDescribed,
        }
    }
}

/// Price a cart
///
/// Says what a cart costs, who pays how much of it, what it earns and when, and why anything asked for cannot be used.
/// Nothing is saved. The same request under the same version of the market gives the same answer, byte for byte.
#[utoipa::path(
    post,
    path = "/v1/quotes",
    operation_id = "quote",
    tag = "Quotes",
    security(("bearer" = ["quotes"])),
    params(QuoteQuery),
    request_body = QuoteRequest,
    responses((status = 200, description = "The quote", body = Quote)),
)]
async fn quote(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<QuoteQuery>,
    RawJson(request): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let of = query.cart_of(&caller);
    let cart = Cart { caller, of, request: request.to_vec() };
    let quote = service.counter.quote_cart(cart, service.clock.now()).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], quote))
}
