//! What must be true of books, whatever has happened.

use super::Keeper;
use crate::books::{Account, CustomerBooks, YEN};
use crate::money::{Money, Overflow, Points};
use crate::order::{Order, OrderCharge, OrderTender, TenderName};

/// Books that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: {fault}")]
pub struct Discrepancy {
    /// A customer, a lot, an entry or an order.
    pub subject: String,
    /// What does not fit.
    pub fault: String,
}

impl From<Overflow> for Discrepancy {
    fn from(error: Overflow) -> Self {
        Self { subject: "books".to_owned(), fault: error.to_string() }
    }
}

fn holds(subject: &str, fault: &str, holds: bool) -> Result<(), Discrepancy> {
    if holds { Ok(()) } else { Err(Discrepancy { subject: subject.to_owned(), fault: fault.to_owned() }) }
}

fn same<T: PartialEq + std::fmt::Debug>(
    subject: &str,
    what: &str,
    kept: T,
    posted: T,
) -> Result<(), Discrepancy> {
    if kept == posted {
        return Ok(());
    }
    let fault = format!("{what}: kept {kept:?}, but it comes to {posted:?}");
    Err(Discrepancy { subject: subject.to_owned(), fault })
}

impl Keeper {
    /// Fails where anything that is kept does not fit the journal or itself.
    pub fn check(&self) -> Result<(), Discrepancy> {
        for books in self.customers.values() {
            self.check_entries(books)?;
            self.check_lots(books)?;
            self.check_debts(books)?;
        }
        for order in self.orders.values() {
            self.check_payment(order)?;
            check_charges(order)?;
            check_tenders(order)?;
            check_lines(order)?;
            check_earned(order)?;
        }
        Ok(())
    }

    fn check_entries(&self, books: &CustomerBooks) -> Result<(), Discrepancy> {
        let mut before: Option<&crate::books::Entry> = None;
        for entry in self.entries(&books.customer_id) {
            let balanced = entry.check().is_ok() && !entry.postings.is_empty();
            holds(&entry.entry_id, "an entry adds up to nothing and moves something", balanced)?;
            let in_order = before.is_none_or(|before| before.at <= entry.at);
            holds(&entry.entry_id, "entries never go back in time", in_order)?;
            let known = self.entries(&books.customer_id).filter(|other| other.entry_id == entry.entry_id);
            holds(&entry.entry_id, "an entry's id is its own", known.count() == 1)?;
            before = Some(entry);
        }
        Ok(())
    }

    fn check_lots(&self, books: &CustomerBooks) -> Result<(), Discrepancy> {
        for history in self.histories(&books.customer_id) {
            let lot = &history.lot;
            let posted: i64 = history.postings.iter().map(|(_, amount, _)| amount).sum();
            same(&lot.lot_id, "left", lot.remaining.units(), posted)?;
            let within = Points::ZERO <= lot.remaining && lot.remaining <= lot.granted;
            holds(&lot.lot_id, "what is left is between nothing and what was granted", within)?;
            let within = Points::ZERO <= lot.expired && lot.remaining.plus(lot.expired)? <= lot.granted;
            holds(&lot.lot_id, "what has expired is no more than was granted", within)?;
            holds(&lot.lot_id, "a void lot is empty", !lot.void || lot.remaining.is_zero())?;
            let once = books.lots.iter().filter(|other| other.lot_id == lot.lot_id).count() == 1;
            holds(&lot.lot_id, "a lot's id is its own", once)?;
        }
        Ok(())
    }

    fn check_debts(&self, books: &CustomerBooks) -> Result<(), Discrepancy> {
        let mut programs: Vec<&str> = books.lots.iter().map(|lot| lot.program.as_str()).collect();
        programs.extend(books.debts.iter().map(|(program, _)| program.as_str()));
        for program in programs {
            let posted = self.posted(&books.customer_id, None, &Account::debt(program), program);
            let owed = books.debt(program).units();
            same(&books.customer_id, "owed", owed, posted.saturating_neg())?;
            holds(&books.customer_id, "nothing less than nothing is owed", owed >= 0)?;
        }
        Ok(())
    }

    fn posted(&self, customer_id: &str, order_id: Option<&str>, account: &Account, unit: &str) -> i64 {
        let meant =
            |entry: &&crate::books::Entry| order_id.is_none() || entry.order_id.as_deref() == order_id;
        let postings = self.entries(customer_id).filter(meant).flat_map(|entry| &entry.postings);
        postings
            .filter(|posting| posting.account == *account && posting.unit == unit)
            .map(|posting| posting.amount)
            .sum()
    }

