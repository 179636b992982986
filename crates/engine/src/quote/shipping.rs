//! Shipping, per seller that ships something.

use super::goods::{Goods, SellerGoods};
use super::{FreeShipping, SellerShipping, Step, StepKind, coupon, refuse};
use crate::market::{Benefit, Coupon, ShippingTerms};
use crate::money::{Money, Overflow};
use crate::refusal::{Reason, Refusal, Subject};

/// Free where the seller's goods, before coupons and points, reach the threshold; else where a coupon says so.
pub(super) fn price<'a>(
    coupons: &[&'a Coupon],
    goods: &Goods<'a>,
    refusals: &mut Vec<Refusal<'a>>,
    trace: &mut Vec<Step<'a>>,
) -> Result<Vec<SellerShipping<'a>>, Overflow> {
    let mut shipping = Vec::with_capacity(goods.sellers.len());
    let mut used: Vec<&str> = Vec::new();
    for (group, sold) in goods.sellers.iter().enumerate().filter(|(_, sold)| sold.ships) {
        let Some(terms) = &sold.seller.shipping else { continue };
        let freed_by = coupon::frees_shipping(coupons, group, &goods.lines);
        let (priced, rule) = price_one(sold, terms, freed_by);
        if priced.free == Some(FreeShipping::Coupon) {
            used.extend(freed_by.map(|coupon| coupon.id.as_str()));
        }
        trace_one(&priced, terms, rule, trace);
        shipping.push(priced);
    }
    let free = coupons.iter().filter(|coupon| coupon.benefit == Benefit::FreeShipping);
    for coupon in free.filter(|coupon| !used.contains(&coupon.id.as_str())) {
        refuse(refusals, Subject::Coupon(&coupon.id), None, Reason::NoShippingLeft);
    }
    Ok(shipping)
}

fn price_one<'a>(
    sold: &SellerGoods<'a>,
    terms: &'a ShippingTerms,
    freed_by: Option<&'a Coupon>,
) -> (SellerShipping<'a>, Option<&'a str>) {
    let reached = terms.is_free_from(sold.gross);
    let (free, rule) = match freed_by {
        _ if reached => (Some(FreeShipping::Threshold), Some(terms.free_from_rule.as_str())),
        Some(coupon) if !terms.amount.is_zero() => (Some(FreeShipping::Coupon), Some(coupon.rule.as_str())),
        _ => (None, None),
    };
    let amount = if free.is_some() { Money::ZERO } else { terms.amount };
    (SellerShipping { seller: sold.seller, amount, free }, rule)
}

fn trace_one<'a>(
    priced: &SellerShipping<'a>,
    terms: &'a ShippingTerms,
    freed_by: Option<&'a str>,
    trace: &mut Vec<Step<'a>>,
) {
    let step = Step {
        kind: StepKind::Shipping,
        rule: &terms.rule,
        line: None,
        seller: Some(priced.seller),
        from: Money::ZERO,
        to: terms.amount,
    };
    trace.push(step);
    if let Some(rule) = freed_by {
        trace.push(Step { kind: StepKind::FreeShipping, rule, from: terms.amount, to: Money::ZERO, ..step });
    }
}
