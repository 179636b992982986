//! What is kept against what the journal comes to: the statements by which the books are checked.
//!
//! Sums are made by the database, for a range of customers at a time, and what comes back is mostly differences
//! only. So the memory for checking does not grow with the books. What an order's document has to say is
//! judged elsewhere.

use std::collections::HashSet;

use super::verify_checks::{BookCheck, OF_ALL, OF_RANGE};
use crate::sql::{Row, Snapshot, Statement, StoreError, Type, Value};

const RANGE: &[(&str, Type)] = &[("after", Type::Text), ("upto", Type::Text)];

/// Greater than every id.
const AFTER_ALL: &str = "\u{10ffff}";

/// Orders whose documents are read together.
const ORDERS_MOST: i64 = 2_000;

/// Cases whose events are read together; each may have some thousands.
const CASES_MOST: i64 = 20;
/// Idempotency keys whose answers are read together.
const KEYS_MOST: i64 = 4_000;

static CUSTOMERS: Statement = Statement::new(
    "how many customers there are",
    &[],
    "SELECT :row, (SELECT CAST(count(*) AS bigint) FROM customers) FROM {rows}",
);

static NEXT_CUSTOMERS: Statement = Statement::new(
    "the next customers",
    &[("after", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id FROM customers WHERE customer_id > :after
        ORDER BY customer_id, market LIMIT :most) AS c
     ORDER BY c.customer_id",
);

static COUNTS: Statement = Statement::new(
    "counts of the books",
    RANGE,
    "SELECT :row,
        (SELECT CAST(count(*) AS bigint) FROM customers WHERE customer_id > :after AND customer_id <= :upto),
        (SELECT CAST(count(*) AS bigint) FROM lots WHERE customer_id > :after AND customer_id <= :upto),
        (SELECT CAST(count(*) AS bigint) FROM entries WHERE customer_id > :after AND customer_id <= :upto),
        (SELECT CAST(count(*) AS bigint) FROM postings WHERE customer_id > :after AND customer_id <= :upto)
     FROM {rows}",
);

static VALUE: Statement = Statement::new(
    "value by program",
    RANGE,
    "SELECT :row, v.market, v.program, v.points
     FROM {rows} CROSS JOIN LATERAL (
        SELECT market, program, CAST(sum(remaining) AS bigint) AS points
        FROM lots WHERE customer_id > :after AND customer_id <= :upto
        GROUP BY market, program) AS v
     ORDER BY v.market, v.program",
);

static CARDS_POSTED: Statement = Statement::new(
    "open cards by the journal",
    RANGE,
    "SELECT :row, v.market, v.program, v.points
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.market AS market, substr(p.account, 12) AS program, CAST(sum(p.amount) AS bigint) AS points
        FROM postings AS p
        WHERE p.customer_id > :after AND p.customer_id <= :upto AND substr(p.account, 1, 11) = 'cards_open:'
        GROUP BY p.market, substr(p.account, 12)) AS v
     ORDER BY v.market, v.program",
);

/// A reserved card whose lot is there already only waits to be marked.
static CARDS_OPEN: Statement = Statement::new(
    "open cards",
    &[],
    "SELECT :row, v.market, v.program, v.points
     FROM {rows} CROSS JOIN LATERAL (
        SELECT g.market AS market, g.program AS program, CAST(sum(g.amount) AS bigint) AS points
        FROM gift_cards AS g
        WHERE g.state = 'active' OR (g.state = 'reserved' AND NOT EXISTS (
            SELECT 1 FROM lots AS l
            WHERE l.customer_id = g.customer_id AND l.origin = 'gift_card' AND l.origin_id = g.card_id))
        GROUP BY g.market, g.program) AS v
     ORDER BY v.market, v.program",
);

