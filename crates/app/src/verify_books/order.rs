//! An order's document against its columns, against itself, and against what was posted for it.

use std::collections::BTreeMap;

use choba_engine::books::{Account, EntryReason, YEN};
use choba_engine::market::MethodType;
use choba_engine::order::{ChargeFor, Order, OrderTender, TenderName};
use choba_store::books::{OrderColumns, OrderPosting};

use super::Difference;

/// Amounts by a name; what is not named is zero.
type Amounts = BTreeMap<String, i128>;

/// An order while it is checked.
pub(super) struct OrderCheck<'o> {
    columns: &'o OrderColumns,
    order: &'o Order,
    postings: &'o [OrderPosting],
    differences: Vec<Difference>,
}

impl<'o> OrderCheck<'o> {
    pub fn of(columns: &'o OrderColumns, order: &'o Order, postings: &'o [OrderPosting]) -> Self {
        Self { columns, order, postings, differences: Vec::new() }
    }

    /// All that does not fit.
    pub fn differences(mut self) -> Vec<Difference> {
        self.check_columns();
        self.check_document();
        self.check_yen();
        self.check_placing();
        self.check_points_returned();
        self.check_points_granted();
        self.differences
    }

    fn same<T: PartialEq + ToString>(&mut self, what: &str, expected: T, found: T) {
        if expected != found {
            let (expected, found) = (expected.to_string(), found.to_string());
            self.differences.push(Difference::of_order(self.columns, what, expected, found));
        }
    }

    /// Compares two lists of amounts; `what` is put before the names.
    fn same_amounts(&mut self, what: &str, mut expected: Amounts, found: Amounts) {
        for (name, amount) in found {
            let expected = expected.remove(&name).unwrap_or(0);
            self.same(&format!("{what}{name}"), expected, amount);
        }
        for (name, amount) in expected {
            self.same(&format!("{what}{name}"), amount, 0);
        }
    }

    /// What is searched by has to be what the document says.
    fn check_columns(&mut self) {
        let (columns, order) = (self.columns, self.order);
        let texts = [
            ("customer beside the document", order.customer_id.as_str(), columns.customer_id.as_str()),
            ("id beside the document", &order.order_id, &columns.order_id),
            ("market beside the document", &order.market, &columns.market),
            ("number beside the document", &order.number, &columns.number),
            ("state beside the document", order.state().code(), &columns.state),
            ("payment state beside the document", order.payment.state.code(), &columns.payment_state),
        ];
        texts.into_iter().for_each(|(what, document, column)| self.same(what, document, column));
        let refunded: i128 = order.tenders.iter().map(|tender| yen(tender.refunded)).sum();
        self.same("time beside the document", order.placed_at.as_millisecond(), columns.placed_at);
        self.same("total beside the document", order.total.units(), columns.total);
        self.same("refunded beside the document", refunded, i128::from(columns.refunded));
        let troubles = i64::try_from(order.open_troubles().count()).unwrap_or(i64::MAX);
        self.same("troubles beside the document", troubles, columns.troubles);
    }

    /// Every yen is paid by someone, and nobody gets back more than they paid.
    fn check_document(&mut self) {
        let order = self.order;
        let charged = order.charges.iter().map(|charge| yen(charge.amount)).sum();
        let paid = order.tenders.iter().map(|tender| yen(tender.amount)).sum();
        self.same("sum of its charges", yen(order.total), charged);
        self.same("sum of its tenders", yen(order.total), paid);
        let refunded: i128 = order.tenders.iter().map(|tender| yen(tender.refunded)).sum();
        let of_charges = order.charges.iter().map(|charge| yen(charge.refunded)).sum();
        self.same("refunded of its charges", refunded, of_charges);
        for tender in &order.tenders {
            let what = format!("refunded to {}, at most what it paid", self.tender_name(&tender.tender));
            let back = yen(tender.refunded);
            self.same(&what, back.clamp(0, yen(tender.amount).max(0)), back);
        }
    }

    fn tender_name(&self, name: &TenderName) -> String {
        match name {
            TenderName::Program(program) => program.clone(),
            TenderName::Method => method(self.order).to_owned(),
        }
    }

    /// All yen that were posted for it, to now.
    fn check_yen(&mut self) {
        let order = self.order;
        let mut expected = Amounts::new();
        let payment = &order.payment;
        add(&mut expected, &Account::method_promised(method(order)), yen(payment.promised));
        let here = yen(payment.received) - yen(payment.refunded);
        add(&mut expected, &Account::method_received(method(order)), here);
        for tender in &order.tenders {
            if let TenderName::Program(program) = &tender.tender {
                let left = yen(tender.amount) - yen(tender.refunded);
                add(&mut expected, &Account::program_paid(program), left);
            }
        }
        for charge in &order.charges {
            let left = yen(charge.amount) - yen(charge.refunded);
            add(&mut expected, &payee(order, &charge.charge), -left);
        }
        let found = self.posted(|posting| posting.unit == YEN, |posting| posting.account.clone());
        self.same_amounts("yen on ", expected, found);
    }

