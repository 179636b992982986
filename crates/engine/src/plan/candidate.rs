//! Coupons that a plan may use.

use crate::market::{Benefit, Combination, Coupon, Scope};
use crate::money::{Money, Overflow, Rounding};
use crate::quote::coupon::{
    exclude_each_other, order_of_use, reasons_against, take_per_use, uses_of, works_on,
};
use crate::quote::goods::Goods;
use crate::request::{AskedCoupon, Request};

/// A set of candidates, a bit each.
pub(super) type Set = u128;

/// How many coupons a plan looks at; of more, those held first.
pub(super) const CANDIDATES_MAX: usize = 120;

/// A coupon that may be used by itself.
pub(super) struct Candidate<'a> {
    /// Its place among the coupons held.
    pub held: usize,
    pub coupon: &'a Coupon,
    pub bit: Set,
    /// Those it cannot be used together with.
    pub excludes: Set,
    pub reach: Reach,
    /// The sellers, by place in the cart, whose goods it takes off; for coupons of the whole market none.
    pub sellers: Vec<usize>,
    /// For named items: the lines it is used on, and how often.
    pub uses: Vec<(usize, i64)>,
    /// It cannot take off more than this, whatever else is used.
    pub most: Money,
    /// The sellers whose shipping it makes free.
    pub frees: Vec<usize>,
}

/// Whose goods a coupon touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// One seller's, by place in the cart.
    Seller(usize),
    /// Named items of several sellers. Which units it is used on does not depend on other coupons, so all that
    /// couples the sellers is whether it is used.
    Items,
    /// All goods of the cart.
    Market,
}

/// The candidates in the order in which they work, and what was left out for their number.
pub(super) struct Candidates<'a> {
    pub all: Vec<Candidate<'a>>,
    /// The most that coupons beyond [`CANDIDATES_MAX`] could take off.
    pub left_out: Money,
}

pub(super) fn candidates<'a>(request: &Request<'a>, goods: &Goods<'_>) -> Result<Candidates<'a>, Overflow> {
    let mut usable: Vec<(usize, &'a Coupon)> = Vec::new();
    for (held, coupon) in request.customer.coupons.iter().enumerate() {
        let asked = AskedCoupon { id: &coupon.id, coupon: Some(coupon) };
        let known = usable.iter().any(|(_, known)| known.id == coupon.id);
        if !known && reasons_against(&asked, &[], request, goods)?.is_empty() {
            usable.push((held, coupon));
        }
    }
    let beyond = usable.split_off(usable.len().min(CANDIDATES_MAX));
    let mut left_out = Money::ZERO;
    for (_, coupon) in beyond {
        left_out = left_out.plus(most(coupon, goods)?)?;
    }
    usable.sort_by_key(|(_, coupon)| order_of_use(coupon));
    let mut all = Vec::with_capacity(usable.len());
    for place in 0..usable.len() {
        all.extend(candidate(place, &usable, goods)?);
    }
    Ok(Candidates { all, left_out })
}

fn candidate<'a>(
    place: usize,
    usable: &[(usize, &'a Coupon)],
    goods: &Goods<'_>,
) -> Result<Option<Candidate<'a>>, Overflow> {
    let Some((held, coupon)) = usable.get(place).copied() else { return Ok(None) };
    let others = usable.iter().enumerate().filter(|(other, _)| *other != place);
    let excluded = others.filter(|(_, (_, other))| exclude_each_other(coupon, other, &goods.lines));
    let uses = match coupon.scope {
        Scope::Items(_) => uses_of(coupon, &goods.lines)?,
        Scope::Store(_) | Scope::Market => Vec::new(),
    };
    let sellers = sellers(coupon, goods);
    Ok(Some(Candidate {
        held,
        coupon,
        bit: bit(place),
        excludes: excluded.fold(0, |set, (other, _)| set | bit(other)),
        reach: reach(coupon, &sellers),
        sellers,
        uses,
        most: most(coupon, goods)?,
        frees: frees(coupon, goods),
    }))
}

pub(super) fn bit(place: usize) -> Set {
    u32::try_from(place).ok().and_then(|place| 1_u128.checked_shl(place)).unwrap_or(0)
}

fn reach(coupon: &Coupon, sellers: &[usize]) -> Reach {
    match (&coupon.scope, sellers) {
        (Scope::Market, _) => Reach::Market,
        (_, [only]) => Reach::Seller(*only),
        _ => Reach::Items,
    }
}

fn sellers(coupon: &Coupon, goods: &Goods<'_>) -> Vec<usize> {
    let mut groups: Vec<usize> =
        goods.lines.iter().filter(|line| works_on(coupon, line.line)).map(|line| line.group).collect();
    groups.sort_unstable();
    groups.dedup();
    if coupon.scope == Scope::Market { Vec::new() } else { groups }
}

fn frees(coupon: &Coupon, goods: &Goods<'_>) -> Vec<usize> {
    if coupon.benefit != Benefit::FreeShipping {
        return Vec::new();
    }
    let targets =
        |group: usize| goods.lines.iter().any(|line| line.group == group && works_on(coupon, line.line));
    (0..goods.sellers.len()).filter(|group| targets(*group)).collect()
}

/// What a coupon takes off untouched goods; on what others leave it takes no more.
fn most(coupon: &Coupon, goods: &Goods<'_>) -> Result<Money, Overflow> {
    let mut most = Money::ZERO;
    match (&coupon.scope, coupon.benefit) {
        (_, Benefit::FreeShipping) => {
            for group in frees(coupon, goods) {
                most = most.plus(goods.shipping_before_coupons(group))?;
            }
        }
        (Scope::Items(_), _) => {
            for (place, uses) in uses_of(coupon, &goods.lines)? {
                if let Some(line) = goods.lines.get(place) {
                    most = most.plus(take_per_use(coupon, line)?.times(uses)?.min(line.gross))?;
                }
            }
        }
        (Scope::Store(_) | Scope::Market, benefit) => {
            let targets = goods.lines.iter().filter(|line| works_on(coupon, line.line));
            let whole = Money::sum(targets.map(|line| line.gross))?;
            let wanted = match benefit {
                Benefit::Percent(rate) => rate.of(whole, Rounding::Down)?,
                Benefit::Yen(amount) => amount,
                Benefit::FreeShipping => Money::ZERO,
            };
            most = coupon.maximum.map_or(wanted, |maximum| wanted.min(maximum)).min(whole);
        }
    }
    Ok(most)
}

/// Whether a coupon allows no other beside it.
pub(super) fn stands_alone(coupon: &Coupon) -> bool {
    coupon.combination == Combination::None
}
