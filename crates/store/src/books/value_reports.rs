//! Sums over all customers' journals and lots, a range of customers at a time.
//!
//! All these tables are led by the customer's id, so a range is a walk along neighbouring rows, and no statement
//! runs longer than its range is large.

use std::collections::BTreeMap;

use choba_engine::books::{Lot, Renewals};
use jiff::Timestamp;

use super::customer::{kind_of, read_lot};
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value};

/// Greater than every id.
const AFTER_ALL: &str = "\u{10ffff}";

static NEXT: Statement = Statement::new(
    "the end of the next range of customers",
    &[("after", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id FROM customers WHERE customer_id > :after
        ORDER BY customer_id, market LIMIT 1 OFFSET :most) AS c",
);

const UNTIL: &[(&str, Type)] =
    &[("after", Type::Text), ("upto", Type::Text), ("market", Type::Text), ("until", Type::Int)];

static ACCOUNTS: Statement = Statement::new(
    "what accounts came to until a time",
    UNTIL,
    "SELECT :row, s.account, s.unit, s.amount
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.account, p.unit, CAST(sum(p.amount) AS bigint) AS amount
        FROM postings AS p
        WHERE p.customer_id > :after AND p.customer_id <= :upto AND p.market = :market AND p.made_at <= :until
        GROUP BY p.account, p.unit) AS s
     WHERE s.amount <> 0 ORDER BY s.account, s.unit",
);

static LOTS: Statement = Statement::new(
    "what lots held at a time",
    UNTIL,
    "SELECT :row, s.program, s.pending, s.available, s.ended
     FROM {rows} CROSS JOIN LATERAL (
        SELECT l.program,
               CAST(sum(CASE WHEN l.available_at > :until THEN h.amount ELSE 0 END) AS bigint) AS pending,
               CAST(sum(CASE WHEN l.available_at <= :until AND NOT (l.renewed = 0 AND l.expires_at IS NOT NULL
                                  AND l.expires_at / 1000 < :until / 1000)
                             THEN h.amount ELSE 0 END) AS bigint) AS available,
               CAST(sum(CASE WHEN l.available_at <= :until AND l.renewed = 0 AND l.expires_at IS NOT NULL
                                  AND l.expires_at / 1000 < :until / 1000
                             THEN h.amount ELSE 0 END) AS bigint) AS ended
        FROM (SELECT p.customer_id, p.lot_id, CAST(sum(p.amount) AS bigint) AS amount
              FROM postings AS p
              WHERE p.customer_id > :after AND p.customer_id <= :upto AND p.market = :market
                AND p.made_at <= :until AND p.lot_id IS NOT NULL
              GROUP BY p.customer_id, p.lot_id) AS h
        JOIN lots AS l ON l.customer_id = h.customer_id AND l.lot_id = h.lot_id
        GROUP BY l.program) AS s
     ORDER BY s.program",
);

/// Quarters of an hour, because every time zone's months begin with one.
const QUARTER_MILLIS: i64 = 900_000;

static IN_PERIOD: Statement = Statement::new(
    "what came to and went from accounts in a period",
    &[
        ("after", Type::Text),
        ("upto", Type::Text),
        ("market", Type::Text),
        ("from", Type::Int),
        ("until", Type::Int),
        ("money", Type::Int),
    ],
    "SELECT :row, s.account, s.quarter, s.came, s.went
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.account, p.made_at / 900000 AS quarter,
               CAST(sum(CASE WHEN p.amount > 0 THEN p.amount ELSE 0 END) AS bigint) AS came,
               CAST(sum(CASE WHEN p.amount < 0 THEN -p.amount ELSE 0 END) AS bigint) AS went
        FROM postings AS p
        WHERE p.customer_id > :after AND p.customer_id <= :upto AND p.market = :market
          AND p.made_at >= :from AND p.made_at < :until AND CASE WHEN p.unit = 'JPY' THEN 1 ELSE 0 END = :money
        GROUP BY p.account, p.made_at / 900000) AS s
     ORDER BY s.quarter, s.account",
);

