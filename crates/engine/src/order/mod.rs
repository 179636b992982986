//! Orders: placed from a quote, prepared, shipped, delivered, cancelled, returned and refunded.
//!
//! An [`Order`] is a value that knows all that happened to it. Each decision takes the order as it is and
//! returns the [`Changes`](crate::books::Changes) with the order as it will be. An order keeps the market
//! version it was placed under, and everything decided about it later follows that version.

mod cancel;
mod coupons;
mod deliver;
mod earned;
mod pay;
mod payment;
mod place;
mod provider;
mod refund;
mod refusal;
mod returns;
mod settle;
mod ship;
mod track;
mod trouble;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use cancel::{CancelBy, LinePart, cancel};
pub use deliver::deliver;
pub use pay::{deadline_passed, paid};
pub use payment::{Capture, Payment, PaymentState};
pub use place::{Expected, PlaceRefusal, Placed, Placing, place};
pub use provider::{charged_back, declined_later, paid_another_amount, refund_settled};
pub use refund::refund_by_staff;
pub use refusal::OrderRefusal;
pub use returns::{
    Finding, Return, ReturnState, ReturnedLine, inspect, receive, refund_return, request_return,
    returns_lapsed, withdraw_return,
};
pub use settle::settle;
pub use ship::{Shipping, add_tracking_numbers, prepare, ship};
pub use track::{AskRedelivery, Tracked, ask_redelivery, cancel_redelivery, redelivery_offers, track};
pub use trouble::{
    EndTrouble, HowEnded, Trouble, TroubleEnded, UNANSWERED, ask_again, end_trouble, unanswered,
};

use crate::market::{ItemKind, LotKind};
use crate::money::{Money, Overflow, Points, Rounding, scale};
use crate::tracking::Redelivery;

/// The form in which orders are kept; raised when it changes.
pub const FORM: u32 = 1;

/// Kept orders leave out what is zero, empty or absent: most fields of a new order are.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// An order and all that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// [`FORM`] when it was written.
    pub form: u32,
    /// Such as `ord_…`.
    pub order_id: String,
    /// The number that the customer sees: 3-7-7 digits.
    pub number: String,
    /// Whose it is.
    pub customer_id: String,
    /// Under which market.
    pub market: String,
    /// Under which version of it.
    pub market_version: String,
    /// When.
    pub placed_at: Timestamp,
    /// Goods − coupons + shipping + fee.
    pub total: Money,
    /// The goods.
    pub lines: Vec<OrderLine>,
    /// Who sells them, and how far they are.
    pub groups: Vec<OrderGroup>,
    /// What was to be paid.
    pub charges: Vec<OrderCharge>,
    /// Who paid.
    pub tenders: Vec<OrderTender>,
    /// Coupons used.
    #[serde(default, skip_serializing_if = "is_default")]
    pub coupons: Vec<String>,
    /// Of these, those that came back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub coupons_back: Vec<String>,
    /// What it earned.
    pub earned: Vec<OrderEarned>,
    /// The payment by the method.
    pub payment: Payment,
    /// Parcels and downloads.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shipments: Vec<Shipment>,
    /// Returns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub returns: Vec<Return>,
    /// Refunds, of cancelled parts and of returns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunds: Vec<Refund>,
    /// What happened, in order.
    pub history: Vec<Happened>,
    /// When all of it was cancelled.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cancelled_at: Option<Timestamp>,
    /// Asks that were refused when it was too late to stop, or never answered: someone has to look.
    #[serde(default, skip_serializing_if = "is_default")]
    pub troubles: Vec<Trouble>,
}

/// A row of goods. `quantity` = open + `cancelled` + `shipped`; of `shipped`, `delivered` arrived, and of these
/// `returning` are on their way back and `returned` are back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The name from the request.
    pub line_id: String,
    /// The item.
    pub sku: String,
    /// Who sells it.
    pub seller: String,
    /// Its kind.
    pub kind: ItemKind,
    /// Price of one, as in the request.
    pub unit_price: Money,
    /// How many.
    pub quantity: i64,
    /// All of them before coupons, tax included.
    pub gross: Money,
    /// All of them after coupons, tax included.
    pub net: Money,
    /// The rate of tax in them.
    pub tax_rate: String,
    /// Cancelled.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cancelled: i64,
    /// Shipped, or sent as a download or code.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shipped: i64,
    /// Arrived.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delivered: i64,
    /// Coming back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub returning: i64,
    /// Back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub returned: i64,
}

impl OrderLine {
    /// Neither cancelled nor shipped.
    pub fn open(&self) -> i64 {
        self.quantity.saturating_sub(self.cancelled).saturating_sub(self.shipped)
    }

    /// Neither cancelled nor sent back.
    pub fn kept(&self) -> i64 {
        self.quantity.saturating_sub(self.cancelled).saturating_sub(self.returned)
    }

