//! Balances as functions of time, and points that are taken back.

use jiff::Timestamp;

use super::{Account, BooksError, Changes, CustomerBooks, EntryReason, Lot, Operation};
use crate::calendar::OutOfCalendar;
use crate::market::{LotKind, Market};
use crate::money::{Overflow, Points};

/// What a customer holds of one kind of a program at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// Earned, but not seen as pending yet.
    pub announced: Points,
    /// Seen but not usable yet.
    pub pending: Points,
    /// Usable.
    pub available: Points,
    /// Not usable any more; booked as expired or not.
    pub expired: Points,
}

/// Whether a last usable second has passed; that second is usable to its end.
pub(crate) fn is_over(expires_at: Option<Timestamp>, at: Timestamp) -> bool {
    expires_at.is_some_and(|expires_at| at.as_second() > expires_at.as_second())
}

/// What a customer holds at an instant, by program and kind, from all of their lots.
pub fn balances(books: &CustomerBooks, market: &Market, at: Timestamp) -> Result<Vec<Balance>, BooksError> {
    let mut balances: Vec<Balance> = Vec::new();
    for lot in books.lots.iter().filter(|lot| lot.market == market.name && !lot.void) {
        let over = is_over(books.renewals.expiry(lot, market, at)?, at);
        add(&mut balances, lot, over, at)?;
    }
    Ok(balances)
}

pub(super) fn add(balances: &mut Vec<Balance>, lot: &Lot, over: bool, at: Timestamp) -> Result<(), Overflow> {
    let same = |balance: &Balance| balance.program == lot.program && balance.kind == lot.kind;
    let place = match balances.iter().position(same) {
        Some(place) => place,
        None => {
            balances.push(Balance {
                program: lot.program.clone(),
                kind: lot.kind,
                announced: Points::ZERO,
                pending: Points::ZERO,
                available: Points::ZERO,
                expired: Points::ZERO,
            });
            balances.len().saturating_sub(1)
        }
    };
    let Some(balance) = balances.get_mut(place) else { return Ok(()) };
    balance.expired = balance.expired.plus(lot.expired)?;
    let part = match (over, lot.is_pending(at)) {
        (true, _) => &mut balance.expired,
        (false, true) if lot.is_announced(at) => &mut balance.announced,
        (false, true) => &mut balance.pending,
        (false, false) => &mut balance.available,
    };
    *part = part.plus(lot.remaining)?;
    Ok(())
}

/// What came of taking points back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Taken from the lot.
    pub from_lot: Points,
    /// Gone anyway: it had expired.
    pub expired: Points,
    /// Spent already: owed from now on, or to be taken from a refund.
    pub spent: Points,
}

/// Takes points of a grant back: what is left of its lot, pending or not. What has expired of it is gone
/// anyway, as far as it was not `expired_before` in an earlier taking back; what is spent is answered, not
/// booked.
pub(crate) fn take_back(
    books: &CustomerBooks,
    operation: &Operation,
    order_id: &str,
    lot_id: &str,
    points: Points,
    expired_before: Points,
    changes: &mut Changes,
) -> Result<Taken, BooksError> {
    let lot = books.lot(lot_id)?;
    let left = lot.remaining.plus(Points::new(changes.lot_changed_by(lot_id)))?;
    let from_lot = left.min(points);
    let expired = lot.expired.minus(expired_before)?.max(Points::ZERO).min(points.minus(from_lot)?);
    changes.enter(operation, EntryReason::TakenBack, Some(order_id), |entry| {
        entry.points_from(Account::wallet(&lot.program), &lot.program, Some(lot_id), from_lot)?;
        entry.points(Account::granted(&lot.program), &lot.program, None, from_lot);
        Ok::<(), BooksError>(())
    })?;
    if !from_lot.is_zero() {
        changes.change_lot(lot_id, from_lot.units().saturating_neg());
    }
    Ok(Taken { from_lot, expired, spent: points.minus(from_lot)?.minus(expired)? })
}

/// Owes points that were taken back after they had been spent.
pub(crate) fn owe(
    operation: &Operation,
    order_id: &str,
    program: &str,
    points: Points,
    changes: &mut Changes,
) -> Result<(), BooksError> {
    if points.is_zero() {
        return Ok(());
    }
    changes.change_debt(program, points);
    changes.enter(operation, EntryReason::TakenBack, Some(order_id), |entry| {
        entry.points_from(Account::debt(program), program, None, points)?;
        entry.points(Account::granted(program), program, None, points);
        Ok(())
    })
}

/// Lets a new lot pay what is owed of its program; what is left of it stays in the lot.
pub fn pay_debt(
    books: &CustomerBooks,
    operation: &Operation,
    lot: &mut Lot,
    changes: &mut Changes,
) -> Result<(), BooksError> {
    let paid_now =
        changes.debts.iter().filter(|debt| debt.program == lot.program).map(|debt| debt.points).sum();
    let owed = books.debt(&lot.program).plus(Points::new(paid_now))?;
    let pays = owed.min(lot.remaining).max(Points::ZERO);
    if pays.is_zero() {
        return Ok(());
    }
    lot.remaining = lot.remaining.minus(pays)?;
    changes.change_debt(&lot.program, Points::ZERO.minus(pays)?);
    changes.enter(operation, EntryReason::DebtPaid, None, |entry| {
        entry.points_from(Account::wallet(&lot.program), &lot.program, Some(&lot.lot_id), pays)?;
        entry.points(Account::debt(&lot.program), &lot.program, None, pays);
        Ok(())
    })
}

/// The market's dates are beyond the calendar.
impl From<OutOfCalendar> for super::GrantRefusal {
    fn from(error: OutOfCalendar) -> Self {
        Self::Books(error.into())
    }
}
