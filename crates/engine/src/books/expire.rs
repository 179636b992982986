//! Telling of what will expire, and booking what has. Balances know it without; others hear of it here.

use jiff::{SignedDuration, Timestamp};

use super::wallet::is_over;
use super::{
    Account, BooksError, Changes, CustomerBooks, Due, DueKind, EntryReason, EventKind, Lot, Operation,
};
use crate::market::Market;

/// So long before a lot is over its customer is told.
pub const NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// When a new lot is looked at first: to tell of its end, or at its end where that comes sooner than the
/// notice would.
pub(super) fn first_look(lot: &Lot) -> Option<Due> {
    lot.expires_at.map(|last| next_look(&lot.lot_id, last, lot.granted_at))
}

fn next_look(lot_id: &str, last: Timestamp, at: Timestamp) -> Due {
    match last.checked_sub(NOTICE) {
        Ok(due_at) if !is_near(last, at) => {
            Due { kind: DueKind::LotExpiry, subject: lot_id.to_owned(), due_at }
        }
        _ => Due::after(DueKind::LotExpiry, lot_id, last),
    }
}

fn is_near(last: Timestamp, at: Timestamp) -> bool {
    last.checked_sub(NOTICE).is_ok_and(|notice_at| notice_at <= at)
}

/// Books a lot as expired where its time is over; otherwise says when to look again, and tells of its end
/// where that is near. It is told once for each end, as long as each look is made once.
pub fn expire(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    lot_id: &str,
) -> Result<Changes, BooksError> {
    let operation = &books.in_order(operation);
    let lot = books.lot(lot_id)?;
    let mut changes = Changes::default();
    let expires_at = books.renewals.expiry(lot, market, operation.at)?;
    if !is_over(expires_at, operation.at) {
        // Also where nothing is left: until the lot is over, what was spent of it may come back.
        let last = expires_at.filter(|_| !lot.void);
        if last.is_some_and(|last| is_near(last, operation.at)) && !lot.remaining.is_zero() {
            // A renewed lot ends later than it says of itself.
            let last = last.map(|last| last.to_string()).unwrap_or_default();
            changes.tell_part(EventKind::ValueExpiring, lot_id, &last);
        }
        changes.dues.extend(last.map(|last| next_look(lot_id, last, operation.at)));
        return Ok(changes);
    }
    if lot.remaining.is_zero() {
        return Ok(changes);
    }
    changes.expire_lot(lot_id, lot.remaining);
    changes.tell(EventKind::ValueExpired, lot_id);
    changes.enter(operation, EntryReason::Expired, None, |entry| {
        entry.points_from(Account::wallet(&lot.program), &lot.program, Some(lot_id), lot.remaining)?;
        entry.points(Account::expired(&lot.program), &lot.program, None, lot.remaining);
        Ok::<(), BooksError>(())
    })?;
    Ok(changes)
}
