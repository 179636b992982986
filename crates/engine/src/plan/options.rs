//! What the coupons for a seller's goods can do, tried once for each seller by itself. Coupons for items that
//! several sellers sell are tried at each of them; the search sees to it that they agree.

use super::bound::{Fine, fine};
use super::candidate::{Candidate, Reach, Set, stands_alone};
use super::cut::Cut;
use crate::market::{Benefit, CouponShare, Market, Program, Scope};
use crate::money::{Money, Overflow, Points, Rounding, scale};
use crate::quote::coupon::{take_at_once, take_per_unit};
use crate::quote::goods::Goods;
use crate::quote::{PricedLine, earn};
use crate::request::Request;

/// One way to use a seller's own coupons, priced as if no coupon reached beyond the seller.
#[derive(Clone, Debug)]
pub(super) struct LocalOption {
    /// Which of them.
    pub coupons: Set,
    /// All that these exclude.
    pub excludes: Set,
    /// The net of the seller's goods.
    pub net: Money,
    /// What percent coupons left of the goods, before any yen coupon.
    pub after_percent: Money,
    /// The net cannot be lower by the seller's own coupons: what percent left, less all that yen coupons may take.
    pub least_net: Money,
    /// The seller's shipping.
    pub shipping: Money,
    /// Yen value of the points of its lines.
    pub earned: Money,
    /// Net of its lines that earn by the whole payment, for each such rule.
    pub spend: Vec<Money>,
    /// Net and shipping of what only the tenders of each cut may pay.
    pub in_cut: Vec<Money>,
    /// The most that the lines earn, in yen, whatever coupons for the whole market do: without and with the yen
    /// coupons of the whole store, and by proportion at the least net.
    pub earned_after_percent: Money,
    pub earned_after_store: Money,
    pub earned_at_least_net: Money,
    /// Yen coupons spread over lines, times the lines, twice: each may be off by a yen per line with and without
    /// coupons for the whole market.
    pub shifts: i64,
}

/// What is the same for all options of a seller.
pub(super) struct SellerFacts<'g, 'a> {
    pub lines: Vec<PricedLine<'a>>,
    /// Places of the lines in the cart.
    places: Vec<usize>,
    pub gross: Money,
    pub untaxed: Money,
    pub shipping: Money,
    /// The most that the lines earn, in yen; where each line's own discount counts, all that they can.
    pub all_points: Money,
    /// What the lines earn before coupons, by program.
    earning: Vec<Earning<'a>>,
    /// For each whole-payment rule: which lines count.
    spending: Vec<Vec<bool>>,
    /// For each cut: which lines are in it, and whether shipping is.
    cuts: Vec<(Vec<bool>, bool)>,
    own: Vec<&'g Candidate<'a>>,
    /// What each of them takes off this seller's goods at most.
    own_most: Vec<(Set, Money)>,
    /// Each line's own discount lowers its points.
    by_line: bool,
    /// Those of them that touch other sellers as well.
    pub shared: Set,
    group: usize,
}

/// A way that is being priced.
#[derive(Clone, Default)]
struct Pricing<'a> {
    lines: Vec<PricedLine<'a>>,
    coupons: Set,
    excludes: Set,
    after_percent: Option<Money>,
    most_yen: Money,
    store_yen: Money,
    shifts: i64,
    freed: bool,
}

impl Pricing<'_> {
    /// Percent coupons work before all others: what they left is known when another comes.
    fn end_of_percent(&mut self) -> Result<(), Overflow> {
        if self.after_percent.is_none() {
            self.after_percent = Some(net_of(&self.lines)?);
        }
        Ok(())
    }
}

/// What [`SellerFacts::options_within`] looks for.
pub(super) struct Limit<'l> {
    /// The measure that counts: value for nothing, else a cut.
    pub by: usize,
    /// That measure of an option, priced.
    pub measure: &'l dyn Fn(&LocalOption) -> Result<Fine, Overflow>,
    /// What each coupon costs at this seller.
    pub charges: Vec<(Set, Fine)>,
    /// How far from the least.
    pub slack: Fine,
    /// How many at most.
    pub most: usize,
}

impl Limit<'_> {
    fn charge_of(&self, coupons: Set) -> Fine {
        let used = self.charges.iter().filter(|(bit, _)| bit & coupons != 0);
        used.fold(0, |sum: Fine, (_, charge)| sum.saturating_add(*charge))
    }
}

/// The ways found so far with their measure.
struct Near {
    least: Fine,
    options: Vec<(Fine, LocalOption)>,
}

