//! The search: every choice of coupons is either priced or shown by a bound to be no better.
//!
//! Coupons for the whole market are decided first, those that take most off first, then one option for each
//! seller, where sellers agree on the coupons that several of them share. Whole choices are priced by the quote
//! itself. The two best are kept, so that the runner-up is as exact as the plan.

use super::bound::{self, Fine, Wide, YEN};
use super::candidate::{Candidate, Candidates, Reach, Set, candidates, stands_alone};
use super::cut::{Cut, cuts};
use super::options::{Limit, LocalOption, SellerFacts, facts};
use super::price::{self, Coupling, Keys, Prices};
use super::{Aim, Outcome};
use crate::market::{Earning, EarningRule, Market, Program};
use crate::money::{Money, Overflow};
use crate::quote::goods::{self, Goods};
use crate::quote::{chosen_method, earn, quote};
use crate::refusal::Reason;
use crate::request::{AskedCoupon, Request};

/// How much work a plan may take, in steps of about 50 nanoseconds on a machine of the year 2026.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Steps; where they are used up the search stops with a proven gap.
    pub steps: u64,
    /// How many ways to use its coupons are priced for one seller. Of more, only those near the best are looked
    /// for, once good choices are known.
    pub options: usize,
}

impl Default for Effort {
    /// About a quarter of a second.
    fn default() -> Self {
        Self { steps: 4_000_000, options: 1_024 }
    }
}

/// How many ways to use its coupons near the best are kept for one seller.
const OPTIONS_MAX: usize = 65_536;
/// How near to a seller's best option others are looked at to find prices: 800 yen.
const NEAR: Fine = 800 * YEN;
/// A slack that no option exceeds.
const EVERYTHING: Fine = Fine::MAX / 4;
/// Up to so many coupons the search is over before good choices and better prices would have been found.
const FEW: usize = 20;
/// From how many of a seller's options, the best by themselves, prices are found.
const PRICED_MAX: usize = 4_096;

/// What was found.
pub(super) struct Found<'a> {
    pub best: Choice<'a>,
    pub runner_up: Option<Choice<'a>>,
    pub gap: Money,
}

/// A choice of coupons, priced.
#[derive(Clone)]
pub(super) struct Choice<'a> {
    pub coupons: Vec<AskedCoupon<'a>>,
    pub outcome: Outcome,
}

/// What the aim compares: cash (nothing where it is not asked for), then value.
type Score = (Fine, Fine);

pub(super) fn search<'a>(
    market: &'a Market,
    request: &Request<'a>,
    aim: Aim,
    effort: Effort,
) -> Result<Found<'a>, Overflow> {
    let goods = goods::price(market, &request.lines, &mut Vec::new()).map_err(|_| Overflow)?;
    let candidates = candidates(request, &goods)?;
    let cuts = if aim == Aim::LeastCash { cuts(request, &goods)? } else { Vec::new() };
    let facts = (0..goods.sellers.len())
        .map(|group| facts(market, request, &goods, &candidates.all, &cuts, group))
        .collect::<Result<Vec<_>, _>>()?;
    let mut search = Search {
        market,
        trial: request.clone(),
        goods: &goods,
        candidates: &candidates,
        facts: &facts,
        cuts: &cuts,
        aim,
        steps: effort.steps,
        options: effort.options,
        kept: Vec::new(),
        open: None,
        spend_rules: spend_rules(market, request),
    };
    search.run()?;
    let held = |kept: &Kept| coupons_of(kept.coupons, &candidates, request);
    let choice = |kept: &Kept| Choice { coupons: held(kept), outcome: kept.outcome };
    let best = search.kept.first().ok_or(Overflow)?;
    Ok(Found { best: choice(best), runner_up: search.kept.get(1).map(choice), gap: search.gap(best.score)? })
}

fn spend_rules<'a>(market: &'a Market, request: &Request<'_>) -> Vec<(&'a Program, &'a EarningRule)> {
    let rules = earn::rules_for(market, request);
    rules.filter(|(_, rule)| matches!(rule.earning, Earning::PerPayment(_))).collect()
}

fn coupons_of<'a>(set: Set, candidates: &Candidates<'_>, request: &Request<'a>) -> Vec<AskedCoupon<'a>> {
    let mut held: Vec<usize> = candidates
        .all
        .iter()
        .filter(|candidate| candidate.bit & set != 0)
        .map(|candidate| candidate.held)
        .collect();
    held.sort_unstable();
    let coupons = held.into_iter().filter_map(|held| request.customer.coupons.get(held));
    coupons.map(|coupon| AskedCoupon { id: &coupon.id, coupon: Some(coupon) }).collect()
}

/// One of the two best choices.
struct Kept {
    score: Score,
    coupons: Set,
    outcome: Outcome,
}

