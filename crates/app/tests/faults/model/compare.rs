//! Whether the store holds what the memory holds.

use choba_app::{HeldBalance, Whose};
use choba_engine::books::{AskOutcome, Due, Entry, balances};
use choba_engine::market::LotKind;
use choba_engine::money::Points;
use choba_store::books::{self, AskRow, EntryRow, PostingRow};
use jiff::Timestamp;

use super::twin::{MARKET, Twin};
use crate::truth::{books_are_fine, orders_of};

fn entry_row(entry: &Entry) -> EntryRow {
    let posting = |posting: &choba_engine::books::Posting| PostingRow {
        account: posting.account.as_str().to_owned(),
        unit: posting.unit.clone(),
        lot_id: posting.lot_id.clone(),
        amount: posting.amount,
    };
    EntryRow {
        entry_id: entry.entry_id.clone(),
        made_at: entry.at.as_millisecond(),
        reason: entry.reason,
        order_id: entry.order_id.clone(),
        note: entry.note.clone(),
        made_by: entry.by.clone(),
        postings: entry.postings.iter().map(posting).collect(),
    }
}

impl Twin {
    /// Compares everything, and checks both by themselves.
    pub async fn compare(&mut self) {
        self.keeper.check().unwrap_or_else(|discrepancy| panic!("in memory: {discrepancy}"));
        for whose in self.customers.clone() {
            self.compare_lots(&whose).await;
            self.compare_entries(&whose).await;
            self.compare_orders(&whose).await;
            self.compare_dues(&whose).await;
            self.compare_wallet(&whose).await;
        }
        books_are_fine(&self.counter).await;
    }

    async fn compare_lots(&self, whose: &Whose) {
        let lots =
            books::all_lots_of_customer(self.counter.store(), &whose.customer_id, MARKET).await.unwrap();
        let mut expected = self.keeper.books(&whose.customer_id).lots;
        expected.sort_by(|one, other| one.lot_id.cmp(&other.lot_id));
        similar(&lots, &expected, "lots", whose);
    }

    async fn compare_entries(&self, whose: &Whose) {
        let store = self.counter.store();
        let entries =
            books::entries_of_customer(store, &whose.customer_id, MARKET, "", 1_000_000).await.unwrap();
        let mut expected: Vec<EntryRow> = self.keeper.entries(&whose.customer_id).map(entry_row).collect();
        expected.sort_by(|one, other| one.entry_id.cmp(&other.entry_id));
        similar(&entries, &expected, "entries", whose);
    }

    async fn compare_orders(&self, whose: &Whose) {
        let orders = orders_of(&self.counter, whose).await;
        let mine = self.keeper.orders().filter(|order| order.customer_id == whose.customer_id);
        similar(&orders, &mine.cloned().collect::<Vec<_>>(), "orders", whose);
        for order in orders {
            self.compare_asks(whose, &order.order_id).await;
        }
    }

    /// In the order in which they were made; answered or dropped on both sides or on none.
    async fn compare_asks(&self, whose: &Whose, order_id: &str) {
        let rows = books::asks_of_order(self.counter.store(), &whose.customer_id, order_id).await.unwrap();
        let expected: Vec<_> = self.keeper.asks().filter(|ask| ask.order_id == order_id).cloned().collect();
        let asks: Vec<_> = rows.iter().map(|row| row.ask.clone()).collect();
        similar(&asks, &expected, "asks", whose);
        let open = |row: &&AskRow| !row.settled;
        let open: Vec<_> = rows.iter().filter(open).map(|row| row.ask.clone()).collect();
        let expected = self.keeper.asks_open().filter(|ask| ask.order_id == order_id);
        similar(&open, &expected.cloned().collect::<Vec<_>>(), "open asks", whose);
        let answered = |row: &AskRow| row.settled || row.outcome.is_none();
        assert!(rows.iter().all(answered), "an open ask has an answer: {rows:#?}");
        let refused = rows.iter().filter(|row| matches!(row.outcome, Some(AskOutcome::Unavailable)));
        assert!(refused.count() <= 1, "an order is refused once");
    }

    async fn compare_dues(&self, whose: &Whose) {
        let rows = books::dues_until(self.counter.store(), Timestamp::MAX, 1_000_000).await.unwrap();
        let mine = rows.into_iter().filter(|row| row.customer_id == whose.customer_id);
        let mut dues: Vec<Due> = mine
            .map(|row| {
                let due_at = Timestamp::from_millisecond(row.due_at).unwrap();
                Due { kind: row.kind, subject: row.subject, due_at }
            })
            .collect();
        let mut expected: Vec<Due> = self.keeper.dues(&whose.customer_id).cloned().collect();
        let key = |due: &Due| (due.kind.code(), due.subject.clone());
        dues.sort_by_key(key);
        expected.sort_by_key(key);
        similar(&dues, &expected, "dues", whose);
    }

    async fn compare_wallet(&self, whose: &Whose) {
        let wallet = self.counter.wallet_at(whose, self.now).await.unwrap();
        let kept = self.keeper.books(&whose.customer_id);
        let expected = balances(&kept, &self.market, self.now).unwrap();
        let now = self.counter.balances_now(whose, self.now).await.unwrap();
        let row =
            |row: &HeldBalance| (row.program.clone(), row.kind, row.announced, row.pending, row.available);
        let expected = expected
            .into_iter()
            .map(|row| (row.program, row.kind, row.announced, row.pending, row.available));
        let expected = something(expected.collect());
        similar(&something(now.iter().map(row).collect()), &expected, "balances", whose);
        // Of an instant before the last entry, the journal tells something else.
        if kept.last_entry_at.is_none_or(|last| last <= self.now) {
            similar(&something(wallet.balances.iter().map(row).collect()), &expected, "wallet", whose);
            let owed: Vec<_> = wallet.owed.into_iter().map(|owed| (owed.program, owed.points)).collect();
            let mut expected = kept.debts.clone();
            expected.sort();
            similar(&owed, &expected, "debts", whose);
        }
        let coupons = self.counter.coupons_of(whose).await.unwrap();
        similar(&coupons, &kept.coupons, "coupons", whose);
    }
}

type Held = (String, Option<LotKind>, Points, Points, Points);

/// Sides may differ in the order of balances, and in whether they name those of nothing.
fn something(mut balances: Vec<Held>) -> Vec<Held> {
    balances.retain(|(_, _, announced, pending, available)| {
        [announced, pending, available].iter().any(|points| !points.is_zero())
    });
    balances.sort_by_key(|(program, kind, ..)| format!("{program} {kind:?}"));
    balances
}

/// Names the first that differs, because all of them are too many to read.
fn similar<T: PartialEq + std::fmt::Debug>(store: &[T], memory: &[T], what: &str, whose: &Whose) {
    for (store, memory) in store.iter().zip(memory) {
        assert_eq!(store, memory, "{what} of {}: the store (left) and the memory differ", whose.customer_id);
    }
    assert_eq!(store.len(), memory.len(), "{what} of {}: {store:#?} {memory:#?}", whose.customer_id);
}
