//! Orders and the journal for others to reckon with, page by page in the order of their keys; and one customer's
//! books for a person to look at.

use choba_engine::books::Lot;

use super::customer::read_lot;
use crate::sql::{Row, Snapshot, Statement, StoreError, Type, Value};

/// Rows that are read together.
const MOST: i64 = 2_000;

const FILTER_ORDERS: &[(&str, Type)] = &[
    ("after", Type::Text),
    ("after_order", Type::Text),
    ("from", Type::Int),
    ("before", Type::Int),
    ("market", Type::Text),
    ("most", Type::Int),
];

static ORDERS: Statement = Statement::new(
    "orders to export",
    FILTER_ORDERS,
    "SELECT :row, o.customer_id, o.order_id, o.market, o.number, o.placed_at, o.state, o.payment_state, o.total,
            o.refunded, o.troubles, o.document
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, order_id, market, number, placed_at, state, payment_state, total, refunded, troubles, document
        FROM orders WHERE (customer_id, order_id) > (:after, :after_order)
          AND placed_at >= :from AND placed_at < :before AND (:market = '' OR market = :market)
        ORDER BY customer_id, order_id LIMIT :most) AS o
     ORDER BY o.customer_id, o.order_id",
);

static POSTINGS: Statement = Statement::new(
    "postings to export",
    &[
        ("after", Type::Text),
        ("after_entry", Type::Text),
        ("after_place", Type::Int),
        ("from", Type::Int),
        ("before", Type::Int),
        ("market", Type::Text),
        ("most", Type::Int),
    ],
    "SELECT :row, x.customer_id, x.entry_id, x.place, x.market, x.made_at, x.reason, x.order_id, x.account, x.unit,
            x.lot_id, x.amount
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.customer_id AS customer_id, p.entry_id AS entry_id, p.place AS place, p.market AS market,
               p.made_at AS made_at, p.reason AS reason, p.order_id AS order_id, p.account AS account,
               p.unit AS unit, p.lot_id AS lot_id, p.amount AS amount
        FROM postings AS p
        WHERE (p.customer_id, p.entry_id, p.place) > (:after, :after_entry, :after_place)
          AND p.made_at >= :from AND p.made_at < :before AND (:market = '' OR p.market = :market)
        ORDER BY p.customer_id, p.entry_id, p.place LIMIT :most) AS x
     ORDER BY x.customer_id, x.entry_id, x.place",
);

static LAST_POSTINGS: Statement = Statement::new(
    "last entries of a customer",
    &[("customer_id", Type::Text), ("market", Type::Text), ("most", Type::Int)],
    "SELECT :row, e.customer_id, e.entry_id, p.place, e.market, e.made_at, e.reason, e.order_id, p.account, p.unit,
            p.lot_id, p.amount
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, entry_id, market, made_at, reason, order_id FROM entries
        WHERE customer_id = :customer_id AND market = :market
        ORDER BY entry_id DESC LIMIT :most) AS e
     JOIN postings AS p ON p.customer_id = e.customer_id AND p.entry_id = e.entry_id
     ORDER BY e.made_at, e.entry_id, p.place",
);

/// Which rows are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFilter {
    /// Not before, in epoch milliseconds.
    pub from: i64,
    /// Before, in epoch milliseconds.
    pub before: i64,
    /// In which market; in all where absent.
    pub market: Option<String>,
}

impl ExportFilter {
    /// Everything.
    pub fn all() -> Self {
        Self { from: i64::MIN, before: i64::MAX, market: None }
    }

    fn row(&self) -> [Value; 4] {
        let market = self.market.as_deref().unwrap_or("");
        [self.from.into(), self.before.into(), market.into(), MOST.into()]
    }
}

/// An order as it is kept: its columns, and its document unread.
pub type ExportedOrder = super::OrderColumns;

/// A posting with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPosting {
    /// Whose.
    pub customer_id: String,
    /// Of which entry.
    pub entry_id: String,
    /// Its place in the entry, from 0.
    pub place: i64,
    /// In which market.
    pub market: String,
    /// When, in epoch milliseconds.
    pub made_at: i64,
    /// Why.
    pub reason: String,
    /// For which order.
    pub order_id: Option<String>,
    /// To or from which account.
    pub account: String,
    /// In which unit.
    pub unit: String,
    /// Of which lot.
    pub lot_id: Option<String>,
    /// How much.
    pub amount: i64,
}

/// The next orders, after one.
///
/// # Errors
/// See [`StoreError`].
pub async fn orders_to_export(
    snapshot: &mut Snapshot,
    filter: &ExportFilter,
    after: Option<&ExportedOrder>,
) -> Result<Vec<ExportedOrder>, StoreError> {
    let (customer_id, order_id) =
        after.map_or(("", ""), |last| (last.customer_id.as_str(), last.order_id.as_str()));
    let asked = [customer_id.into(), order_id.into()].into_iter().chain(filter.row()).collect();
    snapshot.read(&ORDERS, vec![asked]).await?.iter().map(super::verify::read_order).collect()
}

/// The next postings, after one.
///
/// # Errors
/// See [`StoreError`].
pub async fn postings_to_export(
    snapshot: &mut Snapshot,
    filter: &ExportFilter,
    after: Option<&ExportedPosting>,
) -> Result<Vec<ExportedPosting>, StoreError> {
    let after: [Value; 3] = match after {
        Some(last) => [(&last.customer_id).into(), (&last.entry_id).into(), last.place.into()],
        None => ["".into(), "".into(), i64::MIN.into()],
    };
    let asked = after.into_iter().chain(filter.row()).collect();
    snapshot.read(&POSTINGS, vec![asked]).await?.iter().map(read_posting).collect()
}

/// All lots of a customer in a market, oldest id first.
///
/// # Errors
/// See [`StoreError`].
pub async fn lots_of_customer(
    snapshot: &mut Snapshot,
    customer_id: &str,
    market: &str,
) -> Result<Vec<Lot>, StoreError> {
    let asked = vec![customer_id.into(), market.into()];
    snapshot.read(&super::customer::ALL_LOTS, vec![asked]).await?.iter().map(read_lot).collect()
}

/// The postings of the last entries of a customer in a market, oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn last_entries(
    snapshot: &mut Snapshot,
    customer_id: &str,
    market: &str,
    most: i64,
) -> Result<Vec<ExportedPosting>, StoreError> {
    let asked = vec![customer_id.into(), market.into(), most.into()];
    snapshot.read(&LAST_POSTINGS, vec![asked]).await?.iter().map(read_posting).collect()
}

fn read_posting(row: &Row) -> Result<ExportedPosting, StoreError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(ExportedPosting {
        customer_id: text(0)?,
        entry_id: text(1)?,
        place: row.int(2)?,
        market: text(3)?,
        made_at: row.int(4)?,
        reason: text(5)?,
        order_id: row.optional_text(6)?.map(str::to_owned),
        account: text(7)?,
        unit: text(8)?,
        lot_id: row.optional_text(9)?.map(str::to_owned),
        amount: row.int(10)?,
    })
}
