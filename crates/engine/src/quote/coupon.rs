//! Coupons: which may be used, in which order they work, and what each takes off.
//!
//! Percent coupons come first, then yen coupons, each on what the one before left; what a yen coupon
//! cannot take off is lost. Free shipping is left to the shipping step.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::goods::Goods;
use super::{CouponUse, PricedLine, Step, StepKind, refuse};
use crate::allocate::allocate;
use crate::market::{Benefit, Combination, Coupon, Scope};
use crate::money::{Money, Overflow, Rounding};
use crate::refusal::{Reason, Refusal, Subject};
use crate::request::{AskedCoupon, Line, Request};

/// The coupons that may be used, in the order in which they work.
pub(super) fn judge<'a>(
    request: &'a Request<'a>,
    goods: &Goods<'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<Vec<&'a Coupon>, Overflow> {
    let mut kept: Vec<&'a Coupon> = Vec::new();
    for (place, asked) in request.pay.coupons.iter().enumerate() {
        let named_before = request.pay.coupons.iter().take(place).any(|earlier| earlier.id == asked.id);
        if named_before {
            continue;
        }
        let reasons = reasons_against(asked, &kept, request, goods)?;
        match asked.coupon {
            Some(coupon) if reasons.is_empty() => kept.push(coupon),
            _ => reasons
                .into_iter()
                .for_each(|reason| refuse(refusals, Subject::Coupon(asked.id), None, reason)),
        }
    }
    kept.sort_by_key(|coupon| order_of_use(coupon));
    Ok(kept)
}

/// Percent before yen; among percent item before store before market; then what ends soonest; then by id.
pub(crate) fn order_of_use(coupon: &Coupon) -> (u8, u8, Timestamp, &str) {
    let (class, scope) = match (coupon.benefit, &coupon.scope) {
        (Benefit::Percent(_), Scope::Items(_)) => (0, 0),
        (Benefit::Percent(_), Scope::Store(_)) => (0, 1),
        (Benefit::Percent(_), Scope::Market) => (0, 2),
        (Benefit::Yen(_), _) => (1, 0),
        (Benefit::FreeShipping, _) => (2, 0),
    };
    (class, scope, coupon.ends_at.unwrap_or(Timestamp::MAX), &coupon.id)
}

pub(crate) fn reasons_against<'a>(
    asked: &AskedCoupon<'a>,
    kept: &[&'a Coupon],
    request: &'a Request<'a>,
    goods: &Goods<'a>,
) -> Result<Vec<Reason<'a>>, Overflow> {
    let Some(coupon) = asked.coupon else { return Ok(vec![Reason::Unknown]) };
    let mut reasons = Vec::new();
    reasons.extend(reasons_of_holding(coupon, request));
    reasons.extend(reasons_of_time(coupon, request.at));
    reasons.extend(reasons_of_goods(coupon, goods)?);
    reasons.extend(reasons_of_customer(coupon, request));
    let others = kept.iter().filter(|other| exclude_each_other(coupon, other, &goods.lines));
    reasons.extend(others.map(|other| Reason::NotCombinable { with: &other.id }));
    Ok(reasons)
}

fn reasons_of_holding<'a>(coupon: &'a Coupon, request: &Request<'a>) -> Option<Reason<'a>> {
    let held = request.customer.coupons.iter().any(|held| held.id == coupon.id);
    (!held).then_some(Reason::NotHeld)
}

fn reasons_of_time<'a>(coupon: &'a Coupon, at: Timestamp) -> impl Iterator<Item = Reason<'a>> {
    let early = coupon.starts_at.filter(|starts_at| at < *starts_at);
    // The last second is usable to its end.
    let late = coupon.ends_at.filter(|ends_at| at.as_second() > ends_at.as_second());
    let early = early.map(|starts_at| Reason::NotStarted { starts_at });
    early.into_iter().chain(late.map(|ended_at| Reason::Expired { ended_at }))
}

fn reasons_of_goods<'a>(
    coupon: &'a Coupon,
    goods: &Goods<'_>,
) -> Result<impl Iterator<Item = Reason<'a>>, Overflow> {
    let mut targets = goods.lines.iter().filter(|line| works_on(coupon, line.line)).peekable();
    let nothing = targets.peek().is_none().then_some(Reason::NoTargetItem(coupon));
    let spend = Money::sum(targets.map(|line| line.gross))?;
    let minimum = coupon.minimum_spend.filter(|minimum| spend < *minimum);
    Ok(nothing.into_iter().chain(minimum.map(|minimum| Reason::MinSpend { minimum, spend })))
}

