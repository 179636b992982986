//! What an order earns: granted when it is placed or shipped, taken back for what is cancelled or returned.
//!
//! What is taken back follows from what was granted, never from today's rules: of each record the part stays
//! that belongs to the net of the goods that are kept, rounded down.

use jiff::Timestamp;

use super::{EarnedLot, Order, OrderEarned, OrderRefusal, Refund};
use crate::books::{
    Account, Ask, AskKind, BooksError, Changes, CustomerBooks, EntryReason, GrantRefusal, NewGrant,
    Operation, Origin, Party, take_back,
};
use crate::calendar;
use crate::market::{ClawBack, EarningRule, Expiry, Held, LotKind, Market};
use crate::money::{Money, Overflow, Points, Rounding, scale};
use crate::quote::{Earn, Quote, earn};

/// What the quote promises, as records of the order.
pub(super) fn records(market: &Market, quote: &Quote<'_>) -> Vec<OrderEarned> {
    quote.earns.iter().map(|earned| record(market, quote, earned)).collect()
}

fn record(market: &Market, quote: &Quote<'_>, earned: &Earn<'_>) -> OrderEarned {
    let counted = quote.lines.iter().filter(|line| earn::earns(earned.rule, line));
    let lines = match earned.line {
        Some(line) => vec![line.to_owned()],
        None => counted.map(|line| line.line.id.to_owned()).collect(),
    };
    let held = market.program(&earned.program.id).map(|program| program.held);
    let dates = quote.grants.get(earned.grant);
    OrderEarned {
        program: earned.program.id.clone(),
        rule: earned.rule.id.clone(),
        kind: earned.rule.kind,
        lines,
        per_line: earned.line.is_some(),
        points: earned.points,
        granted: Points::ZERO,
        taken_back: Points::ZERO,
        days_after_shipment: dates.and_then(|dates| dates.days_after_shipment),
        lots: Vec::new(),
        by_partner: held == Some(Held::Partner),
    }
}

/// Grants what does not wait for the shipment: one lot for all records with the same kind and dates.
pub(super) fn promise(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &mut Order,
    quote: &Quote<'_>,
    changes: &mut Changes,
) -> Result<(), GrantRefusal> {
    let mut sums: Vec<LotToOpen> = Vec::new();
    for (place, earned) in quote.earns.iter().enumerate() {
        let dates = quote.grants.get(earned.grant).copied();
        let Some(available_at) = dates.and_then(|dates| dates.available_at) else { continue };
        // What is granted on a day of its own is announced until then.
        let pending_at = dates.and_then(|dates| dates.pending_at).unwrap_or(available_at);
        if earned.program.held == Held::Here {
            let expires_at = dates.and_then(|dates| dates.expires_at);
            let kind = earned.rule.kind;
            add(
                &mut sums,
                LotToOpen {
                    program: earned.program.id.clone(),
                    kind,
                    pending_at,
                    available_at,
                    expires_at,
                    records: vec![(place, earned.points)],
                },
            );
        }
    }
    open_all(books, market, operation, order, sums, changes)
}

struct LotToOpen {
    program: String,
    kind: Option<LotKind>,
    pending_at: Timestamp,
    available_at: Timestamp,
    expires_at: Option<Timestamp>,
    records: Vec<(usize, Points)>,
}

fn add(lots: &mut Vec<LotToOpen>, new: LotToOpen) {
    let same = |lot: &&mut LotToOpen| {
        lot.program == new.program
            && lot.kind == new.kind
            && lot.pending_at == new.pending_at
            && lot.available_at == new.available_at
            && lot.expires_at == new.expires_at
    };
    match lots.iter_mut().find(same) {
        Some(lot) => lot.records.extend(new.records),
        None => lots.push(new),
    }
}

