//! What is known of one customer while something is decided.

use jiff::Timestamp;

use super::{BooksError, Lot, Renewals};
use crate::calendar::OutOfCalendar;
use crate::market::{Held, LotKind, Market};
use crate::money::Points;
use crate::request;

/// What someone does, and when.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Unique; the ids of everything it writes begin with it.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who: `customer`, `system`, or a member of staff.
    pub by: String,
}

/// A coupon that a customer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCoupon {
    /// Which.
    pub coupon_id: String,
    /// How often it was used.
    pub uses: i64,
    /// How often all customers used it, where a quota is counted; the quota itself is kept apart.
    pub uses_by_all: i64,
}

/// A partner's program that the customer has linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLink {
    /// Which.
    pub program: String,
    /// The partner's name for the customer's account.
    pub account: String,
    /// Use all of it wherever a request says nothing of the program.
    pub always_use: bool,
    /// Points held there, as the partner last said.
    pub balance: Points,
    /// Decides the rank.
    pub earned_last_3_months: Points,
    /// Counts against the month's cap.
    pub earned_this_month: Points,
}

/// What is known of one customer. Holds what the decision at hand needs, not all there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerBooks {
    /// Who.
    pub customer_id: String,
    /// Member rank, such as `gold`.
    pub rank: Option<String>,
    /// Orders placed and not cancelled as a whole.
    pub orders_placed: i64,
    /// When the last entry was made: entries never go back in time, even where a clock does.
    pub last_entry_at: Option<Timestamp>,
    /// Coupons held.
    pub coupons: Vec<HeldCoupon>,
    /// Lots, in the order of use.
    pub lots: Vec<Lot>,
    /// Programs and kinds of which more lots may exist than were loaded.
    pub lots_cut: Vec<(String, Option<LotKind>)>,
    /// What renewed the balances.
    pub renewals: Renewals,
    /// Linked partners' programs.
    pub links: Vec<HeldLink>,
    /// Points owed, by program.
    pub debts: Vec<(String, Points)>,
}

impl CustomerBooks {
    /// The operation, not before the customer's last entry.
    pub fn in_order(&self, operation: &Operation) -> Operation {
        let at = self.last_entry_at.map_or(operation.at, |last| last.max(operation.at));
        Operation { at, ..operation.clone() }
    }

    /// Points owed of a program.
    pub fn debt(&self, program: &str) -> Points {
        self.debts.iter().find(|(owed, _)| owed == program).map_or(Points::ZERO, |(_, points)| *points)
    }

    /// The lot of that id.
    pub fn lot(&self, lot_id: &str) -> Result<&Lot, BooksError> {
        self.lots
            .iter()
            .find(|lot| lot.lot_id == lot_id)
            .ok_or_else(|| BooksError::NotLoaded { what: "lot", id: lot_id.to_owned() })
    }

    /// The link to a partner's program.
    pub fn link(&self, program: &str) -> Option<&HeldLink> {
        self.links.iter().find(|link| link.program == program)
    }

    /// The customer as a quote wants to know them.
    pub fn as_asked<'a>(
        &'a self,
        market: &'a Market,
        at: Timestamp,
    ) -> Result<request::Customer<'a>, OutOfCalendar> {
        Ok(request::Customer {
            rank: self.rank.as_deref(),
            orders_before: self.orders_placed,
            coupons: self.coupons.iter().filter_map(|held| market.coupon(&held.coupon_id)).collect(),
            coupon_uses: self.coupons.iter().map(coupon_uses).collect(),
            lots: self.lots_as_asked(market, at)?,
            links: self.links_as_asked(market),
        })
    }

    fn lots_as_asked<'a>(
        &'a self,
        market: &'a Market,
        at: Timestamp,
    ) -> Result<Vec<request::Lot<'a>>, OutOfCalendar> {
        let ours = self.lots.iter().filter(|lot| lot.market == market.name && !lot.remaining.is_zero());
        let held = ours.filter_map(|lot| market.program(&lot.program).map(|program| (lot, program)));
        held.filter(|(_, program)| program.held == Held::Here)
            .map(|(lot, program)| {
                Ok(request::Lot {
                    id: Some(&lot.lot_id),
                    program,
                    kind: lot.kind,
                    amount: lot.remaining,
                    available_at: Some(lot.available_at),
                    expires_at: self.renewals.expiry(lot, market, at)?,
                })
            })
            .collect()
    }

    fn links_as_asked<'a>(&'a self, market: &'a Market) -> Vec<request::Link<'a>> {
        let known = self.links.iter().filter_map(|link| Some((link, market.program(&link.program)?)));
        known
            .filter(|(_, program)| program.held == Held::Partner)
            .map(|(link, program)| request::Link {
                program,
                balance: link.balance,
                always_use: link.always_use,
                earned_last_3_months: link.earned_last_3_months,
                earned_this_month: link.earned_this_month,
            })
            .collect()
    }
}

fn coupon_uses(held: &HeldCoupon) -> request::CouponUses<'_> {
    request::CouponUses { id: &held.coupon_id, by_customer: held.uses, by_all: held.uses_by_all }
}