    /// Who paid, and with which points, when it was placed.
    fn check_placing(&mut self) {
        let order = self.order;
        let placed = EntryReason::OrderPlaced.code();
        let (mut expected, mut lots) = (Amounts::new(), Amounts::new());
        for tender in &order.tenders {
            match &tender.tender {
                TenderName::Method => {
                    add(&mut expected, &Account::method_promised(method(order)), yen(tender.amount));
                }
                TenderName::Program(program) => {
                    add(&mut expected, &Account::program_paid(program), yen(tender.amount));
                    add_points(&mut lots, program, tender);
                }
            }
        }
        let is_payer =
            |posting: &OrderPosting| posting.reason == placed && posting.unit == YEN && posting.amount > 0;
        let found = self.posted(is_payer, |posting| posting.account.clone());
        self.same_amounts("yen when it was placed, on ", expected, found);
        let is_points = |posting: &OrderPosting| {
            posting.reason == placed && (posting.lot_id.is_some() || posting.account.starts_with("partner:"))
        };
        let found =
            self.posted(is_points, |posting| posting.lot_id.clone().unwrap_or(posting.account.clone()));
        self.same_amounts("points used of ", lots, found);
    }

    /// Points that went back to the lots they came from.
    fn check_points_returned(&mut self) {
        let order = self.order;
        let mut expected = Amounts::new();
        for part in order.refunds.iter().flat_map(|refund| &refund.parts) {
            let tender = order.tenders.iter().find(|tender| tender.tender == part.tender);
            if let (TenderName::Program(program), Some(true)) =
                (&part.tender, tender.map(|tender| !tender.lots.is_empty()))
            {
                *expected.entry(program.clone()).or_default() += i128::from(part.points.units());
            }
        }
        let back = [EntryReason::Cancelled.code(), EntryReason::Refunded.code()];
        let used: Vec<&str> =
            order.tenders.iter().flat_map(|tender| &tender.lots).map(|lot| lot.lot_id.as_str()).collect();
        let is_back = |posting: &OrderPosting| {
            back.contains(&posting.reason.as_str())
                && posting.lot_id.as_deref().is_some_and(|lot_id| used.contains(&lot_id))
        };
        let found = self.posted(is_back, |posting| posting.unit.clone());
        self.same_amounts("points given back of ", expected, found);
    }

    /// Points it earned, by lot.
    fn check_points_granted(&mut self) {
        let mut expected = Amounts::new();
        for lot in self.order.earned.iter().flat_map(|earned| &earned.lots) {
            *expected.entry(lot.lot_id.clone()).or_default() += i128::from(lot.points.units());
        }
        let granted = EntryReason::Granted.code();
        let is_grant = |posting: &OrderPosting| posting.reason == granted && posting.lot_id.is_some();
        let found = self.posted(is_grant, |posting| posting.lot_id.clone().unwrap_or_default());
        self.same_amounts("points earned in ", expected, found);
    }

    /// Sums of the postings that are meant, by a name.
    fn posted(
        &self,
        is_meant: impl Fn(&OrderPosting) -> bool,
        name: impl Fn(&OrderPosting) -> String,
    ) -> Amounts {
        let mut sums = Amounts::new();
        for posting in self.postings.iter().filter(|posting| is_meant(posting)) {
            *sums.entry(name(posting)).or_default() += i128::from(posting.amount);
        }
        sums
    }
}

fn yen(amount: choba_engine::money::Money) -> i128 {
    i128::from(amount.units())
}

fn method(order: &Order) -> &'static str {
    order.payment.method.map_or("none", MethodType::id)
}

fn add(amounts: &mut Amounts, account: &Account, amount: i128) {
    *amounts.entry(account.as_str().to_owned()).or_default() += amount;
}

/// Points of a program come from its lots, or from a partner.
fn add_points(amounts: &mut Amounts, program: &str, tender: &OrderTender) {
    for used in &tender.lots {
        *amounts.entry(used.lot_id.clone()).or_default() -= i128::from(used.points.units());
    }
    if tender.lots.is_empty() {
        add(amounts, &Account::partner(program), i128::from(tender.points.units()));
    }
}

fn payee(order: &Order, charge: &ChargeFor) -> Account {
    match charge {
        ChargeFor::Fee => Account::fees(),
        ChargeFor::Shipping(seller) => Account::seller(seller),
        ChargeFor::Line(line_id) => {
            let line = order.lines.iter().find(|line| line.line_id == *line_id);
            Account::seller(line.map_or("", |line| &line.seller))
        }
    }
}