/// What opened a lot is what the operation posted to it that also gave it its id: the ids of both begin alike.
static LOTS: Statement = Statement::new(
    "lots against the journal",
    RANGE,
    "SELECT :row, d.customer_id, d.lot_id, d.granted, d.opened, d.remaining, d.posted, d.expired, d.gone
     FROM {rows} CROSS JOIN LATERAL (
        SELECT s.customer_id AS customer_id, s.lot_id AS lot_id,
               CAST(sum(s.granted) AS bigint) AS granted, CAST(sum(s.opened) AS bigint) AS opened,
               CAST(sum(s.remaining) AS bigint) AS remaining, CAST(sum(s.posted) AS bigint) AS posted,
               CAST(sum(s.expired) AS bigint) AS expired, CAST(sum(s.gone) AS bigint) AS gone
        FROM (
            SELECT l.customer_id, l.lot_id, l.granted, 0 AS opened, l.remaining, 0 AS posted, l.expired,
                   0 AS gone, 1 AS lots
            FROM lots AS l WHERE l.customer_id > :after AND l.customer_id <= :upto
            UNION ALL
            SELECT p.customer_id, p.lot_id, 0,
                   CASE WHEN p.amount > 0 AND rtrim(p.entry_id, '0123456789')
                          = substr(p.lot_id, 1, length(rtrim(p.lot_id, '0123456789')) - 1) || 'e'
                        THEN p.amount ELSE 0 END,
                   0, p.amount, 0, CASE WHEN p.reason = 'expired' THEN -p.amount ELSE 0 END, 0
            FROM postings AS p
            WHERE p.customer_id > :after AND p.customer_id <= :upto AND p.lot_id IS NOT NULL
              AND substr(p.account, 1, 7) = 'wallet:') AS s
        GROUP BY s.customer_id, s.lot_id
        HAVING sum(s.lots) = 1 AND (sum(s.granted) <> sum(s.opened) OR sum(s.remaining) <> sum(s.posted)
               OR sum(s.expired) <> sum(s.gone))) AS d
     ORDER BY d.customer_id, d.lot_id",
);

static ORDERS: Statement = Statement::new(
    "orders to check",
    &[("after", Type::Text), ("after_order", Type::Text), ("upto", Type::Text), ("most", Type::Int)],
    "SELECT :row, o.customer_id, o.order_id, o.market, o.number, o.placed_at, o.state, o.payment_state, o.total,
            o.refunded, o.troubles, o.document
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, order_id, market, number, placed_at, state, payment_state, total, refunded, troubles, document
        FROM orders WHERE (customer_id, order_id) > (:after, :after_order) AND customer_id <= :upto
        ORDER BY customer_id, order_id LIMIT :most) AS o
     ORDER BY o.customer_id, o.order_id",
);

static CASES: Statement = Statement::new(
    "cases to check",
    &[("after", Type::Text), ("after_case", Type::Text), ("upto", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.case_id, c.version, c.last_hash, c.state, c.queue
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, case_id, version, last_hash, state, queue
        FROM cases WHERE (customer_id, case_id) > (:after, :after_case) AND customer_id <= :upto
        ORDER BY customer_id, case_id LIMIT :most) AS c
     ORDER BY c.customer_id, c.case_id",
);

static CASE_EVENTS: Statement = Statement::new(
    "events of cases to check",
    &[("customer_id", Type::Text), ("case_id", Type::Text)],
    "SELECT :row, e.case_id, e.seq, e.happened_at, e.document, e.prev_hash, e.hash
     FROM {rows} JOIN case_events AS e ON e.customer_id = :customer_id AND e.case_id = :case_id
     ORDER BY e.case_id, e.seq",
);

static ORDER_POSTINGS: Statement = Statement::new(
    "postings of orders",
    &[("first", Type::Text), ("first_order", Type::Text), ("last", Type::Text), ("last_order", Type::Text)],
    "SELECT :row, d.customer_id, d.order_id, d.reason, d.account, d.unit, d.lot_id, d.amount
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.customer_id AS customer_id, p.order_id AS order_id, p.reason AS reason, p.account AS account,
               p.unit AS unit, p.lot_id AS lot_id, CAST(sum(p.amount) AS bigint) AS amount
        FROM postings AS p
        WHERE p.order_id IS NOT NULL AND p.customer_id >= :first AND p.customer_id <= :last
          AND p.customer_id >= :first AND p.customer_id <= :last
          AND (p.customer_id, p.order_id) >= (:first, :first_order)
          AND (p.customer_id, p.order_id) <= (:last, :last_order)
        GROUP BY p.customer_id, p.order_id, p.reason, p.account, p.unit, p.lot_id) AS d
     ORDER BY d.customer_id, d.order_id",
);

static COUPON_USES: Statement = Statement::new(
    "uses of coupons",
    RANGE,
    "SELECT :row, c.customer_id, c.market, c.coupon_id, c.uses
     FROM {rows} JOIN customer_coupons AS c ON c.customer_id > :after AND c.customer_id <= :upto
     ORDER BY c.customer_id, c.market, c.coupon_id",
);

static KEYS: Statement = Statement::new(
    "answers under idempotency keys",
    &[("after", Type::Text), ("after_key", Type::Text), ("upto", Type::Text), ("most", Type::Int)],
    "SELECT :row, k.customer_id, k.idempotency_key, k.answer
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, idempotency_key, answer FROM idempotency_keys
        WHERE (customer_id, idempotency_key) > (:after, :after_key) AND customer_id <= :upto
        ORDER BY customer_id, idempotency_key LIMIT :most) AS k
     ORDER BY k.customer_id, k.idempotency_key",
);

