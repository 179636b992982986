//! What stored value is wished for, and what is held of it.

use super::Paid;
use crate::market::{Held, LotKind, MethodType, NeedsMethod, Program};
use crate::money::{Overflow, Points};
use crate::quote::{LotUse, Tender, TenderPaid};
use crate::request::{AskedAmount, AskedMethod, Lot, Request};

/// A wish to use stored value.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub program: &'a Program,
    pub kind: Option<LotKind>,
    pub amount: AskedAmount,
    /// It cannot pay anything, whatever is held.
    pub blocked: bool,
}

/// What was asked for, in order; then the links that are always used where the request is silent.
pub(super) fn wishes<'a>(request: &'a Request<'a>) -> Vec<Wish<'a>> {
    let asked = request.pay.stored.iter().map(|asked| (asked.program, asked.kind, asked.amount));
    let silent = request.customer.links.iter().filter(|link| {
        link.always_use && !request.pay.stored.iter().any(|asked| asked.program.index == link.program.index)
    });
    asked
        .chain(silent.map(|link| (link.program, None, AskedAmount::All)))
        .filter(|(_, _, amount)| *amount != AskedAmount::UpTo(Points::ZERO))
        .map(|(program, kind, amount)| {
            let blocked = !is_linked(program, request) || missing_method(program, request).is_some();
            Wish { program, kind, amount, blocked }
        })
        .collect()
}

/// Whether the customer can use the program at all: a partner's only where it is linked.
pub(crate) fn is_linked(program: &Program, request: &Request<'_>) -> bool {
    let linked = request.customer.links.iter().any(|link| link.program.index == program.index);
    program.held == Held::Here || linked
}

/// The method that the program wants beside it, where another one was chosen.
pub(crate) fn missing_method<'a>(program: &'a Program, request: &Request<'_>) -> Option<&'a NeedsMethod> {
    let needs = program.needs_method.as_ref()?;
    let fits = request.pay.method.as_ref().is_some_and(|method| fits(needs, method));
    (!fits).then_some(needs)
}

fn fits(needs: &NeedsMethod, method: &AskedMethod<'_>) -> bool {
    let same_type = needs.method_type == method.method_type;
    let same_brand = needs.method_type != MethodType::Card
        || needs.brand.is_none()
        || needs.brand.as_deref() == method.brand;
    same_type && same_brand && (method.linked || !needs.linked)
}

/// What is left of each lot and link while wishes are fulfilled one after another.
pub(super) struct Balances<'a> {
    request: &'a Request<'a>,
    lots: Vec<Points>,
    links: Vec<Points>,
}

impl<'a> Balances<'a> {
    pub fn new(request: &'a Request<'a>) -> Self {
        let lots = request.customer.lots.iter().map(|lot| lot.amount).collect();
        let links = request.customer.links.iter().map(|link| link.balance).collect();
        Self { request, lots, links }
    }

    /// How much of what the wish names can be used now. More than can be reckoned with counts as the most
    /// that can.
    pub fn usable(&self, wish: &Wish<'a>) -> Points {
        let lots = self.lots_in_order(wish).into_iter().map(|(_, _, left)| left);
        let links = self.links_of(wish).map(|(_, left)| left);
        lots.chain(links).try_fold(Points::ZERO, Points::plus).unwrap_or(Points::new(i64::MAX))
    }

    /// Takes points from the lots in their order, and writes down what was taken.
    pub fn take(&mut self, wish: &Wish<'a>, points: Points, paid: &mut Paid<'a>) -> Result<(), Overflow> {
        let mut taking = Taking { wish: *wish, open: points, taken: Points::ZERO };
        for (place, lot, left) in self.lots_in_order(wish) {
            let part = taking.take(Some(lot), left, paid)?;
            subtract(&mut self.lots, place, part)?;
        }
        let links: Vec<(usize, Points)> = self.links_of(wish).collect();
        for (place, left) in links {
            let part = taking.take(None, left, paid)?;
            subtract(&mut self.links, place, part)?;
        }
        Ok(())
    }

