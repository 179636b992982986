//! Giving back: each yen to the tender that paid it, never more than was paid.
//!
//! By the market's policy the method gets back first and stored value last, or each charge goes back to those
//! who paid it, in proportion. Stored value returns to the lots it came from, the last used first, which live
//! longest. What has expired meanwhile is not given back, unless the seller cancelled: then it lives some days
//! more.

use super::earned::{ask_partner, settle_spent, take_back_all};
use super::place::{method_id, payee};
use super::ship::uncollected;
use super::{
    ChargeFor, LinePart, Order, OrderRefusal, OrderTender, PaymentState, Refund, RefundCause, RefundPart,
    TenderName,
};
use crate::allocate::allocate;
use crate::books::{
    Account, Ask, AskKind, Changes, CustomerBooks, Entry, EntryReason, EventKind, GrantRefusal, NewGrant,
    Operation, Origin, Party, is_over, open_lot,
};
use crate::calendar;
use crate::market::{Market, MethodType, RefundOrder};
use crate::money::{Money, Overflow, Points, Rounding, scale};

/// Who decides, about whom, under which rules.
#[derive(Clone, Copy)]
pub(super) struct Deciding<'d> {
    pub books: &'d CustomerBooks,
    pub market: &'d Market,
    pub operation: &'d Operation,
}

/// What is to go back of one charge.
pub(super) struct Piece {
    pub charge: ChargeFor,
    pub net: Money,
    /// Kept back of the net, for opened or missing parts.
    pub deducted: Money,
}

/// Gives back the pieces and takes back what they had earned. The lines have been changed already.
pub(super) fn give_back(
    deciding: Deciding<'_>,
    order: &mut Order,
    mut pieces: Vec<Piece>,
    cause: RefundCause,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let Deciding { books, market, operation } = deciding;
    cap(order, &mut pieces)?;
    let taken = take_back_all(books, operation, order, changes)?;
    let mut refund = new_refund(operation, order, &pieces, cause)?;
    let most = refund.net.minus(refund.deducted)?.min(paid_for_sure(order, cause)?);
    refund.kept_for_points =
        settle_spent(market, operation, &order.order_id, &mut refund, &taken.spent, most, changes)?;
    refund.taken_back = taken.taken;

    let amounts = amounts(pieces, refund.kept_for_points)?;
    let by_tender = spread(market, order, &amounts)?;
    let mut entry = Entry::new(operation, entry_reason(cause), Some(&order.order_id));
    for (charge, amount) in &amounts {
        entry.yen(payee(order, charge), *amount);
    }
    for (tender, amount) in by_tender {
        let part = give_to(deciding, order, &tender, amount, cause, &mut entry, changes)?;
        refund.parts.push(part);
    }
    changes.finish(operation, entry)?;
    let_go_of_rest(operation, order, changes)?;
    if !refund.net.is_zero() {
        changes.tell_part(EventKind::OrderRefunded, &order.order_id, &refund.refund_id);
        order.refunds.push(refund);
    }
    Ok(())
}

fn entry_reason(cause: RefundCause) -> EntryReason {
    match cause {
        RefundCause::Returned | RefundCause::Staff => EntryReason::Refunded,
        RefundCause::CancelledByCustomer | RefundCause::CancelledBySeller | RefundCause::NotPaid => {
            EntryReason::Cancelled
        }
    }
}

/// What something can be kept back of. What was only promised cannot be kept, unless a card can be asked for
/// it now.
fn paid_for_sure(order: &Order, cause: RefundCause) -> Result<Money, Overflow> {
    if cause == RefundCause::NotPaid {
        return Ok(Money::ZERO);
    }
    let mut sure = Money::ZERO;
    for tender in &order.tenders {
        sure = sure.plus(match tender.tender {
            TenderName::Method if !by_card(order) => order.payment.received.minus(order.payment.refunded)?,
            TenderName::Method | TenderName::Program(_) => tender.amount.minus(tender.refunded)?,
        })?;
    }
    Ok(sure.max(Money::ZERO))
}

/// Never more of a charge than was paid and has not gone back.
fn cap(order: &Order, pieces: &mut [Piece]) -> Result<(), Overflow> {
    for piece in pieces {
        let charge = order.charges.iter().find(|charge| charge.charge == piece.charge);
        let left = charge.map_or(Ok(Money::ZERO), |charge| charge.amount.minus(charge.refunded))?;
        piece.net = piece.net.min(left);
        piece.deducted = piece.deducted.min(piece.net);
    }
    Ok(())
}

