//! Lower bounds: what no choice of the rest can beat.
//!
//! A choice is an option for each seller and a set of coupons that reach beyond one seller. Every bound is a sum
//! of *measures* over sellers plus what the wide coupons can take off, so that it can be kept up to date while
//! sellers are decided one after another.
//!
//! Why they hold, where `W` are the wide coupons used, `D` what these take off together, and `x` the net of a
//! seller's goods:
//!
//! * *Net.* Percent coupons for items and stores work before any for the whole market, so what they leave
//!   (`after_percent`) does not depend on `W`. Of that, the seller's yen coupons take at most their nominal sum:
//!   `x ≥ after_percent − yen − share`, and `x ≥ 0`, where the shares of all sellers add up to `D`. Hence
//!   `Σx ≥ Σ max(after_percent − yen, 0) − D`. With no wide coupon the option's own price is exact.
//! * *Wide coupons.* A percent coupon for the market takes at most its maximum and at most its rate of what
//!   percent coupons left; a yen coupon at most its amount.
//! * *Points.* Rounding down each record gives at most the proportional part of all points,
//!   `e(x) = E × (untaxed − gross + x) ÷ untaxed`. Where `E ≤ untaxed` its slope is at most one, so
//!   `x − ⌊e(x)⌋` never falls as `x` rises, and falls by at most `y` where `x` falls by `y`. Taking it at the
//!   least net and subtracting `D` is therefore a bound of the seller's value. Where `E > untaxed` (more than a
//!   yen of points for a yen) it is least at `x = gross`. Points for the whole payment never fall with what is
//!   paid, so they are at most those of the most that can be paid.
//! * *Cash.* What stored value cannot pay is, for every set of programs, at least what only these accept less
//!   what they hold (the easy half of max-flow min-cut). Within such a *cut* each coupon that is spread may
//!   shift a yen per line, which is subtracted.
//! * *Groups.* At most one coupon of a group may be used. Charging a price for each use of a group and giving
//!   the price back once never raises the least sum (Lagrange), whatever the prices; good prices are looked for
//!   once, by a few steps along the subgradient.

use super::candidate::{Candidate, Set};
use super::options::{LocalOption, SellerFacts};
use crate::market::{Benefit, CouponShare, Market};
use crate::money::{Money, Overflow};

/// Billionths of a yen.
pub(super) type Fine = i128;
/// One yen.
pub(super) const YEN: Fine = 1_000_000_000;

/// Coupons that reach beyond one seller, as one choice of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Wide {
    pub coupons: Set,
    pub excludes: Set,
    /// Sum of the rates of percent coupons whose maximum may not be reached.
    pub rate: Fine,
    /// What all others take off at most.
    pub fixed: Fine,
    /// Spread coupons times lines of the cart.
    pub shifts: Fine,
    /// Sellers whose shipping is free by them.
    pub frees: Vec<usize>,
    /// No coupon at all takes anything off goods: options' own prices are exact.
    pub exact: bool,
}

