//! The best plan: which coupons and which stored value serve the customer's aim best, provably.
//!
//! A plan is a way of paying ([`Pay`]) for a request: quoting the request with it gives the plan's figures, by
//! the same functions as every quote. The search is exact. What makes it quick:
//!
//! * Coupons for one seller's goods touch no other seller, so each seller's choices are tried once, by
//!   themselves ([`options`]).
//! * What couples sellers (coupons for the whole market, items that several sell, groups of which one coupon may
//!   be used, balances that pay only some charges) is searched by branch and bound ([`search`]) with the lower
//!   bounds of [`bound`], which are proved there and checked in tests.
//!
//! The limit of the search is counted in steps, not in time, so that the same request gives the same plan on
//! any machine. Where it is reached, the best plan found is given with the proven distance to the best possible.

mod advice;
mod bound;
mod candidate;
mod cut;
mod options;
mod price;
mod search;
mod stored;

use crate::market::Market;
use crate::money::{Money, Overflow, Points};
use crate::quote::{Quote, QuoteError, Tender, quote};
use crate::request::{Pay, Request};

pub use advice::{Advice, Hint, LeftOut, WhyLeftOut, advice};
pub use search::Effort;

/// What a plan is to be best at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The method pays least; among equals, as [`Aim::MostValue`].
    LeastCash,
    /// The total less the worth of what it earns is least, whoever pays. Stored value stays as asked for.
    MostValue,
    /// As [`Aim::MostValue`], and of stored value only what soon expires is used.
    SavePoints,
}

impl Aim {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::LeastCash, Self::MostValue, Self::SavePoints];

    /// Its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Self::LeastCash => "least_cash",
            Self::MostValue => "most_value",
            Self::SavePoints => "save_points",
        }
    }
}

/// The best plan found, and how good it is.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// How to pay: quote the request with it.
    pub pay: Pay<'a>,
    /// What it comes to.
    pub outcome: Outcome,
    /// Whether no plan is better.
    pub proven: bool,
    /// How much better another plan could be at most, in yen of the aim; nothing where it is proven.
    pub gap: Money,
    /// The second best choice of coupons, if there is another.
    pub runner_up: Option<RunnerUp<'a>>,
}

/// The second best choice of coupons.
#[derive(Clone, Debug)]
pub struct RunnerUp<'a> {
    /// How to pay by it.
    pub pay: Pay<'a>,
    /// What it comes to.
    pub outcome: Outcome,
}

/// What a way of paying comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the method pays, or would: the total less what stored value pays.
    pub cash: Money,
    /// All that is to be paid, whoever pays.
    pub total: Money,
    /// What the order earns, in yen.
    pub earned_value: Money,
}

impl Outcome {
    /// The figures of a quote.
    pub fn of(quote: &Quote<'_>) -> Result<Self, Overflow> {
        let stored = quote.tenders.iter().filter(|paid| matches!(paid.tender, Tender::Program(_)));
        let stored = Money::sum(stored.map(|paid| paid.amount))?;
        Ok(Self { cash: quote.total.minus(stored)?, total: quote.total, earned_value: earned_value(quote)? })
    }

    /// The total less the worth of what it earns.
    pub fn value(&self) -> Result<Money, Overflow> {
        self.total.minus(self.earned_value)
    }
}

/// The yen value of what a quote earns: of each program the worth of all its points, rounded down.
fn earned_value(quote: &Quote<'_>) -> Result<Money, Overflow> {
    let mut value = Money::ZERO;
    for (place, earn) in quote.earns.iter().enumerate() {
        let of_program = |other: &&crate::quote::Earn<'_>| other.program.index == earn.program.index;
        let seen = quote.earns.iter().take(place).any(|earlier| earlier.program.index == earn.program.index);
        if !seen {
            let points = Points::sum(quote.earns.iter().filter(of_program).map(|earn| earn.points))?;
            value = value.plus(earn.program.value.worth(points)?)?;
        }
    }
    Ok(value)
}

/// Finds the best plan for a request. Coupons are chosen among those that the customer holds; those that the
/// request names do not matter.
pub fn plan<'a>(
    market: &'a Market,
    request: &Request<'a>,
    aim: Aim,
    effort: Effort,
) -> Result<Plan<'a>, QuoteError<'a>> {
    let mut request = request.clone();
    request.pay.stored = stored::chosen(market, &request, aim)?;
    request.pay.coupons = Vec::new();
    let found =
        search::search(market, &request, aim, effort).map_err(|Overflow| first_fault(market, &request))?;
    let pay = |coupons| Pay { coupons, stored: request.pay.stored.clone(), method: request.pay.method };
    Ok(Plan {
        pay: pay(found.best.coupons),
        outcome: found.best.outcome,
        proven: found.gap.is_zero(),
        gap: found.gap,
        runner_up: found
            .runner_up
            .map(|second| RunnerUp { pay: pay(second.coupons), outcome: second.outcome }),
    })
}

/// What a quote says of a request that cannot be reckoned with.
fn first_fault<'a>(market: &'a Market, request: &Request<'a>) -> QuoteError<'a> {
    match quote(market, request) {
        Err(QuoteError::LineTooLarge { line }) => {
            named(request, line, |line| QuoteError::LineTooLarge { line })
        }
        Err(QuoteError::GoodsTooLarge { line }) => {
            named(request, line, |line| QuoteError::GoodsTooLarge { line })
        }
        Err(QuoteError::TooFarAway) => QuoteError::TooFarAway,
        _ => QuoteError::TooLarge,
    }
}

/// The error with the line's name as the request holds it.
fn named<'a>(request: &Request<'a>, line: &str, error: impl Fn(&'a str) -> QuoteError<'a>) -> QuoteError<'a> {
    request.lines.iter().find(|known| known.id == line).map_or(QuoteError::TooLarge, |known| error(known.id))
}
