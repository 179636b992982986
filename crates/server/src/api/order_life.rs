//! What becomes of an order: prepared, shipped, delivered, paid, cancelled, returned, refunded.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use choba_app::{Caller, Counter, FoundOrder, OrderChanged, Right, ShipOrder};
use choba_engine::market::ReturnReason;
use choba_engine::money::Money;
use choba_engine::order::{CancelBy, Finding, LinePart, Shipping};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::order_shapes::{LinePartShape, OrderShown, RefundShown};
use super::orders::OfCustomer;
use crate::extract::{Asking, Body, IdempotencyKey, IfMatch, Params, PathOf, RawJson, etag, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(prepare))
        .routes(routes!(ship))
        .routes(routes!(add_tracking_numbers))
        .routes(routes!(deliver))
        .routes(routes!(paid))
        .routes(routes!(cancel))
        .routes(routes!(request_return))
        .routes(routes!(withdraw_return))
        .routes(routes!(receive_return))
        .routes(routes!(inspect_return))
        .routes(routes!(refund_return))
        .routes(routes!(refund))
}

/// An order after a change.
#[derive(Debug, Serialize, ToSchema)]
struct OrderAfter {
    /// The number or id of the part that it was about, or that came with it: a return, a shipment, a line.
    part: Option<String>,
    /// The refund that was made with it.
    refund: Option<RefundShown>,
    order: OrderShown,
}

/// A change of an order under way: the order as it was found, and a counter that refuses where it is another by then.
struct Changing<'s> {
    service: &'s Service,
    caller: Caller,
    counter: Counter,
    found: FoundOrder,
}

impl<'s> Changing<'s> {
    async fn begin(
        service: &'s Service,
        Asking(caller): Asking,
        order: &str,
        of: OfCustomer,
        right: Right,
        seen: IfMatch,
    ) -> Result<Self, Problem> {
        let found = service.counter.find_order(&caller, order, of.customer_id.as_deref(), right).await?;
        seen.check(found.version)?;
        let counter = match seen.0 {
            Some(_) => service.counter.having_seen(found.order.clone()),
            None => service.counter.clone(),
        };
        Ok(Self { service, caller, counter, found })
    }

    fn customer_id(&self) -> &str {
        &self.found.whose.customer_id
    }

    fn order_id(&self) -> &str {
        &self.found.order.order_id
    }

    async fn ended(self, changed: OrderChanged) -> Result<Response, Problem> {
        let (customer_id, order_id) = (self.customer_id(), self.order_id());
        let found =
            self.service.counter.find_order(&Caller::Itself, order_id, Some(customer_id), Right::OrdersRead);
        let found = found.await?;
        let refund = changed.refund.as_ref().map(|refund| RefundShown::of(refund, &found.order));
        let tag = etag(found.version);
        let after = OrderAfter { part: changed.part, refund, order: OrderShown::of(found, &self.caller) };
        Ok((tag, Json(after)).into_response())
    }
}

fn parts(lines: Option<Vec<LinePartShape>>) -> Option<Vec<LinePart>> {
    lines.map(|lines| lines.into_iter().map(LinePart::from).collect())
}

/// Who begins to prepare.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seller": "shop-a"}))]
struct ToPrepare {
    seller: String,
}

/// Begin to prepare
///
/// From then on the seller's goods cannot be cancelled by the customer, unless the market says otherwise.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/prepare",
    operation_id = "prepare_order",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    request_body = ToPrepare,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn prepare(
    State(service): State<Service>,
    asking: Asking,
    seen: IfMatch,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
    Body(body): Body<ToPrepare>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let done =
        changing.counter.prepare_order(changing.customer_id(), changing.order_id(), &body.seller, &by, at);
    let done = done.await?;
    changing.ended(done).await
}

