//! Booking what has expired. Balances know it without; the journal hears of it here.

use super::wallet::is_over;
use super::{Account, BooksError, Changes, CustomerBooks, Due, DueKind, EntryReason, EventKind, Operation};
use crate::market::Market;

/// Books a lot as expired where its time is over; otherwise says when to look again.
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
        changes.dues.extend(last.map(|last| Due::after(DueKind::LotExpiry, lot_id, last)));
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
