//! Value given to a customer: earned, granted by a campaign, or corrected by staff.

use jiff::Timestamp;

use super::expire::first_look;
use super::lot::own_expiry;
use super::wallet::{is_over, pay_debt};
use super::{Account, BooksError, Changes, CustomerBooks, EntryReason, EventKind, Lot, Operation, Origin};
use crate::market::{Held, LotKind, Market, Program};
use crate::money::{Overflow, Points};

/// Value to be granted.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Of which program, held by the market.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much.
    pub points: Points,
    /// Shown as pending from then on; at once where absent.
    pub pending_at: Option<Timestamp>,
    /// Usable from then on; at once where absent.
    pub available_at: Option<Timestamp>,
    /// Its last usable second. Where every grant renews the balance, that rule decides instead.
    pub expires_at: Option<Timestamp>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A grant or an adjustment cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    /// No such program, or a partner holds it.
    #[error("{program:?} is not a program that this market holds")]
    NotHeldHere {
        /// As named.
        program: String,
    },
    /// The program has no such kind of lot.
    #[error("{program:?} has no lots of that kind")]
    WrongKind {
        /// Which program.
        program: String,
    },
    /// Nothing is granted.
    #[error("points: expected 1 or more")]
    Nothing,
    /// It ends before it can be used.
    #[error("expires_at is before it becomes available")]
    EndsBeforeItBegins,
    /// An adjustment needs a reason.
    #[error("reason: an adjustment needs one")]
    NoReason,
    /// The person who approves is the person who asked.
    #[error("the second person must be another one")]
    SamePerson,
    /// A balance is too low to take so much from it.
    #[error("only {available} can be taken")]
    TooLittle {
        /// What is available.
        available: i64,
    },
    /// The books cannot be kept.
    #[error(transparent)]
    Books(#[from] BooksError),
}

impl GrantRefusal {
    /// Its code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotHeldHere { .. } => "not_held_here",
            Self::WrongKind { .. } => "wrong_kind",
            Self::Nothing => "nothing",
            Self::EndsBeforeItBegins => "ends_before_it_begins",
            Self::NoReason => "no_reason",
            Self::SamePerson => "same_person",
            Self::TooLittle { .. } => "too_little",
            Self::Books(_) => "books",
        }
    }
}

impl From<Overflow> for GrantRefusal {
    fn from(error: Overflow) -> Self {
        Self::Books(error.into())
    }
}

/// Grants value.
pub fn grant(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    new: NewGrant,
) -> Result<Changes, GrantRefusal> {
    let operation = &books.in_order(operation);
    let mut changes = Changes::default();
    let program = program_held_here(market, &new.program)?;
    let lot = open_lot(
        books,
        market,
        operation,
        &new,
        Account::granted(&program.id),
        EntryReason::Granted,
        &mut changes,
    )?;
    changes.tell(EventKind::ValueGranted, &lot);
    Ok(changes)
}

fn program_held_here<'m>(market: &'m Market, program: &str) -> Result<&'m Program, GrantRefusal> {
    let known = market.program(program).filter(|program| program.held == Held::Here);
    known.ok_or_else(|| GrantRefusal::NotHeldHere { program: program.to_owned() })
}

/// Opens a lot with what comes `from` an account; new points pay off a debt first. Answers its id.
pub(crate) fn open_lot(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    new: &NewGrant,
    from: Account,
    reason: EntryReason,
    changes: &mut Changes,
) -> Result<String, GrantRefusal> {
    let mut lot = new_lot(market, operation, new, changes)?;
    let order_id = match &new.origin {
        Origin::Order(order_id) | Origin::Grace(order_id) => Some(order_id.as_str()),
        Origin::GiftCard(_) | Origin::Grant(_) => None,
    };
    changes.enter(operation, reason, order_id, |entry| {
        entry.points(Account::wallet(&lot.program), &lot.program, Some(&lot.lot_id), lot.granted);
        entry.points_from(from, &lot.program, None, lot.granted)?;
        Ok::<(), BooksError>(())
    })?;
    pay_debt(books, operation, &mut lot, changes)?;
    let lot_id = lot.lot_id.clone();
    changes.dues.extend(first_look(&lot));
    changes.lots.push(lot);
    Ok(lot_id)
}

