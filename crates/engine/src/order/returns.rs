//! Returns (返品): asked for, received, inspected, refunded.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cancel::merged;
use super::coupons::give_back_coupons;
use super::refund::{Deciding, Piece, give_back, piece_of};
use super::{ChargeFor, LinePart, Order, OrderRefusal, RefundCause};
use crate::books::{Changes, CustomerBooks, Due, DueKind, EventKind, Operation};
use crate::calendar::{self, OutOfCalendar};
use crate::market::{Market, ReturnPolicy, ReturnReason};
use crate::money::{Money, Rounding};

/// How far a return is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnState {
    /// Asked for.
    Requested,
    /// Arrived.
    Received,
    /// Looked at; the refund is known.
    Inspected,
    /// Paid back.
    Refunded,
    /// It did not come: the customer has thought better of it, or its time is over.
    Withdrawn,
}

impl ReturnState {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Received => "received",
            Self::Inspected => "inspected",
            Self::Refunded => "refunded",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A return (返品).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The return number (返品確認番号).
    pub number: String,
    /// Why.
    pub reason: ReturnReason,
    /// What.
    pub lines: Vec<ReturnedLine>,
    /// How far it is.
    pub state: ReturnState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The last second by which it has to arrive.
    #[serde(default)]
    pub arrives_until: Option<Timestamp>,
    /// When it arrived.
    pub received_at: Option<Timestamp>,
    /// When it was looked at.
    pub inspected_at: Option<Timestamp>,
    /// The refund, once made.
    pub refund_id: Option<String>,
}

/// A line sent back, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedLine {
    /// Which.
    pub line_id: String,
    /// How many.
    pub quantity: i64,
    /// It was opened or used.
    pub opened: bool,
    /// Parts are missing.
    pub missing_parts: bool,
    /// What is kept back of its net for that.
    pub deduction: Money,
}

/// What was found when a line that came back was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which line.
    pub line_id: String,
    /// It was opened or used.
    pub opened: bool,
    /// Parts are missing.
    pub missing_parts: bool,
}

fn policy<'m>(market: &'m Market, seller: &str) -> &'m ReturnPolicy {
    market.seller(seller).map_or(&market.policies.returns, |seller| market.return_policy(seller))
}

/// The customer wants to send something back. `number` is the new return's number.
pub fn request_return(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    parts: &[LinePart],
    reason: ReturnReason,
    number: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    if parts.is_empty() {
        return Err(OrderRefusal::Nothing);
    }
    let mut lines = Vec::new();
    for part in &merged(parts) {
        check(market, &order, part, reason, operation.at)?;
        let line = order.line_mut(&part.line_id)?;
        line.returning = line.returning.saturating_add(part.quantity);
        lines.push(ReturnedLine {
            line_id: part.line_id.clone(),
            quantity: part.quantity,
            opened: false,
            missing_parts: false,
            deduction: Money::ZERO,
        });
    }
    let arrives_until = arrives_until(market, &order, &lines, operation.at)?;
    changes.dues.push(Due::after(DueKind::ReturnLapse, &order.order_id, arrives_until));
    order.returns.push(Return {
        number: number.to_owned(),
        reason,
        lines,
        state: ReturnState::Requested,
        requested_at: operation.at,
        arrives_until: Some(arrives_until),
        received_at: None,
        inspected_at: None,
        refund_id: None,
    });
    order.happened(operation, "return_requested", Some(number));
    changes.tell_part(EventKind::ReturnRequested, &order.order_id, number);
    changes.orders.push(order);
    Ok(changes)
}

/// The last second by which all of it has to arrive: that of the seller who waits longest.
fn arrives_until(
    market: &Market,
    order: &Order,
    lines: &[ReturnedLine],
    at: Timestamp,
) -> Result<Timestamp, OrderRefusal> {
    let mut days = 0;
    for line in lines {
        days = days.max(policy(market, &order.line(&line.line_id)?.seller).arrive_within_days);
    }
    let day = calendar::days_after(calendar::date_of(at, &market.time_zone), days)?;
    Ok(calendar::last_second_of(day, &market.time_zone)?)
}