fn open_all(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &mut Order,
    lots: Vec<LotToOpen>,
    changes: &mut Changes,
) -> Result<(), GrantRefusal> {
    for lot in lots {
        let new = NewGrant {
            program: lot.program.clone(),
            kind: lot.kind,
            points: Points::sum(lot.records.iter().map(|(_, points)| *points))?,
            pending_at: Some(lot.pending_at),
            available_at: Some(lot.available_at),
            expires_at: lot.expires_at,
            origin: Origin::Order(order.order_id.clone()),
        };
        let from = Account::granted(&lot.program);
        let lot_id =
            crate::books::open_lot(books, market, operation, &new, from, EntryReason::Granted, changes)?;
        for (place, points) in lot.records {
            if let Some(record) = order.earned.get_mut(place) {
                record.granted = record.granted.plus(points)?;
                record.lots.push(EarnedLot { lot_id: lot_id.clone(), points, expired: Points::ZERO });
            }
        }
    }
    Ok(())
}

/// Grants what waited for the shipment, as far as its goods have left. A partner is asked to.
pub(super) fn grant_shipped(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &mut Order,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let mut lots: Vec<LotToOpen> = Vec::new();
    for place in 0..order.earned.len() {
        let Some(points) = shipped_points(order, place)? else { continue };
        let Some(record) = order.earned.get_mut(place) else { continue };
        if record.by_partner {
            credit(books, operation, &order.order_id, record, points, changes)?;
        } else if let Some(days) = record.days_after_shipment {
            let (available_at, expires_at) = dates(market, record, days, operation.at)?;
            let (program, kind) = (record.program.clone(), record.kind);
            let (pending_at, records) = (operation.at, vec![(place, points)]);
            add(&mut lots, LotToOpen { program, kind, pending_at, available_at, expires_at, records });
        }
    }
    open_all(books, market, operation, order, lots, changes).map_err(|refusal| match refusal {
        GrantRefusal::Books(error) => OrderRefusal::Books(error),
        other => OrderRefusal::Books(BooksError::NotLoaded { what: "grant", id: other.code().to_owned() }),
    })
}

/// Points of a record that can be granted now.
fn shipped_points(order: &Order, place: usize) -> Result<Option<Points>, OrderRefusal> {
    let waits = |record: &&OrderEarned| record.days_after_shipment.is_some() || record.by_partner;
    let Some(record) = order.earned.get(place).filter(waits) else { return Ok(None) };
    let open = shipped_and_kept(order, record)?.minus(record.granted.minus(record.taken_back)?)?;
    Ok((open > Points::ZERO).then_some(open))
}

/// The part of a record that belongs to what has left and is kept: of a line as its units leave, of a payment
/// when all has left.
fn shipped_and_kept(order: &Order, record: &OrderEarned) -> Result<Points, OrderRefusal> {
    let (mut shipped, mut open, mut quantity) = (0_i64, 0_i64, 0_i64);
    for line_id in &record.lines {
        let line = order.line(line_id)?;
        shipped = shipped.saturating_add(line.shipped).saturating_sub(line.returned);
        open = open.saturating_add(line.open());
        quantity = quantity.saturating_add(line.quantity);
    }
    if record.per_line {
        Ok(scale(record.points.units(), shipped, quantity.max(1), Rounding::Down).map(Points::new)?)
    } else if open > 0 {
        Ok(Points::ZERO)
    } else {
        kept(order, record)
    }
}

fn credit(
    books: &CustomerBooks,
    operation: &Operation,
    order_id: &str,
    record: &mut OrderEarned,
    points: Points,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    // A customer who has unlinked meanwhile earns nothing there.
    let Some(link) = books.link(&record.program) else { return Ok(()) };
    record.granted = record.granted.plus(points)?;
    let kind = AskKind::Credit { account: link.account.clone(), points, earned: true };
    ask_partner(operation, order_id, &record.program, kind, changes);
    let program = record.program.clone();
    changes.enter(operation, EntryReason::PartnerSettled, Some(order_id), |entry| {
        entry.points(Account::partner_member(&program), &program, None, points);
        entry.points_from(Account::partner(&program), &program, None, points)?;
        Ok(())
    })
}

