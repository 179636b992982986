//! The search: every choice of coupons is either priced or shown by a bound to be no better.
//!
//! Wide coupons (for several sellers) are decided first, those that take most off first, then one option for
//! each seller. Whole choices are priced by the quote itself. The two best are kept, so that the runner-up is
//! as exact as the plan.

use super::bound::{self, Fine, Wide, YEN};
use super::candidate::{Candidate, Candidates, Reach, Set, candidates, stands_alone};
use super::options::{Cut, LocalOption, SellerFacts, facts};
use super::{Aim, Outcome};
use crate::market::{EarningRule, Market, Program};
use crate::money::{Money, Overflow};
use crate::quote::goods::{self, Goods};
use crate::quote::{chosen_method, earn, quote};
use crate::refusal::Reason;
use crate::request::{AskedAmount, AskedCoupon, Request};

/// How much work a plan may take, in steps of about 50 nanoseconds on a machine of the year 2026.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Steps; where they are used up the search stops with a proven gap.
    pub steps: u64,
}

impl Default for Effort {
    /// About a quarter of a second.
    fn default() -> Self {
        Self { steps: 4_000_000 }
    }
}

/// How many ways to use its own coupons are looked at for one seller.
const OPTIONS_MAX: usize = 4_096;
/// Cuts looked at; more programs than these cover make bounds weaker, not wrong.
const CUT_PROGRAMS_MAX: usize = 4;

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
        kept: Vec::new(),
        open: None,
    };
    search.run()?;
    let held = |kept: &Kept| coupons_of(kept.coupons, &candidates, request);
    let choice = |kept: &Kept| Choice { coupons: held(kept), outcome: kept.outcome };
    let best = search.kept.first().ok_or(Overflow)?;
    Ok(Found { best: choice(best), runner_up: search.kept.get(1).map(choice), gap: search.gap(best.score)? })
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
    kept: Vec<Kept>,
    /// The least bound of what was not searched for want of steps.
    open: Option<Score>,
}

