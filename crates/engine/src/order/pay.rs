//! Payments that come later: at a counter, by invoice.

use super::ship::receive_money;
use super::{CancelBy, Order, OrderRefusal, PaymentState, cancel};
use crate::books::{Changes, CustomerBooks, Due, DueKind, EventKind, Operation};
use crate::market::{ItemKind, Market, MethodType};

const TOO_LATE: &str = "paid_too_late";

/// The customer has paid, at a konbini or an invoice. Hearing it twice changes nothing; money for an order
/// that was cancelled meanwhile has to be sent back.
pub fn paid(books: &CustomerBooks, operation: &Operation, order: &Order) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let later = matches!(order.payment.method, Some(MethodType::Konbini | MethodType::Deferred));
    match order.payment.state {
        PaymentState::Paid => return Ok(changes),
        PaymentState::Refused | PaymentState::AwaitingPayment | PaymentState::Authorised
            if later && order.cancelled_at.is_some() =>
        {
            if order.history.iter().any(|happened| happened.what == TOO_LATE) {
                return Ok(changes);
            }
            changes.tell(EventKind::TransferNeeded, &order.order_id);
            order.happened(operation, TOO_LATE, None);
        }
        PaymentState::AwaitingPayment | PaymentState::Authorised if later => {
            let amount = order.payment.promised;
            receive_money(&mut order, operation, amount, &mut changes)?;
            order.payment.state = PaymentState::Paid;
            order.happened(operation, "paid", None);
            tell_paid(&order, &mut changes);
        }
        state => return Err(OrderRefusal::WrongPaymentState { state }),
    }
    changes.orders.push(order);
    Ok(changes)
}

/// Tells that the payment is promised or made; bought gift cards can be issued then.
pub(super) fn tell_paid(order: &Order, changes: &mut Changes) {
    changes.tell(EventKind::OrderPaid, &order.order_id);
    if order.lines.iter().any(|line| line.kind == ItemKind::GiftCard) {
        changes.tell(EventKind::GiftCardsBought, &order.order_id);
    }
}

/// The deadline for paying at a counter has passed: the order is cancelled, if it is still not paid.
pub fn deadline_passed(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
) -> Result<Changes, OrderRefusal> {
    let waits = order.payment.state == PaymentState::AwaitingPayment && order.cancelled_at.is_none();
    let Some(deadline) = order.payment.deadline.filter(|_| waits) else { return Ok(Changes::default()) };
    if operation.at.as_second() <= deadline.as_second() {
        let again = Due::after(DueKind::PayDeadline, &order.order_id, deadline);
        return Ok(Changes { dues: vec![again], ..Changes::default() });
    }
    let mut changes = cancel(books, market, operation, order, None, CancelBy::NotPaid)?;
    for order in &mut changes.orders {
        order.payment.state = PaymentState::Refused;
    }
    changes.tell(EventKind::PaymentRefused, &order.order_id);
    Ok(changes)
}