struct Search<'s, 'r> {
    market: &'r Market,
    trial: Request<'r>,
    goods: &'s Goods<'s>,
    candidates: &'s Candidates<'s>,
    facts: &'s [SellerFacts<'s, 's>],
    cuts: &'s [Cut],
    aim: Aim,
    steps: u64,
    options: usize,
    kept: Vec<Kept>,
    /// The least bound of what was not searched for want of steps.
    open: Option<Score>,
    /// Rules that count the whole payment.
    spend_rules: Vec<(&'r Program, &'r EarningRule)>,
}

/// The options of every seller, and the prices of groups.
struct Tables {
    options: Vec<Vec<LocalOption>>,
    couplings: Vec<Coupling>,
    groups: Vec<Set>,
    /// For each measure.
    prices: Vec<Prices>,
    /// The least that percent coupons leave.
    least_left: Money,
    /// The score of the best options of all sellers, as if each seller were free to choose, before coupons for the
    /// whole market: value, and cash for each cut.
    base: Vec<Fine>,
    /// The bounds where nothing is decided.
    root: Vec<Fine>,
    /// The options that no bound has ruled out yet were last looked through when this was the second best.
    thinned_at: Option<Score>,
    /// Coupons that no option uses, for their number.
    not_looked_at: Set,
}

/// Options of every seller with their measures under one choice of wide coupons, the most promising first.
struct Board<'t> {
    sellers: Vec<Vec<Square<'t>>>,
    /// For each seller and measure, the least sum of it and all sellers after it.
    rest: Vec<Vec<Fine>>,
    /// For each measure, what is added to its sum.
    constant: Vec<Fine>,
    wide: Wide,
    /// For each rule that counts the whole payment, the most that each seller and all after it may spend.
    rest_spend: Vec<Vec<Money>>,
    /// The measure by which options are in order.
    ordered_by: usize,
}

/// What is decided of the sellers so far.
#[derive(Clone, Default)]
struct Path {
    coupons: Set,
    /// Shared coupons that are decided, used or not.
    decided: Set,
    sums: Vec<Fine>,
    spend: Vec<Money>,
    shifts: i64,
}

impl Path {
    fn add(&mut self, square: &Square<'_>, shared: Set) -> Result<(), Overflow> {
        self.coupons |= square.option.coupons;
        self.decided |= shared;
        self.sums.resize(square.measures.len(), 0);
        for (sum, measure) in self.sums.iter_mut().zip(&square.measures) {
            *sum = bound::plus(*sum, *measure)?;
        }
        self.spend.resize(square.option.spend.len(), Money::ZERO);
        for (sum, spend) in self.spend.iter_mut().zip(&square.option.spend) {
            *sum = sum.plus(*spend)?;
        }
        self.shifts = self.shifts.saturating_add(square.option.shifts);
        Ok(())
    }
}

struct Square<'t> {
    option: &'t LocalOption,
    measures: Vec<Fine>,
}

