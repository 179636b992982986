//! What the provider of payments tells by itself, later than it was asked: it took back what it had said, or a refund
//! has arrived. Whoever hears it twice is the caller's to recognise.

use super::trouble::{ANOTHER_AMOUNT, CHARGEBACK, DECLINED_LATER, note_trouble};
use super::{Order, PaymentState};
use crate::books::{Ask, Changes, CustomerBooks, EventKind, Operation};

const SETTLED: &str = "refund_settled";

/// The card's holder took back what was captured by an ask: staff have to look. What the books say was received
/// stays until somebody decides what the order comes to.
pub fn charged_back(books: &CustomerBooks, operation: &Operation, order: &Order, ask: &Ask) -> Changes {
    noted(books, operation, order, ask, CHARGEBACK)
}

/// The issuer took its promise to pay back. Where nothing is left to be paid of it, nothing is lost.
pub fn declined_later(books: &CustomerBooks, operation: &Operation, order: &Order, ask: &Ask) -> Changes {
    let over = order.cancelled_at.is_some()
        || order.payment.promised.is_zero()
        || matches!(order.payment.state, PaymentState::Paid | PaymentState::Refused);
    if over { Changes::default() } else { noted(books, operation, order, ask, DECLINED_LATER) }
}

/// A counter took another amount than was asked for: staff have to look.
pub fn paid_another_amount(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    ask: &Ask,
) -> Changes {
    noted(books, operation, order, ask, ANOTHER_AMOUNT)
}

/// A refund has reached the card.
pub fn refund_settled(books: &CustomerBooks, operation: &Operation, order: &Order, ask: &Ask) -> Changes {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let ask_id = &ask.ask_id;
    let known = |part: &Option<String>| part.as_ref() == Some(ask_id);
    if order.history.iter().any(|happened| happened.what == SETTLED && known(&happened.part)) {
        return changes;
    }
    order.happened(operation, SETTLED, Some(ask_id));
    changes.tell_part(EventKind::RefundSettled, &order.order_id, ask_id);
    changes.orders.push(order);
    changes
}

fn noted(books: &CustomerBooks, operation: &Operation, order: &Order, ask: &Ask, code: &str) -> Changes {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    note_trouble(operation, &mut order, ask, code, &mut changes);
    if !changes.events.is_empty() {
        changes.orders.push(order);
    }
    changes
}
