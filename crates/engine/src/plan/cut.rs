//! Cuts: what of a bill only some of the stored value may pay. What these cannot pay of it, the method must.

use crate::market::Program;
use crate::money::{Money, Overflow, Points};
use crate::quote::goods::Goods;
use crate::request::{AskedAmount, Request};

/// Cuts looked at; more programs than these cover make bounds weaker, not wrong.
const CUT_PROGRAMS_MAX: usize = 4;

/// Which charges only some tenders may pay: lines by place, shipping by seller.
pub(super) struct Cut {
    pub lines: Vec<bool>,
    pub shipping: Vec<bool>,
    pub fee: bool,
    /// What these tenders can pay at most.
    pub capacity: Money,
}

/// The charges that only each set of programs may pay, with what these hold. The empty set is what no program
/// pays. Of equal sets of charges the one with the least capacity says most.
pub(super) fn cuts(request: &Request<'_>, goods: &Goods<'_>) -> Result<Vec<Cut>, Overflow> {
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
    let mut held = Points::sum(lots.map(|lot| lot.amount))?;
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