    fn check_payment(&self, order: &Order) -> Result<(), Discrepancy> {
        let payment = &order.payment;
        let id = order.order_id.as_str();
        let method = payment.method.map_or("none", crate::market::MethodType::id);
        let yen = |account: Account| {
            Money::new(self.posted(&order.customer_id, Some(&order.order_id), &account, YEN))
        };
        same(id, "promised", payment.promised, yen(Account::method_promised(method)))?;
        let here = payment.received.minus(payment.refunded)?;
        same(id, "received less refunded", here, yen(Account::method_received(method)))?;
        let not_charged = order.refunds.iter().flat_map(|refund| &refund.parts).map(|part| part.not_charged);
        let paid = Money::sum(order.tenders.iter().filter(|by| is_method(by)).map(|by| by.amount))?;
        let all = payment.promised.plus(payment.received)?.plus(Money::sum(not_charged)?)?;
        same(id, "the method's amount", paid, all)?;
        holds(id, "nothing less than nothing is promised", payment.promised >= Money::ZERO)?;
        let done = Money::sum(payment.captures.iter().filter(|c| c.done).map(|c| c.amount))?;
        let by_card = payment.method == Some(crate::market::MethodType::Card);
        holds(id, "a card paid what it was asked for", !by_card || done == payment.received)?;
        let asked = Money::sum(payment.captures.iter().map(|c| c.amount))?;
        let back = Money::sum(payment.captures.iter().map(|c| c.refunded))?;
        holds(id, "a card is not asked for more than it promised", asked <= paid)?;
        holds(id, "a card gets back what it was asked for at most", !by_card || back == payment.refunded)?;
        holds(
            id,
            "no payment gives back more than it was",
            payment.captures.iter().all(|c| c.refunded <= c.amount),
        )
    }
}

fn is_method(tender: &OrderTender) -> bool {
    tender.tender == TenderName::Method
}

fn check_charges(order: &Order) -> Result<(), Discrepancy> {
    let id = order.order_id.as_str();
    same(id, "total", order.total, Money::sum(order.charges.iter().map(|charge| charge.amount))?)?;
    same(id, "paid", order.total, Money::sum(order.tenders.iter().map(|tender| tender.amount))?)?;
    let refunded = Money::sum(order.charges.iter().map(|charge| charge.refunded))?;
    same(id, "refunded", order.refunded()?, refunded)?;
    order.charges.iter().try_for_each(|charge| check_charge(id, charge))
}

fn check_charge(id: &str, charge: &OrderCharge) -> Result<(), Discrepancy> {
    let shares = &charge.shares;
    same(id, "shares of a charge", charge.amount, Money::sum(shares.iter().map(|share| share.amount))?)?;
    let back = Money::sum(shares.iter().map(|share| share.refunded))?;
    same(id, "refunded shares of a charge", charge.refunded, back)?;
    let within = |refunded: Money, amount: Money| Money::ZERO <= refunded && refunded <= amount;
    holds(id, "of a charge goes back what it was at most", within(charge.refunded, charge.amount))?;
    let shares_within = shares.iter().all(|share| within(share.refunded, share.amount));
    holds(id, "of a share goes back what it was at most", shares_within)
}

fn check_tenders(order: &Order) -> Result<(), Discrepancy> {
    let id = order.order_id.as_str();
    for tender in &order.tenders {
        holds(id, "nobody gets back more yen than they paid", tender.refunded <= tender.amount)?;
        let points = Points::sum(tender.lots.iter().map(|used| used.points))?;
        let returned = Points::sum(tender.lots.iter().map(|used| used.returned))?;
        let by_lots = !tender.lots.is_empty();
        holds(id, "a program's points come from its lots", !by_lots || points == tender.points)?;
        holds(id, "points go back to their lots", !by_lots || returned == tender.points_returned)?;
        holds(id, "no more points go back than were used", tender.points_returned <= tender.points)?;
        let lots_within = tender.lots.iter().all(|used| used.returned <= used.points);
        holds(id, "a lot gets back what it gave at most", lots_within)?;
        let parts = order.refunds.iter().flat_map(|refund| &refund.parts);
        let parts = parts.filter(|part| part.tender == tender.tender).map(|part| part.amount);
        same(id, "a tender's refunds", tender.refunded, Money::sum(parts)?)?;
    }
    Ok(())
}

fn check_lines(order: &Order) -> Result<(), Discrepancy> {
    for line in &order.lines {
        let back = line.returning.saturating_add(line.returned);
        let counts = [line.cancelled, line.open(), line.returning, line.returned];
        let fits = counts.iter().all(|count| *count >= 0) && back <= line.delivered;
        holds(&line.line_id, "quantities of a line fit", fits && line.delivered <= line.shipped)?;
    }
    Ok(())
}

fn check_earned(order: &Order) -> Result<(), Discrepancy> {
    for record in &order.earned {
        let lots = Points::sum(record.lots.iter().map(|lot| lot.points))?;
        let fits = record.by_partner || lots == record.granted;
        holds(&order.order_id, "points granted are in lots", fits)?;
        let within = Points::ZERO <= record.taken_back && record.taken_back <= record.granted;
        holds(&order.order_id, "no more is taken back than was granted", within)?;
        let within = record.granted.minus(record.taken_back)? <= record.points;
        holds(&order.order_id, "no more is granted than was promised", within)?;
    }
    Ok(())
}
