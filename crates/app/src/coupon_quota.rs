//! Coupons of which all customers together have only so many uses.
//!
//! A use is reserved before an order is placed, and confirmed by the very transaction that places the order. So
//! an order never has a use that was not reserved, and what is reserved without an order lapses.

use choba_engine::books::CustomerBooks;
use choba_engine::request::Request;
use choba_store::books::{self, QuotaUse};
use choba_store::sql::Write;
use jiff::{SignedDuration, Timestamp};

use crate::{AppError, Counter, Key, Whose};

/// A reservation without an order is given back after so long. Placing takes far less; an order that took longer
/// would fail, not exceed the quota.
const LAPSES_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// A coupon with a quota that a request names.
#[derive(Clone, Debug)]
pub(crate) struct WantedQuota {
    coupon_id: String,
    quota: i64,
}

/// The coupons with a quota that a request names, each once.
pub(crate) fn wanted_quotas(request: &Request<'_>) -> Vec<WantedQuota> {
    let mut wanted: Vec<WantedQuota> = Vec::new();
    for coupon in request.pay.coupons.iter().filter_map(|asked| asked.coupon) {
        let known = wanted.iter().any(|other| other.coupon_id == coupon.id);
        if let Some(quota) = coupon.quota.filter(|_| !known) {
            wanted.push(WantedQuota { coupon_id: coupon.id.clone(), quota });
        }
    }
    wanted
}

/// What an order that is about to be placed has of quotas.
#[derive(Clone, Debug, Default)]
pub(crate) struct QuotaShares {
    shares: Vec<QuotaShare>,
}

#[derive(Clone, Debug)]
struct QuotaShare {
    share: QuotaUse,
    quota: i64,
    reserved: bool,
}

impl QuotaShares {
    /// Lets books say of each quota what decides: whether this order has a use of it. Its own reservation does
    /// not count against it, and what became free meanwhile belongs to whoever reserves it.
    pub fn show_in(&self, books: &mut CustomerBooks) {
        for QuotaShare { share, quota, reserved } in &self.shares {
            for held in books.coupons.iter_mut().filter(|held| held.coupon_id == share.coupon_id) {
                held.uses_by_all = match reserved {
                    true => held.uses_by_all.min(*quota).saturating_sub(1),
                    false => held.uses_by_all.max(*quota),
                };
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// The writes by which an order with these coupons keeps its uses.
    pub fn confirmed(&self, coupons: &[String]) -> Vec<Write> {
        let used = self.reserved().filter(|share| coupons.contains(&share.coupon_id));
        used.map(QuotaUse::confirmed).collect()
    }

    fn reserved(&self) -> impl Iterator<Item = &QuotaUse> {
        self.shares.iter().filter(|share| share.reserved).map(|share| &share.share)
    }
}

/// What a worker did with uses of quotas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaReport {
    /// Reservations without an order that were given back.
    pub lapsed: usize,
    /// Uses that came back with cancelled orders.
    pub returned: usize,
}

impl Counter {
    /// Reserves a use of each coupon that the customer holds, as far as there are any left. Under a key that was
    /// answered before nothing will be placed, so nothing is reserved.
    pub(crate) async fn reserve_quotas(
        &self,
        whose: &Whose,
        order_id: &str,
        wanted: &[WantedQuota],
        key: &Key,
        at: Timestamp,
    ) -> Result<QuotaShares, AppError> {
        let mut shares = QuotaShares::default();
        if wanted.is_empty()
            || books::key_of_customer(&self.store, &whose.customer_id, &key.key).await?.is_some()
        {
            return Ok(shares);
        }
        let held = books::coupons_of_customer(&self.store, &whose.customer_id, &whose.market).await?;
        for WantedQuota { coupon_id, quota } in wanted {
            let (market, order_id) = (whose.market.clone(), order_id.to_owned());
            let share = QuotaUse { market, coupon_id: coupon_id.clone(), order_id };
            // Who cannot use it must not stand in line before those who can.
            let hopeful = held.iter().any(|held| held.coupon_id == *coupon_id && held.uses_by_all < *quota);
            let reserved =
                hopeful && self.quotas.reserve(&self.store, &share, &whose.customer_id, *quota, at).await?;
            shares.shares.push(QuotaShare { share, quota: *quota, reserved });
        }
        Ok(shares)
    }

    /// Gives back what was reserved and is not used by an order. Where that fails it lapses.
    pub(crate) async fn give_back_unused(&self, shares: &QuotaShares) {
        let reserved: Vec<QuotaUse> = shares.reserved().cloned().collect();
        if reserved.is_empty() {
            return;
        }
        for share in books::uses_not_confirmed(&self.store, &reserved).await.unwrap_or_default() {
            let _ = self.quotas.give_back(&self.store, &share).await;
        }
    }

    /// Gives back reservations that a crash left behind, and sweeps uses that came back with cancelled orders.
    /// For the worker of what is due, every minute or so; at most so many of each.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn tidy_quotas(&self, at: Timestamp, most: i64) -> Result<QuotaReport, AppError> {
        let until = at.checked_sub(LAPSES_AFTER).unwrap_or(Timestamp::MIN);
        let mut report = QuotaReport::default();
        for share in books::lapsed_uses(&self.store, until, most).await? {
            let back = self.quotas.give_back(&self.store, &share).await?;
            report.lapsed += usize::from(back);
        }
        let returned = books::returned_uses(&self.store, most).await?;
        for share in &returned {
            // Whatever a quota's transaction is about, it sweeps all that came back.
            self.quotas.give_back(&self.store, share).await?;
        }
        report.returned = returned.len();
        Ok(report)
    }
}
