//! Which stored value a plan uses. It does not depend on the coupons, so it is decided first.

use jiff::{SignedDuration, Timestamp};

use super::Aim;
use crate::market::{LotKind, Market, Program};
use crate::money::{Overflow, Points};
use crate::quote::{is_linked, is_over, is_pending, missing_method};
use crate::rate::Rate;
use crate::request::{AskedAmount, AskedStored, Lot, Request};

/// The stored value to ask for, in order.
pub(super) fn chosen<'a>(
    market: &'a Market,
    request: &Request<'a>,
    aim: Aim,
) -> Result<Vec<AskedStored<'a>>, Overflow> {
    match aim {
        Aim::LeastCash => Ok(everything(market, request)),
        Aim::MostValue => Ok(request.pay.stored.clone()),
        Aim::SavePoints => what_expires(market, request),
    }
}

/// All of every program that can be used.
///
/// Programs whose unit is not a yen come first: they pay in steps of more than a yen, and what they leave over
/// the others can fill, but not the other way round. Then what ends soonest, so that value that lasts is kept
/// where not everything is needed.
fn everything<'a>(market: &'a Market, request: &Request<'a>) -> Vec<AskedStored<'a>> {
    let mut programs: Vec<(bool, Timestamp, &'a Program)> = market
        .programs
        .iter()
        .filter(|program| is_linked(program, request) && missing_method(program, request).is_none())
        .filter_map(|program| Some((program.value == Rate::ONE, soonest_end(program, request)?, program)))
        .collect();
    programs.sort_by_key(|(yen, end, program)| (*yen, *end, program.index));
    let asked = |(_, _, program)| AskedStored { program, kind: None, amount: AskedAmount::All };
    programs.into_iter().map(asked).collect()
}

/// When the first of a program's usable value ends; nothing where there is none.
fn soonest_end(program: &Program, request: &Request<'_>) -> Option<Timestamp> {
    let lots = usable_lots(program, request).map(|lot| lot.expires_at.unwrap_or(Timestamp::MAX));
    let links = request.customer.links.iter();
    let links = links.filter(|link| link.program.index == program.index && !link.balance.is_zero());
    lots.chain(links.map(|_| Timestamp::MAX)).min()
}

fn usable_lots<'r, 'a>(program: &'r Program, request: &'r Request<'a>) -> impl Iterator<Item = &'r Lot<'a>> {
    request.customer.lots.iter().filter(|lot| {
        lot.program.index == program.index
            && !lot.amount.is_zero()
            && !is_over(lot, request)
            && !is_pending(lot, request)
    })
}

/// What expires within the market's number of days, by kind: among lots of one kind the soonest end is used
/// first, so asking for just that much takes just those lots. Links that would always be used are told not to.
fn what_expires<'a>(market: &'a Market, request: &Request<'a>) -> Result<Vec<AskedStored<'a>>, Overflow> {
    let days = SignedDuration::from_hours(i64::from(market.policies.expiring_days).saturating_mul(24));
    let until = request.at.checked_add(days).unwrap_or(Timestamp::MAX);
    let mut asked = Vec::new();
    for program in &market.programs {
        for kind in kinds_to_ask_for(program, request) {
            let expiring = usable_lots(program, request)
                .filter(|lot| lot.kind == kind && lot.expires_at.is_some_and(|end| end <= until))
                .map(|lot| lot.amount);
            let amount = Points::sum(expiring)?;
            if !amount.is_zero() {
                asked.push(AskedStored { program, kind, amount: AskedAmount::UpTo(amount) });
            }
        }
    }
    let unused = request.customer.links.iter().map(|link| link.program);
    let nothing = AskedAmount::UpTo(Points::ZERO);
    asked.extend(unused.map(|program| AskedStored { program, kind: None, amount: nothing }));
    Ok(asked)
}

/// The kinds that can be asked for by themselves. Lots of no kind can, where the program has no others: asking
/// for no kind means any.
fn kinds_to_ask_for(program: &Program, request: &Request<'_>) -> Vec<Option<LotKind>> {
    let kinded = usable_lots(program, request).any(|lot| lot.kind.is_some());
    if kinded { program.kinds.iter().copied().map(Some).collect() } else { vec![None] }
}
