//! The books in memory: the reference that stores are compared with, and what a campaign can be replayed on.
//!
//! A [`Keeper`] writes [`Changes`] as a store does, all of them at once, and can tell whether what it holds
//! fits together. It decides nothing: no rule about money stands here, only what must be true of every rule's
//! outcome.

mod check;

use std::collections::BTreeMap;

pub use check::Discrepancy;

use super::{
    Ask, BooksError, Changes, CouponUseChange, CustomerBooks, DebtChange, Due, Entry, Event, HeldCoupon, Lot,
    LotChange, LotHistory, Renewals,
};
use crate::money::{Overflow, Points};
use crate::order::Order;

/// Books of many customers, in memory.
#[derive(Clone, Debug, Default)]
pub struct Keeper {
    customers: BTreeMap<String, CustomerBooks>,
    orders: BTreeMap<String, Order>,
    journal: Vec<(String, Entry)>,
    asks: Vec<(String, Ask)>,
    asks_settled: Vec<String>,
    events: Vec<(String, Event)>,
    dues: Vec<(String, Due)>,
}

impl Keeper {
    /// Puts a customer's rank, coupons or links as they are from now on. Lots, debts and entries stay as they
    /// are kept here.
    pub fn introduce(&mut self, customer: CustomerBooks) {
        let known = self.customer_mut(&customer.customer_id);
        known.rank = customer.rank;
        known.coupons = customer.coupons;
        known.links = customer.links;
    }

    /// What is known of a customer; of a stranger nothing but the name.
    pub fn books(&self, customer_id: &str) -> CustomerBooks {
        let stranger = || CustomerBooks { customer_id: customer_id.to_owned(), ..CustomerBooks::default() };
        self.customers.get(customer_id).cloned().unwrap_or_else(stranger)
    }

    /// The order of that id.
    pub fn order(&self, order_id: &str) -> Result<&Order, BooksError> {
        self.orders
            .get(order_id)
            .ok_or_else(|| BooksError::NotLoaded { what: "order", id: order_id.to_owned() })
    }

    /// All orders, by id.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// A customer's entries, in order.
    pub fn entries<'k>(&'k self, customer_id: &'k str) -> impl Iterator<Item = &'k Entry> {
        let of_customer = self.journal.iter().filter(move |(whose, _)| whose == customer_id);
        of_customer.map(|(_, entry)| entry)
    }

    /// Asks that nobody has answered, in order.
    pub fn asks_open(&self) -> impl Iterator<Item = &Ask> {
        self.asks().filter(|ask| !self.asks_settled.contains(&ask.ask_id))
    }

    /// All asks, in order.
    pub fn asks(&self) -> impl Iterator<Item = &Ask> {
        self.asks.iter().map(|(_, ask)| ask)
    }

    /// What others heard of a customer, in order.
    pub fn events<'k>(&'k self, customer_id: &'k str) -> impl Iterator<Item = &'k Event> {
        self.events.iter().filter(move |(whose, _)| whose == customer_id).map(|(_, event)| event)
    }

    /// What time brings to a customer; what was said twice, once.
    pub fn dues<'k>(&'k self, customer_id: &'k str) -> impl Iterator<Item = &'k Due> {
        self.dues.iter().filter(move |(whose, _)| whose == customer_id).map(|(_, due)| due)
    }

    /// What time brought has been done; the same of that kind and subject may be said again.
    pub fn forget_due(&mut self, customer_id: &str, due: &Due) {
        self.dues.retain(|(whose, known)| whose != customer_id || known != due);
    }

    /// A customer's lots with everything that was posted to them.
    pub fn histories(&self, customer_id: &str) -> Vec<LotHistory> {
        let lots = self.customers.get(customer_id).map(|books| books.lots.as_slice()).unwrap_or_default();
        lots.iter().map(|lot| self.history(customer_id, lot)).collect()
    }

