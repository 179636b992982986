//! What a customer's wallet shows: lots, what was posted to them, and the statement.

use choba_engine::books::{EntryReason, Lot, LotHistory, StatementRow};
use choba_engine::money::Points;
use jiff::Timestamp;

use super::customer::{ALL_LOTS, LOT, read_lot};
use super::entries::reason_of;
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value};

const UNTIL: &[(&str, Type)] = &[("customer_id", Type::Text), ("market", Type::Text), ("until", Type::Int)];

/// One statement, so that lots and journal are of one moment.
static AS_POSTED: Statement = Statement::new(
    "lots as they were posted until a time",
    UNTIL,
    "SELECT :row, l.lot_id, l.market, l.program, l.kind, l.granted, l.remaining, l.expired, l.granted_at,
            l.pending_at, l.available_at, l.expires_at, l.renewed, l.void, l.origin, l.origin_id, s.reason, s.made_at, s.amount
     FROM {rows} JOIN lots AS l ON l.customer_id = :customer_id AND l.market = :market
     LEFT JOIN LATERAL (
        SELECT p.lot_id, p.reason, max(p.made_at) AS made_at, CAST(sum(p.amount) AS bigint) AS amount
        FROM postings AS p
        WHERE p.customer_id = :customer_id AND p.market = :market AND p.made_at <= :until
          AND p.lot_id IS NOT NULL
        GROUP BY p.lot_id, p.reason) AS s ON s.lot_id = l.lot_id
     ORDER BY l.lot_id, s.made_at",
);

static DEBTS_AT: Statement = Statement::new(
    "debts at a time",
    UNTIL,
    "SELECT :row, d.program, d.points
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.unit AS program, CAST(-sum(p.amount) AS bigint) AS points
        FROM postings AS p
        WHERE p.customer_id = :customer_id AND p.market = :market AND p.made_at <= :until
          AND p.account = 'debt:' || p.unit
        GROUP BY p.unit) AS d
     WHERE d.points <> 0 ORDER BY d.program",
);

static OF_LOT: Statement = Statement::new(
    "what was posted to a lot",
    &[("customer_id", Type::Text), ("lot_id", Type::Text)],
    "SELECT :row, p.entry_id, p.made_at, p.reason, p.order_id, p.note, p.made_by, p.amount
     FROM {rows} JOIN postings AS p ON p.customer_id = :customer_id AND p.lot_id = :lot_id
     ORDER BY p.made_at, p.entry_id, p.place",
);

const PAGE: &[(&str, Type)] = &[
    ("customer_id", Type::Text),
    ("market", Type::Text),
    ("program", Type::Text),
    ("made_at", Type::Int),
    ("entry_id", Type::Text),
    ("unit", Type::Text),
    ("most", Type::Int),
];

/// Balances run over all rows of the customer; the page is cut out of them.
static OLDEST_FIRST: Statement = Statement::new(
    "statement of a customer, oldest first",
    PAGE,
    "SELECT :row, s.entry_id, s.made_at, s.reason, s.order_id, s.note, s.unit, s.points, s.balance, s.number
     FROM {rows} CROSS JOIN LATERAL (
        SELECT b.*, o.number
        FROM (SELECT m.*, CAST(sum(m.points) OVER (PARTITION BY m.unit ORDER BY m.made_at, m.entry_id) AS bigint)
                          AS balance
              FROM (SELECT p.entry_id, p.made_at, p.reason, p.order_id, p.note, p.unit,
                           CAST(sum(p.amount) AS bigint) AS points
                    FROM postings AS p
                    WHERE p.customer_id = :customer_id AND p.market = :market AND p.account = 'wallet:' || p.unit
                    GROUP BY p.entry_id, p.made_at, p.reason, p.order_id, p.note, p.unit) AS m) AS b
        LEFT JOIN orders AS o ON o.customer_id = :customer_id AND o.order_id = b.order_id
        WHERE (:program = '' OR b.unit = :program)
          AND (b.made_at > :made_at OR (b.made_at = :made_at
               AND (b.entry_id > :entry_id OR (b.entry_id = :entry_id AND b.unit > :unit))))
        ORDER BY b.made_at, b.entry_id, b.unit LIMIT :most) AS s
     ORDER BY s.made_at, s.entry_id, s.unit",
);

static NEWEST_FIRST: Statement = Statement::new(
    "statement of a customer, newest first",
    PAGE,
    "SELECT :row, s.entry_id, s.made_at, s.reason, s.order_id, s.note, s.unit, s.points, s.balance, s.number
     FROM {rows} CROSS JOIN LATERAL (
        SELECT b.*, o.number
        FROM (SELECT m.*, CAST(sum(m.points) OVER (PARTITION BY m.unit ORDER BY m.made_at, m.entry_id) AS bigint)
                          AS balance
              FROM (SELECT p.entry_id, p.made_at, p.reason, p.order_id, p.note, p.unit,
                           CAST(sum(p.amount) AS bigint) AS points
                    FROM postings AS p
                    WHERE p.customer_id = :customer_id AND p.market = :market AND p.account = 'wallet:' || p.unit
                    GROUP BY p.entry_id, p.made_at, p.reason, p.order_id, p.note, p.unit) AS m) AS b
        LEFT JOIN orders AS o ON o.customer_id = :customer_id AND o.order_id = b.order_id
        WHERE (:program = '' OR b.unit = :program)
          AND (b.made_at < :made_at OR (b.made_at = :made_at
               AND (b.entry_id < :entry_id OR (b.entry_id = :entry_id AND b.unit < :unit))))
        ORDER BY b.made_at DESC, b.entry_id DESC, b.unit DESC LIMIT :most) AS s
     ORDER BY s.made_at DESC, s.entry_id DESC, s.unit DESC",
);

