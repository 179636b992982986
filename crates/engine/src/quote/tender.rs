//! Tenders: which stored value and which method pay which charges, what is left due, and what was refused.

mod balance;
mod reasons;

use balance::{Balances, Wish};
pub(crate) use balance::{is_linked, is_over, is_pending, is_usable, missing_method};

use super::flow::{Flow, Group, TenderSet};
use super::{Charge, LotUse, Payment, PricedLine, SellerShipping, Tender, TenderPaid};
use crate::market::{Market, Method, Pays};
use crate::money::{Money, Overflow, Points};
use crate::refusal::Refusal;
use crate::request::{AskedAmount, Request};

/// All that is to be paid, and the wishes for paying it.
pub(super) struct Bill<'b, 'a> {
    pub market: &'a Market,
    pub request: &'a Request<'a>,
    pub lines: &'b [PricedLine<'a>],
    pub shipping: &'b [SellerShipping<'a>],
    pub method: Option<&'a Method>,
    pub fee: Money,
}

/// Who pays what.
pub(super) struct Paid<'a> {
    pub tenders: Vec<TenderPaid<'a>>,
    pub payments: Vec<Payment<'a>>,
    pub lots_used: Vec<LotUse<'a>>,
    pub due: Money,
}

/// A charge with something to pay, and the group it belongs to.
struct OpenCharge<'a> {
    charge: Charge<'a>,
    amount: Money,
    group: usize,
}

/// What one wish for stored value came to.
struct Outcome<'a> {
    wish: Wish<'a>,
    held: Points,
    used: Points,
    /// It could have paid more, had more been held.
    short: bool,
}

/// The method asked for, where the market has it and takes the card.
pub(crate) fn chosen_method<'a>(market: &'a Market, request: &'a Request<'a>) -> Option<&'a Method> {
    let asked = request.pay.method.as_ref()?;
    let method = market.method(asked.method_type)?;
    let takes_brand = match (&method.brands, asked.brand) {
        (Some(brands), Some(brand)) => brands.iter().any(|known| known == brand),
        (Some(_), None) => false,
        (None, _) => true,
    };
    takes_brand.then_some(method)
}

/// Lets the tenders pay the bill: stored value in the order of preference, then the method the rest.
pub(super) fn allocate<'a>(
    bill: &Bill<'_, 'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<Paid<'a>, Overflow> {
    let wishes = balance::wishes(bill.request);
    let (charges, groups) = open_charges(bill, &wishes)?;
    let mut flow = Flow::new(groups, wishes.len().saturating_add(1));
    let mut balances = Balances::new(bill.request);
    let mut paid =
        Paid { tenders: Vec::new(), payments: Vec::new(), lots_used: Vec::new(), due: Money::ZERO };
    let mut outcomes = Vec::with_capacity(wishes.len());
    for (tender, wish) in wishes.iter().enumerate() {
        outcomes.push(use_stored_value(tender, wish, &mut flow, &mut balances, &mut paid)?);
    }
    if let Some(method) = bill.method {
        let amount = flow.pay(wishes.len(), Money::new(i64::MAX))?;
        if !amount.is_zero() {
            paid.tenders.push(TenderPaid {
                tender: Tender::Method(method),
                kind: None,
                points: None,
                amount,
            });
        }
    }
    let unpaid = distribute(bill, &charges, &flow, &wishes, &mut paid)?;
    paid.due = Money::sum(unpaid.iter().map(|(_, amount)| *amount))?;
    reasons::refuse_all(
        &reasons::Settled { bill, outcomes: &outcomes, flow: &flow, unpaid: &unpaid },
        refusals,
    )?;
    Ok(paid)
}