/// Points of a program before coupons.
struct Earning<'a> {
    program: &'a Program,
    all: Points,
    /// Each record's line and points.
    records: Vec<(usize, Points)>,
}

/// Gathers a seller's facts.
pub(super) fn facts<'g, 'a>(
    market: &'a Market,
    request: &'a Request<'a>,
    goods: &Goods<'a>,
    candidates: &'g [Candidate<'a>],
    cuts: &[Cut],
    group: usize,
) -> Result<SellerFacts<'g, 'a>, Overflow> {
    let places: Vec<usize> = (0..goods.lines.len())
        .filter(|place| goods.lines.get(*place).is_some_and(|line| line.group == group))
        .collect();
    let lines: Vec<PricedLine<'a>> =
        places.iter().filter_map(|place| goods.lines.get(*place)).cloned().collect();
    let mut earning: Vec<Earning<'a>> = Vec::new();
    let mut spending = Vec::new();
    for (program, rule) in earn::rules_for(market, request) {
        match earn::points_before_coupons(program, rule, &lines)? {
            Some(points) => add_records(&mut earning, program, points)?,
            None => spending.push(lines.iter().map(|line| earn::earns(rule, line)).collect()),
        }
    }
    let in_cut = |cut: &Cut| {
        let lines = places.iter().map(|place| cut.lines.get(*place).copied().unwrap_or(false)).collect();
        (lines, cut.shipping.get(group).copied().unwrap_or(false))
    };
    let is_own =
        |candidate: &&Candidate<'_>| candidate.sellers.contains(&group) && !stands_alone(candidate.coupon);
    let own: Vec<&Candidate<'a>> = candidates.iter().filter(is_own).collect();
    let mut facts = SellerFacts {
        all_points: Money::ZERO,
        gross: Money::sum(lines.iter().map(|line| line.gross))?,
        untaxed: Money::sum(lines.iter().map(|line| line.untaxed))?,
        shipping: goods.shipping_before_coupons(group),
        earning,
        spending,
        cuts: cuts.iter().map(in_cut).collect(),
        shared: own.iter().filter(|own| own.reach == Reach::Items).fold(0, |set, own| set | own.bit),
        own,
        lines,
        places,
        group,
        own_most: Vec::new(),
        by_line: market.policies.coupon_share == CouponShare::Line,
    };
    facts.all_points = facts.earned_at_most(Money::ZERO)?;
    let own_most = facts.own.iter().map(|candidate| Ok((candidate.bit, facts.most_here(candidate)?)));
    facts.own_most = own_most.collect::<Result<_, Overflow>>()?;
    Ok(facts)
}

