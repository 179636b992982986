//! Prices that make sellers agree: they raise the bound of the sum over sellers that choose freely.
//!
//! Two things couple sellers beside the coupons for the whole market: a group of which at most one coupon may be
//! used, and a coupon for items that several sell, which is used at all of them or at none. A sum over sellers
//! that choose freely is a bound, but a poor one. So each use of a group costs a price, which is given back once;
//! and a shared coupon costs something at one of its sellers and as much less at the others. Whatever the prices,
//! a choice that keeps to both rules pays no more than its own sum (Lagrange), so the least priced sum is a bound.
//! Good prices are looked for once, by a few steps along the subgradient.

use super::bound::Fine;
use super::candidate::Set;

/// A coupon that couples sellers.
#[derive(Clone, Debug)]
pub(super) struct Coupling {
    pub bit: Set,
    /// The group it belongs to, by place.
    pub group: Option<usize>,
    /// The sellers whose goods it takes off.
    pub sellers: Vec<usize>,
}

/// Prices for one measure.
#[derive(Clone, Debug, Default)]
pub(super) struct Prices {
    /// Of each group.
    pub groups: Vec<Fine>,
    /// Of each coupling coupon at each of its sellers, beside its part of the group's price. They add up to nothing.
    at_sellers: Vec<Vec<Fine>>,
    /// Whether anything may cost something.
    any: bool,
}

/// One measure of every option, and which coupons it uses.
pub(super) struct Keys<'k> {
    /// By seller and option.
    pub measures: Vec<Vec<Fine>>,
    /// Likewise.
    pub coupons: &'k [Vec<Set>],
}

const ROUNDS: usize = 160;
/// After so many rounds that do not raise the bound, smaller steps are taken.
const PATIENCE: usize = 3;
/// A use counts in parts, as a shared coupon uses its group in part at each of its sellers.
const PARTS: Fine = 840;

/// Looks for good prices: steps along the subgradient as long as would raise the bound by `hope` if it were a
/// straight line, where the hope is halved whenever it is disappointed for a while.
pub(super) fn prices(keys: &Keys<'_>, couplings: &[Coupling], groups: usize) -> Prices {
    let mut prices = Prices::none(couplings, groups);
    if couplings.is_empty() {
        return prices;
    }
    let mut hope = keys.measures.iter().map(|measures| spread(measures)).max().unwrap_or(0);
    let mut best = (Fine::MIN, prices.clone());
    let mut disappointed = 0_usize;
    for _ in 0..ROUNDS {
        let (bound, chosen) = prices.cheapest(keys, couplings);
        disappointed = disappointed.saturating_add(1);
        if bound > best.0 {
            best = (bound, prices.clone());
            disappointed = 0;
        }
        if disappointed > PATIENCE {
            hope = hope.checked_div(2).unwrap_or(0);
            prices = best.1.clone();
            disappointed = 0;
            continue;
        }
        let slope = Slope::of(&chosen, couplings, groups);
        if slope.steepness == 0 {
            // Every seller agrees already: no prices are better.
            break;
        }
        prices.climb(&slope, hope);
    }
    best.1
}

fn spread(measures: &[Fine]) -> Fine {
    let (least, most) = (measures.iter().min(), measures.iter().max());
    least.zip(most).map_or(0, |(least, most)| most.saturating_sub(*least))
}

/// By how much what the sellers chose is used too often, in [`PARTS`].
struct Slope {
    groups: Vec<Fine>,
    at_sellers: Vec<Vec<Fine>>,
    /// The sum of squares.
    steepness: Fine,
}

