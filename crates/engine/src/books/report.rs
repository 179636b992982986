//! What a customer held at any instant, past or future, from the lots and the journal; what expires when.

use jiff::Timestamp;
use jiff::civil::Date;

use super::wallet::{add, is_over};
use super::{Balance, BooksError, EntryReason, Lot, Renewals};
use crate::calendar;
use crate::market::{LotKind, Market};
use crate::money::Points;

/// A lot with everything that was posted to it.
#[derive(Clone, Debug)]
pub struct LotHistory {
    /// As it is.
    pub lot: Lot,
    /// When how much came to it (above zero) or went, and whether it went because it had expired.
    pub postings: Vec<(Timestamp, i64, EntryReason)>,
}

/// What a customer held at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletAt {
    /// By program and kind.
    pub balances: Vec<Balance>,
    /// The lots that had something in them, usable or not yet, as they were, with their last usable second as
    /// known then.
    pub lots: Vec<(Lot, Option<Timestamp>)>,
}

/// What a customer holds at an instant: past ones from the journal, future ones from what is known now.
pub fn wallet_at(histories: &[LotHistory], market: &Market, at: Timestamp) -> Result<WalletAt, BooksError> {
    let granted = histories.iter().filter(|history| history.lot.market == market.name);
    let lots: Vec<Lot> =
        granted.filter(|history| history.lot.granted_at <= at).map(|history| as_of(history, at)).collect();
    let renewals = Renewals::of(&lots);
    let mut wallet = WalletAt { balances: Vec::new(), lots: Vec::new() };
    for lot in lots.into_iter().filter(|lot| !lot.void) {
        let expires_at = renewals.expiry(&lot, market, at)?;
        let over = is_over(expires_at, at);
        add(&mut wallet.balances, &lot, over, at)?;
        if !over && !lot.remaining.is_zero() {
            wallet.lots.push((lot, expires_at));
        }
    }
    Ok(wallet)
}

/// The lot as it was at an instant. One that was void later was not void as long as something was in it.
fn as_of(history: &LotHistory, at: Timestamp) -> Lot {
    let known = history.postings.iter().filter(|(posted_at, _, _)| *posted_at <= at);
    let (mut remaining, mut expired) = (0_i64, 0_i64);
    for (_, amount, reason) in known {
        remaining = remaining.saturating_add(*amount);
        if *reason == EntryReason::Expired {
            expired = expired.saturating_sub(*amount);
        }
    }
    let void = history.lot.void && remaining == 0;
    Lot { remaining: Points::new(remaining), expired: Points::new(expired), void, ..history.lot.clone() }
}

/// What expires in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The first day of the month; nothing for what never expires.
    pub month: Option<Date>,
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much.
    pub points: Points,
}

impl WalletAt {
    /// What expires when, by month, if nothing is spent and nothing more is granted.
    pub fn forecast(&self, market: &Market) -> Result<Vec<Forecast>, BooksError> {
        let mut rows: Vec<Forecast> = Vec::new();
        for (lot, expires_at) in &self.lots {
            let month = expires_at.map(|at| calendar::date_of(at, &market.time_zone).first_of_month());
            let same = |row: &&mut Forecast| {
                row.month == month && row.program == lot.program && row.kind == lot.kind
            };
            match rows.iter_mut().find(same) {
                Some(row) => row.points = row.points.plus(lot.remaining)?,
                None => rows.push(Forecast {
                    month,
                    program: lot.program.clone(),
                    kind: lot.kind,
                    points: lot.remaining,
                }),
            }
        }
        rows.sort_by(|a, b| {
            (a.month.is_none(), a.month, &a.program).cmp(&(b.month.is_none(), b.month, &b.program))
        });
        Ok(rows)
    }
}

/// A row of a customer's history of stored value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// The entry.
    pub entry_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EntryReason,
    /// For which order.
    pub order_id: Option<String>,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Of which program.
    pub program: String,
    /// Points that came (above zero) or went.
    pub points: i64,
    /// The balance after it: announced, pending and available together.
    pub balance: i64,
}