fn reasons_of_customer<'a>(coupon: &'a Coupon, request: &Request<'_>) -> impl Iterator<Item = Reason<'a>> {
    let customer = &request.customer;
    let uses = customer.coupon_uses.iter().find(|uses| uses.id == coupon.id);
    let by_customer = uses.map_or(0, |uses| uses.by_customer);
    let by_all = uses.map_or(0, |uses| uses.by_all);
    let limit = coupon.uses_per_customer.filter(|limit| by_customer >= *limit);
    let quota = coupon.quota.filter(|quota| by_all >= *quota);
    let other_rank = !coupon.ranks.is_empty()
        && !customer.rank.is_some_and(|rank| coupon.ranks.iter().any(|known| known == rank));
    let not_first = coupon.first_order_only && customer.orders_before > 0;
    [
        limit.map(|limit| Reason::CustomerLimit { limit }),
        quota.map(|quota| Reason::QuotaUsedUp { quota }),
        other_rank.then_some(Reason::Rank { ranks: &coupon.ranks }),
        not_first.then_some(Reason::FirstOrderOnly),
    ]
    .into_iter()
    .flatten()
}

/// Whether a coupon works on a line.
pub(crate) fn works_on(coupon: &Coupon, line: &Line<'_>) -> bool {
    let in_scope = match &coupon.scope {
        Scope::Items(skus) => skus.binary_search_by(|sku| sku.as_str().cmp(line.sku)).is_ok(),
        Scope::Store(store) => *store == line.seller.id,
        Scope::Market => true,
    };
    in_scope && coupon.item_kinds.contain(line.kind)
}