pub(super) fn ask_partner(
    operation: &Operation,
    order_id: &str,
    program: &str,
    kind: AskKind,
    changes: &mut Changes,
) {
    let ask_id = changes.next_ask_id(operation);
    let party = Party::Partner(program.to_owned());
    changes.asks.push(Ask { ask_id, order_id: order_id.to_owned(), party, kind });
}

fn dates(
    market: &Market,
    record: &OrderEarned,
    days: i32,
    at: Timestamp,
) -> Result<(Timestamp, Option<Timestamp>), OrderRefusal> {
    let zone = &market.time_zone;
    let available = calendar::days_after(calendar::date_of(at, zone), days)?;
    let expires_at = match rule_of(market, record).map(|rule| rule.expires) {
        Some(Expiry::EndOfMonth { months }) => Some(calendar::last_second_of_month(available, months, zone)?),
        Some(Expiry::Never) | None => None,
    };
    Ok((calendar::start_of(available, zone)?, expires_at))
}

fn rule_of<'m>(market: &'m Market, record: &OrderEarned) -> Option<&'m EarningRule> {
    let program = market.program(&record.program)?;
    program.earning.iter().find(|rule| rule.id == record.rule)
}

/// The part of a record that belongs to what is kept of its lines.
fn kept(order: &Order, record: &OrderEarned) -> Result<Points, OrderRefusal> {
    let (mut net, mut net_kept, mut units, mut units_kept) = (Money::ZERO, Money::ZERO, 0_i64, 0_i64);
    for line_id in &record.lines {
        let line = order.line(line_id)?;
        net = net.plus(line.net)?;
        net_kept = net_kept.plus(line.net_kept()?)?;
        units = units.saturating_add(line.quantity);
        units_kept = units_kept.saturating_add(line.kept());
    }
    let (part, whole) = if net.is_zero() { (units_kept, units) } else { (net_kept.units(), net.units()) };
    Ok(scale(record.points.units(), part, whole.max(1), Rounding::Down).map(Points::new)?)
}

/// What taking back came to.
#[derive(Debug, Default)]
pub(super) struct TakenBack {
    /// Points taken back or owed, by program.
    pub taken: Vec<(String, Points)>,
    /// Of these: spent already.
    pub spent: Vec<(String, Points)>,
}

/// Takes back what was granted for goods that are not kept any more. The lines have been changed already.
pub(super) fn take_back_all(
    books: &CustomerBooks,
    operation: &Operation,
    order: &mut Order,
    changes: &mut Changes,
) -> Result<TakenBack, OrderRefusal> {
    let mut all = TakenBack::default();
    let order_id = order.order_id.clone();
    for place in 0..order.earned.len() {
        let Some(record) = order.earned.get(place).cloned() else { continue };
        let back = record.granted.minus(record.taken_back)?.minus(stays(order, &record)?)?;
        if back <= Points::ZERO {
            continue;
        }
        let spent = if record.by_partner {
            debit(books, operation, &order_id, &record, back, changes)?;
            Points::ZERO
        } else {
            take_from_lots(books, operation, order, place, back, changes)?
        };
        if let Some(record) = order.earned.get_mut(place) {
            record.taken_back = record.taken_back.plus(back)?;
        }
        add_points(&mut all.taken, &record.program, back)?;
        add_points(&mut all.spent, &record.program, spent)?;
    }
    Ok(all)
}

/// What may stay of what a record has granted.
fn stays(order: &Order, record: &OrderEarned) -> Result<Points, OrderRefusal> {
    let stays = kept(order, record)?;
    if record.per_line && record.days_after_shipment.is_some() {
        // Units that have not left count for what is granted when they leave.
        return Ok(stays.min(shipped_and_kept(order, record)?));
    }
    Ok(stays)
}

