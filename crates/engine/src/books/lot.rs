//! Lots: value granted together, and how long it lives.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::{self, OutOfCalendar};
use crate::market::{LotKind, Market, Program};
use crate::money::Points;

/// Where a lot comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Earned with an order.
    Order(String),
    /// A gift card, by its id.
    GiftCard(String),
    /// Granted by a campaign or by staff; the operation.
    Grant(String),
    /// Value of an order that had expired and came back for some days, because the seller cancelled.
    Grace(String),
}

impl Origin {
    /// As a word and an id.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Order(id) => ("order", id),
            Self::GiftCard(id) => ("gift_card", id),
            Self::Grant(id) => ("grant", id),
            Self::Grace(id) => ("grace", id),
        }
    }

    /// From a word and an id.
    pub fn from_parts(word: &str, id: &str) -> Option<Self> {
        let id = id.to_owned();
        match word {
            "order" => Some(Self::Order(id)),
            "gift_card" => Some(Self::GiftCard(id)),
            "grant" => Some(Self::Grant(id)),
            "grace" => Some(Self::Grace(id)),
            _ => None,
        }
    }
}

/// Value of a program granted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Unique for the customer.
    pub lot_id: String,
    /// Of which market.
    pub market: String,
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much was granted.
    pub granted: Points,
    /// How much is left: neither spent, taken back nor expired.
    pub remaining: Points,
    /// How much of it has expired, as far as that is booked.
    pub expired: Points,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// Shown as pending from then on; before, it is only announced.
    pub pending_at: Timestamp,
    /// Usable from then on; pending before.
    pub available_at: Timestamp,
    /// Its own last usable second; a later grant may renew it, where [`Lot::renewed`].
    pub expires_at: Option<Timestamp>,
    /// Whether later grants renew it.
    pub renewed: bool,
    /// All of it was taken back while it was pending, as if it had never been granted: it renews nothing.
    pub void: bool,
    /// Where it comes from.
    pub origin: Origin,
}

impl Lot {
    /// Whether it is only announced: not even pending yet.
    pub fn is_announced(&self, at: Timestamp) -> bool {
        at < self.pending_at && self.is_pending(at)
    }

    /// Whether it is not usable yet.
    pub fn is_pending(&self, at: Timestamp) -> bool {
        at < self.available_at
    }
}

/// Grants that renewed balances of one customer: the own last seconds of renewed lots, by program and kind.
///
/// A balance that is renewed ends with the last second of a month, counting from the month of the newest
/// grant. Grants of one month therefore renew alike, and what they renew follows from the distinct last
/// seconds of their lots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewals {
    grants: Vec<(String, Option<LotKind>, Timestamp)>,
}

impl Renewals {
    /// Notes a grant by its lot's own last second.
    pub fn add(&mut self, program: &str, kind: Option<LotKind>, expires_at: Timestamp) {
        let grant = (program.to_owned(), kind, expires_at);
        if !self.grants.contains(&grant) {
            self.grants.push(grant);
        }
    }

    /// Notes the grants of these lots.
    pub fn of<'l>(lots: impl IntoIterator<Item = &'l Lot>) -> Self {
        let mut renewals = Self::default();
        for lot in lots.into_iter().filter(|lot| lot.renewed && !lot.void) {
            if let Some(expires_at) = lot.expires_at {
                renewals.add(&lot.program, lot.kind, expires_at);
            }
        }
        renewals
    }

    /// The last usable second of a lot as known at an instant: each grant up to then that came before the
    /// balance was over has renewed it.
    pub fn expiry(
        &self,
        lot: &Lot,
        market: &Market,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, OutOfCalendar> {
        let renewal = market.program(&lot.program).and_then(|program| program.renews);
        let (Some(own), Some(renewal), true) = (lot.expires_at, renewal, lot.renewed) else {
            return Ok(lot.expires_at);
        };
        let mut later: Vec<Timestamp> = self
            .grants
            .iter()
            .filter(|(program, kind, until)| *program == lot.program && *kind == lot.kind && *until > own)
            .map(|(_, _, until)| *until)
            .collect();
        later.sort_unstable();
        let mut ends = own;
        for until in later {
            let granted = first_of_granting_month(until, renewal.months, &market.time_zone)?;
            if granted <= ends && granted <= at {
                ends = until;
            }
        }
        Ok(Some(ends))
    }
}

/// The first instant of the month whose grants end with this last second.
fn first_of_granting_month(
    until: Timestamp,
    months: i32,
    zone: &TimeZone,
) -> Result<Timestamp, OutOfCalendar> {
    let first =
        calendar::months_before(calendar::date_of(until, zone).first_of_month(), months.saturating_sub(1))?;
    calendar::start_of(first, zone)
}

/// The own last second of a lot that becomes available at an instant, and whether later grants renew it.
pub(super) fn own_expiry(
    program: &Program,
    kind: Option<LotKind>,
    available_at: Timestamp,
    given: Option<Timestamp>,
    zone: &TimeZone,
) -> Result<(Option<Timestamp>, bool), OutOfCalendar> {
    match program.renews.filter(|renewal| Some(renewal.kind) == kind) {
        None => Ok((given, false)),
        Some(renewal) => {
            let date = calendar::date_of(available_at, zone);
            Ok((Some(calendar::last_second_of_month(date, renewal.months, zone)?), true))
        }
    }
}