impl<'a> SellerFacts<'_, 'a> {
    /// Every way to use the coupons for the seller's goods. Coupons for which there would be more than `most` ways
    /// are not looked at: they are the second value.
    pub fn options(&self, market: &Market, most: usize) -> Result<(Vec<LocalOption>, Set), Overflow> {
        let (looked_at, left) = self.coupons_for(most);
        let mut options = Vec::new();
        let start = Pricing { lines: self.lines.clone(), ..Pricing::default() };
        self.branch(market, &looked_at, start, &mut options)?;
        Ok((options, left))
    }

    /// The coupons that make no more than `most` ways, those that take most off first, and those beyond.
    fn coupons_for(&self, most: usize) -> (Vec<&Candidate<'a>>, Set) {
        let mut choices: Vec<Set> = vec![0];
        let mut looked_at: Vec<&Candidate<'a>> = Vec::with_capacity(self.own.len());
        let mut left = 0;
        let mut by_most = self.own.clone();
        by_most.sort_by_key(|candidate| std::cmp::Reverse(candidate.most));
        for candidate in by_most {
            let with: Vec<Set> =
                choices.iter().filter(|set| *set & candidate.excludes == 0).copied().collect();
            if choices.len().saturating_add(with.len()) > most {
                left |= candidate.bit;
                continue;
            }
            choices.extend(with.into_iter().map(|set| set | candidate.bit));
            looked_at.push(candidate);
        }
        looked_at.sort_by_key(|candidate| candidate.bit);
        (looked_at, left)
    }

    /// The ways whose priced measure is within `limit.slack` of the least, the least first. Nothing where there
    /// are more than `limit.most` of them.
    pub fn options_within(
        &self,
        market: &Market,
        limit: &Limit<'_>,
    ) -> Result<Option<Vec<LocalOption>>, Overflow> {
        let start = Pricing { lines: self.lines.clone(), ..Pricing::default() };
        let mut found = Near { least: Fine::MAX, options: Vec::new() };
        if !self.branch_within(market, &self.own, start, limit, &mut found)? {
            return Ok(None);
        }
        let most = found.least.saturating_add(limit.slack);
        found.options.retain(|(measure, _)| *measure <= most);
        found.options.sort_by_key(|(measure, _)| *measure);
        Ok(Some(found.options.into_iter().map(|(_, option)| option).collect()))
    }

    /// As [`Self::branch`], leaving out what the floor shows to be too far from the least.
    fn branch_within(
        &self,
        market: &Market,
        undecided: &[&Candidate<'a>],
        mut pricing: Pricing<'a>,
        limit: &Limit<'_>,
        found: &mut Near,
    ) -> Result<bool, Overflow> {
        if self.floor(&pricing, undecided, limit)? > found.least.saturating_add(limit.slack) {
            return Ok(true);
        }
        let Some((candidate, rest)) = undecided.split_first() else {
            pricing.end_of_percent()?;
            let option = self.option(market, &pricing)?;
            let measure = (limit.measure)(&option)?;
            found.least = found.least.min(measure);
            found.options.push((measure, option));
            return Ok(found.options.len() <= limit.most);
        };
        if !matches!(candidate.coupon.benefit, Benefit::Percent(_)) {
            pricing.end_of_percent()?;
        }
        if pricing.excludes & candidate.bit == 0 {
            let mut with = pricing.clone();
            self.use_coupon(candidate, &mut with)?;
            if !self.branch_within(market, rest, with, limit, found)? {
                return Ok(false);
            }
        }
        self.branch_within(market, rest, pricing, limit, found)
    }

    /// What no way of deciding the rest can be below: as if all coupons that may still be used took off their most,
    /// of a group the most telling one.
    fn floor(
        &self,
        pricing: &Pricing<'a>,
        undecided: &[&Candidate<'a>],
        limit: &Limit<'_>,
    ) -> Result<Fine, Overflow> {
        let possible = undecided.iter().filter(|candidate| candidate.bit & pricing.excludes == 0);
        let (mut most, mut shifts, mut charges) =
            (Money::ZERO, pricing.shifts, limit.charge_of(pricing.coupons));
        let mut freed = pricing.freed;
        let mut groups: Vec<(&str, Money)> = Vec::new();
        for candidate in possible {
            charges = charges.saturating_add(limit.charge_of(candidate.bit).min(0));
            freed |= candidate.frees.contains(&self.group);
            if candidate.coupon.benefit == Benefit::FreeShipping {
                continue;
            }
            shifts =
                shifts.saturating_add(i64::try_from(self.lines.len().saturating_mul(2)).unwrap_or(i64::MAX));
            let takes = self.most_of(candidate)?;
            let group = candidate.coupon.exclusive_group.as_deref();
            match groups.iter_mut().find(|(known, _)| Some(*known) == group) {
                Some((_, known)) => *known = takes.max(*known),
                None => match group {
                    Some(group) => groups.push((group, takes)),
                    None => most = most.plus(takes)?,
                },
            }
        }
        most = most.plus(Money::sum(groups.iter().map(|(_, takes)| *takes))?)?;
        let shipping = if freed { Money::ZERO } else { self.shipping };
        let least = self.least(pricing, most, shifts, shipping, limit.by)?;
        Ok(fine(least)?.saturating_add(charges))
    }

    fn least(
        &self,
        pricing: &Pricing<'a>,
        most: Money,
        shifts: i64,
        shipping: Money,
        by: usize,
    ) -> Result<Money, Overflow> {
        let after_percent = pricing.after_percent.map_or_else(|| net_of(&pricing.lines), Ok)?;
        let net = after_percent.minus(pricing.most_yen)?.minus(most)?.max(Money::ZERO);
        let Some(cut) = by.checked_sub(1) else {
            let goods = if self.all_points > self.untaxed {
                self.gross.minus(self.all_points)?
            } else {
                net.minus(self.earned_at_least(net)?)?
            };
            return goods.plus(shipping);
        };
        let Some((inside, ships)) = self.cuts.get(cut) else { return Ok(Money::ZERO) };
        let shipping = if *ships { shipping } else { Money::ZERO };
        if self.is_whole(cut) {
            return net.plus(shipping);
        }
        sum_where(&pricing.lines, inside)?.minus(most)?.minus(Money::new(shifts))?.plus(shipping)
    }

    /// The most that the lines earn where their net is `net`: by proportion, or all where that is not known.
    fn earned_at_least(&self, net: Money) -> Result<Money, Overflow> {
        if self.by_line { Ok(self.all_points) } else { self.earned_at_most(self.gross.minus(net)?) }
    }

    /// Decides the coupons one after another in the order in which they work, so that ways that begin alike are
    /// priced together.
    fn branch(
        &self,
        market: &Market,
        undecided: &[&Candidate<'a>],
        mut pricing: Pricing<'a>,
        options: &mut Vec<LocalOption>,
    ) -> Result<(), Overflow> {
        let Some((candidate, rest)) = undecided.split_first() else {
            pricing.end_of_percent()?;
            options.push(self.option(market, &pricing)?);
            return Ok(());
        };
        if !matches!(candidate.coupon.benefit, Benefit::Percent(_)) {
            pricing.end_of_percent()?;
        }
        if pricing.excludes & candidate.bit == 0 {
            let mut with = pricing.clone();
            self.use_coupon(candidate, &mut with)?;
            self.branch(market, rest, with, options)?;
        }
        self.branch(market, rest, pricing, options)
    }

    fn use_coupon(&self, candidate: &Candidate<'a>, pricing: &mut Pricing<'a>) -> Result<(), Overflow> {
        pricing.coupons |= candidate.bit;
        pricing.excludes |= candidate.excludes;
        pricing.freed |= candidate.frees.contains(&self.group);
        if matches!(candidate.coupon.benefit, Benefit::Yen(_)) {
            let most = self.most_of(candidate)?;
            pricing.most_yen = pricing.most_yen.plus(most)?;
            if !matches!(candidate.coupon.scope, Scope::Items(_)) {
                pricing.store_yen = pricing.store_yen.plus(most)?;
                let shifts = i64::try_from(self.lines.len().saturating_mul(2)).unwrap_or(i64::MAX);
                pricing.shifts = pricing.shifts.saturating_add(shifts);
            }
        }
        self.take_off(candidate, &mut pricing.lines)
    }

    fn option(&self, market: &Market, pricing: &Pricing<'a>) -> Result<LocalOption, Overflow> {
        let lines = &pricing.lines;
        let shipping = if pricing.freed { Money::ZERO } else { self.shipping };
        let after_percent = pricing.after_percent.unwrap_or(self.gross);
        let least_net = after_percent.minus(pricing.most_yen)?.max(Money::ZERO);
        let taken = self.gross.minus(after_percent)?;
        let net = net_of(lines)?;
        Ok(LocalOption {
            coupons: pricing.coupons,
            excludes: pricing.excludes,
            net,
            after_percent,
            least_net,
            shipping,
            earned: self.earned(market, self.gross.minus(net)?, lines)?,
            earned_after_percent: self.earned_by_seller(market, taken, lines)?,
            earned_after_store: self.earned_by_seller(market, taken.plus(pricing.store_yen)?, lines)?,
            earned_at_least_net: self.earned_by_proportion(market, self.gross.minus(least_net)?)?,
            spend: self.spending.iter().map(|counts| sum_where(lines, counts)).collect::<Result<_, _>>()?,
            in_cut: self.in_cuts(lines, shipping)?,
            shifts: pricing.shifts,
        })
    }

    /// What the lines earn at a discount of the seller's goods; all that they can where each line's own discount
    /// counts.
    fn earned_by_seller(
        &self,
        market: &Market,
        discount: Money,
        lines: &[PricedLine<'a>],
    ) -> Result<Money, Overflow> {
        match market.policies.coupon_share {
            CouponShare::Seller => self.earned(market, discount, lines),
            CouponShare::Line => Ok(self.all_points),
        }
    }

    fn earned_by_proportion(&self, market: &Market, discount: Money) -> Result<Money, Overflow> {
        match market.policies.coupon_share {
            CouponShare::Seller => self.earned_at_most(discount),
            CouponShare::Line => Ok(self.all_points),
        }
    }

    /// What its lines add to what a whole-payment rule counts where no coupon is used.
    pub fn spend_without_coupons(&self, rule: usize) -> Result<Money, Overflow> {
        let counts = self.spending.get(rule).into_iter().flatten();
        let counted = self.lines.iter().zip(counts).filter(|(_, counts)| **counts);
        Money::sum(counted.map(|(line, _)| line.gross))
    }

    /// The coupons for its goods.
    pub fn own_coupons(&self) -> Set {
        self.own.iter().fold(0, |set, own| set | own.bit)
    }

    /// Whether all of the seller's lines are in a cut.
    pub fn is_whole(&self, cut: usize) -> bool {
        self.cuts.get(cut).is_some_and(|(lines, _)| lines.iter().all(|inside| *inside))
    }

    fn take_off(&self, candidate: &Candidate<'a>, lines: &mut [PricedLine<'a>]) -> Result<(), Overflow> {
        let taken = match candidate.coupon.scope {
            Scope::Items(_) => take_per_unit(candidate.coupon, &self.own_uses(candidate), lines)?,
            Scope::Store(_) | Scope::Market => take_at_once(candidate.coupon, lines)?,
        };
        for (place, amount) in taken {
            if let Some(line) = lines.get_mut(place) {
                line.net = line.net.minus(amount)?;
            }
        }
        Ok(())
    }

    /// The uses of a coupon for named items that fall on this seller's lines, by their place among these.
    fn own_uses(&self, candidate: &Candidate<'a>) -> Vec<(usize, i64)> {
        let here = candidate
            .uses
            .iter()
            .filter_map(|(place, uses)| Some((self.places.binary_search(place).ok()?, *uses)));
        here.collect()
    }

    /// The most that a coupon takes off this seller's goods.
    fn most_of(&self, candidate: &Candidate<'a>) -> Result<Money, Overflow> {
        let known = self.own_most.iter().find(|(bit, _)| *bit == candidate.bit);
        known.map(|(_, most)| *most).ok_or(Overflow)
    }

    fn most_here(&self, candidate: &Candidate<'a>) -> Result<Money, Overflow> {
        if candidate.reach == Reach::Seller(self.group) {
            return Ok(candidate.most);
        }
        let taken = take_per_unit(candidate.coupon, &self.own_uses(candidate), &self.lines)?;
        Money::sum(taken.into_iter().map(|(_, amount)| amount))
    }

    /// Yen value of the points of the lines at a discount of the seller's goods; of a program whose points are no
    /// yen, rounded up.
    fn earned(&self, market: &Market, discount: Money, lines: &[PricedLine<'a>]) -> Result<Money, Overflow> {
        let by_line = market.policies.coupon_share == CouponShare::Line;
        let mut value = Money::ZERO;
        for earning in &self.earning {
            let mut points = Points::ZERO;
            for (line, before) in &earning.records {
                let (discount, untaxed) = match lines.get(*line).filter(|_| by_line) {
                    Some(line) => (line.discount()?, line.untaxed),
                    None => (discount, self.untaxed),
                };
                points = points.plus(earn::less_share(*before, discount, untaxed)?)?;
            }
            value = value.plus(earning.program.value.worth_rounded_up(points)?)?;
        }
        Ok(value)
    }

    /// The most that the lines can earn, in yen, where coupons take off at least `discount`: points are at most
    /// in proportion to what is left, without the rounding down of each record.
    fn earned_at_most(&self, discount: Money) -> Result<Money, Overflow> {
        let mut value = Money::ZERO;
        let kept = self.untaxed.minus(discount)?.max(Money::ZERO);
        for earning in self.earning.iter().filter(|_| !self.untaxed.is_zero()) {
            let left = scale(earning.all.units(), kept.units(), self.untaxed.units(), Rounding::Down)?;
            value = value.plus(earning.program.value.worth_rounded_up(Points::new(left))?)?;
        }
        Ok(value)
    }

    fn in_cuts(&self, lines: &[PricedLine<'a>], shipping: Money) -> Result<Vec<Money>, Overflow> {
        let each = self.cuts.iter().map(|(inside, ships)| {
            let goods = sum_where(lines, inside)?;
            if *ships { goods.plus(shipping) } else { Ok(goods) }
        });
        each.collect()
    }
}

/// Puts the records of a rule to those of its program.
fn add_records<'a>(
    earning: &mut Vec<Earning<'a>>,
    program: &'a Program,
    points: Vec<(usize, Points)>,
) -> Result<(), Overflow> {
    let all = Points::sum(points.iter().map(|(_, points)| *points))?;
    match earning.iter_mut().find(|known| known.program.index == program.index) {
        Some(known) => {
            known.all = known.all.plus(all)?;
            known.records.extend(points);
        }
        None => earning.push(Earning { program, all, records: points }),
    }
    Ok(())
}

fn net_of(lines: &[PricedLine<'_>]) -> Result<Money, Overflow> {
    Money::sum(lines.iter().map(|line| line.net))
}

fn sum_where(lines: &[PricedLine<'_>], counts: &[bool]) -> Result<Money, Overflow> {
    Money::sum(lines.iter().zip(counts).filter(|(_, counts)| **counts).map(|(line, _)| line.net))
}
