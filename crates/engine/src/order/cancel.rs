//! Cancelling, whole or by line.

use serde::{Deserialize, Serialize};

use super::coupons::give_back_coupons;
use super::earned::grant_shipped;
use super::refund::{Deciding, Piece, give_back, piece_of};
use super::ship::capture_rest;
use super::{ChargeFor, GroupState, Order, OrderLine, OrderRefusal, PaymentState, RefundCause};
use crate::books::{Changes, CustomerBooks, EventKind, Operation};
use crate::market::{CancelUntil, Market};
use crate::money::Money;

/// So many of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePart {
    /// Which line.
    pub line_id: String,
    /// How many.
    pub quantity: i64,
}

/// Who cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelBy {
    /// The customer, within the seller's policy.
    Customer,
    /// The seller or the market, until it is shipped.
    Seller,
    /// Nobody: it was not paid.
    NotPaid,
}

impl CancelBy {
    fn cause(self) -> RefundCause {
        match self {
            Self::Customer => RefundCause::CancelledByCustomer,
            Self::Seller => RefundCause::CancelledBySeller,
            Self::NotPaid => RefundCause::NotPaid,
        }
    }
}

/// Cancels some lines, or all that is open where `parts` is nothing.
pub fn cancel(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    parts: Option<&[LinePart]>,
    by: CancelBy,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let parts = wanted(order, parts)?;
    check_payment(order, &parts, by)?;
    for part in &parts {
        check(market, order, part, by)?;
    }
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let pieces = take_out(&mut order, &parts)?;
    order.happened(operation, "cancelled", None);
    close_if_all_is_cancelled(operation, &mut order, &mut changes);
    give_back_coupons(market, operation.at, &mut order, by == CancelBy::NotPaid, &mut changes);
    changes.tell(EventKind::OrderCancelled, &order.order_id);
    give_back(Deciding { books, market, operation }, &mut order, pieces, by.cause(), &mut changes)?;
    if by != CancelBy::NotPaid {
        // Where nothing is left to ship, what waited for the last shipment waits no longer.
        grant_shipped(books, market, operation, &mut order, &mut changes)?;
        capture_rest(&mut order, operation, &mut changes)?;
    }
    changes.orders.push(order);
    Ok(changes)
}

/// What is meant: each line once; all that is open where nothing is named.
fn wanted(order: &Order, parts: Option<&[LinePart]>) -> Result<Vec<LinePart>, OrderRefusal> {
    let open = order.lines.iter().filter(|line| line.open() > 0);
    let all = || open.map(|line| LinePart { line_id: line.line_id.clone(), quantity: line.open() }).collect();
    let wanted = parts.map_or_else(all, merged);
    if wanted.is_empty() { Err(OrderRefusal::Nothing) } else { Ok(wanted) }
}

/// Each line once.
pub(super) fn merged(parts: &[LinePart]) -> Vec<LinePart> {
    let mut merged: Vec<LinePart> = Vec::new();
    for part in parts {
        match merged.iter_mut().find(|known| known.line_id == part.line_id) {
            Some(known) => known.quantity = known.quantity.saturating_add(part.quantity),
            None => merged.push(part.clone()),
        }
    }
    merged
}

/// While others are asked, the order cannot change; and what is to be paid at a counter is one sum.
fn check_payment(order: &Order, parts: &[LinePart], by: CancelBy) -> Result<(), OrderRefusal> {
    let state = order.payment.state;
    let all = order.lines.iter().all(|line| {
        let named = parts.iter().find(|part| part.line_id == line.line_id);
        line.open() == 0 || named.is_some_and(|part| part.quantity == line.open())
    });
    let fits = match state {
        PaymentState::Asking => by == CancelBy::NotPaid,
        PaymentState::AwaitingPayment => all,
        PaymentState::Authorised | PaymentState::Paid | PaymentState::Refused => true,
    };
    if fits { Ok(()) } else { Err(OrderRefusal::WrongPaymentState { state }) }
}

fn check(market: &Market, order: &Order, part: &LinePart, by: CancelBy) -> Result<(), OrderRefusal> {
    let line = order.line(&part.line_id)?;
    let state = order.group_state(&line.seller);
    if by == CancelBy::Customer {
        check_policy(market, line, state)?;
    }
    if line.open() == 0 && line.shipped > 0 {
        return Err(OrderRefusal::TooLateToCancel { line: line.line_id.clone(), state: GroupState::Shipped });
    }
    if part.quantity < 1 || part.quantity > line.open() {
        return Err(OrderRefusal::WrongQuantity { line: line.line_id.clone(), left: line.open() });
    }
    Ok(())
}

fn check_policy(market: &Market, line: &OrderLine, state: GroupState) -> Result<(), OrderRefusal> {
    let seller = market.seller(&line.seller);
    let policy = seller.map_or(&market.policies.cancel, |seller| market.cancel_policy(seller));
    if policy.kinds_never.contain(line.kind) {
        return Err(OrderRefusal::NeverCancelled { line: line.line_id.clone(), kind: line.kind });
    }
    let in_time = match policy.until {
        CancelUntil::Preparing => !matches!(state, GroupState::Preparing) && line.shipped == 0,
        CancelUntil::Shipped => line.open() > 0,
    };
    if in_time || line.open() == 0 && line.shipped == 0 {
        Ok(())
    } else {
        Err(OrderRefusal::TooLateToCancel { line: line.line_id.clone(), state })
    }
}

/// Takes the units out of the order; what it costs to send them goes too, where nothing of the seller is left.
fn take_out(order: &mut Order, parts: &[LinePart]) -> Result<Vec<Piece>, OrderRefusal> {
    let mut pieces = Vec::new();
    for part in parts {
        pieces.push(piece_of(order, part)?);
        let line = order.line_mut(&part.line_id)?;
        line.cancelled = line.cancelled.saturating_add(part.quantity);
    }
    let all_cancelled = order.lines.iter().all(|line| line.cancelled == line.quantity);
    for charge in &order.charges {
        let goes = match &charge.charge {
            ChargeFor::Line(_) => false,
            ChargeFor::Shipping(seller) => order.group_state(seller) == GroupState::Cancelled,
            ChargeFor::Fee => all_cancelled,
        };
        if goes && charge.refunded.is_zero() {
            let charge_for = charge.charge.clone();
            pieces.push(Piece { charge: charge_for, net: charge.amount, deducted: Money::ZERO });
        }
    }
    Ok(pieces)
}

/// An order that is cancelled as a whole counts as never placed.
fn close_if_all_is_cancelled(operation: &Operation, order: &mut Order, changes: &mut Changes) {
    if order.lines.iter().all(|line| line.cancelled == line.quantity) {
        order.cancelled_at = Some(operation.at);
        changes.orders_placed = -1;
    }
}