impl Slope {
    fn of(chosen: &[Set], couplings: &[Coupling], groups: usize) -> Self {
        let mut slope =
            Self { groups: vec![0_i128.saturating_sub(PARTS); groups], at_sellers: Vec::new(), steepness: 0 };
        for coupling in couplings {
            let uses = |seller: &usize| chosen.get(*seller).is_some_and(|chosen| chosen & coupling.bit != 0);
            let used: Vec<bool> = coupling.sellers.iter().map(uses).collect();
            let sellers = count(&coupling.sellers).max(1);
            let users = Fine::try_from(used.iter().filter(|used| **used).count()).unwrap_or(0);
            if let Some(group) = coupling.group.and_then(|group| slope.groups.get_mut(group)) {
                *group = group.saturating_add(users.saturating_mul(PARTS).checked_div(sellers).unwrap_or(0));
            }
            let part = PARTS.checked_div(sellers).unwrap_or(0);
            let at_seller = |used: &bool| {
                let more = if *used { sellers.saturating_sub(users) } else { 0_i128.saturating_sub(users) };
                more.saturating_mul(part)
            };
            slope.at_sellers.push(used.iter().map(at_seller).collect());
        }
        let all = slope.groups.iter().chain(slope.at_sellers.iter().flatten());
        slope.steepness = all.fold(0, |sum: Fine, part| sum.saturating_add(part.saturating_mul(*part)));
        slope
    }
}

impl Prices {
    /// Nothing costs anything.
    pub fn none(couplings: &[Coupling], groups: usize) -> Self {
        let at_sellers = couplings.iter().map(|coupling| vec![0; coupling.sellers.len()]).collect();
        Self { groups: vec![0; groups], at_sellers, any: false }
    }

    /// What an option's coupons cost at a seller.
    pub fn charge(&self, seller: usize, coupons: Set, couplings: &[Coupling]) -> Fine {
        if !self.any {
            return 0;
        }
        let used = couplings.iter().zip(&self.at_sellers).filter(|(coupling, _)| coupling.bit & coupons != 0);
        used.fold(0, |sum: Fine, (coupling, at_sellers)| {
            let place = coupling.sellers.iter().position(|known| *known == seller);
            let own = place.and_then(|place| at_sellers.get(place)).copied().unwrap_or(0);
            sum.saturating_add(own).saturating_add(self.part_of_group(coupling))
        })
    }

    /// A coupon's part of its group's price at one of its sellers.
    fn part_of_group(&self, coupling: &Coupling) -> Fine {
        let price = coupling.group.and_then(|group| self.groups.get(group)).copied().unwrap_or(0);
        price.checked_div(count(&coupling.sellers)).unwrap_or(0)
    }

    /// The bound under these prices, and the coupons of the options that attain it.
    fn cheapest(&self, keys: &Keys<'_>, couplings: &[Coupling]) -> (Fine, Vec<Set>) {
        let mut bound = self.groups.iter().fold(0, |sum: Fine, price| sum.saturating_sub(*price));
        let mut chosen = Vec::with_capacity(keys.measures.len());
        for (seller, (measures, coupons)) in keys.measures.iter().zip(keys.coupons).enumerate() {
            let here: Vec<(Set, Fine)> = couplings
                .iter()
                .filter(|coupling| coupling.sellers.contains(&seller))
                .map(|coupling| (coupling.bit, self.charge(seller, coupling.bit, couplings)))
                .collect();
            let priced = measures.iter().zip(coupons).map(|(measure, coupons)| {
                let used = here.iter().filter(|(bit, _)| bit & coupons != 0);
                (used.fold(*measure, |sum, (_, price)| sum.saturating_add(*price)), *coupons)
            });
            let (measure, coupons) = priced.min_by_key(|(measure, _)| *measure).unwrap_or_default();
            bound = bound.saturating_add(measure);
            chosen.push(coupons);
        }
        (bound, chosen)
    }

    /// Raises the price of what is used too often and lowers that of what is used too rarely.
    fn climb(&mut self, slope: &Slope, hope: Fine) {
        self.any = true;
        // The same whole step for all, so that a coupon's prices at its sellers still add up to nothing.
        let step = hope.saturating_mul(PARTS).checked_div(slope.steepness).unwrap_or(0);
        for (price, part) in self.groups.iter_mut().zip(&slope.groups) {
            *price = price.saturating_add(step.saturating_mul(*part)).max(0);
        }
        for (prices, parts) in self.at_sellers.iter_mut().zip(&slope.at_sellers) {
            for (price, part) in prices.iter_mut().zip(parts) {
                *price = price.saturating_add(step.saturating_mul(*part));
            }
        }
    }
}

fn count(sellers: &[usize]) -> Fine {
    Fine::try_from(sellers.len()).unwrap_or(Fine::MAX)
}