/// Something that was posted to a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotPosting {
    /// The entry.
    pub entry_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EntryReason,
    /// For which order.
    pub order_id: Option<String>,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Who did it.
    pub by: String,
    /// Points that came (above zero) or went.
    pub points: i64,
}

/// A row of a statement with the number of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The row.
    pub row: StatementRow,
    /// The number of its order, if it is for one.
    pub order_number: Option<String>,
}

/// Which row of a statement was the last one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPlace {
    /// When its entry was made, in epoch milliseconds.
    pub made_at: i64,
    /// Its entry.
    pub entry_id: String,
    /// Its program.
    pub program: String,
}

impl StatementPlace {
    /// The place of a row.
    pub fn of(row: &StatementRow) -> Self {
        let (made_at, entry_id) = (millis(row.at), row.entry_id.clone());
        Self { made_at, entry_id, program: row.program.clone() }
    }
}

/// Which rows of a statement are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementPage {
    /// Of one program only.
    pub program: Option<String>,
    /// Newest first; otherwise oldest first.
    pub newest_first: bool,
    /// Those that come after this row.
    pub after: Option<StatementPlace>,
    /// At most so many.
    pub most: i64,
}

/// All lots of a customer, also empty ones.
///
/// # Errors
/// See [`StoreError`].
pub async fn all_lots_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Vec<Lot>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into()];
    store.read(&ALL_LOTS, vec![row]).await?.iter().map(read_lot).collect()
}

/// All lots of a customer with what was posted to them until a time, summed up by reason: enough to say what
/// was in them at that time, not before.
///
/// # Errors
/// See [`StoreError`].
pub async fn lots_as_posted(
    store: &Store,
    customer_id: &str,
    market: &str,
    until: Timestamp,
) -> Result<Vec<LotHistory>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into(), millis(until).into()];
    let mut histories: Vec<LotHistory> = Vec::new();
    for row in store.read(&AS_POSTED, vec![row]).await? {
        if histories.last().is_none_or(|last| Ok(last.lot.lot_id.as_str()) != row.text(0)) {
            histories.push(LotHistory { lot: read_lot(&row)?, postings: Vec::new() });
        }
        let Some(last) = histories.last_mut() else { continue };
        if let Some(reason) = row.optional_text(15)? {
            last.postings.push((timestamp(row.int(16)?)?, row.int(17)?, reason_of(reason)?));
        }
    }
    Ok(histories)
}

/// Points that a customer owed at a time, by program.
///
/// # Errors
/// See [`StoreError`].
pub async fn debts_at(
    store: &Store,
    customer_id: &str,
    market: &str,
    until: Timestamp,
) -> Result<Vec<(String, Points)>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into(), millis(until).into()];
    let rows = store.read(&DEBTS_AT, vec![row]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), Points::new(row.int(1)?)))).collect()
}

/// A lot of a customer with everything that was posted to it, oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn lot_postings(
    store: &Store,
    customer_id: &str,
    lot_id: &str,
) -> Result<Option<(Lot, Vec<LotPosting>)>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), lot_id.into()];
    let lots = store.read(&LOT, vec![row.clone()]).await?;
    let Some(lot) = lots.first() else { return Ok(None) };
    let postings = store.read(&OF_LOT, vec![row]).await?;
    Ok(Some((read_lot(lot)?, postings.iter().map(read_posting).collect::<Result<_, _>>()?)))
}

fn read_posting(row: &Row) -> Result<LotPosting, StoreError> {
    Ok(LotPosting {
        entry_id: row.text(0)?.to_owned(),
        at: timestamp(row.int(1)?)?,
        reason: reason_of(row.text(2)?)?,
        order_id: row.optional_text(3)?.map(str::to_owned),
        note: row.optional_text(4)?.map(str::to_owned),
        by: row.text(5)?.to_owned(),
        points: row.int(6)?,
    })
}

/// Rows of a customer's statement, with the balance after each. Costs one pass over the customer's journal.
///
/// # Errors
/// See [`StoreError`].
pub async fn statement_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
    page: &StatementPage,
) -> Result<Vec<StatementLine>, StoreError> {
    let (statement, start) =
        if page.newest_first { (&NEWEST_FIRST, i64::MAX) } else { (&OLDEST_FIRST, i64::MIN) };
    let place = page.after.clone().unwrap_or(StatementPlace {
        made_at: start,
        entry_id: String::new(),
        program: String::new(),
    });
    let row: Vec<Value> = vec![
        customer_id.into(),
        market.into(),
        page.program.as_deref().unwrap_or("").into(),
        place.made_at.into(),
        place.entry_id.into(),
        place.program.into(),
        page.most.into(),
    ];
    store.read(statement, vec![row]).await?.iter().map(read_statement).collect()
}

fn read_statement(row: &Row) -> Result<StatementLine, StoreError> {
    let order_number = row.optional_text(8)?.map(str::to_owned);
    let row = StatementRow {
        entry_id: row.text(0)?.to_owned(),
        at: timestamp(row.int(1)?)?,
        reason: reason_of(row.text(2)?)?,
        order_id: row.optional_text(3)?.map(str::to_owned),
        note: row.optional_text(4)?.map(str::to_owned),
        program: row.text(5)?.to_owned(),
        points: row.int(6)?,
        balance: row.int(7)?,
    };
    Ok(StatementLine { row, order_number })
}
