//! What others hear of, and what time brings.

use choba_engine::books::{Due, DueKind, Event, Operation};
use jiff::Timestamp;

use super::{millis, unknown};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static EVENT: Statement = Statement::new(
    "tell of an event",
    &[
        ("customer_id", Type::Text),
        ("event_id", Type::Text),
        ("market", Type::Text),
        ("kind", Type::Text),
        ("subject", Type::Text),
        ("part", Type::Text),
        ("happened_at", Type::Int),
    ],
    "INSERT INTO events (customer_id, event_id, market, kind, subject, part, happened_at, told)
     SELECT :customer_id, :event_id, :market, :kind, :subject, :part, :happened_at, 0 FROM {rows}",
)
.order(60)
.one_each();

static DUE: Statement = Statement::new(
    "note a due",
    &[
        ("customer_id", Type::Text),
        ("kind", Type::Text),
        ("subject", Type::Text),
        ("market", Type::Text),
        ("due_at", Type::Int),
    ],
    "INSERT INTO dues (customer_id, kind, subject, market, due_at, attempts)
     SELECT :customer_id, :kind, :subject, :market, :due_at, 0 FROM {rows} WHERE true
     ON CONFLICT (customer_id, kind, subject) DO UPDATE SET due_at = excluded.due_at, attempts = 0",
)
.order(62);

/// After what was new, so that a due that is over and comes again is not lost.
static DUE_DONE: Statement = Statement::new(
    "a due is over",
    &[("customer_id", Type::Text), ("kind", Type::Text), ("subject", Type::Text)],
    "DELETE FROM dues WHERE (customer_id, kind, subject) IN (SELECT :customer_id, :kind, :subject FROM {rows})",
)
.order(61);

static UNTIL: Statement = Statement::new(
    "dues until a time",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, d.customer_id, d.kind, d.subject, d.market, d.due_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, kind, subject, market, due_at FROM dues
        WHERE due_at < :until ORDER BY due_at LIMIT :most) AS d",
);

/// Something that time has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRow {
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// What.
    pub kind: DueKind,
    /// For which order or lot.
    pub subject: String,
    /// When, in epoch milliseconds.
    pub due_at: i64,
}

impl DueRow {
    /// The write by which it is over; a due of the same kind and subject written with it comes again.
    pub fn over(&self) -> Write {
        let row: Vec<Value> =
            vec![(&self.customer_id).into(), self.kind.code().into(), (&self.subject).into()];
        DUE_DONE.write(row)
    }
}

pub(super) fn write_event(
    customer_id: &str,
    market: &str,
    operation: &Operation,
    place: usize,
    event: &Event,
) -> Write {
    let row: Vec<Value> = vec![
        customer_id.into(),
        format!("{}.v{:03}", operation.id, place.saturating_add(1)).into(),
        market.into(),
        event.kind.code().into(),
        (&event.subject).into(),
        event.part.as_ref().into(),
        millis(operation.at).into(),
    ];
    EVENT.write(row)
}

pub(super) fn write_due(customer_id: &str, market: &str, due: &Due) -> Write {
    let row: Vec<Value> = vec![
        customer_id.into(),
        due.kind.code().into(),
        (&due.subject).into(),
        market.into(),
        millis(due.due_at).into(),
    ];
    DUE.write(row)
}

/// What is due before a time, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn dues_until(store: &Store, until: Timestamp, most: i64) -> Result<Vec<DueRow>, StoreError> {
    let row: Vec<Value> = vec![millis(until).into(), most.into()];
    store.read(&UNTIL, vec![row]).await?.iter().map(read_due).collect()
}

fn read_due(row: &Row) -> Result<DueRow, StoreError> {
    let code = row.text(1)?;
    let kind = DueKind::ALL.into_iter().find(|kind| kind.code() == code);
    Ok(DueRow {
        customer_id: row.text(0)?.to_owned(),
        kind: kind.ok_or_else(|| unknown("kind of due", code))?,
        subject: row.text(2)?.to_owned(),
        market: row.text(3)?.to_owned(),
        due_at: row.int(4)?,
    })
}
