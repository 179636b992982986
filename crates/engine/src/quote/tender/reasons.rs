//! Why a tender was not used, or not as much as asked, and what would close what is left.

use super::balance::{is_linked, is_meant, is_over, is_pending, missing_method};
use super::{Bill, Outcome};
use crate::market::{Method, Pays};
use crate::money::{Money, Overflow, Points};
use crate::quote::flow::Flow;
use crate::quote::{Charge, PricedLine, refuse};
use crate::refusal::{Reason, Refusal, Subject};
use crate::request::{AskedAmount, Lot};

/// How paying the bill ended.
pub(super) struct Settled<'s, 'b, 'a> {
    pub bill: &'s Bill<'b, 'a>,
    pub outcomes: &'s [Outcome<'a>],
    pub flow: &'s Flow,
    pub unpaid: &'s [(Charge<'a>, Money)],
}

pub(super) fn refuse_all<'a>(
    settled: &Settled<'_, '_, 'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<(), Overflow> {
    for (tender, outcome) in settled.outcomes.iter().enumerate() {
        refuse_use(settled, outcome, refusals);
        refuse_charges(settled, outcome, refusals);
        refuse_amount(settled, tender, outcome, refusals)?;
    }
    refuse_method(settled, refusals)
}

/// The program cannot be used at all.
fn refuse_use<'a>(settled: &Settled<'_, '_, 'a>, outcome: &Outcome<'a>, refusals: &mut Vec<Refusal<'a>>) {
    let program = outcome.wish.program;
    let request = settled.bill.request;
    let unlinked = (!is_linked(program, request)).then_some(Reason::NotLinked);
    let method = missing_method(program, request).map(Reason::NeedsMethod);
    for reason in unlinked.into_iter().chain(method) {
        refuse(refusals, Subject::Program(program), None, reason);
    }
}

/// Charges that the program does not pay.
fn refuse_charges<'a>(settled: &Settled<'_, '_, 'a>, outcome: &Outcome<'a>, refusals: &mut Vec<Refusal<'a>>) {
    let bill = settled.bill;
    let (subject, pays) = (Subject::Program(outcome.wish.program), &outcome.wish.program.pays);
    for line in to_pay(bill.lines) {
        reasons_against_line(pays, line)
            .for_each(|reason| refuse(refusals, subject, Some(line.line.id), reason));
    }
    for shipping in bill.shipping.iter().filter(|shipping| !shipping.amount.is_zero()) {
        let seller_type = shipping.seller.seller_type;
        if pays.seller_types.contain(seller_type) && !pays.shipping(seller_type) && !pays.shipping {
            refuse(refusals, subject, None, Reason::ShippingNotPayable { amount: shipping.amount });
        }
    }
    if !bill.fee.is_zero() && !pays.fees {
        refuse(refusals, subject, None, Reason::FeeNotPayable { fee: bill.fee });
    }
}

fn to_pay<'b, 'a>(lines: &'b [PricedLine<'a>]) -> impl Iterator<Item = &'b PricedLine<'a>> {
    lines.iter().filter(|line| !line.net.is_zero())
}

fn reasons_against_line<'a>(
    pays: &Pays,
    line: &PricedLine<'a>,
) -> impl Iterator<Item = Reason<'a>> + use<'a> {
    let seller_type = line.line.seller.seller_type;
    let kind = line.line.kind;
    let seller =
        (!pays.seller_types.contain(seller_type)).then_some(Reason::SellerType { seller_type, kind });
    let item = (!pays.item_kinds.contain(kind)).then_some(Reason::ItemKind { seller_type, kind });
    seller.into_iter().chain(item)
}

/// Less was used than was asked for, or than is needed.
fn refuse_amount<'a>(
    settled: &Settled<'_, '_, 'a>,
    tender: usize,
    outcome: &Outcome<'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<(), Overflow> {
    let subject = Subject::Program(outcome.wish.program);
    let asked = match outcome.wish.amount {
        AskedAmount::All => outcome.held,
        AskedAmount::UpTo(asked) => asked,
    };
    // With more of it, others would make room: so much more it could pay.
    let missing = settled.flow.clone().pay(tender, Money::new(i64::MAX))?;
    let all_was_wanted = asked >= outcome.held && !outcome.wish.blocked;
    if outcome.held.is_zero() {
        let linked = is_linked(outcome.wish.program, settled.bill.request);
        if linked {
            refuse(refusals, subject, None, Reason::NoBalance);
        }
    } else if all_was_wanted && !missing.is_zero() {
        refuse(refusals, subject, None, not_enough(settled, outcome, missing)?);
    } else if asked > outcome.held {
        refuse(refusals, subject, None, Reason::LessThanAsked { held: outcome.held, asked });
    }
    if let AskedAmount::UpTo(asked) = outcome.wish.amount
        && !outcome.wish.blocked
        && asked.min(outcome.held) > outcome.used
    {
        refuse(refusals, subject, None, Reason::Capped { used: outcome.used, asked });
    }
    if outcome.short || asked > outcome.held || outcome.held.is_zero() {
        refuse_lots(settled, outcome, refusals)?;
    }
    Ok(())
}

