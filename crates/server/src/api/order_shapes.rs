//! Orders as they are shown. Domain types are not wire types: these stay as they are when the engine changes.

use choba_app::{Caller, FoundOrder};
use choba_engine::market::{ItemKind, MethodType, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::{
    GroupState, Happened, LinePart, Order, OrderLine, OrderTender, Payment, PaymentState, Refund,
    RefundCause, RefundPart, Return, ReturnState, ReturnedLine, Shipment, TenderName,
};
use choba_engine::tracking::masked;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderShown {
    /// Its id.
    #[schema(example = "ord_06f2j5zq6r8gk3n0a1b2c3d4e5")]
    order_id: String,
    /// Its number: 3-7-7 digits.
    #[schema(example = "250-1234567-7654321")]
    number: String,
    customer_id: String,
    market: String,
    /// The version that it was placed under, and follows.
    market_version: String,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    /// `placed`, `preparing`, `shipped`, `delivered` or `cancelled`: as far as the least of its sellers.
    #[schema(value_type = String, example = "placed")]
    state: GroupState,
    #[schema(value_type = i64)]
    total: Money,
    /// What went back so far, to anyone.
    #[schema(value_type = i64)]
    refunded: Money,
    lines: Vec<LineShown>,
    sellers: Vec<SellerPart>,
    tenders: Vec<TenderShown>,
    /// Coupons used.
    coupons: Vec<String>,
    payment: PaymentShown,
    shipments: Vec<ShipmentShown>,
    returns: Vec<ReturnShown>,
    refunds: Vec<RefundShown>,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<Timestamp>,
    history: Vec<HappenedShown>,
    /// What staff have to look at and has not ended; not shown to customers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    troubles: Vec<TroubleShown>,
    /// Counts its changes; the `ETag`.
    version: i64,
}

/// A row of goods: `quantity` = open + cancelled + shipped.
#[derive(Debug, Serialize, ToSchema)]
struct LineShown {
    line_id: String,
    sku: String,
    seller: String,
    #[schema(value_type = String, example = "physical")]
    kind: ItemKind,
    #[schema(value_type = i64)]
    unit_price: Money,
    quantity: i64,
    /// Before coupons, tax included.
    #[schema(value_type = i64)]
    gross: Money,
    /// After coupons, tax included.
    #[schema(value_type = i64)]
    net: Money,
    tax_rate: String,
    open: i64,
    cancelled: i64,
    shipped: i64,
    delivered: i64,
    returning: i64,
    returned: i64,
}

/// What one seller sends, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
struct SellerPart {
    seller: String,
    #[schema(value_type = String, example = "placed")]
    state: GroupState,
    #[schema(value_type = Option<String>, format = DateTime)]
    preparing_at: Option<Timestamp>,
}

/// Who paid.
#[derive(Debug, Serialize, ToSchema)]
struct TenderShown {
    /// A program, or the method.
    tender: String,
    /// Yen.
    #[schema(value_type = i64)]
    amount: Money,
    /// Yen that went back.
    #[schema(value_type = i64)]
    refunded: Money,
    #[schema(value_type = i64)]
    points: Points,
    #[schema(value_type = i64)]
    points_returned: Points,
}

/// The payment by the method.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentShown {
    #[schema(value_type = Option<String>, example = "card")]
    method: Option<MethodType>,
    /// `asking`, `awaiting_payment`, `authorised`, `paid` or `refused`.
    #[schema(value_type = String, example = "authorised")]
    state: PaymentState,
    #[schema(value_type = i64)]
    promised: Money,
    #[schema(value_type = i64)]
    received: Money,
    #[schema(value_type = i64)]
    refunded: Money,
    /// For paying at a counter.
    payment_number: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    deadline: Option<Timestamp>,
}

/// So many of a line.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePartShape {
    /// Which line.
    #[schema(example = "1")]
    pub line_id: String,
    /// How many.
    #[schema(minimum = 1, example = 1)]
    pub quantity: i64,
}

/// A parcel, a download or a code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShipmentShown {
    shipment_id: String,
    seller: String,
    lines: Vec<LinePartShape>,
    carrier: Option<String>,
    tracking_numbers: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    shipped_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
}

