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
//!   yen of points for a yen) it is least at `x = gross`. Another bound: points never rise with the discount, and
//!   the discount is at least what percent coupons took, which is certain, and what yen coupons of the whole store
//!   take, which is certain as long as the seller's goods cannot run out. Points for the whole payment never fall with what is
//!   paid, so they are at most those of the most that can be paid.
//! * *Cash.* What stored value cannot pay is, for every set of programs, at least what only these accept less
//!   what they hold (the easy half of max-flow min-cut). Within such a *cut* it matters over
//!   which lines a discount is spread. In exact fractions a coupon more lowers the net of no line that another
//!   line does not keep (each coupon's effect is monotone and shrinks differences); in whole yen each coupon that
//!   is spread may be off by a yen per line, in the option's own price and in that beside wide coupons. These
//!   *shifts* are subtracted.
//! * *Groups and shared coupons* couple sellers; what they cost a bound is in [`super::price`].

use super::candidate::{Candidate, Set};
use super::options::{LocalOption, SellerFacts};
use crate::market::Benefit;
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
    /// A yen for each line of the cart and each coupon that is spread over them, and one for its own rounding.
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
                wide.shifts = plus(wide.shifts, fine(count(lines.saturating_add(1)))?)?;
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
    facts: &SellerFacts<'_, '_>,
    option: &LocalOption,
    wide: &Wide,
    shipping: Money,
) -> Result<Fine, Overflow> {
    if wide.exact {
        return fine(option.net.plus(shipping)?.minus(option.earned)?);
    }
    let rated = rated(option, wide)?;
    let by_proportion = if facts.all_points > facts.untaxed {
        facts.gross.minus(facts.all_points)?
    } else {
        option.least_net.minus(option.earned_at_least_net)?
    };
    let runs_out = fine(option.least_net)? < plus(wide.fixed, rated)?;
    let earned = if runs_out { option.earned_after_percent } else { option.earned_after_store };
    let least = by_proportion.max(option.least_net.minus(earned)?);
    minus(fine(least.plus(shipping)?)?, rated)
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