fn check(
    market: &Market,
    order: &Order,
    part: &LinePart,
    reason: ReturnReason,
    at: Timestamp,
) -> Result<(), OrderRefusal> {
    let line = order.line(&part.line_id)?;
    let policy = policy(market, &line.seller);
    if policy.kinds_never.contain(line.kind) {
        return Err(OrderRefusal::NeverReturned { line: line.line_id.clone(), kind: line.kind });
    }
    if !policy.reasons.contains(&reason) {
        return Err(OrderRefusal::ReasonNotAccepted);
    }
    let here = line.delivered.saturating_sub(line.returning).saturating_sub(line.returned);
    if here == 0 {
        return Err(OrderRefusal::NotDelivered { line: line.line_id.clone(), delivered: 0 });
    }
    if part.quantity < 1 || part.quantity > here {
        return Err(OrderRefusal::WrongQuantity { line: line.line_id.clone(), left: here });
    }
    let until = window_end(market, policy, order, &line.line_id)?;
    match until.filter(|until| at.as_second() > until.as_second()) {
        Some(until) => Err(OrderRefusal::ReturnWindowOver { line: line.line_id.clone(), until }),
        None => Ok(()),
    }
}

/// The last second for returning a line: counted from the day its last part arrived.
fn window_end(
    market: &Market,
    policy: &ReturnPolicy,
    order: &Order,
    line_id: &str,
) -> Result<Option<Timestamp>, OutOfCalendar> {
    let with_line =
        order.shipments.iter().filter(|sent| sent.lines.iter().any(|part| part.line_id == line_id));
    let Some(delivered_at) = with_line.filter_map(|sent| sent.delivered_at).max() else { return Ok(None) };
    let day = calendar::date_of(delivered_at, &market.time_zone);
    calendar::last_second_of(calendar::days_after(day, policy.window_days)?, &market.time_zone).map(Some)
}

/// What was asked for does not come: the customer keeps it. Whoever thinks again asks for a new return.
pub fn withdraw_return(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    number: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    in_state(&mut order, number, ReturnState::Requested)?;
    withdraw(operation, &mut order, number, &mut changes)?;
    changes.orders.push(order);
    Ok(changes)
}

/// Withdraws the returns that have not arrived in time.
pub fn returns_lapsed(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let is_over = |until: Timestamp| operation.at.as_second() > until.as_second();
    let waited = order.returns.iter().filter(|known| known.state == ReturnState::Requested);
    let lapsed = waited.filter(|known| known.arrives_until.is_some_and(is_over));
    let lapsed: Vec<String> = lapsed.map(|known| known.number.clone()).collect();
    for number in &lapsed {
        withdraw(operation, &mut order, number, &mut changes)?;
    }
    if !lapsed.is_empty() {
        changes.orders.push(order);
    }
    Ok(changes)
}

fn withdraw(
    operation: &Operation,
    order: &mut Order,
    number: &str,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let known = order.return_mut(number)?;
    known.state = ReturnState::Withdrawn;
    for returned in known.lines.clone() {
        let line = order.line_mut(&returned.line_id)?;
        line.returning = line.returning.saturating_sub(returned.quantity);
    }
    order.happened(operation, "return_withdrawn", Some(number));
    changes.tell_part(EventKind::ReturnWithdrawn, &order.order_id, number);
    Ok(())
}

/// What was sent back has arrived; also what was thought not to come any more, as long as no other return is of
/// the same goods.
pub fn receive(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    number: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    if order.return_of(number)?.state == ReturnState::Withdrawn {
        expect_after_all(&mut order, number)?;
    }
    let known = in_state(&mut order, number, ReturnState::Requested)?;
    known.state = ReturnState::Received;
    known.received_at = Some(operation.at);
    order.happened(operation, "return_received", Some(number));
    changes.tell_part(EventKind::ReturnReceived, &order.order_id, number);
    changes.orders.push(order);
    Ok(changes)
}

fn expect_after_all(order: &mut Order, number: &str) -> Result<(), OrderRefusal> {
    for returned in order.return_of(number)?.lines.clone() {
        let line = order.line_mut(&returned.line_id)?;
        let here = line.delivered.saturating_sub(line.returning).saturating_sub(line.returned);
        if returned.quantity > here {
            return Err(OrderRefusal::WrongQuantity { line: returned.line_id, left: here });
        }
        line.returning = line.returning.saturating_add(returned.quantity);
    }
    order.return_mut(number)?.state = ReturnState::Requested;
    Ok(())
}

fn in_state<'o>(
    order: &'o mut Order,
    number: &str,
    wanted: ReturnState,
) -> Result<&'o mut Return, OrderRefusal> {
    let known = order.return_mut(number)?;
    if known.state == wanted { Ok(known) } else { Err(OrderRefusal::WrongReturnState { state: known.state }) }
}