/// The options of every seller under one choice of shared coupons, and the prices of groups.
struct Tables {
    options: Vec<Vec<LocalOption>>,
    /// For each seller and option, the groups it uses.
    used: Vec<Vec<Vec<usize>>>,
    groups: Vec<Set>,
    /// For each measure, the price of each group.
    prices: Vec<Vec<Fine>>,
    /// The least that percent coupons leave.
    least_left: Money,
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
        let wide = |reach: Reach| {
            let mut of_reach: Vec<&'s Candidate<'s>> = candidates
                .all
                .iter()
                .filter(|candidate| candidate.reach == reach && !stands_alone(candidate.coupon))
                .collect();
            of_reach.sort_by_key(|candidate| std::cmp::Reverse(candidate.most));
            of_reach
        };
        let (shared, market_wide) = (wide(Reach::Items), wide(Reach::Market));
        self.decide_shared(&shared, &mut Vec::new(), &market_wide)
    }

    /// Decides the coupons for items that several sellers sell, one after another.
    fn decide_shared(
        &mut self,
        undecided: &[&'s Candidate<'s>],
        chosen: &mut Vec<&'s Candidate<'s>>,
        market_wide: &[&'s Candidate<'s>],
    ) -> Result<(), Overflow> {
        let Some((candidate, rest)) = undecided.split_first() else {
            return self.decide_under_shared(chosen, market_wide);
        };
        if chosen.iter().all(|other| other.excludes & candidate.bit == 0) {
            chosen.push(candidate);
            self.decide_shared(rest, chosen, market_wide)?;
            chosen.pop();
        }
        self.decide_shared(rest, chosen, market_wide)
    }

    fn decide_under_shared(
        &mut self,
        shared: &[&'s Candidate<'s>],
        market_wide: &[&'s Candidate<'s>],
    ) -> Result<(), Overflow> {
        if self.steps == 0 {
            // Nothing is known of what these could do: as if all goods were free.
            self.leave_open((0, Fine::MIN));
            return Ok(());
        }
        let tables = self.tables(shared)?;
        let shared_free: Vec<&Candidate<'_>> = shared.to_vec();
        let fits: Vec<&'s Candidate<'s>> = market_wide
            .iter()
            .filter(|candidate| shared_free.iter().all(|other| other.excludes & candidate.bit == 0))
            .copied()
            .collect();
        self.decide_market(&fits, &mut Vec::new(), shared, &tables)
    }

    /// Decides the coupons for the whole market, one after another.
    fn decide_market(
        &mut self,
        undecided: &[&'s Candidate<'s>],
        chosen: &mut Vec<&'s Candidate<'s>>,
        shared: &[&'s Candidate<'s>],
        tables: &Tables,
    ) -> Result<(), Overflow> {
        let wide = self.wide(chosen, shared, tables)?;
        if undecided.is_empty() {
            let board = self.board(tables, wide)?;
            return self.decide_sellers(0, &board, &mut Vec::new());
        }
        if !chosen.is_empty() || undecided.len() > 3 {
            let bound = self.bound_of_market(undecided, &wide, tables)?;
            if self.is_beaten(bound) || !self.step(bound, 20) {
                return Ok(());
            }
        }
        let Some((candidate, rest)) = undecided.split_first() else { return Ok(()) };
        if chosen.iter().all(|other| other.excludes & candidate.bit == 0) {
            chosen.push(candidate);
            self.decide_market(rest, chosen, shared, tables)?;
            chosen.pop();
        }
        self.decide_market(rest, chosen, shared, tables)
    }

    fn wide(
        &self,
        chosen: &[&'s Candidate<'s>],
        shared: &[&'s Candidate<'s>],
        tables: &Tables,
    ) -> Result<Wide, Overflow> {
        let mut wide = Wide::of(chosen, tables.least_left, self.goods.lines.len())?;
        for candidate in shared {
            // What shared coupons take off is part of the options already.
            wide.coupons |= candidate.bit;
            wide.excludes |= candidate.excludes;
            wide.frees.extend(&candidate.frees);
        }
        Ok(wide)
    }

    /// What no choice of the undecided market coupons and the sellers' options can beat: as if all that do not
    /// exclude each other by group were used at their most.
    fn bound_of_market(
        &self,
        undecided: &[&'s Candidate<'s>],
        wide: &Wide,
        tables: &Tables,
    ) -> Result<Score, Overflow> {
        let mut more = wide.clone();
        let mut groups: Vec<&str> = Vec::new();
        let possible = undecided.iter().filter(|candidate| wide.excludes & candidate.bit == 0);
        // Those that take most off come first, so the first of a group stands for all of it.
        for candidate in possible {
            let group = candidate.coupon.exclusive_group.as_deref();
            if group.is_some_and(|group| groups.contains(&group)) {
                continue;
            }
            groups.extend(group);
            more.exact = false;
            more.fixed = bound::plus(more.fixed, bound::fine(candidate.most)?)?;
            let lines = Fine::try_from(self.goods.lines.len()).map_err(|_| Overflow)?;
            more.shifts = bound::plus(more.shifts, lines.saturating_mul(YEN))?;
        }
        let board = self.board(tables, more)?;
        self.bound(0, &board, &[])
    }

    /// Prices every way to use each seller's own coupons beside the shared ones.
    fn tables(&mut self, shared: &[&'s Candidate<'s>]) -> Result<Tables, Overflow> {
        let mut options = Vec::with_capacity(self.facts.len());
        let mut not_looked_at = 0;
        for facts in self.facts {
            let (of_seller, left) = facts.options(self.market, shared, OPTIONS_MAX)?;
            let work = of_seller.len().saturating_mul(facts.lines.len().saturating_add(10));
            self.steps = self.steps.saturating_sub(u64::try_from(work).unwrap_or(u64::MAX));
            not_looked_at |= left;
            options.push(of_seller);
        }
        let groups = self.groups_over_sellers();
        let uses = |option: &LocalOption| {
            let used = groups.iter().enumerate().filter(|(_, group)| *group & option.coupons != 0);
            used.map(|(group, _)| group).collect::<Vec<usize>>()
        };
        let used =
            options.iter().map(|options: &Vec<LocalOption>| options.iter().map(uses).collect()).collect();
        let least = |options: &Vec<LocalOption>| options.iter().map(|option| option.after_percent).min();
        let least_left = Money::sum(options.iter().filter_map(least))?;
        let mut tables = Tables { options, used, groups, prices: Vec::new(), least_left };
        tables.prices = self.prices(&tables, shared)?;
        self.leave_open_for(not_looked_at, &tables)?;
        Ok(tables)
    }

    /// Groups of which one coupon may be used, and whose coupons are for different sellers.
    fn groups_over_sellers(&self) -> Vec<Set> {
        let local = |candidate: &&Candidate<'_>| matches!(candidate.reach, Reach::Seller(_));
        let all = || self.candidates.all.iter().filter(local);
        let mut names: Vec<&str> =
            all().filter_map(|candidate| candidate.coupon.exclusive_group.as_deref()).collect();
        names.sort_unstable();
        names.dedup();
        let members = |name: &str| {
            let of_group =
                |candidate: &&Candidate<'_>| candidate.coupon.exclusive_group.as_deref() == Some(name);
            let set = all().filter(of_group).fold(0, |set, candidate| set | candidate.bit);
            let mut sellers = all().filter(of_group).map(|candidate| candidate.reach);
            let first = sellers.next();
            sellers.any(|seller| Some(seller) != first).then_some(set)
        };
        names.into_iter().filter_map(members).collect()
    }

    fn prices(&self, tables: &Tables, shared: &[&'s Candidate<'s>]) -> Result<Vec<Vec<Fine>>, Overflow> {
        if tables.groups.is_empty() {
            return Ok(vec![Vec::new(); self.measures()]);
        }
        let wide = self.wide(&[], shared, tables)?;
        let mut keys: Vec<Vec<Vec<Fine>>> = vec![Vec::new(); self.measures()];
        for (group, options) in tables.options.iter().enumerate() {
            let measures = options
                .iter()
                .map(|option| self.measure(group, option, &wide))
                .collect::<Result<Vec<_>, _>>()?;
            for (measure, keys) in keys.iter_mut().enumerate() {
                keys.push(measures.iter().filter_map(|of_option| of_option.get(measure)).copied().collect());
            }
        }
        Ok(keys.iter().map(|keys| bound::prices(keys, &tables.used, tables.groups.len())).collect())
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
        measures.push(bound::value(self.market, facts, option, wide, shipping)?);
        for (place, cut) in self.cuts.iter().enumerate() {
            let ships = cut.shipping.get(group).copied().unwrap_or(false);
            let freed = if ships { freed } else { Money::ZERO };
            measures.push(bound::in_cut(option, place, facts.is_whole(place), wide, freed)?);
        }
        Ok(measures)
    }

    fn board<'t>(&self, tables: &'t Tables, wide: Wide) -> Result<Board<'t>, Overflow> {
        let mut sellers = Vec::with_capacity(tables.options.len());
        for (group, (options, used)) in tables.options.iter().zip(&tables.used).enumerate() {
            let mut squares = Vec::with_capacity(options.len());
            for (option, groups) in options.iter().zip(used) {
                if option.excludes & wide.coupons != 0 {
                    continue;
                }
                let mut measures = self.measure(group, option, &wide)?;
                for (measure, prices) in measures.iter_mut().zip(&tables.prices) {
                    *measure = bound::charge(*measure, groups, prices);
                }
                squares.push(Square { option, measures });
            }
            squares.sort_by(|a, b| self.order(&a.measures).cmp(&self.order(&b.measures)));
            sellers.push(squares);
        }
        let constant = self.constants(tables, &wide)?;
        let mut board = Board { sellers, rest: Vec::new(), constant, wide, rest_spend: Vec::new() };
        self.sum_up_rest(&mut board)?;
        Ok(board)
    }

    /// Options are tried in the order of what the aim compares.
    fn order(&self, measures: &[Fine]) -> (Fine, Fine) {
        let value = measures.first().copied().unwrap_or_default();
        let cash = measures.iter().skip(1).max().copied().unwrap_or_default();
        (cash, value)
    }

    fn constants(&self, tables: &Tables, wide: &Wide) -> Result<Vec<Fine>, Overflow> {
        let fee = self.fee();
        let mut constants = Vec::with_capacity(self.measures());
        for (measure, prices) in tables.prices.iter().enumerate() {
            let back = tables.groups.iter().zip(prices).filter(|(group, _)| *group & wide.excludes == 0);
            let back = back.fold(0, |sum: Fine, (_, price)| sum.saturating_add(*price));
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
        let mut spend = vec![Money::ZERO; self.spend_rules().count()];
        board.rest.push(rest.clone());
        board.rest_spend.push(spend.clone());
        for squares in board.sellers.iter().rev() {
            for (measure, sum) in rest.iter_mut().enumerate() {
                let least = squares.iter().filter_map(|square| square.measures.get(measure)).min();
                *sum = bound::plus(*sum, least.copied().unwrap_or_default())?;
            }
            for (rule, sum) in spend.iter_mut().enumerate() {
                let most = squares.iter().filter_map(|square| square.option.spend.get(rule)).max();
                *sum = sum.plus(most.copied().unwrap_or_default())?;
            }
            board.rest.push(rest.clone());
            board.rest_spend.push(spend.clone());
        }
        board.rest.reverse();
        board.rest_spend.reverse();
        Ok(())
    }

    /// Rules that count the whole payment.
    fn spend_rules(&self) -> impl Iterator<Item = (&'r Program, &'r EarningRule)> {
        let rules = earn::rules_for(self.market, &self.trial);
        rules.filter(|(_, rule)| matches!(rule.earning, crate::market::Earning::PerPayment(_)))
    }

    /// Decides the options of the sellers from `seller` on.
    fn decide_sellers(
        &mut self,
        seller: usize,
        board: &Board<'_>,
        chosen: &mut Vec<(usize, usize)>,
    ) -> Result<(), Overflow> {
        let bound = self.bound(seller, board, chosen)?;
        if self.is_beaten(bound) {
            return Ok(());
        }
        if !self.step(bound, 1) {
            return Ok(());
        }
        let Some(squares) = board.sellers.get(seller) else {
            let coupons = board.options(chosen).fold(board.wide.coupons, |set, option| set | option.coupons);
            return self.try_choice(coupons);
        };
        let taken = board.options(chosen).fold(0, |set, option| set | option.coupons);
        for (place, square) in squares.iter().enumerate() {
            if square.option.excludes & taken == 0 {
                chosen.push((seller, place));
                self.decide_sellers(seller.saturating_add(1), board, chosen)?;
                chosen.pop();
            }
        }
        Ok(())
    }

    /// The bound where the sellers before `seller` are decided.
    fn bound(&self, seller: usize, board: &Board<'_>, chosen: &[(usize, usize)]) -> Result<Score, Overflow> {
        let mut sums = Vec::with_capacity(self.measures());
        for measure in 0..self.measures() {
            let rest = board.rest.get(seller).and_then(|rest| rest.get(measure)).copied().unwrap_or_default();
            let mut sum = bound::plus(rest, board.constant.get(measure).copied().unwrap_or_default())?;
            for square in board.squares(chosen) {
                sum = bound::plus(sum, square.measures.get(measure).copied().unwrap_or_default())?;
            }
            sums.push(sum);
        }
        let (value, cuts) = sums.split_first().ok_or(Overflow)?;
        let value = bound::yen_up(bound::minus(*value, self.most_points_of_payment(seller, board, chosen)?)?);
        let cash = cuts.iter().map(|sum| bound::yen_up(*sum)).max().unwrap_or(0).max(0);
        Ok((cash, value))
    }

    /// Yen value of the most points that the whole payment can earn.
    fn most_points_of_payment(
        &self,
        seller: usize,
        board: &Board<'_>,
        chosen: &[(usize, usize)],
    ) -> Result<Fine, Overflow> {
        let mut most = 0;
        for (rule, (program, earning)) in self.spend_rules().enumerate() {
            let rest =
                board.rest_spend.get(seller).and_then(|rest| rest.get(rule)).copied().unwrap_or_default();
            let mut spend =
                rest.plus(Money::new(i64::try_from(board.wide.shifts / YEN).map_err(|_| Overflow)?))?;
            for option in board.options(chosen) {
                spend = spend.plus(option.spend.get(rule).copied().unwrap_or_default())?;
                spend = spend.plus(Money::new(if board.wide.exact { 0 } else { option.shifts }))?;
            }
            let points = earn::points_of_spend(program, earning, &self.trial, spend)?;
            most = bound::plus(most, bound::fine(program.value.worth_rounded_up(points)?)?)?;
        }
        Ok(most)
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

    fn leave_open(&mut self, bound: Score) {
        self.open = Some(self.open.map_or(bound, |open| open.min(bound)));
    }

    /// Coupons that were not looked at could at most have taken off their most.
    fn leave_open_for(&mut self, not_looked_at: Set, tables: &Tables) -> Result<(), Overflow> {
        if not_looked_at == 0 && self.candidates.left_out.is_zero() {
            return Ok(());
        }
        let mut more = Wide { fixed: bound::fine(self.candidates.left_out)?, ..Wide::default() };
        for candidate in &self.candidates.all {
            if not_looked_at & candidate.bit != 0 || candidate.reach == Reach::Market {
                more.fixed = bound::plus(more.fixed, bound::fine(candidate.most)?)?;
            }
        }
        let board = self.board(tables, more)?;
        let bound = self.bound(0, &board, &[])?;
        self.leave_open(bound);
        Ok(())
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
        if quote.refusals.iter().any(|refusal| matches!(refusal.reason, Reason::NothingLeft)) {
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
        let gap = if open.0 < best.0 {
            best.0.saturating_sub(open.0)
        } else {
            best.1.saturating_sub(open.1.max(0))
        };
        Ok(Money::new(i64::try_from(gap).unwrap_or(i64::MAX)))
    }
}

impl<'t> Board<'t> {
    fn squares<'b>(&'b self, chosen: &'b [(usize, usize)]) -> impl Iterator<Item = &'b Square<'t>> {
        chosen.iter().filter_map(|(seller, place)| self.sellers.get(*seller)?.get(*place))
    }

    fn options<'b>(
        &'b self,
        chosen: &'b [(usize, usize)],
    ) -> impl Iterator<Item = &'t LocalOption> + use<'b, 't> {
        self.squares(chosen).map(|square| square.option)
    }
}