impl<'s, 'r: 's> Search<'s, 'r> {
    fn run(&mut self) -> Result<(), Overflow> {
        self.try_choice(0)?;
        let candidates = self.candidates;
        for candidate in candidates.all.iter().filter(|candidate| stands_alone(candidate.coupon)) {
            self.try_choice(candidate.bit)?;
        }
        let mut market_wide: Vec<&'s Candidate<'s>> = candidates
            .all
            .iter()
            .filter(|candidate| candidate.reach == Reach::Market && !stands_alone(candidate.coupon))
            .collect();
        market_wide.sort_by_key(|candidate| std::cmp::Reverse(candidate.most));
        let mut tables = self.tables()?;
        if candidates.all.len() > FEW || tables.not_looked_at != 0 {
            self.improve()?;
        }
        if tables.not_looked_at != 0 {
            self.complete(&mut tables, &market_wide)?;
        }
        tables.root = self.bounds_of_market(&market_wide, &[], &tables)?;
        if candidates.all.len() > FEW {
            self.thin_out(&mut tables)?;
            self.price_again(&mut tables, &market_wide)?;
        }
        self.decide_market(&market_wide, &mut Vec::new(), &mut tables)
    }

    /// Decides the coupons for the whole market, one after another.
    fn decide_market(
        &mut self,
        undecided: &[&'s Candidate<'s>],
        chosen: &mut Vec<&'s Candidate<'s>>,
        tables: &mut Tables,
    ) -> Result<(), Overflow> {
        let bound = score(&self.bounds_of_market(undecided, chosen, tables)?);
        if self.is_beaten(bound) || !self.step(bound, 4) {
            return Ok(());
        }
        let Some((candidate, rest)) = undecided.split_first() else {
            let wide = Wide::of(chosen, tables.least_left, self.goods.lines.len())?;
            let board = self.board(tables, wide)?;
            // Where these coupons exclude all options of a seller that no bound has ruled out, there is nothing better.
            if board.sellers.iter().any(Vec::is_empty) {
                return Ok(());
            }
            self.decide_sellers(0, &board, &mut Path::default())?;
            return self.thin_out(tables);
        };
        if chosen.iter().all(|other| other.excludes & candidate.bit == 0) {
            chosen.push(candidate);
            self.decide_market(rest, chosen, tables)?;
            chosen.pop();
        }
        self.decide_market(rest, chosen, tables)
    }

    /// What no choice of the undecided market coupons and of the sellers' options can beat, for each measure: as if
    /// each seller were free to choose, and all undecided coupons that do not exclude each other by group were used
    /// at their most.
    fn bounds_of_market(
        &self,
        undecided: &[&'s Candidate<'s>],
        chosen: &[&'s Candidate<'s>],
        tables: &Tables,
    ) -> Result<Vec<Fine>, Overflow> {
        let excluded = chosen.iter().fold(0, |set, other| set | other.excludes);
        let mut bounds = tables.base.clone();
        for (bound, prices) in bounds.iter_mut().zip(&tables.prices) {
            for candidate in chosen {
                *bound = bound.saturating_sub(bound::fine(candidate.most)?);
            }
            // No seller uses a group that is excluded whole, so its price need not be given back.
            let unused =
                tables.groups.iter().zip(&prices.groups).filter(|(group, _)| *group & !excluded == 0);
            *bound = unused.fold(*bound, |bound, (_, price)| bound.saturating_add(*price));
            *bound = bound.saturating_sub(self.most_of_undecided(undecided, excluded, tables, prices)?);
        }
        Ok(bounds)
    }

    /// Takes out the options with which even the best of all else is beaten, once a better second best is known.
    fn thin_out(&mut self, tables: &mut Tables) -> Result<(), Overflow> {
        let second = self.kept.get(1).map(|second| second.score);
        if second.is_none() || tables.thinned_at == second {
            return Ok(());
        }
        tables.thinned_at = second;
        let wide = self.most_wide()?;
        for group in 0..tables.options.len() {
            let Some(options) = tables.options.get(group) else { continue };
            let measures = options.iter().map(|option| self.priced(group, option, &wide, tables));
            let measures = measures.collect::<Result<Vec<_>, Overflow>>()?;
            let mut least = vec![Fine::MAX; self.measures()];
            for of_option in &measures {
                least.iter_mut().zip(of_option).for_each(|(least, measure)| *least = *measure.min(least));
            }
            let stays = |of_option: &Vec<Fine>| {
                let sums = tables.root.iter().zip(&least).zip(of_option);
                let with = sums.map(|((root, least), own)| root.saturating_sub(*least).saturating_add(*own));
                !self.is_beaten(score(&with.collect::<Vec<Fine>>()))
            };
            let stay: Vec<bool> = measures.iter().map(stays).collect();
            self.spend_steps(stay.len().saturating_mul(self.measures()));
            keep_where(tables.options.get_mut(group), &stay);
        }
        Ok(())
    }

    /// Finds prices once more from the options that are left, which are those that matter, and looks these through.
    fn price_again(
        &mut self,
        tables: &mut Tables,
        market_wide: &[&'s Candidate<'s>],
    ) -> Result<(), Overflow> {
        let before = tables.prices.clone();
        self.find_prices(tables)?;
        let root_before = tables.root.clone();
        tables.base = self.base(tables)?;
        tables.root = self.bounds_of_market(market_wide, &[], tables)?;
        if score(&tables.root) < score(&root_before) {
            tables.prices = before;
            tables.base = self.base(tables)?;
            tables.root = self.bounds_of_market(market_wide, &[], tables)?;
        }
        tables.thinned_at = None;
        self.thin_out(tables)
    }

    /// As if all coupons for the whole market took off their most: what is certain beside these is certain beside
    /// any of them.
    fn most_wide(&self) -> Result<Wide, Overflow> {
        let market_wide: Vec<&Candidate<'_>> =
            self.candidates.all.iter().filter(|candidate| candidate.reach == Reach::Market).collect();
        let fixed = bound::fine(Money::sum(market_wide.iter().map(|candidate| candidate.most))?)?;
        let shifts = Wide::of(&market_wide, Money::ZERO, self.goods.lines.len())?.shifts;
        Ok(Wide { fixed, shifts, ..Wide::default() })
    }

    /// The measures of an option with what its coupons cost.
    fn priced(
        &self,
        group: usize,
        option: &LocalOption,
        wide: &Wide,
        tables: &Tables,
    ) -> Result<Vec<Fine>, Overflow> {
        let mut measures = self.measure(group, option, wide)?;
        for (measure, prices) in measures.iter_mut().zip(&tables.prices) {
            *measure = bound::plus(*measure, prices.charge(group, option.coupons, &tables.couplings))?;
        }
        Ok(measures)
    }

    /// What undecided coupons for the whole market could take off together: of each group the most telling, less
    /// the group's price, as sellers could then not use it.
    fn most_of_undecided(
        &self,
        undecided: &[&'s Candidate<'s>],
        excluded: Set,
        tables: &Tables,
        prices: &Prices,
    ) -> Result<Fine, Overflow> {
        let mut most: Vec<(Option<&str>, Fine)> = Vec::with_capacity(undecided.len());
        for candidate in undecided.iter().filter(|candidate| excluded & candidate.bit == 0) {
            let group = candidate.coupon.exclusive_group.as_deref();
            let own = tables.groups.iter().zip(&prices.groups).find(|(set, _)| self.is_of(group, **set));
            let given_up = own.filter(|(set, _)| *set & !excluded != 0).map_or(0, |(_, price)| *price);
            let gain = bound::minus(bound::fine(candidate.most)?, given_up)?.max(0);
            match most.iter_mut().find(|(known, _)| known.is_some() && *known == group) {
                Some((_, known)) => *known = gain.max(*known),
                None => most.push((group, gain)),
            }
        }
        most.into_iter().try_fold(0, |sum, (_, gain)| bound::plus(sum, gain))
    }

    /// Whether a set is the coupons of sellers in a group of which one coupon may be used.
    fn is_of(&self, group: Option<&str>, set: Set) -> bool {
        let first = self.candidates.all.iter().find(|candidate| candidate.bit & set != 0);
        group.is_some() && first.is_some_and(|first| first.coupon.exclusive_group.as_deref() == group)
    }

    /// Prices every way to use the coupons for each seller's goods.
    fn tables(&mut self) -> Result<Tables, Overflow> {
        let mut options = Vec::with_capacity(self.facts.len());
        let mut not_looked_at = 0;
        for facts in self.facts {
            let (of_seller, left) = facts.options(self.market, self.options)?;
            let work = of_seller.len().saturating_mul(facts.lines.len().saturating_add(10));
            self.spend_steps(work);
            not_looked_at |= left;
            options.push(of_seller);
        }
        let groups = self.groups_over_sellers();
        let couplings = self.couplings(&groups);
        let least_left = least_left(&options)?;
        let mut tables = Tables {
            options,
            couplings,
            groups,
            prices: Vec::new(),
            least_left,
            base: Vec::new(),
            root: Vec::new(),
            thinned_at: None,
            not_looked_at,
        };
        self.find_prices(&mut tables)?;
        tables.base = self.base(&tables)?;
        if !self.candidates.left_out.is_zero() {
            self.leave_open_for(&tables)?;
        }
        Ok(tables)
    }

    /// The sums of the best options, as bounds that hold beside any coupons for the whole market.
    fn base(&mut self, tables: &Tables) -> Result<Vec<Fine>, Overflow> {
        // What the coupons for the whole market take off is given back here and taken off by those who ask.
        let wide = self.most_wide()?;
        let most = wide.fixed;
        let board = self.board(tables, wide)?;
        let points = self.most_points_of_payment(0, &board, &Path::default())?;
        let sums = board.rest.first().into_iter().flatten().zip(&board.constant);
        let mut base = sums
            .map(|(rest, constant)| bound::plus(bound::plus(*rest, *constant)?, most))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(value) = base.first_mut() {
            *value = bound::minus(*value, points)?;
        }
        Ok(base)
    }

    /// Groups of which one coupon may be used, and whose coupons are for goods of different sellers. Coupons that allow no
    /// other beside them are tried by themselves.
    fn groups_over_sellers(&self) -> Vec<Set> {
        let beside_others =
            |candidate: &&Candidate<'_>| !candidate.sellers.is_empty() && !stands_alone(candidate.coupon);
        let of_sellers = || self.candidates.all.iter().filter(beside_others);
        let mut names: Vec<&str> =
            of_sellers().filter_map(|candidate| candidate.coupon.exclusive_group.as_deref()).collect();
        names.sort_unstable();
        names.dedup();
        let members = |name: &str| {
            let of_group =
                |candidate: &&Candidate<'_>| candidate.coupon.exclusive_group.as_deref() == Some(name);
            let set = of_sellers().filter(of_group).fold(0, |set, candidate| set | candidate.bit);
            let mut sellers = of_sellers().filter(of_group).map(|candidate| &candidate.sellers);
            let first = sellers.next();
            sellers.any(|sellers| Some(sellers) != first).then_some(set)
        };
        names.into_iter().filter_map(members).collect()
    }

    /// Coupons that couple sellers: of such a group, or for items that several sell.
    fn couplings(&self, groups: &[Set]) -> Vec<Coupling> {
        let coupling = |candidate: &Candidate<'_>| {
            let group = groups.iter().position(|group| group & candidate.bit != 0);
            let couples =
                !stands_alone(candidate.coupon) && (group.is_some() || candidate.reach == Reach::Items);
            couples.then(|| Coupling { bit: candidate.bit, group, sellers: candidate.sellers.clone() })
        };
        self.candidates.all.iter().filter_map(coupling).collect()
    }

    /// Gives the tables prices found from their options alone.
    fn find_prices(&mut self, tables: &mut Tables) -> Result<(), Overflow> {
        tables.prices = vec![Prices::none(&tables.couplings, tables.groups.len()); self.measures()];
        tables.prices = self.prices(tables)?;
        Ok(())
    }

    /// Prices for the measure that says most; for the others there are none. As yet nothing costs anything.
    fn prices(&mut self, tables: &Tables) -> Result<Vec<Prices>, Overflow> {
        let mut prices = tables.prices.clone();
        if tables.couplings.is_empty() {
            return Ok(prices);
        }
        let board = self.board(tables, Wide { exact: true, ..Wide::default() })?;
        let by = board.ordered_by;
        let best = |squares: &Vec<Square<'_>>| {
            squares
                .iter()
                .take(PRICED_MAX)
                .map(|square| square.measures.get(by).copied())
                .collect::<Option<Vec<Fine>>>()
        };
        let measures = board.sellers.iter().map(best).collect::<Option<Vec<_>>>().ok_or(Overflow)?;
        let coupons = |squares: &Vec<Square<'_>>| {
            squares.iter().take(PRICED_MAX).map(|square| square.option.coupons).collect()
        };
        let coupons: Vec<Vec<Set>> = board.sellers.iter().map(coupons).collect();
        let found =
            price::prices(&Keys { measures, coupons: &coupons }, &tables.couplings, tables.groups.len());
        if let Some(prices) = prices.get_mut(by) {
            *prices = found;
        }
        Ok(prices)
    }

    /// Value, and one for each cut.
    fn measures(&self) -> usize {
        self.cuts.len().saturating_add(1)
    }

    fn measure(&self, group: usize, option: &LocalOption, wide: &Wide) -> Result<Vec<Fine>, Overflow> {
        let Some(facts) = self.facts.get(group) else { return Ok(Vec::new()) };
        let freed = if wide.frees.contains(&group) { option.shipping } else { Money::ZERO };
        let shipping = option.shipping.minus(freed)?;
        let mut measures = Vec::with_capacity(self.measures());
        measures.push(bound::value(facts, option, wide, shipping)?);
        for (place, cut) in self.cuts.iter().enumerate() {
            let ships = cut.shipping.get(group).copied().unwrap_or(false);
            let freed = if ships { freed } else { Money::ZERO };
            measures.push(bound::in_cut(option, place, facts.is_whole(place), wide, freed)?);
        }
        Ok(measures)
    }

    fn board<'t>(&mut self, tables: &'t Tables, wide: Wide) -> Result<Board<'t>, Overflow> {
        let mut sellers = Vec::with_capacity(tables.options.len());
        for (group, options) in tables.options.iter().enumerate() {
            let mut squares = Vec::with_capacity(options.len());
            for option in options {
                if option.excludes & wide.coupons != 0 {
                    continue;
                }
                let measures = self.priced(group, option, &wide, tables)?;
                squares.push(Square { option, measures });
            }
            sellers.push(squares);
        }
        let work = tables.options.iter().map(Vec::len).sum::<usize>().saturating_mul(self.measures());
        self.spend_steps(work);
        let constant = self.constants(tables, &wide)?;
        let mut board =
            Board { sellers, rest: Vec::new(), constant, wide, rest_spend: Vec::new(), ordered_by: 0 };
        self.sum_up_rest(&mut board)?;
        board.ordered_by = self.most_telling(&board);
        let by = board.ordered_by;
        for squares in &mut board.sellers {
            squares
                .sort_by_key(|square| (square.measures.get(by).copied(), square.measures.first().copied()));
        }
        Ok(board)
    }

    /// The cut with the greatest bound, or value where cash is not asked for.
    fn most_telling(&self, board: &Board<'_>) -> usize {
        let rest = board.rest.first();
        let bound = |measure: &usize| {
            let sum = rest.and_then(|rest| rest.get(*measure)).copied().unwrap_or_default();
            sum.saturating_add(board.constant.get(*measure).copied().unwrap_or_default())
        };
        (1..self.measures()).max_by_key(bound).unwrap_or(0)
    }

    fn constants(&self, tables: &Tables, wide: &Wide) -> Result<Vec<Fine>, Overflow> {
        let fee = self.fee();
        let mut constants = Vec::with_capacity(self.measures());
        for (measure, prices) in tables.prices.iter().enumerate() {
            let used =
                tables.groups.iter().zip(&prices.groups).filter(|(group, _)| *group & !wide.excludes != 0);
            let back = used.fold(0, |sum: Fine, (_, price)| sum.saturating_add(*price));
            let mut constant = bound::minus(0, bound::plus(wide.fixed, back)?)?;
            match measure.checked_sub(1).and_then(|cut| self.cuts.get(cut)) {
                None => constant = bound::plus(constant, bound::fine(fee)?)?,
                Some(cut) => {
                    let paid = cut.capacity.minus(if cut.fee { fee } else { Money::ZERO })?;
                    constant = bound::minus(constant, bound::fine(paid)?)?;
                    let whole = cut.lines.iter().all(|inside| *inside);
                    constant = bound::minus(constant, if whole { 0 } else { wide.shifts })?;
                }
            }
            constants.push(constant);
        }
        Ok(constants)
    }

    fn fee(&self) -> Money {
        chosen_method(self.market, &self.trial).map_or(Money::ZERO, |method| method.fee)
    }

    fn sum_up_rest(&self, board: &mut Board<'_>) -> Result<(), Overflow> {
        let mut rest = vec![0; self.measures()];
        let mut spend = vec![Money::ZERO; self.spend_rules.len()];
        board.rest.push(rest.clone());
        board.rest_spend.push(spend.clone());
        for squares in board.sellers.iter().rev() {
            for (measure, sum) in rest.iter_mut().enumerate() {
                let least = squares.iter().filter_map(|square| square.measures.get(measure)).min();
                *sum = bound::plus(*sum, least.copied().unwrap_or_default())?;
            }
            for (rule, sum) in spend.iter_mut().enumerate() {
                *sum = sum.plus(most_spent(squares, rule, board.wide.exact)?)?;
            }
            board.rest.push(rest.clone());
            board.rest_spend.push(spend.clone());
        }
        board.rest.reverse();
        board.rest_spend.reverse();
        Ok(())
    }

    /// Decides the options of the sellers from `seller` on. `path` holds what is decided.
    fn decide_sellers(&mut self, seller: usize, board: &Board<'_>, path: &mut Path) -> Result<(), Overflow> {
        let bound = self.bound(seller, board, path)?;
        if self.is_beaten(bound) || !self.step(bound, 4) {
            return Ok(());
        }
        let Some(squares) = board.sellers.get(seller) else {
            return self.try_choice(board.wide.coupons | path.coupons);
        };
        let shared = self.facts.get(seller).map_or(0, |facts| facts.shared);
        let decided = path.decided & shared;
        for square in squares {
            if self.is_beaten(self.least_with(square, seller, board, path)?) {
                // Options are in the order of this bound, so no later one is better.
                break;
            }
            // Sellers agree on the coupons they share, and no coupon is used that another excludes.
            let agrees = (square.option.coupons ^ path.coupons) & decided == 0;
            if agrees && square.option.excludes & path.coupons == 0 {
                let before = path.clone();
                path.add(square, shared)?;
                self.decide_sellers(seller.saturating_add(1), board, path)?;
                *path = before;
            }
        }
        Ok(())
    }

    /// A bound by the one measure by which options are in order: nothing that comes after `square` is below it.
    fn least_with(
        &self,
        square: &Square<'_>,
        seller: usize,
        board: &Board<'_>,
        path: &Path,
    ) -> Result<Score, Overflow> {
        let measure = board.ordered_by;
        let part =
            |sums: Option<&Vec<Fine>>| sums.and_then(|sums| sums.get(measure)).copied().unwrap_or_default();
        let mut sum = bound::plus(part(Some(&path.sums)), part(board.rest.get(seller.saturating_add(1))))?;
        sum = bound::plus(sum, part(Some(&square.measures)))?;
        sum = bound::plus(sum, part(Some(&board.constant)))?;
        if measure > 0 {
            return Ok((bound::yen_up(sum).max(0), Fine::MIN));
        }
        let points = self.most_points_of_payment(seller, board, path)?;
        Ok((0, bound::yen_up(bound::minus(sum, points)?)))
    }

    /// The bound where the sellers before `seller` are decided.
    fn bound(&self, seller: usize, board: &Board<'_>, path: &Path) -> Result<Score, Overflow> {
        let rest = board.rest.get(seller).ok_or(Overflow)?;
        let sum = |measure: usize| {
            let parts = [&path.sums, rest, &board.constant]
                .map(|sums| sums.get(measure).copied().unwrap_or_default());
            parts.into_iter().try_fold(0, bound::plus)
        };
        let value = bound::minus(sum(0)?, self.most_points_of_payment(seller, board, path)?)?;
        let mut cash = 0;
        for cut in 1..self.measures() {
            cash = bound::yen_up(sum(cut)?).max(cash);
        }
        Ok((cash, bound::yen_up(value)))
    }

    /// Yen value of the most points that the whole payment can earn.
    fn most_points_of_payment(
        &self,
        seller: usize,
        board: &Board<'_>,
        path: &Path,
    ) -> Result<Fine, Overflow> {
        let mut most = 0;
        for (rule, (program, earning)) in self.spend_rules.iter().enumerate() {
            let rest =
                board.rest_spend.get(seller).and_then(|rest| rest.get(rule)).copied().unwrap_or_default();
            let decided = path.spend.get(rule).copied().unwrap_or_default();
            let mut spend = rest.plus(decided)?;
            spend = spend.plus(Money::new(i64::try_from(board.wide.shifts / YEN).map_err(|_| Overflow)?))?;
            if !board.wide.exact {
                spend = spend.plus(Money::new(path.shifts))?;
            }
            let points = earn::points_of_spend(program, earning, &self.trial, spend)?;
            most = bound::plus(most, bound::fine(program.value.worth_rounded_up(points)?)?)?;
        }
        Ok(most)
    }

    /// Yen value of the points that the whole payment earns where no coupon is used, beyond those that the options
    /// looked at so far can earn.
    fn points_not_counted(&mut self, tables: &Tables) -> Result<Fine, Overflow> {
        let wide = self.most_wide()?;
        let board = self.board(tables, wide)?;
        let counted = self.most_points_of_payment(0, &board, &Path::default())?;
        let mut most = 0;
        for (rule, (program, earning)) in self.spend_rules.iter().enumerate() {
            let spends = self.facts.iter().map(|facts| facts.spend_without_coupons(rule));
            let spend = Money::sum(spends.collect::<Result<Vec<Money>, Overflow>>()?)?;
            let points = earn::points_of_spend(program, earning, &self.trial, spend)?;
            most = bound::plus(most, bound::fine(program.value.worth_rounded_up(points)?)?)?;
        }
        Ok(bound::minus(most, counted)?.max(0))
    }

    /// Whether two choices at least as good are known.
    fn is_beaten(&self, bound: Score) -> bool {
        self.kept.get(1).is_some_and(|second| bound >= second.score)
    }

    /// Takes steps; tells whether there are any. What is not searched then is remembered by its bound.
    fn step(&mut self, bound: Score, steps: u64) -> bool {
        if self.steps == 0 {
            self.leave_open(bound);
            return false;
        }
        self.steps = self.steps.saturating_sub(steps);
        true
    }

    fn spend_steps(&mut self, steps: usize) {
        self.steps = self.steps.saturating_sub(u64::try_from(steps).unwrap_or(u64::MAX));
    }

    fn leave_open(&mut self, bound: Score) {
        self.open = Some(self.open.map_or(bound, |open| open.min(bound)));
    }

    /// Coupons that were not looked at could at most have taken off their most.
    fn leave_open_for(&mut self, tables: &Tables) -> Result<(), Overflow> {
        let mut more = self.most_wide()?;
        more.fixed = bound::plus(more.fixed, bound::fine(self.candidates.left_out)?)?;
        for candidate in &self.candidates.all {
            if tables.not_looked_at & candidate.bit != 0 {
                more.fixed = bound::plus(more.fixed, bound::fine(candidate.most)?)?;
            }
        }
        let board = self.board(tables, more)?;
        let bound = self.bound(0, &board, &Path::default())?;
        self.leave_open(bound);
        Ok(())
    }

    /// Finds good choices: adds one coupon after another, those that take most off first, in place of those they
    /// exclude, as long as it helps.
    fn improve(&mut self) -> Result<(), Overflow> {
        let mut order: Vec<&Candidate<'_>> = self.candidates.all.iter().collect();
        order.sort_by_key(|candidate| std::cmp::Reverse(candidate.most));
        for _ in 0..2 {
            let before = self.kept.first().map(|best| best.coupons);
            for candidate in &order {
                let best = self.kept.first().map_or(0, |best| best.coupons);
                if best & candidate.bit == 0 {
                    self.try_choice(best & !candidate.excludes | candidate.bit)?;
                }
            }
            if self.kept.first().map(|best| best.coupons) == before {
                break;
            }
        }
        Ok(())
    }

    /// For sellers with very many options, looks for all that are near enough to their best to be part of a choice
    /// that is not beaten.
    fn complete(&mut self, tables: &mut Tables, market_wide: &[&'s Candidate<'s>]) -> Result<(), Overflow> {
        let many: Vec<usize> = (0..self.facts.len())
            .filter(|group| {
                self.facts.get(*group).is_some_and(|facts| facts.own_coupons() & tables.not_looked_at != 0)
            })
            .collect();
        let board = self.board(tables, self.most_wide()?)?;
        let mut by = board.ordered_by;
        if self.bound(0, &board, &Path::default())?.0 == 0 {
            by = 0;
        }
        drop(board);
        // Prices from options near the best; under these the least of each seller, which gives the bound; then all
        // that this bound does not rule out.
        if !self.look_near(&many, by, NEAR, tables)? {
            return self.leave_open_for(tables);
        }
        self.find_prices(tables)?;
        if !self.look_near(&many, by, 0, tables)? {
            return self.leave_open_for(tables);
        }
        let root = self.bounds_of_market(market_wide, &[], tables)?;
        let second = self.kept.get(1).map(|second| if by == 0 { second.score.1 } else { second.score.0 });
        let slack =
            second.zip(root.get(by)).map(|(second, root)| second.saturating_mul(YEN).saturating_sub(*root));
        // The bound counts the payment's points of the options looked at so far; others may earn more.
        let more_points = if by == 0 { self.points_not_counted(tables)? } else { 0 };
        // Without a second best nothing is ruled out.
        let slack = slack.map_or(EVERYTHING, |slack| slack.max(0).saturating_add(more_points));
        if !self.look_near(&many, by, slack, tables)? {
            return self.leave_open_for(tables);
        }
        tables.not_looked_at = 0;
        Ok(())
    }

    /// Looks for the options of some sellers within `slack` of their best; tells whether they are few enough.
    fn look_near(
        &mut self,
        sellers: &[usize],
        by: usize,
        slack: Fine,
        tables: &mut Tables,
    ) -> Result<bool, Overflow> {
        for group in sellers {
            let Some(near) = self.near(*group, by, slack, tables)? else { return Ok(false) };
            self.spend_steps(near.len().saturating_mul(100));
            if let Some(options) = tables.options.get_mut(*group) {
                *options = near;
            }
        }
        tables.least_left = least_left(&tables.options)?;
        tables.base = self.base(tables)?;
        Ok(true)
    }

    /// A seller's options within `slack` of its best by one measure.
    fn near(
        &self,
        group: usize,
        by: usize,
        slack: Fine,
        tables: &Tables,
    ) -> Result<Option<Vec<LocalOption>>, Overflow> {
        let Some(facts) = self.facts.get(group) else { return Ok(None) };
        let wide = self.most_wide()?;
        let measure = |option: &LocalOption| {
            self.priced(group, option, &wide, tables)
                .map(|measures| measures.get(by).copied().unwrap_or_default())
        };
        let prices = tables.prices.get(by).ok_or(Overflow)?;
        let charge =
            |coupling: &Coupling| (coupling.bit, prices.charge(group, coupling.bit, &tables.couplings));
        let here = tables.couplings.iter().filter(|coupling| coupling.sellers.contains(&group));
        let limit =
            Limit { by, measure: &measure, charges: here.map(charge).collect(), slack, most: OPTIONS_MAX };
        facts.options_within(self.market, &limit)
    }

    /// Prices a choice by the quote itself and keeps it if it is one of the two best. A choice with a coupon that
    /// does nothing is left to the choice without it.
    fn try_choice(&mut self, coupons: Set) -> Result<(), Overflow> {
        let work =
            u64::try_from(self.goods.lines.len()).unwrap_or(u64::MAX).saturating_mul(8).saturating_add(40);
        self.steps = self.steps.saturating_sub(work);
        let known = self.trial.customer.coupons.clone();
        let chosen = self.candidates.all.iter().filter(|candidate| candidate.bit & coupons != 0);
        let chosen = chosen.filter_map(|candidate| known.get(candidate.held).copied());
        self.trial.pay.coupons =
            chosen.map(|coupon| AskedCoupon { id: &coupon.id, coupon: Some(coupon) }).collect();
        let quote = quote(self.market, &self.trial).map_err(|_| Overflow)?;
        if quote
            .refusals
            .iter()
            .any(|refusal| matches!(refusal.reason, Reason::NothingLeft | Reason::NoShippingLeft))
        {
            return Ok(());
        }
        let outcome = Outcome::of(&quote)?;
        let cash = if self.aim == Aim::LeastCash { Fine::from(outcome.cash.units()) } else { 0 };
        let score = (cash, Fine::from(outcome.value()?.units()));
        self.keep(Kept { score, coupons, outcome });
        Ok(())
    }

    /// Of equals, fewer coupons, then those that work first.
    fn keep(&mut self, kept: Kept) {
        if self.kept.iter().any(|known| known.coupons == kept.coupons) {
            return;
        }
        let key = |kept: &Kept| (kept.score, kept.coupons.count_ones(), kept.coupons);
        let place = self.kept.partition_point(|known| key(known) < key(&kept));
        self.kept.insert(place, kept);
        self.kept.truncate(2);
    }

    /// How much better than the best found something not searched could be.
    fn gap(&self, best: Score) -> Result<Money, Overflow> {
        let Some(open) = self.open.filter(|open| *open < best) else { return Ok(Money::ZERO) };
        let gap = if open.0 < best.0 { best.0.saturating_sub(open.0) } else { best.1.saturating_sub(open.1) };
        Ok(Money::new(i64::try_from(gap).unwrap_or(i64::MAX)))
    }
}