/// What came back was looked at: deductions are known now. Where the seller is at fault there are none.
pub fn inspect(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    number: &str,
    findings: &[Finding],
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let before = order;
    let mut order = order.clone();
    let known = in_state(&mut order, number, ReturnState::Received)?;
    let reason = known.reason;
    for finding in findings {
        let unknown = || OrderRefusal::UnknownLine { line: finding.line_id.clone() };
        let line = known.lines.iter_mut().find(|line| line.line_id == finding.line_id).ok_or_else(unknown)?;
        line.opened = finding.opened;
        line.missing_parts = finding.missing_parts;
        line.deduction = deduction(market, before, line, reason)?;
    }
    known.state = ReturnState::Inspected;
    known.inspected_at = Some(operation.at);
    order.happened(operation, "return_inspected", Some(number));
    let mut changes = Changes::default();
    changes.orders.push(order);
    Ok(changes)
}

fn deduction(
    market: &Market,
    order: &Order,
    returned: &ReturnedLine,
    reason: ReturnReason,
) -> Result<Money, OrderRefusal> {
    if reason.is_fault_of_seller() {
        return Ok(Money::ZERO);
    }
    let line = order.line(&returned.line_id)?;
    let net = line.net_of_next(returned.quantity)?;
    let rates = policy(market, &line.seller).deductions;
    let opened = if returned.opened { rates.opened.of(net, Rounding::Down)? } else { Money::ZERO };
    let missing =
        if returned.missing_parts { rates.missing_parts.of(net, Rounding::Down)? } else { Money::ZERO };
    Ok(opened.plus(missing)?.min(net))
}

/// Pays back what was returned, less the deductions; shipping too, where the seller is at fault and nothing
/// of the seller is kept.
pub fn refund_return(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    number: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let known = in_state(&mut order, number, ReturnState::Inspected)?.clone();
    let mut pieces = take_back_goods(&mut order, &known)?;
    if known.reason.is_fault_of_seller() && market.policies.refunds.refund_shipping_on_fault {
        pieces.extend(shipping_pieces(&order, &known)?);
    }
    let before = order.refunds.len();
    let deciding = Deciding { books, market, operation };
    give_back(deciding, &mut order, pieces, RefundCause::Returned, &mut changes)?;
    give_back_coupons(market, operation.at, &mut order, false, &mut changes);
    let refund_id = order.refunds.get(before).map(|refund| refund.refund_id.clone());
    let known = order.return_mut(number)?;
    known.state = ReturnState::Refunded;
    known.refund_id = refund_id;
    order.happened(operation, "return_refunded", Some(number));
    changes.orders.push(order);
    Ok(changes)
}

fn take_back_goods(order: &mut Order, known: &Return) -> Result<Vec<Piece>, OrderRefusal> {
    let mut pieces = Vec::new();
    for returned in &known.lines {
        let part = LinePart { line_id: returned.line_id.clone(), quantity: returned.quantity };
        let piece = piece_of(order, &part)?;
        pieces.push(Piece { deducted: returned.deduction, ..piece });
        let line = order.line_mut(&returned.line_id)?;
        line.returning = line.returning.saturating_sub(returned.quantity);
        line.returned = line.returned.saturating_add(returned.quantity);
    }
    Ok(pieces)
}

fn shipping_pieces(order: &Order, known: &Return) -> Result<Vec<Piece>, OrderRefusal> {
    let mut sellers: Vec<&str> = Vec::new();
    for returned in &known.lines {
        let seller = order.line(&returned.line_id)?.seller.as_str();
        if !sellers.contains(&seller) {
            sellers.push(seller);
        }
    }
    let kept = |seller: &str| order.lines.iter().any(|line| line.seller == seller && line.kept() > 0);
    let of_seller = |charge: &ChargeFor| match charge {
        ChargeFor::Shipping(by) => sellers.contains(&by.as_str()) && !kept(by),
        ChargeFor::Line(_) | ChargeFor::Fee => false,
    };
    let charges =
        order.charges.iter().filter(|charge| of_seller(&charge.charge) && charge.refunded.is_zero());
    Ok(charges
        .map(|charge| Piece { charge: charge.charge.clone(), net: charge.amount, deducted: Money::ZERO })
        .collect())
}