const IN_MARKET: &[(&str, Type)] = &[("after", Type::Text), ("upto", Type::Text), ("market", Type::Text)];

static OPEN_LOTS: Statement = Statement::new(
    "open lots of a range of customers",
    IN_MARKET,
    "SELECT :row, l.lot_id, l.market, l.program, l.kind, l.granted, l.remaining, l.expired, l.granted_at,
            l.pending_at, l.available_at, l.expires_at, l.renewed, l.void, l.origin, l.origin_id, l.customer_id
     FROM {rows} JOIN lots AS l ON l.customer_id > :after AND l.customer_id <= :upto AND l.market = :market
       AND l.open = 1
     ORDER BY l.customer_id, l.lot_id",
);

static RENEWALS: Statement = Statement::new(
    "renewals of a range of customers",
    IN_MARKET,
    "SELECT :row, l.customer_id, l.program, l.kind, l.expires_at
     FROM {rows} JOIN lots AS l ON l.customer_id > :after AND l.customer_id <= :upto AND l.market = :market
       AND l.renewed = 1 AND l.void = 0 AND l.expires_at IS NOT NULL
     GROUP BY :row, l.customer_id, l.program, l.kind, l.expires_at",
);

static COUPONS: Statement = Statement::new(
    "uses of coupons of a range of customers",
    IN_MARKET,
    "SELECT :row, s.coupon_id, s.holders, s.uses
     FROM {rows} CROSS JOIN LATERAL (
        SELECT coupon_id, CAST(count(*) AS bigint) AS holders, CAST(sum(uses) AS bigint) AS uses
        FROM customer_coupons
        WHERE customer_id > :after AND customer_id <= :upto AND market = :market
        GROUP BY coupon_id) AS s
     ORDER BY s.coupon_id",
);

static QUOTAS: Statement = Statement::new(
    "quotas of a market",
    &[("market", Type::Text)],
    "SELECT :row, q.coupon_id, q.quota, q.taken FROM {rows} JOIN quotas AS q ON q.market = :market
     ORDER BY q.coupon_id",
);

/// Customers after one id and up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    after: String,
    upto: Option<String>,
}

impl Range {
    /// Where the next range begins; nothing where there is none.
    pub fn next_after(&self) -> Option<&str> {
        self.upto.as_deref()
    }

    fn row(&self, market: &str) -> Vec<Value> {
        let upto = self.upto.as_deref().unwrap_or(AFTER_ALL);
        vec![(&self.after).into(), upto.into(), market.into()]
    }
}

/// What an account comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSum {
    /// Such as `seller:shop-a`.
    pub account: String,
    /// In which unit.
    pub unit: String,
    /// How much.
    pub amount: i64,
}

/// What customers' lots of a program held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotSum {
    /// Which program.
    pub program: String,
    /// Not usable yet.
    pub pending: i64,
    /// Usable.
    pub available: i64,
    /// Past its own end, and not booked as expired.
    pub ended: i64,
}

/// What came to and went from an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInPeriod {
    /// Such as `spent:rakuten`.
    pub account: String,
    /// The quarter of an hour in which it did.
    pub at: Timestamp,
    /// How much came.
    pub came: i64,
    /// How much went.
    pub went: i64,
}

/// How a coupon is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CouponCount {
    /// Customers who hold it or held it.
    pub holders: i64,
    /// Uses by all of them.
    pub uses: i64,
    /// Uses that there are for all customers together, where that is limited.
    pub quota: Option<i64>,
    /// Uses counted against the quota, reserved ones among them.
    pub taken: Option<i64>,
}

/// The next range of customers, of about so many; the last one has no end.
///
/// # Errors
/// See [`StoreError`].
pub async fn next_range(store: &Store, after: &str, most: i64) -> Result<Range, StoreError> {
    let rows = store.read(&NEXT, vec![vec![after.into(), most.into()]]).await?;
    let upto = rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()?;
    Ok(Range { after: after.to_owned(), upto })
}

