//! Guided checks of customers, kept as documents.

use jiff::Timestamp;

use super::millis;
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

const RUN: &[(&str, Type)] = &[("customer_id", Type::Text), ("run_id", Type::Text)];

static KEEP: Statement = Statement::new(
    "keep a guided check",
    &[
        ("customer_id", Type::Text),
        ("run_id", Type::Text),
        ("market", Type::Text),
        ("flow", Type::Text),
        ("order_id", Type::Text),
        ("subject", Type::Text),
        ("ended", Type::Int),
        ("changed_at", Type::Int),
        ("document", Type::Text),
    ],
    "INSERT INTO guided_runs (customer_id, run_id, market, flow, order_id, subject, ended, changed_at, document)
     SELECT :customer_id, :run_id, :market, :flow, :order_id, :subject, :ended, :changed_at, :document
     FROM {rows} WHERE true
     ON CONFLICT (customer_id, run_id) DO UPDATE
       SET ended = excluded.ended, changed_at = excluded.changed_at, document = excluded.document",
)
.order(65)
.one_each();

static FIND: Statement = Statement::new(
    "a guided check",
    RUN,
    "SELECT :row, g.run_id, g.order_id, g.subject, g.document
     FROM {rows} JOIN guided_runs AS g ON g.customer_id = :customer_id AND g.run_id = :run_id",
);

static LATEST: Statement = Statement::new(
    "the latest guided check of a subject",
    &[("customer_id", Type::Text), ("flow", Type::Text), ("subject", Type::Text)],
    "SELECT :row, g.run_id, g.order_id, g.subject, g.document
     FROM {rows} CROSS JOIN LATERAL (
        SELECT run_id, order_id, subject, document FROM guided_runs
        WHERE customer_id = :customer_id AND flow = :flow AND subject = :subject
        ORDER BY run_id DESC LIMIT 1) AS g",
);

/// A guided check as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidedRunRow {
    /// Its id; ids follow each other in time.
    pub run_id: String,
    /// About which order.
    pub order_id: String,
    /// About what: a shipment.
    pub subject: String,
    /// The run, as JSON.
    pub document: String,
}

/// What else is kept of a guided check.
#[derive(Clone, Copy, Debug)]
pub struct GuidedRunOf<'r> {
    /// Whose.
    pub customer_id: &'r str,
    /// In which market.
    pub market: &'r str,
    /// Which kind of check.
    pub flow: &'r str,
    /// Whether it has ended.
    pub ended: bool,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// The write that keeps a check as it is now, for a decision.
pub fn keep_guided_run(of: GuidedRunOf<'_>, run: &GuidedRunRow) -> Write {
    let row: Vec<Value> = vec![
        of.customer_id.into(),
        (&run.run_id).into(),
        of.market.into(),
        of.flow.into(),
        (&run.order_id).into(),
        (&run.subject).into(),
        of.ended.into(),
        millis(of.changed_at).into(),
        (&run.document).into(),
    ];
    KEEP.write(row)
}

/// A read of a customer's check by its id, for a decision; its rows are for [`read_guided_run`].
pub fn guided_run_by_id(customer_id: &str, run_id: &str) -> Read {
    FIND.read(vec![Value::from(customer_id), run_id.into()])
}

/// A read of the latest check of a subject, for a decision; its rows are for [`read_guided_run`].
pub fn latest_guided_run(customer_id: &str, flow: &str, subject: &str) -> Read {
    LATEST.read(vec![Value::from(customer_id), flow.into(), subject.into()])
}

/// A row of a guided check.
///
/// # Errors
/// See [`StoreError`].
pub fn read_guided_run(row: &Row) -> Result<GuidedRunRow, StoreError> {
    Ok(GuidedRunRow {
        run_id: row.text(0)?.to_owned(),
        order_id: row.text(1)?.to_owned(),
        subject: row.text(2)?.to_owned(),
        document: row.text(3)?.to_owned(),
    })
}

/// A customer's check by its id.
///
/// # Errors
/// See [`StoreError`].
pub async fn guided_run(
    store: &Store,
    customer_id: &str,
    run_id: &str,
) -> Result<Option<GuidedRunRow>, StoreError> {
    let read = guided_run_by_id(customer_id, run_id);
    store.read(read.statement, vec![read.row]).await?.first().map(read_guided_run).transpose()
}
