//! Coupons that come back.

use jiff::Timestamp;

use super::Order;
use crate::books::Changes;
use crate::market::Market;

/// Where nothing of an order is kept any more, neither sent nor to be sent, its coupons come back if it was never
/// paid or the market says so; only those that are still valid, and each once.
pub(super) fn give_back_coupons(
    market: &Market,
    at: Timestamp,
    order: &mut Order,
    never_paid: bool,
    changes: &mut Changes,
) {
    let comes_back = never_paid || market.policies.refunds.coupons_return;
    if !comes_back || order.lines.iter().any(|line| line.kept() > 0) {
        return;
    }
    for coupon in &order.coupons {
        let known = market.coupon(coupon);
        let is_valid = known.is_some_and(|known| known.ends_at.is_none_or(|ends_at| at <= ends_at));
        if is_valid && !order.coupons_back.contains(coupon) {
            changes.use_coupon(coupon, -1);
            order.coupons_back.push(coupon.clone());
        }
    }
}
