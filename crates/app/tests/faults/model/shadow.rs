//! The same things done to the books in memory, with the ids that the counter drew and the answers it heard.

use choba_engine::books::{Changes, CustomerBooks, Due, DueKind, Operation, expire};
use choba_engine::market::Market;
use choba_engine::order::{Order, OrderRefusal, deadline_passed, returns_lapsed, settle};
use choba_store::books::{self, DueRow};
use jiff::Timestamp;

use super::twin::Twin;

impl Twin {
    /// The ids that the counter drew, in order.
    pub fn hear_ids(&mut self) {
        let drawn = self.drawn.take_ids(self.now);
        self.ids.extend(drawn);
    }

    /// The next operation as the counter made it.
    pub fn operation(&mut self, by: &str) -> Operation {
        let id = self.ids.pop_front().expect("the counter drew an id for each operation");
        Operation { id, at: self.now, by: by.to_owned() }
    }

    /// A customer's books, with lots in the order in which the store gives all of them. Which of two lots that end
    /// alike is used first follows from it.
    pub fn books(&self, customer_id: &str) -> CustomerBooks {
        let mut books = self.keeper.books(customer_id);
        books.lots.sort_by(|one, other| one.lot_id.cmp(&other.lot_id));
        books
    }

    /// The same for an order to be placed: first what was granted to end first.
    pub fn books_for_placing(&self, customer_id: &str) -> CustomerBooks {
        let mut books = self.books(customer_id);
        books.lots.sort_by_key(|lot| (lot.expires_at.is_none(), lot.expires_at));
        books
    }

    /// Writes to the books in memory, and insists that they fit together.
    pub fn write(&mut self, customer_id: &str, changes: &Changes) {
        self.keeper.apply(customer_id, changes).unwrap();
    }

    /// Changes an order in memory.
    pub fn change(
        &mut self,
        order: &Order,
        by: &str,
        decide: impl FnOnce(&CustomerBooks, &Market, &Operation, &Order) -> Result<Changes, OrderRefusal>,
    ) -> Result<Changes, OrderRefusal> {
        let operation = self.operation(by);
        let (books, market) = (self.books(&order.customer_id), self.market.clone());
        let order = self.keeper.order(&order.order_id).unwrap().clone();
        let changes = decide(&books, &market, &operation, &order)?;
        self.write(&order.customer_id, &changes);
        Ok(changes)
    }

    /// Takes the answers in that the counter took in for an order, one after the other.
    pub async fn take_answers_in(&mut self, customer_id: &str, order_id: &str) {
        let rows = books::asks_of_order(self.counter.store(), customer_id, order_id).await.unwrap();
        loop {
            let ask = self.keeper.asks_open().find(|ask| ask.order_id == order_id).cloned();
            let Some(ask) = ask else { return };
            let row =
                rows.iter().find(|row| row.ask.ask_id == ask.ask_id).expect("what is asked is written down");
            assert_eq!(row.ask, ask);
            if !row.settled {
                return;
            }
            let outcome = row.outcome.clone().unwrap_or_else(|| panic!("{ask:?} was dropped"));
            let order = self.keeper.order(order_id).unwrap().clone();
            let settled = self.change(&order, "system", |books, market, operation, order| {
                settle(books, market, operation, order, &ask, &outcome)
            });
            settled.unwrap();
        }
    }

    /// Lets the counter ask, one order at a time, and follows.
    pub async fn ask_what_is_open(&mut self) {
        for _ in 0..1_000 {
            let open = books::open_asks(self.counter.store(), self.now, 1).await.unwrap();
            let Some(row) = open.first() else { return };
            self.counter.ask_what_is_open(self.now, 1).await.unwrap();
            self.hear_ids();
            self.take_answers_in(&row.customer_id, &row.ask.order_id).await;
            assert_eq!(self.ids.len(), 0, "the counter did more than the books in memory");
        }
        panic!("something is asked for ever");
    }

    /// Lets the counter do what is due, one after the other, and follows.
    pub async fn do_what_is_due(&mut self) {
        for _ in 0..1_000 {
            let dues = books::dues_until(self.counter.store(), self.now, 1).await.unwrap();
            let Some(due) = dues.first() else { return };
            let report = self.counter.do_what_is_due("worker", self.now, 1).await.unwrap();
            assert_eq!(report.failed, 0, "{report:?}");
            self.hear_ids();
            self.do_due(due).await;
            assert_eq!(self.ids.len(), 0, "the counter did more than the books in memory");
        }
        panic!("something is due for ever");
    }

    async fn do_due(&mut self, row: &DueRow) {
        let due_at = Timestamp::from_millisecond(row.due_at).unwrap();
        let due = Due { kind: row.kind, subject: row.subject.clone(), due_at };
        self.keeper.forget_due(&row.customer_id, &due);
        match row.kind {
            DueKind::LotExpiry => {
                let operation = self.operation("system");
                let books = self.books(&row.customer_id);
                let changes = expire(&books, &self.market, &operation, &row.subject).unwrap();
                self.write(&row.customer_id, &changes);
            }
            DueKind::CheckWait | DueKind::CheckFindings => {
                panic!("no customer of a campaign starts a check")
            }
            DueKind::PayDeadline => {
                let order = self.keeper.order(&row.subject).unwrap().clone();
                self.change(&order, "system", deadline_passed).unwrap();
                self.take_answers_in(&row.customer_id, &row.subject).await;
            }
            DueKind::ReturnLapse => {
                let order = self.keeper.order(&row.subject).unwrap().clone();
                let lapsed =
                    |books: &_, _: &_, operation: &_, order: &_| returns_lapsed(books, operation, order);
                self.change(&order, "system", lapsed).unwrap();
                self.take_answers_in(&row.customer_id, &row.subject).await;
            }
        }
        self.tell("due", true);
    }
}