impl Wide {
    /// The choice of `coupons`. `least_left` is what percent coupons leave at least, `lines` the lines of the cart.
    pub fn of(coupons: &[&Candidate<'_>], least_left: Money, lines: usize) -> Result<Self, Overflow> {
        let mut wide = Self { exact: true, ..Self::default() };
        for candidate in coupons {
            wide.coupons |= candidate.bit;
            wide.excludes |= candidate.excludes;
            wide.frees.extend(&candidate.frees);
            if candidate.coupon.benefit != Benefit::FreeShipping {
                wide.exact = false;
                wide.shifts = plus(wide.shifts, fine(count(lines))?)?;
                wide.take_off(candidate, least_left)?;
            }
        }
        Ok(wide)
    }

    fn take_off(&mut self, candidate: &Candidate<'_>, least_left: Money) -> Result<(), Overflow> {
        match candidate.coupon.benefit {
            Benefit::Percent(rate) => {
                let maximum = candidate.coupon.maximum;
                let reached = maximum.filter(|maximum| {
                    let taken = Fine::from(rate.billionths()).saturating_mul(Fine::from(least_left.units()));
                    taken >= Fine::from(maximum.units()).saturating_mul(YEN)
                });
                match reached {
                    Some(maximum) => self.fixed = plus(self.fixed, fine(maximum)?)?,
                    None => self.rate = plus(self.rate, Fine::from(rate.billionths()))?,
                }
            }
            Benefit::Yen(_) => self.fixed = plus(self.fixed, fine(candidate.most)?)?,
            Benefit::FreeShipping => {}
        }
        Ok(())
    }
}

/// The value of an option: net and shipping less points, less the part of the wide coupons' percentage.
pub(super) fn value(
    market: &Market,
    facts: &SellerFacts<'_, '_>,
    option: &LocalOption,
    wide: &Wide,
    shipping: Money,
) -> Result<Fine, Overflow> {
    if wide.exact {
        return fine(option.net.plus(shipping)?.minus(option.earned)?);
    }
    let all_points = facts.earned_at_most(Money::ZERO)?;
    let by_line = market.policies.coupon_share == CouponShare::Line;
    let least = if all_points > facts.untaxed && !by_line {
        facts.gross.minus(all_points)?
    } else {
        let discount = if by_line { Money::ZERO } else { facts.gross.minus(option.least_net)? };
        option.least_net.minus(facts.earned_at_most(discount)?)?
    };
    minus(fine(least.plus(shipping)?)?, rated(option, wide)?)
}

/// What of an option lies in a cut, likewise.
pub(super) fn in_cut(
    option: &LocalOption,
    cut: usize,
    whole: bool,
    wide: &Wide,
    freed: Money,
) -> Result<Fine, Overflow> {
    let inside = option.in_cut.get(cut).copied().unwrap_or_default().minus(freed)?;
    if wide.exact {
        return fine(inside);
    }
    let least = if whole {
        inside.minus(option.net)?.plus(option.least_net)?
    } else {
        inside.minus(Money::new(option.shifts))?
    };
    minus(fine(least)?, rated(option, wide)?)
}

fn rated(option: &LocalOption, wide: &Wide) -> Result<Fine, Overflow> {
    wide.rate.checked_mul(Fine::from(option.after_percent.units())).ok_or(Overflow)
}

/// Prices for groups of which one coupon may be used, that raise the bound of the sum of `keys`.
///
/// `keys[seller][option]` is a measure, `used[seller][option]` the groups the option uses. The prices are not
/// below zero; any such prices are valid.
pub(super) fn prices(keys: &[Vec<Fine>], used: &[Vec<Vec<usize>>], groups: usize) -> Vec<Fine> {
    const ROUNDS: Fine = 40;
    let mut prices = vec![0; groups];
    let mut best = (Fine::MIN, prices.clone());
    if groups == 0 {
        return prices;
    }
    let span = keys.iter().map(|keys| spread(keys)).max().unwrap_or(0);
    for round in 0..ROUNDS {
        let (bound, uses) = priced(keys, used, &prices);
        if bound > best.0 {
            best = (bound, prices.clone());
        }
        let step = span.checked_div(round.saturating_add(2)).unwrap_or(0);
        for (price, uses) in prices.iter_mut().zip(uses) {
            *price = price.saturating_add(step.saturating_mul(uses.saturating_sub(1))).max(0);
        }
    }
    best.1
}

fn spread(keys: &[Fine]) -> Fine {
    let (least, most) = (keys.iter().min(), keys.iter().max());
    least.zip(most).map_or(0, |(least, most)| most.saturating_sub(*least))
}

/// The bound under prices, and how often each group is used by the options that attain it.
fn priced(keys: &[Vec<Fine>], used: &[Vec<Vec<usize>>], prices: &[Fine]) -> (Fine, Vec<Fine>) {
    let mut uses = vec![0; prices.len()];
    let mut bound = prices.iter().fold(0, |sum: Fine, price| sum.saturating_sub(*price));
    for (keys, used) in keys.iter().zip(used) {
        let with_price = keys.iter().zip(used).map(|(key, groups)| (charge(*key, groups, prices), groups));
        if let Some((key, groups)) = with_price.min_by_key(|(key, _)| *key) {
            bound = bound.saturating_add(key);
            for group in groups {
                if let Some(uses) = uses.get_mut(*group) {
                    *uses = Fine::saturating_add(*uses, 1);
                }
            }
        }
    }
    (bound, uses)
}

/// A measure with the prices of the groups it uses.
pub(super) fn charge(key: Fine, groups: &[usize], prices: &[Fine]) -> Fine {
    groups.iter().filter_map(|group| prices.get(*group)).fold(key, |key, price| key.saturating_add(*price))
}

pub(super) fn fine(amount: Money) -> Result<Fine, Overflow> {
    Fine::from(amount.units()).checked_mul(YEN).ok_or(Overflow)
}

/// Whole yen, rounded up: a bound may be, as what it bounds is whole.
pub(super) fn yen_up(fine: Fine) -> Fine {
    let whole = fine.checked_div_euclid(YEN).unwrap_or(0);
    let rest = fine.checked_rem_euclid(YEN).unwrap_or(0);
    whole.saturating_add(Fine::from(rest > 0))
}

pub(super) fn plus(a: Fine, b: Fine) -> Result<Fine, Overflow> {
    a.checked_add(b).ok_or(Overflow)
}

pub(super) fn minus(a: Fine, b: Fine) -> Result<Fine, Overflow> {
    a.checked_sub(b).ok_or(Overflow)
}

fn count(lines: usize) -> Money {
    Money::new(i64::try_from(lines).unwrap_or(i64::MAX))
}
