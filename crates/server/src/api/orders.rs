//! `/v1/orders`: placing, looking, and where each yen came from and went.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use choba_app::{Caller, OrderStory, OrdersWanted, PlaceOrder, PlaceOutcome, Right};
use choba_engine::money::Money;
use choba_engine::order::{Expected, PaymentState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::order_shapes::OrderShown;
use super::quote_shapes::{Quote, QuoteRequest};
use crate::extract::{Asking, IdempotencyKey, Page, Params, PathOf, RawJson, etag, limit, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(place, list)).routes(routes!(show)).routes(routes!(story))
}

/// An order to be placed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "hanako",
    "request": {
        "market": "rakuten-style",
        "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000, "quantity": 2,
            "tax_rate": "0.10"}],
        "pay": {"method": {"type": "card"}}
    },
    "expected": {"total": 4000},
    "card_token": "tok_ok"
}))]
struct OrderToPlace {
    /// Whose; a customer's own token says it.
    customer_id: Option<String>,
    /// The quote's request. What it says of the customer and the time is not used: the books know.
    #[schema(value_type = QuoteRequest)]
    request: Box<RawValue>,
    /// What the customer has seen and agreed to.
    expected: ExpectedShape,
    /// The provider's name for the card, where a card pays.
    card_token: Option<String>,
}

/// What the customer has seen and agreed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExpectedShape {
    /// The total.
    #[schema(minimum = 0)]
    total: i64,
    /// Who pays how much, where any change in it is to be heard of.
    tenders: Option<Vec<ExpectedTender>>,
    /// The market's version, likewise.
    market_version: Option<String>,
}

/// What a tender is to pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExpectedTender {
    tender: String,
    #[schema(minimum = 0)]
    amount: i64,
}

impl From<ExpectedShape> for Expected {
    fn from(shape: ExpectedShape) -> Self {
        let tenders = shape.tenders.map(|tenders| {
            tenders.into_iter().map(|tender| (tender.tender, Money::new(tender.amount))).collect()
        });
        Self { total: Money::new(shape.total), tenders, market_version: shape.market_version }
    }
}

/// A placed order. Repeated under the same key, all but the payment's state is the same for ever.
#[derive(Debug, Serialize, ToSchema)]
struct OrderPlaced {
    order_id: String,
    /// 3-7-7 digits.
    number: String,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    #[schema(value_type = i64)]
    total: Money,
    /// `asking`, `awaiting_payment`, `authorised` or `paid`, as it is now.
    #[schema(value_type = String, example = "authorised")]
    payment_state: PaymentState,
}