fn new_refund(
    operation: &Operation,
    order: &Order,
    pieces: &[Piece],
    cause: RefundCause,
) -> Result<Refund, Overflow> {
    Ok(Refund {
        refund_id: format!("{}.r{}", operation.id, order.refunds.len().saturating_add(1)),
        at: operation.at,
        cause,
        net: Money::sum(pieces.iter().map(|piece| piece.net))?,
        deducted: Money::sum(pieces.iter().map(|piece| piece.deducted))?,
        kept_for_points: Money::ZERO,
        parts: Vec::new(),
        taken_back: Vec::new(),
        owed: Vec::new(),
    })
}

/// What goes back of each charge, after what is kept back.
fn amounts(pieces: Vec<Piece>, kept_for_points: Money) -> Result<Vec<(ChargeFor, Money)>, Overflow> {
    let amounts = pieces
        .iter()
        .map(|piece| piece.net.minus(piece.deducted))
        .collect::<Result<Vec<Money>, Overflow>>()?;
    let kept = allocate(kept_for_points, &amounts)?;
    let rows = pieces.into_iter().zip(amounts).zip(kept);
    rows.map(|((piece, amount), kept)| Ok((piece.charge, amount.minus(kept)?))).collect()
}

/// To whom how much goes back. Notes it in the charges.
fn spread(
    market: &Market,
    order: &mut Order,
    amounts: &[(ChargeFor, Money)],
) -> Result<Vec<(TenderName, Money)>, Overflow> {
    let mut total = Money::ZERO;
    let mut by_charge: Vec<(TenderName, Money)> = Vec::new();
    for (charge, amount) in amounts {
        total = total.plus(*amount)?;
        let Some(charge) = order.charges.iter_mut().find(|known| known.charge == *charge) else { continue };
        charge.refunded = charge.refunded.plus(*amount)?;
        let left: Vec<Money> =
            charge.shares.iter().map(|share| share.amount.minus(share.refunded)).collect::<Result<_, _>>()?;
        for (share, part) in charge.shares.iter_mut().zip(allocate(*amount, &left)?) {
            share.refunded = share.refunded.plus(part)?;
            add(&mut by_charge, &share.tender, part)?;
        }
    }
    match market.policies.refunds.order {
        RefundOrder::AsPaid => Ok(by_charge),
        RefundOrder::MethodFirst => method_first(order, total),
    }
}

fn add(rows: &mut Vec<(TenderName, Money)>, tender: &TenderName, amount: Money) -> Result<(), Overflow> {
    match rows.iter_mut().find(|(known, _)| known == tender) {
        Some((_, sum)) => *sum = sum.plus(amount)?,
        None if amount.is_zero() => {}
        None => rows.push((tender.clone(), amount)),
    }
    Ok(())
}

fn method_first(order: &Order, total: Money) -> Result<Vec<(TenderName, Money)>, Overflow> {
    let mut rows = Vec::new();
    let mut open = total;
    let by_method = order.tenders.iter().filter(|tender| tender.tender == TenderName::Method);
    let stored = order.tenders.iter().filter(|tender| tender.tender != TenderName::Method);
    for tender in by_method.chain(stored) {
        let part = tender.amount.minus(tender.refunded)?.min(open);
        open = open.minus(part)?;
        add(&mut rows, &tender.tender, part)?;
    }
    Ok(rows)
}

fn give_to(
    deciding: Deciding<'_>,
    order: &mut Order,
    name: &TenderName,
    amount: Money,
    cause: RefundCause,
    entry: &mut Entry,
    changes: &mut Changes,
) -> Result<RefundPart, OrderRefusal> {
    let mut part = RefundPart {
        tender: name.clone(),
        amount,
        points: Points::ZERO,
        expired: Points::ZERO,
        grace: Points::ZERO,
        not_charged: Money::ZERO,
    };
    let Some(place) = order.tenders.iter().position(|tender| tender.tender == *name) else { return Ok(part) };
    let Some(tender) = order.tenders.get_mut(place) else { return Ok(part) };
    tender.refunded = tender.refunded.plus(amount)?;
    match name {
        TenderName::Method => give_to_method(deciding.operation, order, cause, entry, &mut part, changes)?,
        TenderName::Program(program) => {
            entry.yen_from(Account::program_paid(program), amount)?;
            let back = points_back(tender)?;
            if tender.lots.is_empty() {
                give_to_partner(deciding.operation, &order.order_id, tender, program, back, entry, changes)?;
                part.points = back;
            } else {
                let order_id = order.order_id.clone();
                give_to_lots(deciding, &order_id, tender, program, back, cause, entry, &mut part, changes)?;
            }
        }
    }
    Ok(part)
}