    /// Usable lots: by the program's order of kinds, then what ends soonest.
    fn lots_in_order(&self, wish: &Wish<'a>) -> Vec<(usize, &'a Lot<'a>, Points)> {
        let lots = self.request.customer.lots.iter().zip(&self.lots).enumerate();
        let mut usable: Vec<(usize, &'a Lot<'a>, Points)> = lots
            .filter(|(_, (lot, left))| !left.is_zero() && is_meant(wish, lot))
            .filter(|(_, (lot, _))| is_usable(lot, self.request))
            .map(|(place, (lot, left))| (place, lot, *left))
            .collect();
        usable.sort_by_key(|(_, lot, _)| {
            let kind = wish.program.kinds.iter().position(|kind| Some(*kind) == lot.kind);
            (kind.is_none(), kind, lot.expires_at.is_none(), lot.expires_at)
        });
        usable
    }

    fn links_of(&self, wish: &Wish<'a>) -> impl Iterator<Item = (usize, Points)> {
        let links = self.request.customer.links.iter().zip(&self.links).enumerate();
        let program = wish.program.index;
        let any_kind = wish.kind.is_none();
        links
            .filter(move |(_, (link, left))| any_kind && link.program.index == program && !left.is_zero())
            .map(|(place, (_, left))| (place, *left))
    }
}

/// Whether a wish means this lot.
pub(super) fn is_meant(wish: &Wish<'_>, lot: &Lot<'_>) -> bool {
    lot.program.index == wish.program.index && (wish.kind.is_none() || wish.kind == lot.kind)
}

/// Whether a lot cannot be used yet.
pub(crate) fn is_pending(lot: &Lot<'_>, request: &Request<'_>) -> bool {
    lot.available_at.is_some_and(|available_at| request.at < available_at)
}

/// Whether a lot has ended; its last second is usable to its end.
pub(crate) fn is_over(lot: &Lot<'_>, request: &Request<'_>) -> bool {
    lot.expires_at.is_some_and(|expires_at| request.at.as_second() > expires_at.as_second())
}

/// Whether a lot can be used now.
pub(crate) fn is_usable(lot: &Lot<'_>, request: &Request<'_>) -> bool {
    !is_pending(lot, request) && !is_over(lot, request)
}

fn subtract(left: &mut [Points], place: usize, part: Points) -> Result<(), Overflow> {
    if let Some(left) = left.get_mut(place) {
        *left = left.minus(part)?;
    }
    Ok(())
}

/// Points being taken for one wish. The yen of each part is what it adds to the worth of all parts, so that
/// the parts add up to the worth of the whole.
struct Taking<'a> {
    wish: Wish<'a>,
    open: Points,
    taken: Points,
}

impl<'a> Taking<'a> {
    fn take(
        &mut self,
        lot: Option<&'a Lot<'a>>,
        left: Points,
        paid: &mut Paid<'a>,
    ) -> Result<Points, Overflow> {
        let points = left.min(self.open);
        if points.is_zero() {
            return Ok(points);
        }
        let program = self.wish.program;
        let before = program.value.worth(self.taken)?;
        self.taken = self.taken.plus(points)?;
        self.open = self.open.minus(points)?;
        let amount = program.value.worth(self.taken)?.minus(before)?;
        paid.lots_used.push(LotUse { lot, program, points });
        let part = TenderPaid {
            tender: Tender::Program(program),
            kind: lot.and_then(|lot| lot.kind),
            points: Some(points),
            amount,
        };
        add_to(&mut paid.tenders, part)?;
        Ok(points)
    }
}

/// One row for each program and kind.
fn add_to<'a>(tenders: &mut Vec<TenderPaid<'a>>, part: TenderPaid<'a>) -> Result<(), Overflow> {
    let same = |row: &&mut TenderPaid<'a>| match (row.tender, part.tender) {
        (Tender::Program(one), Tender::Program(other)) => one.index == other.index && row.kind == part.kind,
        _ => false,
    };
    match tenders.iter_mut().find(same) {
        Some(row) => {
            row.amount = row.amount.plus(part.amount)?;
            row.points = row.points.zip(part.points).map(|(a, b)| a.plus(b)).transpose()?;
        }
        None => tenders.push(part),
    }
    Ok(())
}