fn take_from_lots(
    books: &CustomerBooks,
    operation: &Operation,
    order: &mut Order,
    place: usize,
    back: Points,
    changes: &mut Changes,
) -> Result<Points, OrderRefusal> {
    let Some(record) = order.earned.get(place).cloned() else { return Ok(Points::ZERO) };
    let (mut open, mut skip, mut spent) = (back, record.taken_back, Points::ZERO);
    for (index, lot) in record.lots.iter().enumerate() {
        let gone = skip.min(lot.points);
        skip = skip.minus(gone)?;
        let part = lot.points.minus(gone)?.min(open);
        if part.is_zero() {
            continue;
        }
        open = open.minus(part)?;
        let (lot_id, known) = (&lot.lot_id, of_lot(order, &lot.lot_id)?);
        let taken = take_back(books, operation, &order.order_id, lot_id, part, known.expired, changes)?;
        spent = spent.plus(taken.spent)?;
        if let Some(lot) = order.earned.get_mut(place).and_then(|record| record.lots.get_mut(index)) {
            lot.expired = lot.expired.plus(taken.expired)?;
        }
        if known.taken.plus(part)? == known.granted && books.lot(lot_id)?.is_pending(operation.at) {
            changes.void_lot(lot_id);
        }
    }
    Ok(spent)
}

/// What all records of an order say of one lot.
#[derive(Default)]
struct OfLot {
    granted: Points,
    taken: Points,
    expired: Points,
}

fn of_lot(order: &Order, lot_id: &str) -> Result<OfLot, Overflow> {
    let mut all = OfLot::default();
    for record in &order.earned {
        let mut taken = record.taken_back;
        for lot in &record.lots {
            let part = taken.min(lot.points);
            taken = taken.minus(part)?;
            if lot.lot_id == lot_id {
                all.granted = all.granted.plus(lot.points)?;
                all.taken = all.taken.plus(part)?;
                all.expired = all.expired.plus(lot.expired)?;
            }
        }
    }
    Ok(all)
}

fn debit(
    books: &CustomerBooks,
    operation: &Operation,
    order_id: &str,
    record: &OrderEarned,
    back: Points,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let Some(link) = books.link(&record.program) else { return Ok(()) };
    let kind = AskKind::Debit { account: link.account.clone(), points: back };
    ask_partner(operation, order_id, &record.program, kind, changes);
    let program = record.program.clone();
    changes.enter(operation, EntryReason::PartnerSettled, Some(order_id), |entry| {
        entry.points_from(Account::partner_member(&program), &program, None, back)?;
        entry.points(Account::partner(&program), &program, None, back);
        Ok(())
    })
}

fn add_points(sums: &mut Vec<(String, Points)>, program: &str, points: Points) -> Result<(), Overflow> {
    if points.is_zero() {
        return Ok(());
    }
    match sums.iter_mut().find(|(known, _)| known == program) {
        Some((_, sum)) => *sum = sum.plus(points)?,
        None => sums.push((program.to_owned(), points)),
    }
    Ok(())
}

/// Points that were spent already: owed, or kept back from the refund as far as it reaches. Answers what is
/// kept back, in yen.
pub(super) fn settle_spent(
    market: &Market,
    operation: &Operation,
    order_id: &str,
    refund: &mut Refund,
    spent: &[(String, Points)],
    most: Money,
    changes: &mut Changes,
) -> Result<Money, OrderRefusal> {
    let mut left = most;
    for (program, points) in spent {
        let value = market.program(program).map(|program| program.value);
        let mut owed = *points;
        if let (ClawBack::FromRefund, Some(value)) = (market.policies.refunds.claw_back, value) {
            let paid = value.most_points_within(left).min(*points);
            left = left.minus(value.worth(paid)?)?;
            owed = points.minus(paid)?;
            changes.enter(operation, EntryReason::TakenBack, Some(order_id), |entry| {
                entry.points_from(Account::spent(program), program, None, paid)?;
                entry.points(Account::granted(program), program, None, paid);
                Ok::<(), BooksError>(())
            })?;
        }
        crate::books::owe(operation, order_id, program, owed, changes)?;
        if !owed.is_zero() {
            refund.owed.push((program.clone(), owed));
        }
    }
    Ok(most.minus(left)?)
}