    /// The net of so many more units that go back: what is kept is rounded down, so that all units add up to
    /// the net and the odd yen goes back early.
    pub fn net_of_next(&self, units: i64) -> Result<Money, Overflow> {
        let stays = self.kept().checked_sub(units).ok_or(Overflow)?;
        part_of_next(self.net, self.quantity, stays, units)
    }

    /// The net of what is kept, rounded down.
    pub fn net_kept(&self) -> Result<Money, Overflow> {
        part_of_next(self.net, self.quantity, 0, self.kept())
    }
}

/// The part of an amount for `units` of `quantity`, after `before` others.
pub(crate) fn part_of_next(amount: Money, quantity: i64, before: i64, units: i64) -> Result<Money, Overflow> {
    let upto = |count: i64| scale(amount.units(), count, quantity, Rounding::Down).map(Money::new);
    upto(before.checked_add(units).ok_or(Overflow)?)?.minus(upto(before)?)
}

/// What one seller sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderGroup {
    /// Who.
    pub seller: String,
    /// When the seller began to prepare.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preparing_at: Option<Timestamp>,
}

/// How far a seller's part of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupState {
    /// Nothing has begun.
    Placed,
    /// The seller prepares it.
    Preparing,
    /// All that is not cancelled has left.
    Shipped,
    /// All that is not cancelled has arrived.
    Delivered,
    /// All of it is cancelled.
    Cancelled,
}

impl GroupState {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Preparing => "preparing",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a charge is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeFor {
    /// A line, by its id.
    Line(String),
    /// A seller's shipping.
    Shipping(String),
    /// The method's fee.
    Fee,
}

/// Something that was to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCharge {
    /// What for.
    pub charge: ChargeFor,
    /// How much, after coupons.
    pub amount: Money,
    /// What of it went back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunded: Money,
    /// Who paid how much of it.
    pub shares: Vec<Share>,
}

/// What a tender paid of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Who.
    pub tender: TenderName,
    /// How much.
    pub amount: Money,
    /// What of it went back; counted only where refunds go back by charge.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunded: Money,
}

/// A means to pay, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenderName {
    /// Stored value of a program, by its id.
    Program(String),
    /// The method.
    Method,
}

/// One who paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTender {
    /// Who.
    pub tender: TenderName,
    /// Yen paid.
    pub amount: Money,
    /// Yen that went back, or would have, had the value not expired.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunded: Money,
    /// Points used.
    #[serde(default, skip_serializing_if = "is_default")]
    pub points: Points,
    /// Points that went back, or would have.
    #[serde(default, skip_serializing_if = "is_default")]
    pub points_returned: Points,
    /// The lots they came from, in the order of use.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lots: Vec<LotUsed>,
    /// A partner's name for the customer, for a partner's program.
    #[serde(default, skip_serializing_if = "is_default")]
    pub account: Option<String>,
    /// The partner's program: the ask that holds the points there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_ask: Option<String>,
    /// Whether a partner has been asked to take what it holds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_captured: bool,
}

/// What was used of a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotUsed {
    /// Which.
    pub lot_id: String,
    /// Its kind.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Option<LotKind>,
    /// How much.
    pub points: Points,
    /// What of it went back, or would have.
    #[serde(default, skip_serializing_if = "is_default")]
    pub returned: Points,
}

/// Points that an order earned by one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEarned {
    /// Of which program.
    pub program: String,
    /// By which rule.
    pub rule: String,
    /// Of which kind.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Option<LotKind>,
    /// The lines it counts.
    pub lines: Vec<String>,
    /// Whether it counts one line.
    #[serde(default, skip_serializing_if = "is_default")]
    pub per_line: bool,
    /// How many points, had nothing been cancelled or returned.
    pub points: Points,
    /// How many were granted.
    pub granted: Points,
    /// How many of them were taken back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub taken_back: Points,
    /// Days after shipment at which they become available, where they wait for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub days_after_shipment: Option<i32>,
    /// The lots they are in.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lots: Vec<EarnedLot>,
    /// Whether a partner gives them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by_partner: bool,
}

/// A lot with points that an order earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarnedLot {
    /// Which.
    pub lot_id: String,
    /// How many of its points.
    pub points: Points,
    /// How many of these were taken back after they had expired, so that nothing was left to take.
    #[serde(default, skip_serializing_if = "is_default")]
    pub expired: Points,
}

/// Something sent: a parcel, a download, a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Unique in the order.
    pub shipment_id: String,
    /// By whom.
    pub seller: String,
    /// What.
    pub lines: Vec<LinePart>,
    /// The carrier's id, for a parcel.
    pub carrier: Option<String>,
    /// Tracking numbers.
    pub tracking_numbers: Vec<String>,
    /// When.
    pub shipped_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// What the method has to pay for it.
    pub method_amount: Money,
    /// How far it was when carriers were last heard.
    #[serde(default)]
    pub tracked: Option<Tracked>,
    /// What a customer who was not in asked for.
    #[serde(default)]
    pub redelivery: Option<Redelivery>,
}