/// What leaves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seller": "shop-a", "carrier": "yamato", "tracking_numbers": ["100000000001"]}))]
struct ToShip {
    seller: String,
    /// All that is open of the seller without it.
    lines: Option<Vec<LinePartShape>>,
    /// The carrier's id, for a parcel.
    carrier: Option<String>,
    /// As far as they are known.
    #[serde(default)]
    tracking_numbers: Vec<String>,
}

/// Ship
///
/// A shipment leaves; a card pays its part. An order may have several. `part` of the answer is the shipment's id.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/shipments",
    operation_id = "ship_order",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        OfCustomer,
        ("Idempotency-Key" = String, Header, description = "New for each shipment"),
    ),
    request_body = ToShip,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn ship(
    State(service): State<Service>,
    asking: Asking,
    key: IdempotencyKey,
    seen: IfMatch,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
    RawJson(bytes): RawJson,
) -> Result<Response, Problem> {
    let body: ToShip = read_json(&bytes)?;
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let ship = ShipOrder {
        customer_id: changing.customer_id().to_owned(),
        order_id: changing.order_id().to_owned(),
        shipping: Shipping {
            seller: body.seller,
            parts: parts(body.lines),
            carrier: body.carrier,
            tracking_numbers: body.tracking_numbers,
        },
        by: changing.caller.by(),
        key: Some(key.of("ship_order", changing.order_id(), &bytes)?),
    };
    let done = changing.counter.ship_order(ship, service.clock.now()).await?;
    changing.ended(done).await
}

/// Tracking numbers that became known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"carrier": "yamato", "tracking_numbers": ["100000000001"]}))]
struct NewNumbers {
    carrier: Option<String>,
    tracking_numbers: Vec<String>,
}