/// The charges that only each set of programs may pay, with what these hold. The empty set is what no program
/// pays. Of equal sets of charges the one with the least capacity says most.
fn cuts(request: &Request<'_>, goods: &Goods<'_>) -> Result<Vec<Cut>, Overflow> {
    let asked: Vec<(&Program, Money)> = request
        .pay
        .stored
        .iter()
        .take(CUT_PROGRAMS_MAX)
        .map(|stored| Ok((stored.program, capacity(stored.program, stored.amount, request)?)))
        .collect::<Result<_, Overflow>>()?;
    let beyond = request.pay.stored.len() > CUT_PROGRAMS_MAX;
    let sets = 1_u32.checked_shl(u32::try_from(asked.len()).unwrap_or(0)).unwrap_or(1);
    let mut cuts: Vec<Cut> = Vec::new();
    for set in 0..sets {
        let cut = cut(set, &asked, beyond, request, goods)?;
        match cuts.iter_mut().find(|known| known.has_charges_of(&cut)) {
            Some(known) => known.capacity = known.capacity.min(cut.capacity),
            None => cuts.push(cut),
        }
    }
    Ok(cuts)
}

fn capacity(program: &Program, amount: AskedAmount, request: &Request<'_>) -> Result<Money, Overflow> {
    let lots = request.customer.lots.iter().filter(|lot| lot.program.index == program.index);
    let links = request.customer.links.iter().filter(|link| link.program.index == program.index);
    let mut held = crate::money::Points::sum(lots.map(|lot| lot.amount))?;
    for link in links {
        held = held.plus(link.balance)?;
    }
    let asked = match amount {
        AskedAmount::All => held,
        AskedAmount::UpTo(asked) => asked.min(held),
    };
    program.value.worth(asked)
}