/// What accounts came to by the entries made until a time.
///
/// # Errors
/// See [`StoreError`].
pub async fn account_sums(
    store: &Store,
    range: &Range,
    market: &str,
    until: Timestamp,
) -> Result<Vec<AccountSum>, StoreError> {
    let mut row = range.row(market);
    row.push(millis(until).into());
    let read = |row: &Row| {
        let (account, unit) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        Ok(AccountSum { account, unit, amount: row.int(2)? })
    };
    store.read(&ACCOUNTS, vec![row]).await?.iter().map(read).collect()
}

/// What lots held by the entries made until a time.
///
/// # Errors
/// See [`StoreError`].
pub async fn lot_sums(
    store: &Store,
    range: &Range,
    market: &str,
    until: Timestamp,
) -> Result<Vec<LotSum>, StoreError> {
    let mut row = range.row(market);
    row.push(millis(until).into());
    let read = |row: &Row| {
        let (pending, available, ended) = (row.int(1)?, row.int(2)?, row.int(3)?);
        Ok(LotSum { program: row.text(0)?.to_owned(), pending, available, ended })
    };
    store.read(&LOTS, vec![row]).await?.iter().map(read).collect()
}

/// What came to and went from accounts between two times, the second not included: those of money, or those of stored
/// value.
///
/// # Errors
/// See [`StoreError`].
pub async fn accounts_in_period(
    store: &Store,
    range: &Range,
    market: &str,
    (from, until): (Timestamp, Timestamp),
    money: bool,
) -> Result<Vec<AccountInPeriod>, StoreError> {
    let mut row = range.row(market);
    row.extend([millis(from).into(), millis(until).into(), money.into()]);
    let read = |row: &Row| {
        let at = timestamp(row.int(1)?.saturating_mul(QUARTER_MILLIS).max(millis(from)))?;
        Ok(AccountInPeriod { account: row.text(0)?.to_owned(), at, came: row.int(2)?, went: row.int(3)? })
    };
    store.read(&IN_PERIOD, vec![row]).await?.iter().map(read).collect()
}

/// The open lots of each customer, with what renews them. Renewals are read after the lots: one that comes in
/// between may count already.
///
/// # Errors
/// See [`StoreError`].
pub async fn lots_of_range(
    store: &Store,
    range: &Range,
    market: &str,
) -> Result<Vec<(Vec<Lot>, Renewals)>, StoreError> {
    let mut customers: BTreeMap<String, (Vec<Lot>, Renewals)> = BTreeMap::new();
    for row in store.read(&OPEN_LOTS, vec![range.row(market)]).await? {
        customers.entry(row.text(15)?.to_owned()).or_default().0.push(read_lot(&row)?);
    }
    for row in store.read(&RENEWALS, vec![range.row(market)]).await? {
        if let Some((_, renewals)) = customers.get_mut(row.text(0)?) {
            renewals.add(row.text(1)?, kind_of(row.text(2)?)?, timestamp(row.int(3)?)?);
        }
    }
    Ok(customers.into_values().collect())
}

/// How coupons are used in a range of customers, by coupon.
///
/// # Errors
/// See [`StoreError`].
pub async fn coupon_counts(
    store: &Store,
    range: &Range,
    market: &str,
) -> Result<Vec<(String, CouponCount)>, StoreError> {
    let read = |row: &Row| {
        let count = CouponCount { holders: row.int(1)?, uses: row.int(2)?, ..CouponCount::default() };
        Ok((row.text(0)?.to_owned(), count))
    };
    store.read(&COUPONS, vec![range.row(market)]).await?.iter().map(read).collect()
}

/// The quotas of a market's coupons: how many uses there are, and how many are taken.
///
/// # Errors
/// See [`StoreError`].
pub async fn quotas_of_market(store: &Store, market: &str) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let read = |row: &Row| Ok((row.text(0)?.to_owned(), row.int(1)?, row.int(2)?));
    store.read(&QUOTAS, vec![vec![market.into()]]).await?.iter().map(read).collect()
}