static ORDERS_THERE: Statement = Statement::new(
    "whether orders are there",
    &[("customer_id", Type::Text), ("order_id", Type::Text)],
    "SELECT :row, o.customer_id, o.order_id
     FROM {rows} JOIN orders AS o ON o.customer_id = :customer_id AND o.order_id = :order_id",
);

/// Something that is kept and does not fit the journal, or the rest of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookDifference {
    /// Whose, where it is one customer's.
    pub customer_id: Option<String>,
    /// What kind of thing: a lot, an entry, an order.
    pub subject: &'static str,
    /// Which.
    pub id: String,
    /// What of it.
    pub what: String,
    /// What it has to be by the journal.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// A case as it is kept beside its events, and the events as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseChain {
    /// Whose.
    pub customer_id: String,
    /// Which.
    pub case_id: String,
    /// The number of its last event.
    pub version: i64,
    /// The hash of its last event.
    pub last_hash: String,
    /// Where it stands.
    pub state: String,
    /// In which queue.
    pub queue: String,
    /// Its events, by their numbers.
    pub events: Vec<CaseEventKept>,
}

/// An event of a case, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEventKept {
    /// Its number.
    pub seq: i64,
    /// When, in epoch milliseconds.
    pub happened_at: i64,
    /// What.
    pub document: String,
    /// The hash of the event before.
    pub prev_hash: String,
    /// Its hash.
    pub hash: String,
}

/// Customers by their ids: those after one, up to and with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRange {
    after: String,
    upto: String,
}

impl CustomerRange {
    /// The range before all customers, from which the first one follows.
    pub fn start() -> Self {
        Self { after: String::new(), upto: String::new() }
    }

    /// Whether no customers come after it.
    pub fn is_last(&self) -> bool {
        self.upto == AFTER_ALL
    }

    fn row(&self) -> Vec<Value> {
        vec![(&self.after).into(), (&self.upto).into()]
    }
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookTotals {
    /// Customers, once for each of their markets.
    pub customers: i64,
    /// Lots.
    pub lots: i64,
    /// Entries of the journal.
    pub entries: i64,
    /// Their postings.
    pub postings: i64,
}

/// Value of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueSum {
    /// In which market.
    pub market: String,
    /// Of which program.
    pub program: String,
    /// How much.
    pub points: i64,
}

/// An order as it is kept: its columns, and its document unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderColumns {
    /// Whose.
    pub customer_id: String,
    /// Its id.
    pub order_id: String,
    /// In which market.
    pub market: String,
    /// Its number.
    pub number: String,
    /// When, in epoch milliseconds.
    pub placed_at: i64,
    /// How far it is.
    pub state: String,
    /// How far its payment is.
    pub payment_state: String,
    /// Its total in yen.
    pub total: i64,
    /// What went back, in yen.
    pub refunded: i64,
    /// Troubles that have not ended.
    pub troubles: i64,
    /// The document: JSON.
    pub document: String,
}

/// What all entries of an order with one reason posted to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPosting {
    /// Whose.
    pub customer_id: String,
    /// For which order.
    pub order_id: String,
    /// Why.
    pub reason: String,
    /// To which account.
    pub account: String,
    /// In which unit.
    pub unit: String,
    /// Of which lot.
    pub lot_id: Option<String>,
    /// How much.
    pub amount: i64,
}

/// How often a customer used a coupon, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouponUses {
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// Which.
    pub coupon_id: String,
    /// How often.
    pub uses: i64,
}

/// An answer under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAnswer {
    /// Whose.
    pub customer_id: String,
    /// The key.
    pub key: String,
    /// The answer, as it was given.
    pub answer: String,
}

/// The books while they are checked: all reads see the same moment.
#[derive(Debug)]
pub struct Checking {
    snapshot: Snapshot,
}

impl Checking {
    /// Checks the books as they are in a snapshot.
    pub fn of(snapshot: Snapshot) -> Self {
        Self { snapshot }
    }

