//! Points to come: a record for each rule and line.
//!
//! Stored value used never lowers what is earned; coupons do. Shipping and fees earn nothing.

use jiff::Timestamp;

use super::goods::Goods;
use super::{Earn, GrantDates, PricedLine, QuoteError, refuse};
use crate::calendar::{self, OutOfCalendar};
use crate::market::{
    Conditions, CouponShare, Earning, EarningRule, Expiry, Factor, Grant, Held, Market, PerLine, PerPayment,
    Program, RankTier,
};
use crate::money::{Money, Overflow, Points, Rounding, scale};
use crate::rate::Rate;
use crate::refusal::{Reason, Refusal, Subject};
use crate::request::{Link, Request};

type Earned<'a> = (Vec<Earn<'a>>, Vec<GrantDates>);

pub(super) fn earn<'a>(
    market: &'a Market,
    request: &'a Request<'a>,
    goods: &Goods<'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<Earned<'a>, QuoteError<'a>> {
    let discounts = seller_discounts(goods)?;
    let mut earns = Vec::with_capacity(goods.lines.len());
    let mut grants = Vec::new();
    for (program, rule) in rules_for(market, request) {
        let before = earns.len();
        match &rule.earning {
            Earning::PerLine(per_line) => {
                for line in earning_lines(rule, goods) {
                    let before_coupons = points_of_line(per_line, program, line)?;
                    let points = less_coupons(market, before_coupons, line, &discounts)?;
                    let (line, grant) = (Some(line.line.id), grants.len());
                    earns.push(Earn { program, rule, line, points, before_coupons, grant });
                }
            }
            Earning::PerPayment(per_payment) => {
                let points = points_of_payment(per_payment, program, rule, request, goods, refusals)?;
                let (before_coupons, grant) = (points, grants.len());
                earns.push(Earn { program, rule, line: None, points, before_coupons, grant });
            }
        }
        keep_what_gives(&mut earns, before);
        if earns.len() > before {
            grants.push(dates(rule, market, request.at)?);
        }
    }
    Ok((earns, grants))
}

/// Takes away the records from `before` on that give nothing.
fn keep_what_gives(earns: &mut Vec<Earn<'_>>, before: usize) {
    let mut place = 0_usize;
    earns.retain(|earn| {
        place = place.saturating_add(1);
        place <= before || earn.points > Points::ZERO
    });
}

/// The rules that hold for this customer.
pub(crate) fn rules_for<'a>(
    market: &'a Market,
    request: &Request<'_>,
) -> impl Iterator<Item = (&'a Program, &'a EarningRule)> {
    let rules =
        market.programs.iter().flat_map(|program| program.earning.iter().map(move |rule| (program, rule)));
    rules.filter(|(_, rule)| is_for(&rule.conditions, request))
}

fn is_for(conditions: &Conditions, request: &Request<'_>) -> bool {
    let rank = request.customer.rank;
    conditions.ranks.is_empty() || rank.is_some_and(|rank| conditions.ranks.iter().any(|known| known == rank))
}

fn earning_lines<'g, 'a>(
    rule: &'g EarningRule,
    goods: &'g Goods<'a>,
) -> impl Iterator<Item = &'g PricedLine<'a>> {
    goods.lines.iter().filter(|line| earns(rule, line))
}

/// Whether a line counts for a rule.
pub(crate) fn earns(rule: &EarningRule, line: &PricedLine<'_>) -> bool {
    rule.conditions.seller_types.contain(line.line.seller.seller_type)
        && rule.conditions.item_kinds.contain(line.line.kind)
}

