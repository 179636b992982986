//! How often each customer used a coupon, counted from their orders.

use std::collections::BTreeMap;

use choba_engine::order::Order;
use choba_store::books::CouponUses;

use super::Difference;

/// Customer, market and coupon.
type Use = (String, String, String);

/// Uses of a range of customers.
#[derive(Default)]
pub(super) struct CouponCount {
    uses: BTreeMap<Use, i64>,
}

impl CouponCount {
    /// Counts what an order used and did not give back.
    pub fn count(&mut self, order: &Order) {
        for coupon_id in order.coupons.iter().filter(|coupon_id| !order.coupons_back.contains(coupon_id)) {
            let key = (order.customer_id.clone(), order.market.clone(), coupon_id.clone());
            *self.uses.entry(key).or_default() += 1;
        }
    }

    /// Compares with what is kept of the same customers, and forgets them.
    pub fn compare(&mut self, kept: &[CouponUses]) -> Vec<Difference> {
        let mut counted = std::mem::take(&mut self.uses);
        let mut differences = Vec::new();
        for row in kept {
            let key = (row.customer_id.clone(), row.market.clone(), row.coupon_id.clone());
            let uses = counted.remove(&key).unwrap_or_default();
            differences.extend(difference(&key, uses, row.uses));
        }
        let nowhere = counted.into_iter().filter_map(|(key, uses)| difference(&key, uses, 0));
        differences.extend(nowhere);
        differences
    }
}

fn difference(key: &Use, expected: i64, found: i64) -> Option<Difference> {
    if expected == found {
        return None;
    }
    let (customer_id, market, coupon_id) = key.clone();
    Some(Difference {
        customer_id: Some(customer_id),
        subject: "coupon",
        id: coupon_id,
        what: format!("uses in {market}"),
        expected: expected.to_string(),
        found: found.to_string(),
    })
}