pub(crate) fn exclude_each_other(a: &Coupon, b: &Coupon, lines: &[PricedLine<'_>]) -> bool {
    let same_group = a.exclusive_group.is_some() && a.exclusive_group == b.exclusive_group;
    let alone = a.combination == Combination::None || b.combination == Combination::None;
    let jealous = a.combination == Combination::NotSameStore || b.combination == Combination::NotSameStore;
    same_group || alone || (jealous && of_same_store(a, b, lines))
}

/// Whether two coupons are for one store. A coupon for named items is for the stores that sell them in this
/// cart; a coupon for the whole market is for no store in particular.
fn of_same_store(a: &Coupon, b: &Coupon, lines: &[PricedLine<'_>]) -> bool {
    match (&a.scope, &b.scope) {
        (Scope::Market, _) | (_, Scope::Market) => false,
        (Scope::Store(one), Scope::Store(other)) => one == other,
        (Scope::Store(store), Scope::Items(_)) => sells(store, b, lines),
        (Scope::Items(_), Scope::Store(store)) => sells(store, a, lines),
        (Scope::Items(_), Scope::Items(_)) => lines
            .iter()
            .filter(|line| works_on(a, line.line))
            .any(|line| sells(&line.line.seller.id, b, lines)),
    }
}

fn sells(store: &str, coupon: &Coupon, lines: &[PricedLine<'_>]) -> bool {
    lines.iter().any(|line| line.line.seller.id == store && works_on(coupon, line.line))
}

/// Lets the coupons work, in order, and returns what they took off together.
pub(super) fn apply<'a>(
    coupons: &[&'a Coupon],
    goods: &mut Goods<'a>,
    refusals: &mut Vec<Refusal<'a>>,
    trace: &mut Vec<Step<'a>>,
) -> Result<Money, Overflow> {
    let mut total = Money::ZERO;
    for coupon in coupons.iter().filter(|coupon| coupon.benefit != Benefit::FreeShipping) {
        let taken = match coupon.scope {
            Scope::Items(_) => take_per_unit(coupon, &uses_of(coupon, &goods.lines)?, &goods.lines)?,
            Scope::Store(_) | Scope::Market => take_at_once(coupon, &goods.lines)?,
        };
        let sum = Money::sum(taken.iter().map(|(_, amount)| *amount))?;
        if sum.is_zero() {
            refuse(refusals, Subject::Coupon(&coupon.id), None, Reason::NothingLeft);
        }
        take_off(coupon, &taken, goods, trace)?;
        total = total.plus(sum)?;
    }
    Ok(total)
}

/// One use over all targeted lines, spread in proportion to what is left of each.
pub(crate) fn take_at_once(
    coupon: &Coupon,
    lines: &[PricedLine<'_>],
) -> Result<Vec<(usize, Money)>, Overflow> {
    let places = places_of(coupon, lines);
    let left: Vec<Money> = places.iter().filter_map(|place| lines.get(*place)).map(|line| line.net).collect();
    let whole = Money::sum(left.iter().copied())?;
    let wanted = match coupon.benefit {
        Benefit::Percent(rate) => rate.of(whole, Rounding::Down)?,
        Benefit::Yen(amount) => amount,
        Benefit::FreeShipping => Money::ZERO,
    };
    let taken = at_most(wanted, coupon.maximum).min(whole);
    Ok(places.into_iter().zip(allocate(taken, &left)?).collect())
}

/// How many uses each line gets of a coupon for named items: one per unit, dearest unit first, up to the limit
/// per order. Prices before coupons decide, so that it does not depend on other coupons.
pub(crate) fn uses_of(coupon: &Coupon, lines: &[PricedLine<'_>]) -> Result<Vec<(usize, i64)>, Overflow> {
    let mut places = places_of(coupon, lines);
    places.sort_by_key(|place| Reverse(lines.get(*place).map(unit_price)));
    let mut left = coupon.uses_per_order;
    let mut uses = Vec::with_capacity(places.len());
    for place in places {
        let quantity = lines.get(place).map_or(0, |line| line.line.quantity);
        let here = left.min(quantity);
        left = left.checked_sub(here).ok_or(Overflow)?;
        if here > 0 {
            uses.push((place, here));
        }
    }
    Ok(uses)
}

fn places_of(coupon: &Coupon, lines: &[PricedLine<'_>]) -> Vec<usize> {
    let targets = lines.iter().enumerate().filter(|(_, line)| works_on(coupon, line.line));
    targets.map(|(place, _)| place).collect()
}

/// The uses of a coupon for named items on some lines.
pub(crate) fn take_per_unit(
    coupon: &Coupon,
    uses: &[(usize, i64)],
    lines: &[PricedLine<'_>],
) -> Result<Vec<(usize, Money)>, Overflow> {
    let mut taken = Vec::with_capacity(uses.len());
    for (place, uses) in uses {
        let Some(line) = lines.get(*place) else { continue };
        taken.push((*place, take_per_use(coupon, line)?.times(*uses)?.min(line.net)));
    }
    Ok(taken)
}

/// What one use takes off one unit of the line: at most its price, for percent of what is left of it.
pub(crate) fn take_per_use(coupon: &Coupon, line: &PricedLine<'_>) -> Result<Money, Overflow> {
    let wanted = match coupon.benefit {
        Benefit::Percent(rate) => rate.of_each(line.net, line.line.quantity)?,
        Benefit::Yen(amount) => amount,
        Benefit::FreeShipping => Money::ZERO,
    };
    Ok(at_most(wanted, coupon.maximum).min(unit_price(line)))
}

/// Price of one unit, tax included.
fn unit_price(line: &PricedLine<'_>) -> Money {
    match line.line.tax_included {
        true => line.line.unit_price,
        false => Money::new(line.gross.units().checked_div(line.line.quantity).unwrap_or_default()),
    }
}

fn at_most(amount: Money, maximum: Option<Money>) -> Money {
    maximum.map_or(amount, |maximum| amount.min(maximum))
}

fn take_off<'a>(
    coupon: &'a Coupon,
    taken: &[(usize, Money)],
    goods: &mut Goods<'a>,
    trace: &mut Vec<Step<'a>>,
) -> Result<(), Overflow> {
    for (place, amount) in taken.iter().filter(|(_, amount)| !amount.is_zero()) {
        let Some(line) = goods.lines.get_mut(*place) else { continue };
        let from = line.net;
        line.net = from.minus(*amount)?;
        line.coupons.push(CouponUse { coupon, amount: *amount });
        trace.push(Step {
            kind: StepKind::Coupon,
            rule: &coupon.rule,
            line: Some(line.line.id),
            seller: None,
            from,
            to: line.net,
        });
    }
    Ok(())
}

/// The free-shipping coupon that works on goods of this seller, if any may be used.
pub(super) fn frees_shipping<'a>(
    coupons: &[&'a Coupon],
    group: usize,
    lines: &[PricedLine<'a>],
) -> Option<&'a Coupon> {
    let free = coupons.iter().filter(|coupon| coupon.benefit == Benefit::FreeShipping);
    free.copied().find(|coupon| lines.iter().any(|line| line.group == group && works_on(coupon, line.line)))
}