/// One wish pays as much as it can: whole points, no more than the charges need.
fn use_stored_value<'a>(
    tender: usize,
    wish: &Wish<'a>,
    flow: &mut Flow,
    balances: &mut Balances<'a>,
    paid: &mut Paid<'a>,
) -> Result<Outcome<'a>, Overflow> {
    let held = balances.usable(wish);
    let limit = match wish.amount {
        AskedAmount::All => held,
        AskedAmount::UpTo(asked) => asked.min(held),
    };
    let value = wish.program.value;
    let payable = flow.clone().pay(tender, value.worth(limit)?)?;
    let most = value.most_points_within(payable).min(limit);
    let amount = flow.pay(tender, value.worth(most)?)?;
    let used = value.fewest_points_for(amount)?;
    balances.take(wish, used, paid)?;
    let short = used == held && flow.could_pay_more(tender);
    Ok(Outcome { wish: *wish, held, used, short })
}

fn open_charges<'a>(
    bill: &Bill<'_, 'a>,
    wishes: &[Wish<'a>],
) -> Result<(Vec<OpenCharge<'a>>, Vec<Group>), Overflow> {
    let mut charges = Vec::with_capacity(bill.lines.len().saturating_add(bill.shipping.len()));
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |charge: Charge<'a>, amount: Money, accepts: &dyn Fn(&Pays) -> bool| {
        if amount.is_zero() {
            return Ok(());
        }
        let accepted_by = accepting(bill, wishes, accepts);
        let group = place_of(accepted_by, &mut groups);
        if let Some(group) = groups.get_mut(group) {
            group.unpaid = group.unpaid.plus(amount)?;
        }
        charges.push(OpenCharge { charge, amount, group });
        Ok(())
    };
    for line in bill.lines {
        let (seller_type, kind) = (line.line.seller.seller_type, line.line.kind);
        add(Charge::Line(line.line.id), line.net, &|pays| pays.line(seller_type, kind))?;
    }
    for shipping in bill.shipping {
        let seller_type = shipping.seller.seller_type;
        add(Charge::Shipping(shipping.seller), shipping.amount, &|pays| pays.shipping(seller_type))?;
    }
    add(Charge::Fee, bill.fee, &|pays| pays.fees)?;
    Ok((charges, groups))
}

fn accepting(bill: &Bill<'_, '_>, wishes: &[Wish<'_>], accepts: &dyn Fn(&Pays) -> bool) -> TenderSet {
    let stored = wishes.iter().map(|wish| !wish.blocked && accepts(&wish.program.pays));
    let method = bill.method.is_some_and(|method| accepts(&method.pays));
    let all = stored.chain([method]).enumerate().filter(|(_, accepts)| *accepts);
    all.fold(TenderSet::default(), |set, (tender, _)| set.with(tender))
}

fn place_of(accepted_by: TenderSet, groups: &mut Vec<Group>) -> usize {
    if let Some(place) = groups.iter().position(|group| group.accepted_by == accepted_by) {
        return place;
    }
    groups.push(Group { accepted_by, unpaid: Money::ZERO });
    groups.len().saturating_sub(1)
}

/// Gives each charge its payments, in the order of charges and tenders; returns what stays unpaid of which.
fn distribute<'a>(
    bill: &Bill<'_, 'a>,
    charges: &[OpenCharge<'a>],
    flow: &Flow,
    wishes: &[Wish<'a>],
    paid: &mut Paid<'a>,
) -> Result<Vec<(Charge<'a>, Money)>, Overflow> {
    let mut tenders: Vec<Tender<'a>> = wishes.iter().map(|wish| Tender::Program(wish.program)).collect();
    tenders.extend(bill.method.map(Tender::Method));
    let mut left = flow.clone();
    let mut unpaid = Vec::new();
    for charge in charges {
        let mut open = charge.amount;
        for (place, tender) in tenders.iter().enumerate() {
            let amount = left.take(place, charge.group, open)?;
            if !amount.is_zero() {
                paid.payments.push(Payment { charge: charge.charge, tender: *tender, amount });
                open = open.minus(amount)?;
            }
        }
        if !open.is_zero() {
            unpaid.push((charge.charge, open));
        }
    }
    Ok(unpaid)
}