fn cut(
    set: u32,
    asked: &[(&Program, Money)],
    beyond: bool,
    request: &Request<'_>,
    goods: &Goods<'_>,
) -> Result<Cut, Overflow> {
    let inside =
        |place: usize| u32::try_from(place).is_ok_and(|place| set.checked_shr(place).unwrap_or(0) & 1 == 1);
    // A program that is not asked for in this set may pay nothing of the cut.
    let others =
        || asked.iter().enumerate().filter(|(place, _)| !inside(*place)).map(|(_, (program, _))| *program);
    let more = request.pay.stored.iter().skip(asked.len()).map(|stored| stored.program);
    let outside: Vec<&Program> = others().chain(more.filter(|_| beyond)).collect();
    let only_inside = |accepts: &dyn Fn(&Program) -> bool| !outside.iter().any(|program| accepts(program));
    let lines = goods
        .lines
        .iter()
        .map(|line| only_inside(&|program| program.pays.line(line.line.seller.seller_type, line.line.kind)));
    let shipping = goods
        .sellers
        .iter()
        .map(|sold| only_inside(&|program| program.pays.shipping(sold.seller.seller_type)));
    let capacity =
        Money::sum(asked.iter().enumerate().filter(|(place, _)| inside(*place)).map(|(_, (_, held))| *held))?;
    Ok(Cut {
        lines: lines.collect(),
        shipping: shipping.collect(),
        fee: only_inside(&|program| program.pays.fees),
        capacity,
    })
}

impl Cut {
    fn has_charges_of(&self, other: &Self) -> bool {
        self.lines == other.lines && self.shipping == other.shipping && self.fee == other.fee
    }
}