fn not_enough<'a>(
    settled: &Settled<'_, '_, 'a>,
    outcome: &Outcome<'a>,
    missing: Money,
) -> Result<Reason<'a>, Overflow> {
    let program = outcome.wish.program;
    let held = program.value.worth(outcome.held)?;
    let payable = to_pay(settled.bill.lines)
        .filter(|line| program.pays.line(line.line.seller.seller_type, line.line.kind))
        .map(|line| line.net);
    let shipping_is_open = settled.unpaid.iter().any(|(charge, _)| matches!(charge, Charge::Shipping(_)));
    let covers_goods = shipping_is_open && held >= Money::sum(payable)?;
    // Of points that are worth next to nothing there may be more missing than can be counted.
    let missing = program.value.fewest_points_for(missing).unwrap_or(Points::new(i64::MAX));
    Ok(Reason::NotEnough { held: outcome.held, missing, covers_goods })
}

/// Lots that would have helped, had they not ended or were they usable yet.
fn refuse_lots<'a>(
    settled: &Settled<'_, '_, 'a>,
    outcome: &Outcome<'a>,
    refusals: &mut Vec<Refusal<'a>>,
) -> Result<(), Overflow> {
    let request = settled.bill.request;
    let subject = Subject::Program(outcome.wish.program);
    let meant =
        || request.customer.lots.iter().filter(|lot| is_meant(&outcome.wish, lot) && !lot.amount.is_zero());
    let over: Vec<&Lot<'a>> = meant().filter(|lot| is_over(lot, request)).collect();
    if let Some(expired_at) = over.iter().filter_map(|lot| lot.expires_at).max() {
        refuse(refusals, subject, None, Reason::LotExpired { amount: total(&over)?, expired_at });
    }
    let pending: Vec<&Lot<'a>> =
        meant().filter(|lot| is_pending(lot, request) && !is_over(lot, request)).collect();
    if let Some(available_at) = pending.iter().filter_map(|lot| lot.available_at).min() {
        refuse(refusals, subject, None, Reason::NotYetAvailable { amount: total(&pending)?, available_at });
    }
    Ok(())
}

fn total(lots: &[&Lot<'_>]) -> Result<Points, Overflow> {
    Points::sum(lots.iter().map(|lot| lot.amount))
}

/// No method, one that the market does not take, or lines that it does not pay.
fn refuse_method<'a>(settled: &Settled<'_, '_, 'a>, refusals: &mut Vec<Refusal<'a>>) -> Result<(), Overflow> {
    let bill = settled.bill;
    let due = Money::sum(settled.unpaid.iter().map(|(_, amount)| *amount))?;
    let methods = || methods_for(settled);
    match (&bill.request.pay.method, bill.method) {
        (None, _) if due.is_zero() => {}
        (None, _) => {
            refuse(refusals, Subject::NoMethod, None, Reason::MethodMissing { due, methods: methods() })
        }
        (Some(asked), None) => {
            let reason = Reason::MethodNotAccepted { methods: methods() };
            refuse(refusals, Subject::Method(asked.method_type), None, reason);
        }
        (Some(_), Some(method)) => {
            let before = refusals.len();
            refuse_lines(settled, method, refusals);
            // Shipping alone can be left, of lines that coupons made free.
            if !due.is_zero() && refusals.len() == before {
                let reason = Reason::MethodNotAccepted { methods: methods() };
                refuse(refusals, Subject::Method(method.method_type), None, reason);
            }
        }
    }
    Ok(())
}

/// Lines that are left to pay and that the method does not, each with the reasons and the methods that would.
fn refuse_lines<'a>(settled: &Settled<'_, '_, 'a>, method: &'a Method, refusals: &mut Vec<Refusal<'a>>) {
    let subject = Subject::Method(method.method_type);
    for line in open_lines(settled) {
        let pays = |method: &&Method| method.pays.line(line.line.seller.seller_type, line.line.kind);
        let methods = settled.bill.market.methods.iter().filter(pays).collect();
        reasons_against_line(&method.pays, line)
            .chain([Reason::MethodNotAccepted { methods }])
            .for_each(|reason| refuse(refusals, subject, Some(line.line.id), reason));
    }
}

/// Lines with something left to pay. What is left is in the order of the lines, so one walk along both finds them.
fn open_lines<'s, 'b, 'a>(settled: &Settled<'s, 'b, 'a>) -> Vec<&'s PricedLine<'a>> {
    let left = settled.unpaid.iter().filter_map(|(charge, _)| match charge {
        Charge::Line(id) => Some(*id),
        Charge::Shipping(_) | Charge::Fee => None,
    });
    let mut left = left.peekable();
    settled.bill.lines.iter().filter(|line| left.next_if_eq(&line.line.id).is_some()).collect()
}

/// The methods of the market that accept everything that is left to pay.
fn methods_for<'a>(settled: &Settled<'_, '_, 'a>) -> Vec<&'a Method> {
    let lines = open_lines(settled);
    let accepts = |method: &Method| {
        let shipping = settled.unpaid.iter().all(|(charge, _)| match charge {
            Charge::Shipping(seller) => method.pays.shipping(seller.seller_type),
            Charge::Line(_) | Charge::Fee => true,
        });
        shipping && lines.iter().all(|line| method.pays.line(line.line.seller.seller_type, line.line.kind))
    };
    settled.bill.market.methods.iter().filter(|method| accepts(method)).collect()
}