/// What the aim compares, of bounds for value and for each cut.
fn score(bounds: &[Fine]) -> Score {
    let cash = bounds.iter().skip(1).map(|cut| bound::yen_up(*cut)).max().unwrap_or(0).max(0);
    (cash, bound::yen_up(bounds.first().copied().unwrap_or_default()))
}

/// The least that percent coupons leave of all sellers' goods.
fn least_left(options: &[Vec<LocalOption>]) -> Result<Money, Overflow> {
    let least = |options: &Vec<LocalOption>| options.iter().map(|option| option.after_percent).min();
    Money::sum(options.iter().filter_map(least))
}

fn keep_where<T>(items: Option<&mut Vec<T>>, stay: &[bool]) {
    let mut stay = stay.iter();
    if let Some(items) = items {
        items.retain(|_| stay.next().copied().unwrap_or(true));
    }
}

/// The most that a seller's lines add to what a rule counts.
fn most_spent(squares: &[Square<'_>], rule: usize, exact: bool) -> Result<Money, Overflow> {
    let mut most = Money::ZERO;
    for option in squares.iter().map(|square| square.option) {
        let shifts = Money::new(if exact { 0 } else { option.shifts });
        most = most.max(option.spend.get(rule).copied().unwrap_or_default().plus(shifts)?);
    }
    Ok(most)
}
