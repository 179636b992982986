//! How often each customer used a coupon, counted from their orders.

use std::collections::{BTreeMap, HashMap};

use choba_engine::market::Market;
use choba_engine::order::{Order, PaymentState};
use choba_store::books::{Checking, CouponUses};
use choba_store::sql::StoreError;

use super::Difference;
use crate::KnownMarket;

/// Customer, market and coupon.
type Use = (String, String, String);

/// Uses of a range of customers, and the market versions that say which of them came back.
#[derive(Default)]
pub(super) struct CouponCount {
    uses: BTreeMap<Use, Counted>,
    markets: HashMap<String, Option<Market>>,
}

/// What orders say of a coupon.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    used: i64,
    /// An order's market version cannot be read, so nobody can say whether its use came back.
    unknown: i64,
}

impl CouponCount {
    /// Counts what an order used and did not give back.
    pub async fn count(&mut self, checking: &mut Checking, order: &Order) -> Result<(), StoreError> {
        for coupon_id in &order.coupons {
            let counted = match self.came_back(checking, order, coupon_id).await? {
                Some(true) => Counted { used: 0, unknown: 0 },
                Some(false) => Counted { used: 1, unknown: 0 },
                None => Counted { used: 0, unknown: 1 },
            };
            let key = (order.customer_id.clone(), order.market.clone(), coupon_id.clone());
            let sum = self.uses.entry(key).or_default();
            sum.used += counted.used;
            sum.unknown += counted.unknown;
        }
        Ok(())
    }

    /// An order that was cancelled as a whole gives back coupons that are still valid: always where it was never
    /// paid, otherwise as its market says.
    async fn came_back(
        &mut self,
        checking: &mut Checking,
        order: &Order,
        coupon_id: &str,
    ) -> Result<Option<bool>, StoreError> {
        let Some(cancelled_at) = order.cancelled_at else { return Ok(Some(false)) };
        let Some(market) = self.market(checking, &order.market_version).await? else { return Ok(None) };
        let returns = order.payment.state == PaymentState::Refused || market.policies.refunds.coupons_return;
        let coupon = market.coupon(coupon_id);
        let is_valid = coupon.is_some_and(|coupon| coupon.ends_at.is_none_or(|ends| cancelled_at <= ends));
        Ok(Some(returns && is_valid))
    }

    async fn market(
        &mut self,
        checking: &mut Checking,
        version: &str,
    ) -> Result<Option<&Market>, StoreError> {
        if !self.markets.contains_key(version) {
            let files = checking.market_version(version).await?;
            let known =
                files.and_then(|files| KnownMarket::from_files(serde_json::from_str(&files).ok()?).ok());
            let market = known.map(|known| (*known.market).clone());
            self.markets.insert(version.to_owned(), market);
        }
        Ok(self.markets.get(version).and_then(Option::as_ref))
    }

    /// Compares with what is kept of the same customers, and forgets them.
    pub fn compare(&mut self, kept: &[CouponUses]) -> Vec<Difference> {
        let mut counted = std::mem::take(&mut self.uses);
        let mut differences = Vec::new();
        for row in kept {
            let key = (row.customer_id.clone(), row.market.clone(), row.coupon_id.clone());
            let sum = counted.remove(&key).unwrap_or_default();
            differences.extend(difference(&key, sum, row.uses));
        }
        let nowhere = counted.into_iter().filter_map(|(key, sum)| difference(&key, sum, 0));
        differences.extend(nowhere);
        differences
    }
}

fn difference(key: &Use, sum: Counted, found: i64) -> Option<Difference> {
    let most = sum.used.saturating_add(sum.unknown);
    if (sum.used..=most).contains(&found) {
        return None;
    }
    let (customer_id, market, coupon_id) = key.clone();
    Some(Difference {
        customer_id: Some(customer_id),
        subject: "coupon",
        id: coupon_id,
        what: format!("uses in {market}"),
        expected: sum.used.to_string(),
        found: found.to_string(),
    })
}