fn new_lot(
    market: &Market,
    operation: &Operation,
    new: &NewGrant,
    changes: &Changes,
) -> Result<Lot, GrantRefusal> {
    let program = program_held_here(market, &new.program)?;
    // Any program may have lots of no kind; they are used last.
    if new.kind.is_some_and(|kind| !program.kinds.contains(&kind)) {
        return Err(GrantRefusal::WrongKind { program: new.program.clone() });
    }
    if new.points <= Points::ZERO {
        return Err(GrantRefusal::Nothing);
    }
    let available_at = new.available_at.unwrap_or(operation.at);
    let (expires_at, renewed) = match &new.origin {
        // Some days more, whatever the kind.
        Origin::Grace(_) => (new.expires_at, false),
        _ => own_expiry(program, new.kind, available_at, new.expires_at, &market.time_zone)?,
    };
    if is_over(expires_at, available_at) {
        return Err(GrantRefusal::EndsBeforeItBegins);
    }
    Ok(Lot {
        lot_id: changes.next_lot_id(operation),
        market: market.name.clone(),
        program: new.program.clone(),
        kind: new.kind,
        granted: new.points,
        remaining: new.points,
        expired: Points::ZERO,
        granted_at: operation.at,
        pending_at: new.pending_at.unwrap_or(operation.at).min(available_at),
        available_at,
        expires_at,
        renewed,
        void: false,
        origin: new.origin.clone(),
    })
}

/// A correction of a balance by staff.
#[derive(Clone, Debug)]
pub struct Adjustment {
    /// Of which program, held by the market.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// Points more (above zero) or fewer.
    pub points: i64,
    /// The last usable second of points that are given.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub asked_by: String,
    /// Who approved it, where someone did.
    pub approved_by: Option<String>,
}

/// What comes of an adjustment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adjusted {
    /// It is made.
    Made(Box<Changes>),
    /// It is worth more than one person may decide.
    NeedsSecondPerson,
}

/// Corrects a balance. Above the market's limit a second person has to approve it.
pub fn adjust(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    adjustment: &Adjustment,
) -> Result<Adjusted, GrantRefusal> {
    let operation = &books.in_order(operation);
    let program = program_held_here(market, &adjustment.program)?;
    if adjustment.reason.trim().is_empty() {
        return Err(GrantRefusal::NoReason);
    }
    if adjustment.approved_by.as_ref() == Some(&adjustment.asked_by) {
        return Err(GrantRefusal::SamePerson);
    }
    let size = Points::new(adjustment.points.checked_abs().ok_or(Overflow)?);
    let limit = market.policies.adjustments.second_person_above;
    if program.value.worth(size)? > limit && adjustment.approved_by.is_none() {
        return Ok(Adjusted::NeedsSecondPerson);
    }
    let mut changes = Changes::default();
    if adjustment.points < 0 {
        take(books, market, operation, adjustment, size, &mut changes)?;
    } else {
        give(books, market, operation, adjustment, size, &mut changes)?;
    }
    for entry in &mut changes.entries {
        entry.note = Some(adjustment.reason.clone());
    }
    changes.tell(EventKind::BalanceAdjusted, &adjustment.program);
    Ok(Adjusted::Made(Box::new(changes)))
}

fn give(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    adjustment: &Adjustment,
    size: Points,
    changes: &mut Changes,
) -> Result<(), GrantRefusal> {
    let new = NewGrant {
        program: adjustment.program.clone(),
        kind: adjustment.kind,
        points: size,
        pending_at: None,
        available_at: None,
        expires_at: adjustment.expires_at,
        origin: Origin::Grant(operation.id.clone()),
    };
    let from = Account::adjusted(&adjustment.program);
    open_lot(books, market, operation, &new, from, EntryReason::Adjusted, changes).map(drop)
}

/// Takes available points, what ends soonest first.
fn take(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    adjustment: &Adjustment,
    size: Points,
    changes: &mut Changes,
) -> Result<(), GrantRefusal> {
    let mut usable = Vec::new();
    let of_market = books.lots.iter().filter(|lot| lot.market == market.name);
    for lot in of_market.filter(|lot| lot.program == adjustment.program && lot.kind == adjustment.kind) {
        let expires_at = books.renewals.expiry(lot, market, operation.at)?;
        if !lot.is_pending(operation.at) && !is_over(expires_at, operation.at) {
            usable.push((expires_at.is_none(), expires_at, lot));
        }
    }
    usable.sort_by_key(|(never, expires_at, _)| (*never, *expires_at));
    let available = Points::sum(usable.iter().map(|(_, _, lot)| lot.remaining))?;
    if available < size {
        return Err(GrantRefusal::TooLittle { available: available.units() });
    }
    changes.enter(operation, EntryReason::Adjusted, None, |entry| {
        entry.points(Account::adjusted(&adjustment.program), &adjustment.program, None, size);
        let mut open = size;
        for (_, _, lot) in &usable {
            let part = lot.remaining.min(open);
            open = open.minus(part)?;
            entry.points_from(Account::wallet(&lot.program), &lot.program, Some(&lot.lot_id), part)?;
        }
        Ok::<(), BooksError>(())
    })?;
    let taken: Vec<(String, i64)> = changes
        .entries
        .iter()
        .flat_map(|entry| &entry.postings)
        .filter_map(|posting| posting.lot_id.clone().map(|lot_id| (lot_id, posting.amount)))
        .collect();
    taken.iter().for_each(|(lot_id, amount)| changes.change_lot(lot_id, *amount));
    Ok(())
}