/// Why money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundCause {
    /// The customer cancelled.
    CancelledByCustomer,
    /// The seller cancelled, or the market did.
    CancelledBySeller,
    /// The payment was refused or not made in time.
    NotPaid,
    /// A return.
    Returned,
    /// Staff decided so.
    Staff,
}

impl RefundCause {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::CancelledByCustomer => "cancelled_by_customer",
            Self::CancelledBySeller => "cancelled_by_seller",
            Self::NotPaid => "not_paid",
            Self::Returned => "returned",
            Self::Staff => "staff",
        }
    }

    /// Value that has expired meanwhile comes back for some days: the customer is not to blame, and had no
    /// time to use it.
    fn has_grace(self) -> bool {
        matches!(self, Self::CancelledBySeller)
    }
}

/// What went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Unique for the customer.
    pub refund_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: RefundCause,
    /// Net of what went back, before anything was kept back.
    pub net: Money,
    /// Kept back for opened or missing parts.
    pub deducted: Money,
    /// Kept back for points that were earned and spent already.
    pub kept_for_points: Money,
    /// To whom.
    pub parts: Vec<RefundPart>,
    /// Points earned that were taken back, by program.
    pub taken_back: Vec<(String, Points)>,
    /// Points owed because they were spent already, by program.
    pub owed: Vec<(String, Points)>,
}

/// What went back to one who paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPart {
    /// To whom.
    pub tender: TenderName,
    /// Yen, or the worth of points.
    pub amount: Money,
    /// Points given back.
    pub points: Points,
    /// Points not given back: they have expired meanwhile.
    pub expired: Points,
    /// Points that had expired and come back for some days.
    pub grace: Points,
    /// Of the method's part: it was only promised, so nothing has to be paid back.
    pub not_charged: Money,
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What.
    pub what: String,
    /// To which part.
    #[serde(default, skip_serializing_if = "is_default")]
    pub part: Option<String>,
}

impl Order {
    /// How far a seller's part is.
    pub fn group_state(&self, seller: &str) -> GroupState {
        let lines = || self.lines.iter().filter(|line| line.seller == seller);
        let left = || lines().filter(|line| line.cancelled < line.quantity);
        let preparing =
            self.groups.iter().any(|group| group.seller == seller && group.preparing_at.is_some());
        if left().next().is_none() {
            GroupState::Cancelled
        } else if left().all(|line| line.open() == 0 && line.delivered == line.shipped) {
            GroupState::Delivered
        } else if left().all(|line| line.open() == 0) {
            GroupState::Shipped
        } else if preparing {
            GroupState::Preparing
        } else {
            GroupState::Placed
        }
    }

    /// How far the order is: as far as the least of its sellers that has anything left to send.
    pub fn state(&self) -> GroupState {
        let states = || self.groups.iter().map(|group| self.group_state(&group.seller));
        let order = [GroupState::Placed, GroupState::Preparing, GroupState::Shipped, GroupState::Delivered];
        order.into_iter().find(|state| states().any(|other| other == *state)).unwrap_or(GroupState::Cancelled)
    }

    /// What went back so far, to anyone.
    pub fn refunded(&self) -> Result<Money, Overflow> {
        Money::sum(self.tenders.iter().map(|tender| tender.refunded))
    }

    /// The line of that id.
    pub fn line(&self, line_id: &str) -> Result<&OrderLine, OrderRefusal> {
        self.lines
            .iter()
            .find(|line| line.line_id == line_id)
            .ok_or_else(|| OrderRefusal::UnknownLine { line: line_id.to_owned() })
    }

    pub(crate) fn line_mut(&mut self, line_id: &str) -> Result<&mut OrderLine, OrderRefusal> {
        self.lines
            .iter_mut()
            .find(|line| line.line_id == line_id)
            .ok_or_else(|| OrderRefusal::UnknownLine { line: line_id.to_owned() })
    }

    /// The return of that number.
    pub fn return_of(&self, number: &str) -> Result<&Return, OrderRefusal> {
        self.returns
            .iter()
            .find(|known| known.number == number)
            .ok_or_else(|| OrderRefusal::UnknownReturn { number: number.to_owned() })
    }

    pub(crate) fn return_mut(&mut self, number: &str) -> Result<&mut Return, OrderRefusal> {
        self.returns
            .iter_mut()
            .find(|known| known.number == number)
            .ok_or_else(|| OrderRefusal::UnknownReturn { number: number.to_owned() })
    }

    pub(crate) fn happened(&mut self, operation: &crate::books::Operation, what: &str, part: Option<&str>) {
        self.history.push(Happened {
            at: operation.at,
            by: operation.by.clone(),
            what: what.to_owned(),
            part: part.map(str::to_owned),
        });
    }
}