/// The points of each line before coupons, by its place; nothing for a rule that counts the whole payment.
pub(crate) fn points_before_coupons(
    program: &Program,
    rule: &EarningRule,
    lines: &[PricedLine<'_>],
) -> Result<Option<Vec<(usize, Points)>>, Overflow> {
    let Earning::PerLine(per_line) = &rule.earning else { return Ok(None) };
    let earning = lines.iter().enumerate().filter(|(_, line)| earns(rule, line));
    earning
        .map(|(place, line)| Ok((place, points_of_line(per_line, program, line)?)))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The line's base, rounded down, times the rule's factor, rounded down again.
fn points_of_line(per_line: &PerLine, program: &Program, line: &PricedLine<'_>) -> Result<Points, Overflow> {
    let base =
        scale(line.untaxed.units(), 1, per_line.yen_per_point.units(), Rounding::Down).map(Points::new)?;
    let multiplier = line.line.multiplier.or(line.line.seller.multiplier).unwrap_or(Rate::ONE);
    let factor = match per_line.factor {
        Factor::Multiplier => multiplier.above_one(),
        // A multiplier below one lessens the base itself; above one it is a record of its own.
        Factor::Fixed(Rate::ONE) if program.has_multiplier_rule() => multiplier.min(Rate::ONE),
        Factor::Fixed(rate) => rate,
    };
    factor.of_points(base)
}

/// Coupon discount and goods without tax of each seller of the cart.
fn seller_discounts(goods: &Goods<'_>) -> Result<Vec<(Money, Money)>, Overflow> {
    let mut discounts = vec![(Money::ZERO, Money::ZERO); goods.sellers.len()];
    for line in &goods.lines {
        if let Some((discount, untaxed)) = discounts.get_mut(line.group) {
            *discount = discount.plus(line.discount()?)?;
            *untaxed = untaxed.plus(line.untaxed)?;
        }
    }
    Ok(discounts)
}

/// Points minus their share of the coupons: `points − points × (discount ÷ goods without tax)`, rounded down,
/// never below zero.
fn less_coupons(
    market: &Market,
    points: Points,
    line: &PricedLine<'_>,
    discounts: &[(Money, Money)],
) -> Result<Points, Overflow> {
    let (discount, untaxed) = match market.policies.coupon_share {
        CouponShare::Seller => discounts.get(line.group).copied().unwrap_or_default(),
        CouponShare::Line => (line.discount()?, line.untaxed),
    };
    less_share(points, discount, untaxed)
}

/// Points minus their share of a discount on so much untaxed.
pub(crate) fn less_share(points: Points, discount: Money, untaxed: Money) -> Result<Points, Overflow> {
    if discount.is_zero() {
        return Ok(points);
    }
    let kept = untaxed.minus(discount)?;
    if kept <= Money::ZERO {
        return Ok(Points::ZERO);
    }
    scale(points.units(), kept.units(), untaxed.units(), Rounding::Down).map(Points::new)
}

/// What a rule that counts the whole payment gives for so much of it. More for more.
pub(crate) fn points_of_spend(
    program: &Program,
    rule: &EarningRule,
    request: &Request<'_>,
    spend: Money,
) -> Result<Points, Overflow> {
    let Earning::PerPayment(per_payment) = &rule.earning else { return Ok(Points::ZERO) };
    let link = request.customer.links.iter().find(|link| link.program.index == program.index);
    if spend < per_payment.minimum || (program.held == Held::Partner && link.is_none()) {
        return Ok(Points::ZERO);
    }
    capped_points(per_payment, link, spend).map(|capped| capped.points)
}

/// A partner's points for the whole payment, with its minimum, rank and caps.
fn points_of_payment<'a>(
    per_payment: &'a PerPayment,
    program: &'a Program,
    rule: &'a EarningRule,
    request: &Request<'a>,
    goods: &Goods<'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<Points, Overflow> {
    let spend = Money::sum(earning_lines(rule, goods).map(|line| line.net))?;
    if spend.is_zero() {
        return Ok(Points::ZERO);
    }
    let subject = Subject::Earning(program);
    let enough = spend >= per_payment.minimum;
    if !enough {
        refuse(refusals, subject, None, Reason::BelowMinimum { minimum: per_payment.minimum, spend });
    }
    let link = request.customer.links.iter().find(|link| link.program.index == program.index);
    let capped = capped_points(per_payment, link, if enough { spend } else { Money::ZERO })?;
    if program.held == Held::Partner && link.is_none() {
        refuse(refusals, subject, None, Reason::EarningNotLinked { missed: capped.points });
        return Ok(Points::ZERO);
    }
    capped.reasons.into_iter().for_each(|reason| refuse(refusals, subject, None, reason));
    Ok(capped.points)
}

struct Capped<'a> {
    points: Points,
    reasons: Vec<Reason<'a>>,
}

/// Rate, then the rank's multiplier on the rounded base, then the caps of the payment and of the month.
fn capped_points<'a>(
    per_payment: &PerPayment,
    link: Option<&Link<'_>>,
    spend: Money,
) -> Result<Capped<'a>, Overflow> {
    let base = Points::new(per_payment.rate.of(spend, Rounding::Down)?.units());
    let tier = rank_tier(per_payment, link);
    let multiplier = tier.map_or(Rate::ONE, |tier| tier.multiplier);
    let mut points = multiplier.of_points(base)?;
    let mut reasons = Vec::new();
    if let Some(cap) =
        per_payment.cap.map(|cap| multiplier.of_points(cap)).transpose()?.filter(|cap| points > *cap)
    {
        reasons.push(Reason::CapPayment { cap, would: points });
        points = cap;
    }
    if let Some(cap) = tier.and_then(|tier| tier.cap_month) {
        let earned = link.map_or(Points::ZERO, |link| link.earned_this_month);
        let left = cap.minus(earned)?.max(Points::ZERO);
        if points > left {
            reasons.push(Reason::CapMonth { cap, left, would: points });
            points = left;
        }
    }
    Ok(Capped { points, reasons })
}

/// The highest rank that the points of the last three months reach.
fn rank_tier<'p>(per_payment: &'p PerPayment, link: Option<&Link<'_>>) -> Option<&'p RankTier> {
    let earned = link.map_or(Points::ZERO, |link| link.earned_last_3_months);
    per_payment.ranks.iter().find(|tier| earned >= tier.from)
}

fn dates(rule: &EarningRule, market: &Market, at: Timestamp) -> Result<GrantDates, OutOfCalendar> {
    let zone = &market.time_zone;
    let ordered = calendar::date_of(at, zone);
    let mut dates =
        GrantDates { pending_at: None, available_at: None, days_after_shipment: None, expires_at: None };
    let available = match rule.grant {
        Grant::AfterShipment { days } => {
            dates.days_after_shipment = Some(days);
            return Ok(dates);
        }
        Grant::AfterOrder { days } => {
            let pending = calendar::days_after(ordered, 1)?;
            dates.pending_at = Some(calendar::start_of(pending, zone)?);
            calendar::days_after(pending, days)?
        }
        Grant::NextMonth { day } => calendar::day_of_next_month(ordered, day)?,
    };
    dates.available_at = Some(calendar::start_of(available, zone)?);
    if let Expiry::EndOfMonth { months } = rule.expires {
        dates.expires_at = Some(calendar::last_second_of_month(available, months, zone)?);
    }
    Ok(dates)
}