    fn history(&self, customer_id: &str, lot: &Lot) -> LotHistory {
        let postings = self.entries(customer_id).flat_map(|entry| {
            let of_lot = entry.postings.iter().filter(|posting| posting.lot_id.as_ref() == Some(&lot.lot_id));
            of_lot.map(|posting| (entry.at, posting.amount, entry.reason))
        });
        LotHistory { lot: lot.clone(), postings: postings.collect() }
    }

    /// Writes everything that was decided for a customer, or nothing where a part cannot be written.
    pub fn apply(&mut self, customer_id: &str, changes: &Changes) -> Result<(), BooksError> {
        let mut books = self.books(customer_id);
        write_lots(&mut books, changes)?;
        write_debts(&mut books, &changes.debts)?;
        changes.coupon_uses.iter().for_each(|change| write_coupon_use(&mut books, change));
        books.orders_placed = books.orders_placed.saturating_add(changes.orders_placed);
        books.last_entry_at = changes.entries.iter().map(|entry| entry.at).chain(books.last_entry_at).max();
        books.renewals = Renewals::of(&books.lots);
        self.customers.insert(customer_id.to_owned(), books);
        self.write_logs(customer_id, changes);
        Ok(())
    }

    fn write_logs(&mut self, customer_id: &str, changes: &Changes) {
        let whose = || customer_id.to_owned();
        for order in &changes.orders {
            self.orders.insert(order.order_id.clone(), order.clone());
        }
        self.journal.extend(changes.entries.iter().map(|entry| (whose(), entry.clone())));
        self.asks.extend(changes.asks.iter().map(|ask| (whose(), ask.clone())));
        self.asks_settled.extend(changes.asks_settled.iter().cloned());
        self.events.extend(changes.events.iter().map(|event| (whose(), event.clone())));
        for due in &changes.dues {
            let said = (whose(), due.clone());
            if !self.dues.contains(&said) {
                self.dues.push(said);
            }
        }
    }

    fn customer_mut(&mut self, customer_id: &str) -> &mut CustomerBooks {
        let books = self.customers.entry(customer_id.to_owned()).or_default();
        customer_id.clone_into(&mut books.customer_id);
        books
    }
}

fn write_lots(books: &mut CustomerBooks, changes: &Changes) -> Result<(), BooksError> {
    books.lots.extend(changes.lots.iter().cloned());
    for change in &changes.lot_changes {
        write_lot_change(books, change)?;
    }
    Ok(())
}

fn write_lot_change(books: &mut CustomerBooks, change: &LotChange) -> Result<(), BooksError> {
    let known = books.lots.iter_mut().find(|lot| lot.lot_id == change.lot_id);
    let lot = known.ok_or_else(|| BooksError::NotLoaded { what: "lot", id: change.lot_id.clone() })?;
    lot.remaining = lot.remaining.plus(Points::new(change.points))?;
    lot.expired = lot.expired.plus(change.expired)?;
    lot.void |= change.void;
    Ok(())
}

fn write_debts(books: &mut CustomerBooks, changes: &[DebtChange]) -> Result<(), Overflow> {
    for change in changes {
        let points = Points::new(change.points);
        match books.debts.iter_mut().find(|(program, _)| *program == change.program) {
            Some((_, owed)) => *owed = owed.plus(points)?,
            None => books.debts.push((change.program.clone(), points)),
        }
    }
    books.debts.retain(|(_, owed)| !owed.is_zero());
    Ok(())
}

fn write_coupon_use(books: &mut CustomerBooks, change: &CouponUseChange) {
    match books.coupons.iter_mut().find(|held| held.coupon_id == change.coupon_id) {
        Some(held) => held.uses = held.uses.saturating_add(change.uses),
        None => books.coupons.push(HeldCoupon {
            coupon_id: change.coupon_id.clone(),
            uses: change.uses,
            uses_by_all: 0,
        }),
    }
}
