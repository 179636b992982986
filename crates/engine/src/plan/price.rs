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
}

/// One measure of every option, and which coupons it uses.
pub(super) struct Keys<'k> {
    /// By seller and option.
    pub measures: Vec<Vec<Fine>>,
    /// Likewise.
    pub coupons: &'k [Vec<Set>],
}

const ROUNDS: Fine = 60;
/// A use of a group counts in parts, as a shared coupon uses it in part at each of its sellers.
const PARTS: Fine = 840;

/// Looks for good prices.
pub(super) fn prices(keys: &Keys<'_>, couplings: &[Coupling], groups: usize) -> Prices {
    let mut prices = Prices::none(couplings, groups);
    if couplings.is_empty() {
        return prices;
    }
    let mut best = (Fine::MIN, prices.clone());
    let span = keys.measures.iter().map(|measures| spread(measures)).max().unwrap_or(0);
    for round in 0..ROUNDS {
        let (bound, chosen) = prices.cheapest(keys, couplings);
        if bound > best.0 {
            best = (bound, prices.clone());
        }
        let step = span.checked_div(round.saturating_add(4)).unwrap_or(0);
        prices.move_towards(&chosen, couplings, step);
    }
    best.1
}

fn spread(measures: &[Fine]) -> Fine {
    let (least, most) = (measures.iter().min(), measures.iter().max());
    least.zip(most).map_or(0, |(least, most)| most.saturating_sub(*least))
}

impl Prices {
    /// Nothing costs anything.
    pub fn none(couplings: &[Coupling], groups: usize) -> Self {
        let at_sellers = couplings.iter().map(|coupling| vec![0; coupling.sellers.len()]).collect();
        Self { groups: vec![0; groups], at_sellers }
    }

    /// What an option's coupons cost at a seller.
    pub fn charge(&self, seller: usize, coupons: Set, couplings: &[Coupling]) -> Fine {
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
    fn move_towards(&mut self, chosen: &[Set], couplings: &[Coupling], step: Fine) {
        let mut uses = vec![0; self.groups.len()];
        for (coupling, at_sellers) in couplings.iter().zip(&mut self.at_sellers) {
            let sellers = count(&coupling.sellers);
            let used: Vec<bool> = coupling
                .sellers
                .iter()
                .map(|seller| chosen.get(*seller).is_some_and(|chosen| chosen & coupling.bit != 0))
                .collect();
            let users = Fine::try_from(used.iter().filter(|used| **used).count()).unwrap_or(0);
            if let Some(uses) = coupling.group.and_then(|group| uses.get_mut(group)) {
                let part = users.saturating_mul(PARTS).checked_div(sellers).unwrap_or(0);
                *uses = Fine::saturating_add(*uses, part);
            }
            let small_step = step.checked_div(sellers.max(1)).unwrap_or(0);
            for (price, used) in at_sellers.iter_mut().zip(used) {
                let more = if used { sellers.saturating_sub(users) } else { 0_i128.saturating_sub(users) };
                *price = price.saturating_add(small_step.saturating_mul(more));
            }
        }
        for (price, uses) in self.groups.iter_mut().zip(uses) {
            let more = step.saturating_mul(uses.saturating_sub(PARTS)).checked_div(PARTS).unwrap_or(0);
            *price = price.saturating_add(more).max(0);
        }
    }
}

fn count(sellers: &[usize]) -> Fine {
    Fine::try_from(sellers.len()).unwrap_or(Fine::MAX)
}
