//! Answers of others, and what follows from them.

use super::pay::tell_paid;
use super::refund::{by_card, let_go_of_rest};
use super::ship::receive_money;
use super::trouble::{FEWER_POINTS, HowEnded, heard, note_trouble};
use super::{CancelBy, Order, OrderRefusal, PaymentState, TenderName, cancel};
use crate::books::{
    Ask, AskKind, AskOutcome, Changes, CustomerBooks, Due, DueKind, EventKind, Operation, Party,
};
use crate::market::{Market, MethodType};

/// Takes an answer into the order. An answer that was taken in before is the caller's to recognise.
pub fn settle(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    ask: &Ask,
    outcome: &AskOutcome,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let how = if *outcome == AskOutcome::Unavailable { HowEnded::GivenUp } else { HowEnded::Answered };
    let heard = heard(operation, order, &ask.ask_id, how);
    let order = heard.as_ref().unwrap_or(order);
    let is_open = order.payment.open_asks.contains(&ask.ask_id);
    let mut changes = match outcome {
        AskOutcome::Done { payment_number, .. } if is_open => {
            agreed(operation, order, ask, payment_number.as_deref())?
        }
        AskOutcome::Done { points, .. } => {
            done(operation, order, ask, points.is_some_and(|taken| is_short(ask, taken)))?
        }
        AskOutcome::Refused { code } if is_open => {
            let mut unasked = order.clone();
            forget(&mut unasked, &ask.ask_id);
            refused(books, market, operation, &unasked, ask, code)?
        }
        // Somebody else may have asked the same and got it, or asked and not lived to hear the answer.
        AskOutcome::Unavailable if is_open => refused(books, market, operation, order, ask, "unavailable")?,
        AskOutcome::Refused { code } => in_trouble(operation, order, ask, code),
        AskOutcome::Unavailable => in_trouble(operation, order, ask, "unavailable"),
    };
    if changes.orders.is_empty() {
        changes.orders.extend(heard);
    }
    changes.asks_settled.push(ask.ask_id.clone());
    Ok(changes)
}

fn is_short(ask: &Ask, taken: crate::money::Points) -> bool {
    matches!(&ask.kind, AskKind::Debit { points, .. } if taken < *points)
}

/// One of those whom the order needs has agreed; when all have, it stands.
fn agreed(
    operation: &Operation,
    order: &Order,
    ask: &Ask,
    payment_number: Option<&str>,
) -> Result<Changes, OrderRefusal> {
    let (mut order, mut changes) = (order.clone(), Changes::default());
    order.payment.open_asks.retain(|open| *open != ask.ask_id);
    if let AskKind::KonbiniOpen { .. } = ask.kind {
        order.payment.payment_number = payment_number.map(str::to_owned);
    }
    if order.payment.open_asks.is_empty() {
        stand(operation, &mut order, &mut changes);
    }
    changes.orders.push(order);
    Ok(changes)
}

/// Everyone agreed: partners are asked to take the points that they hold.
fn stand(operation: &Operation, order: &mut Order, changes: &mut Changes) {
    for tender in &mut order.tenders {
        let (TenderName::Program(program), Some(hold)) = (&tender.tender, &tender.hold_ask) else { continue };
        let kind = AskKind::HoldCapture { hold: hold.clone(), points: tender.points };
        let (ask_id, order_id) = (changes.next_ask_id(operation), order.order_id.clone());
        changes.asks.push(Ask { ask_id, order_id, party: Party::Partner(program.clone()), kind });
        tender.hold_captured = true;
    }
    order.payment.state = match order.payment.method {
        _ if order.payment.promised.is_zero() => PaymentState::Paid,
        Some(MethodType::Konbini) => PaymentState::AwaitingPayment,
        _ => PaymentState::Authorised,
    };
    // The deadline may have passed while others were asked; then it comes again.
    let deadline = order.payment.deadline.filter(|_| order.payment.state == PaymentState::AwaitingPayment);
    changes.dues.extend(deadline.map(|last| Due::after(DueKind::PayDeadline, &order.order_id, last)));
    let what = order.payment.state.code();
    order.happened(operation, what, None);
    match order.payment.state {
        PaymentState::AwaitingPayment => changes.tell(EventKind::PaymentAwaited, &order.order_id),
        _ => tell_paid(order, changes),
    }
}

/// One of those whom the order needs said no: the order ends, and everything goes back.
fn refused(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    ask: &Ask,
    code: &str,
) -> Result<Changes, OrderRefusal> {
    let mut unasked = order.clone();
    let open_asks = std::mem::take(&mut unasked.payment.open_asks);
    let mut changes = cancel(books, market, operation, &unasked, None, CancelBy::NotPaid)?;
    for order in &mut changes.orders {
        order.payment.state = PaymentState::Refused;
        order.happened(operation, "payment_refused", Some(code));
    }
    changes.asks_settled.extend(open_asks.into_iter().filter(|open| *open != ask.ask_id));
    changes.tell_part(EventKind::PaymentRefused, &order.order_id, code);
    Ok(changes)
}

/// What was refused was never promised or kept, so there is nothing to let go of.
fn forget(order: &mut Order, ask_id: &str) {
    if order.payment.authorise_ask.as_deref() == Some(ask_id) {
        order.payment.authorise_ask = None;
    }
    for tender in order.tenders.iter_mut().filter(|tender| tender.hold_ask.as_deref() == Some(ask_id)) {
        tender.hold_ask = None;
    }
}

/// Something asked for later is done.
fn done(operation: &Operation, order: &Order, ask: &Ask, short: bool) -> Result<Changes, OrderRefusal> {
    if short {
        return Ok(in_trouble(operation, order, ask, FEWER_POINTS));
    }
    let mut changes = Changes::default();
    let AskKind::Capture { amount, .. } = ask.kind else { return Ok(changes) };
    let mut order = order.clone();
    let capture = order.payment.captures.iter_mut().find(|capture| capture.ask_id == ask.ask_id);
    if let Some(capture) = capture.filter(|capture| !capture.done) {
        capture.done = true;
        debug_assert!(by_card(&order), "only cards are captured");
        receive_money(&mut order, operation, amount, &mut changes)?;
        let_go_of_rest(operation, &mut order, &mut changes)?;
        order.happened(operation, "card_paid", Some(&ask.ask_id));
        changes.orders.push(order);
    }
    Ok(changes)
}

/// A no that comes too late to stop anything: someone has to look.
fn in_trouble(operation: &Operation, order: &Order, ask: &Ask, code: &str) -> Changes {
    let (mut order, mut changes) = (order.clone(), Changes::default());
    note_trouble(operation, &mut order, ask, code, &mut changes);
    if let AskKind::Refund { .. } = ask.kind {
        changes.tell(EventKind::TransferNeeded, &order.order_id);
    }
    changes.orders.push(order);
    changes
}