/// Place an order
///
/// Places the order if the quote is still what is expected and everything is paid for. If prices, balances or the market
/// have changed, nothing is taken, and the problem `quote_changed` has the new quote. If the card, a partner or a counter
/// refuses, everything is given back: `payment_refused`.
#[utoipa::path(
    post,
    path = "/v1/orders",
    operation_id = "place_order",
    tag = "Orders",
    security(("bearer" = ["orders:write"])),
    params(("Idempotency-Key" = String, Header, description = "New for each order")),
    request_body = OrderToPlace,
    responses(
        (status = 201, description = "It is placed", body = OrderPlaced),
        (status = 402, description = "The payment was refused; everything was given back",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn place(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    RawJson(body): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let order: OrderToPlace = read_json(&body)?;
    let customer_id = whose_cart(&caller, order.customer_id)?;
    let market = market_of(order.request.get())?;
    let place = PlaceOrder {
        whose: caller.acting_for(&customer_id, &market, Right::OrdersWrite)?,
        request: order.request.get().as_bytes().to_vec(),
        expected: order.expected.into(),
        card_token: order.card_token,
        key: key.of("place_order", &customer_id, &body)?,
    };
    match service.counter.place_order(place, service.clock.now()).await.map_err(in_request)? {
        PlaceOutcome::Placed(placed, payment_state) => {
            let location = [(header::LOCATION, format!("/v1/orders/{}", placed.number))];
            let placed = OrderPlaced {
                order_id: placed.order_id,
                number: placed.number,
                placed_at: placed.placed_at,
                total: placed.total,
                payment_state,
            };
            Ok((StatusCode::CREATED, location, Json(placed)))
        }
        PlaceOutcome::NewQuote(quote) => Err(Problem::quote_changed(&quote)),
        PlaceOutcome::PaymentRefused { order, code } => Err(Problem::payment_refused(&order.number, &code)),
    }
}

fn whose_cart(caller: &Caller, named: Option<String>) -> Result<String, Problem> {
    match (named, caller) {
        (Some(customer_id), _) => Ok(customer_id),
        (None, Caller::Customer { customer_id }) => Ok(customer_id.clone()),
        (None, _) => Err(Problem::field("/customer_id", "needed: whose order it is")),
    }
}

fn market_of(request: &str) -> Result<String, Problem> {
    #[derive(Deserialize)]
    struct Named {
        market: Option<String>,
    }
    let named: Named = read_json(request.as_bytes()).map_err(Problem::within_request)?;
    named.market.ok_or_else(|| Problem::field("/request/market", "missing; name a market"))
}

/// Faults of the quote's request are told by their place in the body.
fn in_request(error: choba_app::AppError) -> Problem {
    match error {
        error @ (choba_app::AppError::Request(_) | choba_app::AppError::Unpriceable(_)) => {
            Problem::from(error).within_request()
        }
        choba_app::AppError::Field { field, fault } if field == "/lines" => {
            Problem::field("/request/lines", fault)
        }
        other => other.into(),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    /// Whose orders; a customer's own token says it.
    customer_id: Option<String>,
    /// In which market.
    #[param(example = "rakuten-style")]
    market: String,
    /// Only those in this state; all without it.
    #[param(inline)]
    state: Option<OrdersState>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Which orders are listed.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrdersState {
    /// Nothing of them has left.
    NotShipped,
    /// All of them is cancelled.
    Cancelled,
}

/// List a customer's orders
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/v1/orders",
    operation_id = "list_orders",
    tag = "Orders",
    security(("bearer" = ["orders:read"])),
    params(OrdersQuery),
    responses((status = 200, description = "A page of orders", body = Page<OrderShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<OrdersQuery>,
) -> Result<Json<Page<OrderShown>>, Problem> {
    let named = query.customer_id;
    let customer_id = whose_cart(&caller, named).map_err(|_| Problem::field("#customer_id", "needed"))?;
    let whose = caller.acting_for(&customer_id, &query.market, Right::OrdersRead)?;
    let wanted = match query.state {
        None => OrdersWanted::All,
        Some(OrdersState::NotShipped) => OrdersWanted::NotShipped,
        Some(OrdersState::Cancelled) => OrdersWanted::Cancelled,
    };
    let limit = limit(query.limit)?;
    let found = service.counter.orders_of(&whose, wanted, query.after.as_deref(), limit + 1).await?;
    let page = Page::cut(found, limit, |found| found.order.order_id.clone());
    Ok(Json(page.map(|found| OrderShown::of(found, &caller))))
}

/// Of which customer an order is that is named by its id.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfCustomer {
    /// Needed where an order is named by its id, not by its number, and the token is not the customer's own.
    pub customer_id: Option<String>,
}

/// Show an order
///
/// By its number, or by its id. The `ETag` counts its changes.
#[utoipa::path(
    get,
    path = "/v1/orders/{order}",
    operation_id = "show_order",
    tag = "Orders",
    security(("bearer" = ["orders:read"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    responses((status = 200, description = "The order", body = OrderShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
) -> Result<impl IntoResponse, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::OrdersRead).await?;
    Ok((etag(found.version), Json(OrderShown::of(found, &caller))))
}

/// Where each yen of an order came from and went.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoryShown {
    /// The order's number.
    number: String,
    /// The quote that it was placed with, as its customer saw it, with the trace of its total.
    #[schema(value_type = Quote)]
    quote: Box<RawValue>,
    /// The entries made for it, oldest first. The postings of each add up to zero in each unit.
    entries: Vec<EntryShown>,
    /// What accounts have come to by these entries.
    accounts: Vec<AccountShown>,
}

/// An entry of the journal.
#[derive(Debug, Serialize, ToSchema)]
struct EntryShown {
    entry_id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, example = "order_placed")]
    reason: choba_engine::books::EntryReason,
    note: Option<String>,
    postings: Vec<PostingShown>,
}

/// Moves an amount to (above zero) or from an account.
#[derive(Debug, Serialize, ToSchema)]
struct PostingShown {
    account: String,
    /// `JPY`, or the program whose points are counted.
    unit: String,
    lot_id: Option<String>,
    amount: i64,
}

/// What an account has come to.
#[derive(Debug, Serialize, ToSchema)]
struct AccountShown {
    account: String,
    unit: String,
    amount: i64,
}

impl From<OrderStory> for StoryShown {
    fn from(story: OrderStory) -> Self {
        let entries = story.entries.into_iter().map(|entry| EntryShown {
            entry_id: entry.entry_id,
            at: entry.at,
            reason: entry.reason,
            note: entry.note,
            postings: entry
                .postings
                .into_iter()
                .map(|posting| PostingShown {
                    account: posting.account,
                    unit: posting.unit,
                    lot_id: posting.lot_id,
                    amount: posting.amount,
                })
                .collect(),
        });
        let accounts = story.accounts.into_iter().map(|account| AccountShown {
            account: account.account,
            unit: account.unit,
            amount: account.amount,
        });
        Self {
            number: story.order.number,
            quote: story.quote,
            entries: entries.collect(),
            accounts: accounts.collect(),
        }
    }
}

/// Tell an order's story
///
/// The quote as its customer saw it, with its trace, and every entry of the journal made for it since: where each yen
/// came from and went.
#[utoipa::path(
    get,
    path = "/v1/orders/{order}/story",
    operation_id = "order_story",
    tag = "Orders",
    security(("bearer" = ["orders:read"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    responses((status = 200, description = "The story", body = StoryShown)),
)]
async fn story(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
) -> Result<Json<StoryShown>, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::OrdersRead).await?;
    let story = service.counter.order_story(&found.whose, &found.order.order_id).await?;
    Ok(Json(story.into()))
}
