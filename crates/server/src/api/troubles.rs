//! `/v1/troubles`: orders that somebody has to look at, because an outside party refused or did not answer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choba_app::{OrderInTrouble, Right};
use choba_engine::order::EndTrouble;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::orders::OfCustomer;
use crate::extract::{Asking, Body, Page, Params, PathOf, limit};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(ask_again)).routes(routes!(end))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TroublesQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// An order in trouble.
#[derive(Debug, Serialize, ToSchema)]
struct OrderInTroubleShown {
    customer_id: String,
    order_id: String,
    number: String,
    troubles: Vec<TroubleRow>,
}

/// What has not ended.
#[derive(Debug, Serialize, ToSchema)]
struct TroubleRow {
    /// What was asked.
    ask_id: String,
    /// The other side's code.
    code: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<OrderInTrouble> for OrderInTroubleShown {
    fn from(order: OrderInTrouble) -> Self {
        let troubles = order.troubles.into_iter();
        Self {
            customer_id: order.customer_id,
            order_id: order.order_id,
            number: order.number,
            troubles: troubles
                .map(|trouble| TroubleRow { ask_id: trouble.ask_id, code: trouble.code, at: trouble.at })
                .collect(),
        }
    }
}

fn cursor(order: &OrderInTrouble) -> String {
    let text = format!("{}\n{}", order.customer_id, order.order_id);
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}

fn place(cursor: &str) -> Result<(String, String), Problem> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let parts = text.split_once('\n').map(|(customer, order)| (customer.to_owned(), order.to_owned()));
    parts.ok_or_else(|| Problem::field("#after", "expected `next` of an earlier page"))
}

/// List orders in trouble
///
/// Those for which a card, a counter or a partner refused, or never answered, what has to happen anyway.
#[utoipa::path(
    get,
    path = "/v1/troubles",
    operation_id = "orders_in_trouble",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(TroublesQuery),
    responses((status = 200, description = "A page of orders", body = Page<OrderInTroubleShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<TroublesQuery>,
) -> Result<Json<Page<OrderInTroubleShown>>, Problem> {
    caller.may(Right::OrdersFulfil)?;
    let limit = limit(query.limit)?;
    let after = query.after.as_deref().map(place).transpose()?;
    let after = after.as_ref().map(|(customer, order)| (customer.as_str(), order.as_str()));
    let orders = service.counter.orders_in_trouble(&query.market, after, limit + 1).await?;
    Ok(Json(Page::cut(orders, limit, cursor).map(OrderInTroubleShown::from)))
}

/// Ask again
///
/// Anew what was refused, under the same key what was never answered.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/troubles/{ask_id}/ask-again",
    operation_id = "ask_again",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("ask_id" = String, Path, description = "What was asked"),
        OfCustomer,
    ),
    responses((status = 204, description = "It is asked")),
)]
async fn ask_again(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((order, ask_id)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
) -> Result<StatusCode, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::OrdersFulfil).await?;
    let (customer_id, order_id) = (&found.whose.customer_id, &found.order.order_id);
    service.counter.ask_again(customer_id, order_id, &ask_id, &caller.by(), service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a trouble ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"how": "closed", "note": "settled by phone"}))]
struct Ended {
    how: HowEnded,
    /// What a person wants to keep of it.
    note: Option<String>,
}

/// How staff end a trouble without asking again.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HowEnded {
    /// The money that a card was asked for has come another way.
    PaidOtherwise,
    /// What was to be done has been done by hand, or nothing is to be done.
    Closed,
}

/// Say how a trouble ended
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/troubles/{ask_id}/end",
    operation_id = "end_trouble",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("ask_id" = String, Path, description = "What was asked"),
        OfCustomer,
    ),
    request_body = Ended,
    responses((status = 204, description = "It has ended")),
)]
async fn end(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((order, ask_id)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
    Body(body): Body<Ended>,
) -> Result<StatusCode, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::OrdersFulfil).await?;
    let how = match body.how {
        HowEnded::PaidOtherwise => EndTrouble::PaidOtherwise,
        HowEnded::Closed => EndTrouble::Closed,
    };
    let (customer_id, order_id) = (&found.whose.customer_id, &found.order.order_id);
    let (by, at) = (caller.by(), service.clock.now());
    service.counter.end_trouble(customer_id, order_id, &ask_id, how, body.note, &by, at).await?;
    Ok(StatusCode::NO_CONTENT)
}
