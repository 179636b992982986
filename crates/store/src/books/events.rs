//! What others hear of, and what time brings.

use choba_engine::books::{Due, DueKind, Event, EventData, Operation};
use jiff::Timestamp;

use super::just_write::just_write;
use super::{millis, unknown};
use crate::sql::{Row, Statement, Store, StoreError, Topic, Type, Value, Write};

/// Events were written that are not in the feed yet.
pub const OUTBOX: Topic = Topic(0);

static EVENT: Statement = Statement::new(
    "tell of an event",
    &[
        ("customer_id", Type::Text),
        ("event_id", Type::Text),
        ("market", Type::Text),
        ("kind", Type::Text),
        ("subject", Type::Text),
        ("part", Type::Text),
        ("data", Type::Text),
        ("happened_at", Type::Int),
    ],
    "INSERT INTO events (customer_id, event_id, market, kind, subject, part, data, happened_at, told)
     SELECT :customer_id, :event_id, :market, :kind, :subject, :part, :data, :happened_at, 0 FROM {rows}",
)
.order(60)
.one_each()
.announces(OUTBOX);

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
     ON CONFLICT DO NOTHING",
)
.order(62);

/// As above, of what is new itself, so that it cannot be there already.
static NEW_DUE: Statement = Statement::new(
    "note a due of something new",
    &[
        ("customer_id", Type::Text),
        ("kind", Type::Text),
        ("subject", Type::Text),
        ("market", Type::Text),
        ("due_at", Type::Int),
    ],
    "INSERT INTO dues (customer_id, kind, subject, market, due_at, attempts)
     SELECT :customer_id, :kind, :subject, :market, :due_at, 0 FROM {rows}",
)
.order(62)
.one_each();

const OF_DUE: &[(&str, Type)] =
    &[("customer_id", Type::Text), ("kind", Type::Text), ("subject", Type::Text), ("due_at", Type::Int)];

/// Before what is new, so that a due that is over and comes again is not lost. Where another process was
/// faster there is no such due any more.
static DUE_OVER: Statement = Statement::new(
    "a due is over",
    OF_DUE,
    "DELETE FROM dues WHERE (due_at, subject, kind, customer_id)
        IN (SELECT :due_at, :subject, :kind, :customer_id FROM {rows})",
)
.order(61)
.one_each();

static DUE_OVER_IF_THERE: Statement = Statement::new(
    "a due is over, if it has not come again",
    OF_DUE,
    "DELETE FROM dues WHERE (due_at, subject, kind, customer_id)
        IN (SELECT :due_at, :subject, :kind, :customer_id FROM {rows})",
)
.order(63);

static POSTPONE_DUE: Statement = Statement::new(
    "try a due again later",
    &[
        ("customer_id", Type::Text),
        ("kind", Type::Text),
        ("subject", Type::Text),
        ("due_at", Type::Int),
        ("again_at", Type::Int),
    ],
    "UPDATE dues SET due_at = :again_at, attempts = attempts + 1
     FROM {rows} WHERE dues.customer_id = :customer_id AND dues.kind = :kind AND dues.subject = :subject
       AND dues.due_at = :due_at",
)
.order(64);

static UNTIL: Statement = Statement::new(
    "dues until a time",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, d.customer_id, d.kind, d.subject, d.market, d.due_at, d.attempts
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, kind, subject, market, due_at, attempts FROM dues
        WHERE due_at <= :until ORDER BY due_at, subject, kind, customer_id LIMIT :most) AS d",
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
    /// How often it has failed.
    pub attempts: i64,
}

impl DueRow {
    /// The write by which it is over, together with what is done about it; a due of the same kind and subject
    /// written with it comes again. Ends in [`StoreError::Conflict`] where another process was faster.
    pub fn over(&self) -> Write {
        DUE_OVER.write(self.row())
    }

    /// As it is kept, with its time: a due that has come again meanwhile is another one.
    fn row(&self) -> Vec<Value> {
        let kind = self.kind.code();
        vec![(&self.customer_id).into(), kind.into(), (&self.subject).into(), self.due_at.into()]
    }
}

/// The write that tells of an event, in the transaction of what happened. `place` parts the events of one
/// operation.
///
/// # Errors
/// [`StoreError::Defect`] where its data cannot be put into words.
pub fn write_event(
    customer_id: &str,
    market: &str,
    operation: &Operation,
    place: usize,
    event: &Event,
    data: &EventData,
) -> Result<Write, StoreError> {
    let data =
        serde_json::to_string(data).map_err(|error| StoreError::Defect { reason: error.to_string() })?;
    let row: Vec<Value> = vec![
        customer_id.into(),
        format!("{}.v{:03}", operation.id, place.saturating_add(1)).into(),
        market.into(),
        event.kind.code().into(),
        (&event.subject).into(),
        event.part.as_ref().into(),
        data.into(),
        millis(operation.at).into(),
    ];
    Ok(EVENT.write(row))
}

pub(super) fn write_due(customer_id: &str, market: &str, due: &Due, is_new: bool) -> Write {
    let row: Vec<Value> = vec![
        customer_id.into(),
        due.kind.code().into(),
        (&due.subject).into(),
        market.into(),
        millis(due.due_at).into(),
    ];
    if is_new { NEW_DUE.write(row) } else { DUE.write(row) }
}

/// Ends a due after what was done about it, unless it has come again.
///
/// # Errors
/// See [`StoreError`].
pub async fn end_due(store: &Store, due: &DueRow) -> Result<(), StoreError> {
    just_write(store, &due.customer_id, DUE_OVER_IF_THERE.write(due.row())).await
}

/// Lets a due that failed be tried again later.
///
/// # Errors
/// See [`StoreError`].
pub async fn postpone_due(store: &Store, due: &DueRow, again_at: Timestamp) -> Result<(), StoreError> {
    let mut row = due.row();
    row.push(millis(again_at).into());
    just_write(store, &due.customer_id, POSTPONE_DUE.write(row)).await
}

/// What is due at a time, the oldest first.
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
        attempts: row.int(5)?,
    })
}