/// A return.
#[derive(Debug, Serialize, ToSchema)]
struct ReturnShown {
    /// 返品確認番号.
    number: String,
    #[schema(value_type = String, example = "defective")]
    reason: ReturnReason,
    /// `requested`, `received`, `inspected` or `refunded`.
    #[schema(value_type = String, example = "requested")]
    state: ReturnState,
    lines: Vec<ReturnedLineShown>,
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    inspected_at: Option<Timestamp>,
    refund_id: Option<String>,
}

/// A line that goes back.
#[derive(Debug, Serialize, ToSchema)]
struct ReturnedLineShown {
    line_id: String,
    quantity: i64,
    opened: bool,
    missing_parts: bool,
    /// Kept back of its net.
    #[schema(value_type = i64)]
    deduction: Money,
}

/// What went back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefundShown {
    refund_id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `cancelled_by_customer`, `cancelled_by_seller`, `not_paid`, `returned` or `staff`.
    #[schema(value_type = String, example = "returned")]
    cause: RefundCause,
    /// Net of what went back, before anything was kept back.
    #[schema(value_type = i64)]
    net: Money,
    #[schema(value_type = i64)]
    deducted: Money,
    #[schema(value_type = i64)]
    kept_for_points: Money,
    to: Vec<RefundPartShown>,
    taken_back: Vec<ProgramPoints>,
    owed: Vec<ProgramPoints>,
}

/// What went back to one who paid.
#[derive(Debug, Serialize, ToSchema)]
struct RefundPartShown {
    tender: String,
    #[schema(value_type = i64)]
    amount: Money,
    #[schema(value_type = i64)]
    points: Points,
    /// Not given back: they have expired meanwhile.
    #[schema(value_type = i64)]
    expired: Points,
    /// Had expired and came back for some days.
    #[schema(value_type = i64)]
    grace: Points,
    /// Was only promised, so nothing has to be paid back.
    #[schema(value_type = i64)]
    not_charged: Money,
}

