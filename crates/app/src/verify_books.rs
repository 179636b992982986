//! Checking the books: every balance is made anew from the journal and compared with what is kept.
//!
//! It goes from customer to customer over the whole database as it is at one moment, beside whatever is being
//! written. It repairs nothing: what differs is told, and a person decides.

mod cases;
mod coupons;
mod difference;
mod order;
mod summary;

use choba_engine::order::Order;
use choba_store::books::{CaseChain, Checking, CustomerRange, KeyAnswer, OrderColumns, OrderPosting};
use choba_store::sql::{Snapshot, Store, StoreError};

use coupons::CouponCount;
pub use difference::Difference;
use order::OrderCheck;
pub use summary::{BooksSummary, ProgramValue};
use summary::{CardValue, add_values};

/// Customers whose sums are made together.
const CUSTOMERS_MOST: i64 = 1_000;

/// What is told while the books are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BooksNews {
    /// Something does not fit.
    Differs(Difference),
    /// So many customers of so many have been checked.
    Progress {
        /// Checked.
        done: i64,
        /// There are.
        all: i64,
    },
}

/// Checks the books of a running store.
///
/// # Errors
/// What the database answers. Books that differ are no error: they are told, and counted in the summary.
pub async fn verify_books(
    store: &Store,
    tell: &mut (dyn FnMut(BooksNews) + Send),
) -> Result<BooksSummary, StoreError> {
    verify_snapshot(store.snapshot().await?, tell).await
}

/// Checks the books as they are in a snapshot.
///
/// # Errors
/// As [`verify_books`].
pub async fn verify_snapshot(
    snapshot: Snapshot,
    tell: &mut (dyn FnMut(BooksNews) + Send),
) -> Result<BooksSummary, StoreError> {
    let checking = Checking::of(snapshot);
    let mut verifying = Verifying {
        checking,
        tell,
        summary: BooksSummary::default(),
        cards: CardValue::default(),
        coupons: CouponCount::default(),
    };
    verifying.run().await?;
    Ok(verifying.summary)
}

struct Verifying<'t> {
    checking: Checking,
    tell: &'t mut (dyn FnMut(BooksNews) + Send),
    summary: BooksSummary,
    cards: CardValue,
    coupons: CouponCount,
}

impl Verifying<'_> {
    async fn run(&mut self) -> Result<(), StoreError> {
        let all = self.checking.customers().await?;
        let mut range = CustomerRange::start();
        while !range.is_last() {
            range = self.checking.next_range(&range, CUSTOMERS_MOST).await?;
            self.check_range(&range).await?;
            (self.tell)(BooksNews::Progress { done: self.summary.customers, all });
        }
        for found in self.checking.differences_of_all().await? {
            self.differs(found.into());
        }
        self.cards.kept(&self.checking.cards_open().await?);
        for difference in self.cards.differences() {
            self.differs(difference);
        }
        Ok(())
    }

    fn differs(&mut self, difference: Difference) {
        self.summary.differences += 1;
        (self.tell)(BooksNews::Differs(difference));
    }

    async fn check_range(&mut self, range: &CustomerRange) -> Result<(), StoreError> {
        let (totals, value) = self.checking.totals(range).await?;
        self.summary.add(&totals);
        add_values(&mut self.summary.value, &value);
        for found in self.checking.differences(range).await? {
            self.differs(found.into());
        }
        self.cards.posted(&self.checking.cards_posted(range).await?);
        self.check_orders(range).await?;
        self.check_cases(range).await?;
        self.check_coupons(range).await?;
        self.check_answers(range).await
    }

    async fn check_orders(&mut self, range: &CustomerRange) -> Result<(), StoreError> {
        let mut last: Option<OrderColumns> = None;
        loop {
            let mut orders = self.checking.orders(range, last.as_ref()).await?;
            let postings = self.checking.postings_of(&orders).await?;
            let mut rest = postings.as_slice();
            for order in &orders {
                let own = leading(&mut rest, order);
                self.check_order(order, own);
            }
            match orders.pop() {
                Some(order) => last = Some(order),
                None => return Ok(()),
            }
        }
    }

    async fn check_cases(&mut self, range: &CustomerRange) -> Result<(), StoreError> {
        let mut last: Option<CaseChain> = None;
        loop {
            let mut chains = self.checking.cases(range, last.as_ref()).await?;
            for chain in &chains {
                self.summary.cases += 1;
                cases::differences(chain).into_iter().for_each(|difference| self.differs(difference));
            }
            match chains.pop() {
                Some(chain) => last = Some(chain),
                None => return Ok(()),
            }
        }
    }

    fn check_order(&mut self, columns: &OrderColumns, postings: &[OrderPosting]) {
        self.summary.orders += 1;
        let order: Order = match serde_json::from_str(&columns.document) {
            Ok(order) => order,
            Err(error) => {
                let found = error.to_string();
                let readable = "a document that can be read".to_owned();
                self.differs(Difference::of_order(columns, "document", readable, found));
                return;
            }
        };
        for difference in OrderCheck::of(columns, &order, postings).differences() {
            self.differs(difference);
        }
        self.coupons.count(&order);
    }

    async fn check_coupons(&mut self, range: &CustomerRange) -> Result<(), StoreError> {
        let kept = self.checking.coupon_uses(range).await?;
        for difference in self.coupons.compare(&kept) {
            self.differs(difference);
        }
        Ok(())
    }

    async fn check_answers(&mut self, range: &CustomerRange) -> Result<(), StoreError> {
        let mut last: Option<KeyAnswer> = None;
        loop {
            let mut answers = self.checking.answers(range, last.as_ref()).await?;
            let named: Vec<(&KeyAnswer, String)> =
                answers.iter().filter_map(|answer| Some((answer, order_named(&answer.answer)?))).collect();
            let asked: Vec<(String, String)> = named
                .iter()
                .map(|(answer, order_id)| (answer.customer_id.clone(), order_id.clone()))
                .collect();
            let there = self.checking.orders_there(&asked).await?;
            let lost: Vec<Difference> = named
                .iter()
                .zip(&asked)
                .filter(|(_, asked)| !there.contains(*asked))
                .map(|((answer, order_id), _)| Difference::of_answer(answer, order_id))
                .collect();
            lost.into_iter().for_each(|difference| self.differs(difference));
            match answers.pop() {
                Some(answer) => last = Some(answer),
                None => return Ok(()),
            }
        }
    }
}

/// The postings of an order at the start of those that are left, which are sorted as orders are. Those of orders
/// that are not there are passed over: they are told as entries without their order.
fn leading<'p>(rest: &mut &'p [OrderPosting], order: &OrderColumns) -> &'p [OrderPosting] {
    let key = (order.customer_id.as_str(), order.order_id.as_str());
    let of = |posting: &OrderPosting| (posting.customer_id.as_str(), posting.order_id.as_str()).cmp(&key);
    let start = rest.iter().position(|posting| of(posting).is_ge()).unwrap_or(rest.len());
    let from_there = rest.get(start..).unwrap_or_default();
    let count = from_there.iter().position(|posting| of(posting).is_gt()).unwrap_or(from_there.len());
    let (own, after) = from_there.split_at_checked(count).unwrap_or((from_there, &[]));
    *rest = after;
    own
}

/// The order that an answer is about, if it is about one.
fn order_named(answer: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        order_id: Option<String>,
    }
    serde_json::from_str::<Named>(answer).ok()?.order_id
}