    /// How many customers there are, once for each of their markets.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn customers(&mut self) -> Result<i64, StoreError> {
        let rows = self.snapshot.read(&CUSTOMERS, vec![Vec::new()]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// The range after another one, of about so many customers. The last one has no end, so that rows of
    /// customers who are not known are in some range too.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_range(
        &mut self,
        before: &CustomerRange,
        most: i64,
    ) -> Result<CustomerRange, StoreError> {
        let after = before.upto.clone();
        let rows = self.snapshot.read(&NEXT_CUSTOMERS, vec![vec![(&after).into(), most.into()]]).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|found| found >= most);
        let last = rows.last().filter(|_| is_full);
        let upto = last.map_or(Ok(AFTER_ALL), |row| row.text(0))?.to_owned();
        Ok(CustomerRange { after, upto })
    }

    /// Counts and value of a range.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn totals(&mut self, range: &CustomerRange) -> Result<(BookTotals, Vec<ValueSum>), StoreError> {
        let rows = self.snapshot.read(&COUNTS, vec![range.row()]).await?;
        let count = |column| rows.first().map_or(Ok(0), |row| row.int(column));
        let totals =
            BookTotals { customers: count(0)?, lots: count(1)?, entries: count(2)?, postings: count(3)? };
        let value = self.snapshot.read(&VALUE, vec![range.row()]).await?;
        Ok((totals, value.iter().map(read_value).collect::<Result<_, _>>()?))
    }

    /// The differences of a range that the database itself can see: entries out of balance, lots and debts that
    /// do not fit their postings, and rows that point to nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn differences(&mut self, range: &CustomerRange) -> Result<Vec<BookDifference>, StoreError> {
        let mut found = Vec::new();
        for row in self.snapshot.read(&LOTS, vec![range.row()]).await? {
            read_lot(&row, &mut found)?;
        }
        for check in &OF_RANGE {
            self.run(check, range.row(), &mut found).await?;
        }
        Ok(found)
    }

    /// The differences of what all customers share: numbers of orders, gift cards, quotas.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn differences_of_all(&mut self) -> Result<Vec<BookDifference>, StoreError> {
        let mut found = Vec::new();
        for check in &OF_ALL {
            self.run(check, Vec::new(), &mut found).await?;
        }
        Ok(found)
    }

    async fn run(
        &mut self,
        check: &'static BookCheck,
        asked: Vec<Value>,
        found: &mut Vec<BookDifference>,
    ) -> Result<(), StoreError> {
        for row in self.snapshot.read(check.statement, vec![asked]).await? {
            found.push(check.read(&row)?);
        }
        Ok(())
    }

    /// The value of cards that can still be redeemed, by what a range of customers posted.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cards_posted(&mut self, range: &CustomerRange) -> Result<Vec<ValueSum>, StoreError> {
        self.snapshot.read(&CARDS_POSTED, vec![range.row()]).await?.iter().map(read_value).collect()
    }

    /// The value of cards that can still be redeemed, by the cards.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cards_open(&mut self) -> Result<Vec<ValueSum>, StoreError> {
        self.snapshot.read(&CARDS_OPEN, vec![Vec::new()]).await?.iter().map(read_value).collect()
    }

    /// The next orders of a range, after one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn orders(
        &mut self,
        range: &CustomerRange,
        after: Option<&OrderColumns>,
    ) -> Result<Vec<OrderColumns>, StoreError> {
        let (customer_id, order_id) = match after {
            Some(last) => (last.customer_id.as_str(), last.order_id.as_str()),
            None => (range.after.as_str(), AFTER_ALL),
        };
        let asked = vec![customer_id.into(), order_id.into(), (&range.upto).into(), Value::Int(ORDERS_MOST)];
        self.snapshot.read(&ORDERS, vec![asked]).await?.iter().map(read_order).collect()
    }

    /// Cases of a range with their events, after one of them: some at a time, in the order of customers and ids.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cases(
        &mut self,
        range: &CustomerRange,
        after: Option<&CaseChain>,
    ) -> Result<Vec<CaseChain>, StoreError> {
        let (customer_id, case_id) = match after {
            Some(last) => (last.customer_id.as_str(), last.case_id.as_str()),
            None => (range.after.as_str(), AFTER_ALL),
        };
        let asked = vec![customer_id.into(), case_id.into(), (&range.upto).into(), Value::Int(CASES_MOST)];
        let rows = self.snapshot.read(&CASES, vec![asked]).await?;
        let mut cases = rows.iter().map(read_case_kept).collect::<Result<Vec<_>, _>>()?;
        let asked = cases.iter().map(|case| vec![(&case.customer_id).into(), (&case.case_id).into()]);
        let asked: Vec<Vec<Value>> = asked.collect();
        if asked.is_empty() {
            return Ok(cases);
        }
        for row in self.snapshot.read(&CASE_EVENTS, asked).await? {
            let case_id = row.text(0)?;
            let case = cases.iter_mut().find(|case| case.case_id == case_id);
            if let Some(case) = case {
                case.events.push(read_event_kept(&row)?);
            }
        }
        Ok(cases)
    }

    /// What was posted for these orders, which follow each other: sorted as they are.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn postings_of(&mut self, orders: &[OrderColumns]) -> Result<Vec<OrderPosting>, StoreError> {
        let (Some(first), Some(last)) = (orders.first(), orders.last()) else { return Ok(Vec::new()) };
        let asked = [&first.customer_id, &first.order_id, &last.customer_id, &last.order_id];
        let asked = asked.into_iter().map(Value::from).collect();
        self.snapshot.read(&ORDER_POSTINGS, vec![asked]).await?.iter().map(read_posting).collect()
    }

    /// Uses of coupons, as they are kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn coupon_uses(&mut self, range: &CustomerRange) -> Result<Vec<CouponUses>, StoreError> {
        let rows = self.snapshot.read(&COUPON_USES, vec![range.row()]).await?;
        let read = |row: &Row| {
            Ok(CouponUses {
                customer_id: row.text(0)?.to_owned(),
                market: row.text(1)?.to_owned(),
                coupon_id: row.text(2)?.to_owned(),
                uses: row.int(3)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The next answers under idempotency keys of a range, after one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn answers(
        &mut self,
        range: &CustomerRange,
        after: Option<&KeyAnswer>,
    ) -> Result<Vec<KeyAnswer>, StoreError> {
        let (customer_id, key) = match after {
            Some(last) => (last.customer_id.as_str(), last.key.as_str()),
            None => (range.after.as_str(), AFTER_ALL),
        };
        let asked = vec![customer_id.into(), key.into(), (&range.upto).into(), Value::Int(KEYS_MOST)];
        let rows = self.snapshot.read(&KEYS, vec![asked]).await?;
        let read = |row: &Row| {
            Ok(KeyAnswer {
                customer_id: row.text(0)?.to_owned(),
                key: row.text(1)?.to_owned(),
                answer: row.text(2)?.to_owned(),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Which of these orders, by customer and order, are there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn orders_there(
        &mut self,
        orders: &[(String, String)],
    ) -> Result<HashSet<(String, String)>, StoreError> {
        let asked = orders.iter().map(|(customer_id, order_id)| vec![customer_id.into(), order_id.into()]);
        let rows = self.snapshot.read(&ORDERS_THERE, asked.collect()).await?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
    }
}

fn read_case_kept(row: &Row) -> Result<CaseChain, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(CaseChain {
        customer_id: text(0)?,
        case_id: text(1)?,
        version: row.int(2)?,
        last_hash: text(3)?,
        state: text(4)?,
        queue: text(5)?,
        events: Vec::new(),
    })
}

fn read_event_kept(row: &Row) -> Result<CaseEventKept, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    let (seq, happened_at) = (row.int(1)?, row.int(2)?);
    Ok(CaseEventKept { seq, happened_at, document: text(3)?, prev_hash: text(4)?, hash: text(5)? })
}

fn read_value(row: &Row) -> Result<ValueSum, StoreError> {
    Ok(ValueSum { market: row.text(0)?.to_owned(), program: row.text(1)?.to_owned(), points: row.int(2)? })
}

fn read_lot(row: &Row, found: &mut Vec<BookDifference>) -> Result<(), StoreError> {
    let figures = [("granted", 2), ("remaining", 4), ("expired", 6)];
    for (what, column) in figures {
        let (kept, posted) = (row.int(column)?, row.int(column + 1)?);
        if kept != posted {
            found.push(BookDifference {
                customer_id: Some(row.text(0)?.to_owned()),
                subject: "lot",
                id: row.text(1)?.to_owned(),
                what: what.to_owned(),
                expected: posted.to_string(),
                found: kept.to_string(),
            });
        }
    }
    Ok(())
}

pub(super) fn read_order(row: &Row) -> Result<OrderColumns, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(OrderColumns {
        customer_id: text(0)?,
        order_id: text(1)?,
        market: text(2)?,
        number: text(3)?,
        placed_at: row.int(4)?,
        state: text(5)?,
        payment_state: text(6)?,
        total: row.int(7)?,
        refunded: row.int(8)?,
        troubles: row.int(9)?,
        document: text(10)?,
    })
}

fn read_posting(row: &Row) -> Result<OrderPosting, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(OrderPosting {
        customer_id: text(0)?,
        order_id: text(1)?,
        reason: text(2)?,
        account: text(3)?,
        unit: text(4)?,
        lot_id: row.optional_text(5)?.map(str::to_owned),
        amount: row.int(6)?,
    })
}