/// Points of a program.
#[derive(Debug, Serialize, ToSchema)]
struct ProgramPoints {
    program: String,
    #[schema(value_type = i64)]
    points: Points,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct HappenedShown {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    by: String,
    what: String,
    part: Option<String>,
}

/// What staff have to look at.
#[derive(Debug, Serialize, ToSchema)]
struct TroubleShown {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    ask_id: String,
    code: String,
}

impl OrderShown {
    /// An order as its caller may see it.
    pub fn of(found: FoundOrder, caller: &Caller) -> Self {
        let FoundOrder { order, version, .. } = found;
        let to_customer = matches!(caller, Caller::Customer { .. });
        let whole = caller.sees_numbers_of(&order.customer_id);
        let refunded = order.refunded().unwrap_or_default();
        let sellers = order.groups.iter().map(|group| SellerPart {
            seller: group.seller.clone(),
            state: order.group_state(&group.seller),
            preparing_at: group.preparing_at,
        });
        let troubles = order.open_troubles().filter(|_| !to_customer);
        Self {
            sellers: sellers.collect(),
            state: order.state(),
            refunded,
            troubles: troubles
                .map(|trouble| TroubleShown {
                    at: trouble.at,
                    ask_id: trouble.ask_id.clone(),
                    code: trouble.code.clone(),
                })
                .collect(),
            history: order.history.iter().map(|happened| happened_shown(happened, to_customer)).collect(),
            lines: order.lines.iter().map(line).collect(),
            tenders: order.tenders.iter().map(|paid| tender(paid, &order.payment)).collect(),
            payment: payment(&order.payment),
            shipments: order.shipments.iter().map(|sent| ShipmentShown::of(sent, whole)).collect(),
            returns: order.returns.iter().map(returned).collect(),
            refunds: order.refunds.iter().map(|refund| RefundShown::of(refund, &order)).collect(),
            order_id: order.order_id,
            number: order.number,
            customer_id: order.customer_id,
            market: order.market,
            market_version: order.market_version,
            placed_at: order.placed_at,
            total: order.total,
            coupons: order.coupons,
            cancelled_at: order.cancelled_at,
            version,
        }
    }
}

fn line(line: &OrderLine) -> LineShown {
    LineShown {
        line_id: line.line_id.clone(),
        sku: line.sku.clone(),
        seller: line.seller.clone(),
        kind: line.kind,
        unit_price: line.unit_price,
        quantity: line.quantity,
        gross: line.gross,
        net: line.net,
        tax_rate: line.tax_rate.clone(),
        open: line.open(),
        cancelled: line.cancelled,
        shipped: line.shipped,
        delivered: line.delivered,
        returning: line.returning,
        returned: line.returned,
    }
}

fn tender_name(tender: &TenderName, payment: &Payment) -> String {
    match tender {
        TenderName::Program(program) => program.clone(),
        TenderName::Method => payment.method.map_or("method", MethodType::id).to_owned(),
    }
}

fn tender(paid: &OrderTender, payment: &Payment) -> TenderShown {
    TenderShown {
        tender: tender_name(&paid.tender, payment),
        amount: paid.amount,
        refunded: paid.refunded,
        points: paid.points,
        points_returned: paid.points_returned,
    }
}

fn payment(payment: &Payment) -> PaymentShown {
    PaymentShown {
        method: payment.method,
        state: payment.state,
        promised: payment.promised,
        received: payment.received,
        refunded: payment.refunded,
        payment_number: payment.payment_number.clone(),
        deadline: payment.deadline,
    }
}

impl From<&LinePart> for LinePartShape {
    fn from(part: &LinePart) -> Self {
        Self { line_id: part.line_id.clone(), quantity: part.quantity }
    }
}

impl From<LinePartShape> for LinePart {
    fn from(part: LinePartShape) -> Self {
        Self { line_id: part.line_id, quantity: part.quantity }
    }
}

impl ShipmentShown {
    /// A shipment, with its numbers masked for those who may not see them whole.
    fn of(shipment: &Shipment, whole: bool) -> Self {
        let shown = |number: &String| if whole { number.clone() } else { masked(number) };
        Self {
            shipment_id: shipment.shipment_id.clone(),
            seller: shipment.seller.clone(),
            lines: shipment.lines.iter().map(LinePartShape::from).collect(),
            carrier: shipment.carrier.clone(),
            tracking_numbers: shipment.tracking_numbers.iter().map(shown).collect(),
            shipped_at: shipment.shipped_at,
            delivered_at: shipment.delivered_at,
        }
    }
}

fn returned(known: &Return) -> ReturnShown {
    ReturnShown {
        number: known.number.clone(),
        reason: known.reason,
        state: known.state,
        lines: known.lines.iter().map(returned_line).collect(),
        requested_at: known.requested_at,
        received_at: known.received_at,
        inspected_at: known.inspected_at,
        refund_id: known.refund_id.clone(),
    }
}

fn returned_line(line: &ReturnedLine) -> ReturnedLineShown {
    ReturnedLineShown {
        line_id: line.line_id.clone(),
        quantity: line.quantity,
        opened: line.opened,
        missing_parts: line.missing_parts,
        deduction: line.deduction,
    }
}

impl RefundShown {
    /// A refund of an order.
    pub fn of(refund: &Refund, order: &Order) -> Self {
        Self {
            refund_id: refund.refund_id.clone(),
            at: refund.at,
            cause: refund.cause,
            net: refund.net,
            deducted: refund.deducted,
            kept_for_points: refund.kept_for_points,
            to: refund.parts.iter().map(|part| refund_part(part, &order.payment)).collect(),
            taken_back: refund.taken_back.iter().map(points).collect(),
            owed: refund.owed.iter().map(points).collect(),
        }
    }
}

fn refund_part(part: &RefundPart, payment: &Payment) -> RefundPartShown {
    RefundPartShown {
        tender: tender_name(&part.tender, payment),
        amount: part.amount,
        points: part.points,
        expired: part.expired,
        grace: part.grace,
        not_charged: part.not_charged,
    }
}

fn points((program, points): &(String, Points)) -> ProgramPoints {
    ProgramPoints { program: program.clone(), points: *points }
}

/// Customers learn that staff did something, not who.
fn happened_shown(happened: &Happened, to_customer: bool) -> HappenedShown {
    let by =
        happened.by.split_once(':').filter(|_| to_customer).map_or(happened.by.as_str(), |(kind, _)| kind);
    HappenedShown {
        at: happened.at,
        by: by.to_owned(),
        what: happened.what.clone(),
        part: happened.part.clone(),
    }
}
