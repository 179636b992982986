//! The journal.

use choba_engine::books::{Entry, EntryReason, Posting};

use super::{millis, unknown};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static ENTRY: Statement = Statement::new(
    "make an entry",
    &[
        ("customer_id", Type::Text),
        ("entry_id", Type::Text),
        ("market", Type::Text),
        ("made_at", Type::Int),
        ("reason", Type::Text),
        ("order_id", Type::Text),
        ("note", Type::Text),
        ("made_by", Type::Text),
        ("postings", Type::Text),
    ],
    "INSERT INTO entries (customer_id, entry_id, market, made_at, reason, order_id, note, made_by, postings)
     SELECT :customer_id, :entry_id, :market, :made_at, :reason, :order_id, :note, :made_by, :postings
     FROM {rows}",
)
.order(40)
.one_each();

const PAGE: &[(&str, Type)] =
    &[("customer_id", Type::Text), ("market", Type::Text), ("after", Type::Text), ("most", Type::Int)];

static OF_CUSTOMER: Statement = Statement::new(
    "entries of a customer",
    PAGE,
    "SELECT :row, e.entry_id, e.made_at, e.reason, e.order_id, e.note, e.made_by, p.account, p.unit, p.lot_id,
            p.amount
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, entry_id, made_at, reason, order_id, note, made_by FROM entries
        WHERE customer_id = :customer_id AND market = :market AND entry_id > :after
        ORDER BY entry_id LIMIT :most) AS e
     JOIN postings AS p ON p.customer_id = e.customer_id AND p.entry_id = e.entry_id
     ORDER BY e.entry_id, p.place",
);

static OF_ORDER: Statement = Statement::new(
    "entries of an order",
    &[("customer_id", Type::Text), ("order_id", Type::Text)],
    "SELECT :row, e.entry_id, e.made_at, e.reason, e.order_id, e.note, e.made_by, p.account, p.unit, p.lot_id,
            p.amount
     FROM {rows} JOIN entries AS e ON e.customer_id = :customer_id AND e.order_id = :order_id
     JOIN postings AS p ON p.customer_id = e.customer_id AND p.entry_id = e.entry_id
     ORDER BY e.made_at, e.entry_id, p.place",
);

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// Unique for the customer.
    pub entry_id: String,
    /// When, in epoch milliseconds.
    pub made_at: i64,
    /// Why.
    pub reason: EntryReason,
    /// For which order.
    pub order_id: Option<String>,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Who did it.
    pub made_by: String,
    /// What moved.
    pub postings: Vec<PostingRow>,
}

/// A posting as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingRow {
    /// To or from which account.
    pub account: String,
    /// In which unit.
    pub unit: String,
    /// Of which lot.
    pub lot_id: Option<String>,
    /// How much.
    pub amount: i64,
}

pub(super) fn write_entry(
    customer_id: &str,
    market: &str,
    entry: &Entry,
    writes: &mut Vec<Write>,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![
        customer_id.into(),
        (&entry.entry_id).into(),
        market.into(),
        millis(entry.at).into(),
        entry.reason.code().into(),
        entry.order_id.as_ref().into(),
        entry.note.as_ref().into(),
        (&entry.by).into(),
        postings_of(entry)?.into(),
    ];
    writes.push(ENTRY.write(row));
    Ok(())
}

/// What an entry moves, as the view of postings takes it apart.
fn postings_of(entry: &Entry) -> Result<String, StoreError> {
    let row = |posting: &'_ Posting| {
        let Posting { account, unit, lot_id, amount } = posting;
        (account.as_str().to_owned(), unit.clone(), lot_id.clone(), *amount)
    };
    let rows: Vec<_> = entry.postings.iter().map(row).collect();
    serde_json::to_string(&rows).map_err(|error| StoreError::Defect { reason: error.to_string() })
}

/// Entries of a customer in a market, oldest first, those after an entry's id.
///
/// # Errors
/// See [`StoreError`].
pub async fn entries_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
    after: &str,
    most: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into(), after.into(), most.into()];
    together(&store.read(&OF_CUSTOMER, vec![row]).await?)
}

/// Entries made for an order of a customer, oldest first. Costs one pass over the customer's journal.
///
/// # Errors
/// See [`StoreError`].
pub async fn entries_of_order(
    store: &Store,
    customer_id: &str,
    order_id: &str,
) -> Result<Vec<EntryRow>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), order_id.into()];
    together(&store.read(&OF_ORDER, vec![row]).await?)
}

/// Entries from their postings, of which those of one entry follow each other.
fn together(rows: &[Row]) -> Result<Vec<EntryRow>, StoreError> {
    let mut entries: Vec<EntryRow> = Vec::new();
    for row in rows {
        let posting = read_posting(row)?;
        match entries.last_mut() {
            Some(last) if last.entry_id == row.text(0)? => last.postings.push(posting),
            _ => entries.push(EntryRow { postings: vec![posting], ..read_entry(row)? }),
        }
    }
    Ok(entries)
}

fn read_entry(row: &Row) -> Result<EntryRow, StoreError> {
    Ok(EntryRow {
        entry_id: row.text(0)?.to_owned(),
        made_at: row.int(1)?,
        reason: reason_of(row.text(2)?)?,
        order_id: row.optional_text(3)?.map(str::to_owned),
        note: row.optional_text(4)?.map(str::to_owned),
        made_by: row.text(5)?.to_owned(),
        postings: Vec::new(),
    })
}

fn read_posting(row: &Row) -> Result<PostingRow, StoreError> {
    Ok(PostingRow {
        account: row.text(6)?.to_owned(),
        unit: row.text(7)?.to_owned(),
        lot_id: row.optional_text(8)?.map(str::to_owned),
        amount: row.int(9)?,
    })
}

pub(crate) fn reason_of(code: &str) -> Result<EntryReason, StoreError> {
    let reason = EntryReason::ALL.into_iter().find(|reason| reason.code() == code);
    reason.ok_or_else(|| unknown("reason of an entry", code))
}