/// Add tracking numbers
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/shipments/{shipment}/numbers",
    operation_id = "add_tracking_numbers",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("shipment" = String, Path, description = "The shipment's id"),
        OfCustomer,
    ),
    request_body = NewNumbers,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn add_tracking_numbers(
    State(service): State<Service>,
    asking: Asking,
    seen: IfMatch,
    PathOf((order, shipment)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
    Body(body): Body<NewNumbers>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let (carrier, numbers) = (body.carrier, body.tracking_numbers);
    let done = changing
        .counter
        .add_tracking_numbers(customer_id, order_id, &shipment, carrier, numbers, &by, at)
        .await?;
    changing.ended(done).await
}

/// Say that a shipment has arrived
///
/// Said twice, it changes nothing. Cash on delivery is paid with it.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/shipments/{shipment}/delivered",
    operation_id = "deliver_shipment",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("shipment" = String, Path, description = "The shipment's id"),
        OfCustomer,
    ),
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn deliver(
    State(service): State<Service>,
    asking: Asking,
    seen: IfMatch,
    PathOf((order, shipment)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let done =
        changing.counter.deliver_order(changing.customer_id(), changing.order_id(), &shipment, &by, at);
    let done = done.await?;
    changing.ended(done).await
}

/// Say that an order was paid
///
/// At a konbini counter or by invoice; said twice, it changes nothing. Payment providers say it by their webhook.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/paid",
    operation_id = "order_paid",
    tag = "Orders",
    security(("bearer" = ["orders:fulfil"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn paid(
    State(service): State<Service>,
    asking: Asking,
    seen: IfMatch,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let done = changing.counter.order_paid(changing.customer_id(), changing.order_id(), &by, at).await?;
    changing.ended(done).await
}

/// What is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": [{"line_id": "1", "quantity": 1}]}))]
struct ToCancel {
    /// All that is open without it.
    lines: Option<Vec<LinePartShape>>,
    /// The seller cancels, or the market does; it takes the right `orders:fulfil`. Without it, it is the customer's wish.
    #[serde(default)]
    by_seller: bool,
}

/// Cancel
///
/// Whole or by line, until it is prepared (as the market says); after that it is a return. What was paid goes back to
/// who paid it.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/cancel",
    operation_id = "cancel_order",
    tag = "Orders",
    security(("bearer" = ["orders:write"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        OfCustomer,
        ("Idempotency-Key" = String, Header, description = "New for each wish"),
    ),
    request_body = ToCancel,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn cancel(
    State(service): State<Service>,
    asking: Asking,
    key: IdempotencyKey,
    seen: IfMatch,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
    RawJson(bytes): RawJson,
) -> Result<Response, Problem> {
    let body: ToCancel = read_json(&bytes)?;
    let (right, cancelled_by) = match body.by_seller {
        true => (Right::OrdersFulfil, CancelBy::Seller),
        false => (Right::OrdersWrite, CancelBy::Customer),
    };
    let changing = Changing::begin(&service, asking, &order, of, right, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let key = Some(key.of("cancel_order", order_id, &bytes)?);
    let parts = parts(body.lines);
    let done =
        changing.counter.cancel_order(customer_id, order_id, parts, cancelled_by, &by, key, at).await?;
    changing.ended(done).await
}

/// Why goods go back.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonShape {
    /// Not wanted any more.
    ChangedMind,
    /// It does not work.
    Defective,
    /// Something else was sent.
    WrongItem,
    /// Damaged on its way.
    Damaged,
    /// Not what was described.
    NotAsDescribed,
    /// Too late.
    ArrivedLate,
}

impl From<ReasonShape> for ReturnReason {
    fn from(reason: ReasonShape) -> Self {
        match reason {
            ReasonShape::ChangedMind => Self::ChangedMind,
            ReasonShape::Defective => Self::Defective,
            ReasonShape::WrongItem => Self::WrongItem,
            ReasonShape::Damaged => Self::Damaged,
            ReasonShape::NotAsDescribed => Self::NotAsDescribed,
            ReasonShape::ArrivedLate => Self::ArrivedLate,
        }
    }
}

/// What is to go back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": [{"line_id": "1", "quantity": 1}], "reason": "defective"}))]
struct ToReturn {
    lines: Vec<LinePartShape>,
    reason: ReasonShape,
}

/// Ask for a return
///
/// For what has arrived, within the market's time. `part` of the answer is the return number (返品確認番号).
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/returns",
    operation_id = "request_return",
    tag = "Returns",
    security(("bearer" = ["orders:write"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        OfCustomer,
        ("Idempotency-Key" = String, Header, description = "New for each return"),
    ),
    request_body = ToReturn,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn request_return(
    State(service): State<Service>,
    asking: Asking,
    key: IdempotencyKey,
    seen: IfMatch,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
    RawJson(bytes): RawJson,
) -> Result<Response, Problem> {
    let body: ToReturn = read_json(&bytes)?;
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersWrite, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let key = Some(key.of("request_return", order_id, &bytes)?);
    let parts = body.lines.into_iter().map(LinePart::from).collect();
    let done = changing
        .counter
        .request_return(customer_id, order_id, parts, body.reason.into(), &by, key, at)
        .await?;
    changing.ended(done).await
}

/// Withdraw a return
///
/// It is not going to come: the customer keeps the goods. Until it has arrived.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/returns/{number}/withdraw",
    operation_id = "withdraw_return",
    tag = "Returns",
    security(("bearer" = ["orders:write"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("number" = String, Path, description = "The return number"),
        OfCustomer,
        ("Idempotency-Key" = String, Header, description = "New for each wish"),
    ),
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn withdraw_return(
    State(service): State<Service>,
    asking: Asking,
    key: IdempotencyKey,
    seen: IfMatch,
    PathOf((order, number)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersWrite, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let key = Some(key.of("withdraw_return", order_id, number.as_bytes())?);
    let done = changing.counter.withdraw_return(customer_id, order_id, &number, &by, key, at).await?;
    changing.ended(done).await
}

/// Say that a return has arrived
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/returns/{number}/received",
    operation_id = "receive_return",
    tag = "Returns",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("number" = String, Path, description = "The return number"),
        OfCustomer,
    ),
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn receive_return(
    State(service): State<Service>,
    asking: Asking,
    seen: IfMatch,
    PathOf((order, number)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let done = changing.counter.receive_return(changing.customer_id(), changing.order_id(), &number, &by, at);
    let done = done.await?;
    changing.ended(done).await
}

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"findings": [{"line_id": "1", "opened": true, "missing_parts": false}]}))]
struct Inspected {
    /// Of lines that are not as they were; none of the others.
    #[serde(default)]
    findings: Vec<FindingShape>,
}

/// How a line came back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindingShape {
    line_id: String,
    /// Opened or used.
    #[serde(default)]
    opened: bool,
    #[serde(default)]
    missing_parts: bool,
}

/// Say what was found of a return
///
/// What is kept back for opened goods or missing parts follows from the market's rules.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/returns/{number}/inspected",
    operation_id = "inspect_return",
    tag = "Returns",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("number" = String, Path, description = "The return number"),
        OfCustomer,
    ),
    request_body = Inspected,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn inspect_return(
    State(service): State<Service>,
    asking: Asking,
    seen: IfMatch,
    PathOf((order, number)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
    Body(body): Body<Inspected>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let findings = body.findings.into_iter().map(|found| Finding {
        line_id: found.line_id,
        opened: found.opened,
        missing_parts: found.missing_parts,
    });
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let done =
        changing.counter.inspect_return(customer_id, order_id, &number, findings.collect(), &by, at).await?;
    changing.ended(done).await
}

/// Pay a return back
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/returns/{number}/refund",
    operation_id = "refund_return",
    tag = "Returns",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        ("number" = String, Path, description = "The return number"),
        OfCustomer,
        ("Idempotency-Key" = String, Header, description = "New for each refund"),
    ),
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn refund_return(
    State(service): State<Service>,
    asking: Asking,
    key: IdempotencyKey,
    seen: IfMatch,
    PathOf((order, number)): PathOf<(String, String)>,
    Params(of): Params<OfCustomer>,
) -> Result<Response, Problem> {
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let key = Some(key.of("refund_return", order_id, number.as_bytes())?);
    let done = changing.counter.refund_return(customer_id, order_id, &number, &by, key, at).await?;
    changing.ended(done).await
}

/// A part of a line's price.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"line_id": "1", "amount": 300}))]
struct ToRefund {
    line_id: String,
    /// Yen.
    #[schema(minimum = 1)]
    amount: i64,
}

/// Refund a part of a line's price without a return
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/refunds",
    operation_id = "refund_order",
    tag = "Returns",
    security(("bearer" = ["orders:fulfil"])),
    params(
        ("order" = String, Path, description = "Its number or its id"),
        OfCustomer,
        ("Idempotency-Key" = String, Header, description = "New for each refund"),
    ),
    request_body = ToRefund,
    responses((status = 200, description = "The order after it", body = OrderAfter)),
)]
async fn refund(
    State(service): State<Service>,
    asking: Asking,
    key: IdempotencyKey,
    seen: IfMatch,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
    RawJson(bytes): RawJson,
) -> Result<Response, Problem> {
    let body: ToRefund = read_json(&bytes)?;
    if body.amount < 1 {
        return Err(Problem::field("/amount", "expected 1 or more"));
    }
    let changing = Changing::begin(&service, asking, &order, of, Right::OrdersFulfil, seen).await?;
    let (by, at) = (changing.caller.by(), service.clock.now());
    let (customer_id, order_id) = (changing.customer_id(), changing.order_id());
    let key = Some(key.of("refund_order", order_id, &bytes)?);
    let amount = Money::new(body.amount);
    let done =
        changing.counter.refund_by_staff(customer_id, order_id, &body.line_id, amount, &by, key, at).await?;
    changing.ended(done).await
}