/// Points that belong to what went back so far, less those that went back before.
fn points_back(tender: &mut OrderTender) -> Result<Points, Overflow> {
    let (points, refunded, paid) = (tender.points.units(), tender.refunded.units(), tender.amount.units());
    let target = scale(points, refunded, paid.max(1), Rounding::Down).map(Points::new)?;
    let back = target.minus(tender.points_returned)?;
    tender.points_returned = target;
    Ok(back)
}

/// What is cancelled is taken from what was only promised as far as possible; what is returned has been paid.
fn give_to_method(
    operation: &Operation,
    order: &mut Order,
    cause: RefundCause,
    entry: &mut Entry,
    part: &mut RefundPart,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let method = method_id(order);
    let free = uncollected(order)?;
    let payment = &mut order.payment;
    // What a card has been asked for or a carrier collects counts as paid: it cannot be called back.
    let paid = payment.promised.minus(free)?.plus(payment.received)?.minus(payment.refunded)?;
    let from_promised = match entry_reason(cause) {
        EntryReason::Cancelled => part.amount.min(free),
        _ => part.amount.minus(part.amount.min(paid))?,
    };
    let from_paid = part.amount.minus(from_promised)?;
    payment.promised = payment.promised.minus(from_promised)?;
    payment.refunded = payment.refunded.plus(from_paid)?;
    part.not_charged = from_promised;
    entry.yen_from(Account::method_promised(method), from_promised)?;
    entry.yen_from(Account::method_received(method), from_paid)?;
    let all_forgotten = !from_promised.is_zero() && from_promised == free;
    // A number whose time is over is not paid any more anyway.
    let payable = payment.state == PaymentState::AwaitingPayment && cause != RefundCause::NotPaid;
    if let Some(konbini) = payment.konbini_ask.clone().filter(|_| all_forgotten && payable) {
        ask_payments(operation, &order.order_id, AskKind::KonbiniCancel { konbini }, changes);
    }
    pay_back(operation, order, from_paid, changes)
}

/// Once a card has paid all that it ever has to pay, it is asked to forget what else it promised.
pub(super) fn let_go_of_rest(
    operation: &Operation,
    order: &mut Order,
    changes: &mut Changes,
) -> Result<(), Overflow> {
    let payment = &mut order.payment;
    // A payment that was refused may be asked for again.
    let goes_on = !payment.promised.is_zero() || payment.captures.iter().any(|capture| !capture.done);
    let Some(authorisation) = payment.authorise_ask.clone().filter(|_| !goes_on && !payment.let_go) else {
        return Ok(());
    };
    let by_card = payment.captures.iter().filter(|capture| !capture.otherwise);
    let paid = Money::sum(by_card.map(|capture| capture.amount))?;
    let method = order.tenders.iter().filter(|tender| tender.tender == TenderName::Method);
    if paid < Money::sum(method.map(|tender| tender.amount))? {
        payment.let_go = true;
        ask_payments(operation, &order.order_id, AskKind::Void { authorisation }, changes);
    }
    Ok(())
}

/// Asks the provider to pay back what a card paid, the last payment first; the rest is sent by hand.
fn pay_back(
    operation: &Operation,
    order: &mut Order,
    amount: Money,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let (mut open, mut by_hand) = (amount, Money::ZERO);
    for capture in order.payment.captures.iter_mut().rev() {
        let part = capture.amount.minus(capture.refunded)?.min(open);
        if part.is_zero() {
            continue;
        }
        open = open.minus(part)?;
        capture.refunded = capture.refunded.plus(part)?;
        if capture.otherwise {
            by_hand = by_hand.plus(part)?;
            continue;
        }
        let kind = AskKind::Refund { capture: capture.ask_id.clone(), amount: part };
        ask_payments(operation, &order.order_id, kind, changes);
    }
    if !open.plus(by_hand)?.is_zero() {
        changes.tell(EventKind::TransferNeeded, &order.order_id);
    }
    Ok(())
}

pub(super) fn ask_payments(operation: &Operation, order_id: &str, kind: AskKind, changes: &mut Changes) {
    let ask_id = changes.next_ask_id(operation);
    changes.asks.push(Ask { ask_id, order_id: order_id.to_owned(), party: Party::Payments, kind });
}

