//! Why a plan is best, in figures: what each coupon it leaves out would have done, and what else would help.

use super::{Outcome, Plan};
use crate::market::{Benefit, Coupon, Market, Scope, Seller};
use crate::money::{Money, Overflow, Rounding};
use crate::quote::coupon::exclude_each_other;
use crate::quote::{Quote, quote};
use crate::refusal::{Reason, Refusal};
use crate::request::{AskedCoupon, Pay, Request};

/// What there is to say about a plan.
#[derive(Clone, Debug)]
pub struct Advice<'a> {
    /// Coupons held that it does not use, in the order held.
    pub left_out: Vec<LeftOut<'a>>,
    /// What would help beyond the plan, the most helpful first.
    pub hints: Vec<Hint<'a>>,
}

/// A coupon that a plan does not use.
#[derive(Clone, Debug)]
pub struct LeftOut<'a> {
    /// Which.
    pub coupon: &'a Coupon,
    /// Why.
    pub why: WhyLeftOut<'a>,
}

/// Why a plan does not use a coupon.
#[derive(Clone, Debug)]
pub enum WhyLeftOut<'a> {
    /// It cannot be used, for these reasons.
    Refused(Vec<Refusal<'a>>),
    /// With it, instead of those it excludes, the plan would come to this.
    WouldBe {
        /// What it would come to.
        outcome: Outcome,
        /// Coupons of the plan that it excludes.
        instead_of: Vec<&'a Coupon>,
    },
}

/// What would help.
#[derive(Clone, Debug)]
pub enum Hint<'a> {
    /// So much more of a seller's goods would make shipping free, and save more than the goods cost.
    FreeShipping {
        /// Whose goods.
        seller: &'a Seller,
        /// How much more.
        missing: Money,
        /// What is saved after paying for them.
        saves: Money,
    },
    /// So much more of the goods it is for would let a coupon be used.
    Coupon {
        /// Which.
        coupon: &'a Coupon,
        /// How much more.
        missing: Money,
        /// What is saved after paying for them, at least.
        saves: Money,
    },
}

impl Hint<'_> {
    /// What is saved after paying for what is missing.
    pub fn saves(&self) -> Money {
        match self {
            Self::FreeShipping { saves, .. } | Self::Coupon { saves, .. } => *saves,
        }
    }
}

/// Gathers what there is to say. `request` is the one planned for, `quoted` its quote with the plan's way to pay.
pub fn advice<'a>(
    market: &'a Market,
    request: &'a Request<'a>,
    plan: &Plan<'a>,
    quoted: &Quote<'a>,
) -> Result<Advice<'a>, Overflow> {
    let mut left_out = Vec::new();
    for coupon in &request.customer.coupons {
        if !plan.pay.coupons.iter().any(|chosen| chosen.id == coupon.id) {
            left_out.push(LeftOut { coupon, why: why_left_out(market, request, plan, quoted, coupon)? });
        }
    }
    let mut hints = shipping_hints(quoted)?;
    for left in &left_out {
        hints.extend(coupon_hint(left)?);
    }
    hints.sort_by_key(|hint| std::cmp::Reverse(hint.saves()));
    Ok(Advice { left_out, hints })
}

fn why_left_out<'a>(
    market: &'a Market,
    request: &'a Request<'a>,
    plan: &Plan<'a>,
    quoted: &Quote<'a>,
    coupon: &'a Coupon,
) -> Result<WhyLeftOut<'a>, Overflow> {
    let chosen = plan.pay.coupons.iter().filter_map(|chosen| chosen.coupon);
    let (instead_of, kept): (Vec<&Coupon>, Vec<&Coupon>) =
        chosen.partition(|other| exclude_each_other(coupon, other, &quoted.lines));
    let asked = |coupon: &'a Coupon| AskedCoupon { id: &coupon.id, coupon: Some(coupon) };
    let coupons = kept.into_iter().chain([coupon]).map(asked).collect();
    let trial = Request { pay: Pay { coupons, ..plan.pay.clone() }, ..request.clone() };
    let with = quote(market, &trial).map_err(|_| Overflow)?;
    let of_coupon =
        |refusal: &&Refusal<'_>| refusal.subject.about() == "coupon" && refusal.subject.id() == coupon.id;
    if with.refusals.iter().any(|refusal| of_coupon(&refusal)) {
        return Ok(WhyLeftOut::Refused(refusals_alone(market, request, coupon)?));
    }
    Ok(WhyLeftOut::WouldBe { outcome: Outcome::of(&with)?, instead_of })
}

/// The reasons against a coupon, also those that only hold beside others.
fn refusals_alone<'a>(
    market: &'a Market,
    request: &'a Request<'a>,
    coupon: &'a Coupon,
) -> Result<Vec<Refusal<'a>>, Overflow> {
    let goods = crate::quote::goods::price(market, &request.lines, &mut Vec::new()).map_err(|_| Overflow)?;
    let asked = AskedCoupon { id: &coupon.id, coupon: Some(coupon) };
    let mut reasons = crate::quote::coupon::reasons_against(&asked, &[], request, &goods)?;
    if reasons.is_empty() {
        reasons.push(Reason::NothingLeft);
    }
    let subject = crate::refusal::Subject::Coupon(&coupon.id);
    Ok(reasons.into_iter().map(|reason| Refusal { subject, line: None, reason }).collect())
}

fn shipping_hints<'a>(quoted: &Quote<'a>) -> Result<Vec<Hint<'a>>, Overflow> {
    let mut hints = Vec::new();
    for shipping in quoted.shipping.iter().filter(|shipping| !shipping.amount.is_zero()) {
        let seller = shipping.seller;
        let Some(from) = seller.shipping.as_ref().and_then(|terms| terms.free_from) else { continue };
        let lines = quoted.lines.iter().filter(|line| line.line.seller.index == seller.index);
        let missing = from.minus(Money::sum(lines.map(|line| line.gross))?)?;
        let saves = shipping.amount.minus(missing)?;
        if saves > Money::ZERO {
            hints.push(Hint::FreeShipping { seller, missing, saves });
        }
    }
    Ok(hints)
}

/// A coupon whose minimum alone is missing, where reaching it costs less than it takes off.
fn coupon_hint<'a>(left: &LeftOut<'a>) -> Result<Option<Hint<'a>>, Overflow> {
    let WhyLeftOut::Refused(refusals) = &left.why else { return Ok(None) };
    let [Refusal { reason: Reason::MinSpend { minimum, spend }, .. }] = refusals.as_slice() else {
        return Ok(None);
    };
    if matches!(left.coupon.scope, Scope::Items(_)) {
        // What it takes off depends on units that are not in the cart yet.
        return Ok(None);
    }
    let missing = minimum.minus(*spend)?;
    let takes = match left.coupon.benefit {
        Benefit::Yen(amount) => amount.min(*minimum),
        Benefit::Percent(rate) => {
            let part = rate.of(*minimum, Rounding::Down)?;
            left.coupon.maximum.map_or(part, |maximum| part.min(maximum))
        }
        Benefit::FreeShipping => return Ok(None),
    };
    let saves = takes.minus(missing)?;
    Ok((saves > Money::ZERO).then_some(Hint::Coupon { coupon: left.coupon, missing, saves }))
}