fn give_to_partner(
    operation: &Operation,
    order_id: &str,
    tender: &OrderTender,
    program: &str,
    back: Points,
    entry: &mut Entry,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    if back.is_zero() {
        return Ok(());
    }
    entry.points(Account::partner_member(program), program, None, back);
    entry.points_from(Account::partner(program), program, None, back)?;
    let kind = match (&tender.account, &tender.hold_ask, tender.hold_captured) {
        (Some(account), _, true) => AskKind::Credit { account: account.clone(), points: back, earned: false },
        (_, Some(hold), false) => AskKind::HoldRelease { hold: hold.clone() },
        _ => return Ok(()),
    };
    ask_partner(operation, order_id, program, kind, changes);
    Ok(())
}

#[expect(clippy::too_many_arguments)] // all that a lot's way back depends on
fn give_to_lots(
    deciding: Deciding<'_>,
    order_id: &str,
    tender: &mut OrderTender,
    program: &str,
    back: Points,
    cause: RefundCause,
    entry: &mut Entry,
    part: &mut RefundPart,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let Deciding { books, market, operation } = deciding;
    let mut open = back;
    for used in tender.lots.iter_mut().rev() {
        let points = used.points.minus(used.returned)?.min(open);
        if points.is_zero() {
            continue;
        }
        open = open.minus(points)?;
        used.returned = used.returned.plus(points)?;
        let lot = books.lot(&used.lot_id)?;
        let over = is_over(books.renewals.expiry(lot, market, operation.at)?, operation.at);
        if !over {
            entry.points_from(Account::spent(program), program, None, points)?;
            entry.points(Account::wallet(program), program, Some(&used.lot_id), points);
            changes.change_lot(&used.lot_id, points.units());
            part.points = part.points.plus(points)?;
        } else if cause.has_grace() {
            grant_grace(deciding, order_id, program, used.kind, points, changes)?;
            part.grace = part.grace.plus(points)?;
        } else {
            entry.points_from(Account::spent(program), program, None, points)?;
            entry.points(Account::expired(program), program, None, points);
            part.expired = part.expired.plus(points)?;
        }
    }
    Ok(())
}

/// Value that has expired comes back for some days.
fn grant_grace(
    deciding: Deciding<'_>,
    order_id: &str,
    program: &str,
    kind: Option<crate::market::LotKind>,
    points: Points,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let Deciding { books, market, operation } = deciding;
    let today = calendar::date_of(operation.at, &market.time_zone);
    let last_day = calendar::days_after(today, market.policies.refunds.grace_days)?;
    let new = NewGrant {
        program: program.to_owned(),
        kind,
        points,
        pending_at: None,
        available_at: None,
        expires_at: Some(calendar::last_second_of(last_day, &market.time_zone)?),
        origin: Origin::Grace(order_id.to_owned()),
    };
    let from = Account::spent(program);
    open_lot(books, market, operation, &new, from, EntryReason::Cancelled, changes)
        .map(drop)
        .map_err(from_grant)
}

pub(super) fn from_grant(refusal: GrantRefusal) -> OrderRefusal {
    match refusal {
        GrantRefusal::Books(error) => OrderRefusal::Books(error),
        // What an order gave or took fits its own market's programs.
        other => crate::books::BooksError::NotLoaded { what: "grant", id: other.code().to_owned() }.into(),
    }
}

/// Gives back a part of a line's price without a return, because staff decide so.
pub fn refund_by_staff(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    line_id: &str,
    amount: Money,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let charge = ChargeFor::Line(order.line(line_id)?.line_id.clone());
    let known = order.charges.iter().find(|known| known.charge == charge);
    let most = known.map_or(Ok(Money::ZERO), |known| known.amount.minus(known.refunded))?;
    if amount <= Money::ZERO || amount > most {
        return Err(OrderRefusal::TooMuch { most: most.units() });
    }
    super::ship::require_payment(order)?;
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let pieces = vec![Piece { charge, net: amount, deducted: Money::ZERO }];
    let deciding = Deciding { books, market, operation };
    give_back(deciding, &mut order, pieces, RefundCause::Staff, &mut changes)?;
    order.happened(operation, "refunded", Some(line_id));
    changes.orders.push(order);
    Ok(changes)
}

/// The net of so many units of a line, as a piece.
pub(super) fn piece_of(order: &Order, part: &LinePart) -> Result<Piece, OrderRefusal> {
    let net = order.line(&part.line_id)?.net_of_next(part.quantity)?;
    Ok(Piece { charge: ChargeFor::Line(part.line_id.clone()), net, deducted: Money::ZERO })
}

/// Whether a card pays.
pub(super) fn by_card(order: &Order) -> bool {
    order.payment.method == Some(MethodType::Card)
}
