//! Tries of codes, counted for each customer and each address; both are known only as keyed hashes.

use jiff::Timestamp;

use super::millis;
use crate::sql::{Decided, Read, Row, Statement, Store, StoreError, Type, Value, Work};

const SUBJECT: &[(&str, Type)] = &[("subject", Type::Text)];

static LOCK: Statement = Statement::new(
    "lock tries of codes",
    SUBJECT,
    "SELECT :row, a.failed_at, a.not_before
     FROM {rows} JOIN code_attempts AS a ON a.subject = :subject ORDER BY a.subject {lock a}",
)
.order(9);

static MAKE: Statement = Statement::new(
    "make tries of codes",
    SUBJECT,
    "INSERT INTO code_attempts (subject, failed_at, not_before, forgotten_at)
     SELECT :subject, '', 0, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(8);

static KEEP: Statement = Statement::new(
    "keep tries of codes",
    &[
        ("subject", Type::Text),
        ("failed_at", Type::Text),
        ("not_before", Type::Int),
        ("forgotten_at", Type::Int),
    ],
    "UPDATE code_attempts SET failed_at = :failed_at, not_before = :not_before, forgotten_at = :forgotten_at
     FROM {rows} WHERE code_attempts.subject = :subject",
)
.order(80)
.one_each();

/// Only as it was seen: who has tried again meanwhile is not forgotten.
static FORGET: Statement = Statement::new(
    "forget tries of codes",
    &[("subject", Type::Text), ("forgotten_at", Type::Int)],
    "DELETE FROM code_attempts
     WHERE (subject, forgotten_at) IN (SELECT :subject, :forgotten_at FROM {rows})",
)
.order(81);

static FORGETTABLE: Statement = Statement::new(
    "tries of codes with nothing more to say",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, a.subject, a.forgotten_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT subject, forgotten_at FROM code_attempts
        WHERE forgotten_at < :until ORDER BY forgotten_at LIMIT :most) AS a",
);

/// The tries of one customer or one address that failed, as far as they still count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeAttempts {
    /// When, in epoch milliseconds, the oldest first.
    pub failed_at: Vec<i64>,
    /// No further try before, in epoch milliseconds.
    pub not_before: i64,
}

impl CodeAttempts {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let defect = |_| StoreError::Defect { reason: "tries of codes in the database".to_owned() };
        let times = row.text(0)?.split_ascii_whitespace().map(|time| time.parse().map_err(defect));
        Ok(Self { failed_at: times.collect::<Result<_, _>>()?, not_before: row.int(1)? })
    }

    fn text(&self) -> String {
        self.failed_at.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
    }
}

struct Count<F> {
    subject: String,
    change: F,
    forgotten_after: i64,
}

impl<A, F> Work for Count<F>
where
    A: Send + 'static,
    F: FnMut(CodeAttempts) -> (CodeAttempts, A) + Send + 'static,
{
    type Answer = A;

    fn key(&self) -> &str {
        &self.subject
    }

    fn locks(&self) -> Vec<Read> {
        let subject = || vec![Value::from(&self.subject)];
        vec![MAKE.read(subject()), LOCK.read(subject())]
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<A>, StoreError> {
        let row = rows.get(1).and_then(|rows| rows.first());
        let known = row.map(CodeAttempts::read).transpose()?.unwrap_or_default();
        let (now, answer) = (self.change)(known);
        let last = now.failed_at.last().copied().unwrap_or(0).max(now.not_before);
        let row: Vec<Value> = vec![
            (&self.subject).into(),
            now.text().into(),
            now.not_before.into(),
            last.saturating_add(self.forgotten_after).into(),
        ];
        Ok(Decided::Write(vec![KEEP.write(row)], answer))
    }
}

/// Changes what is counted of a customer or an address, one change after the other. The change may be made more
/// than once, from the start. After so many milliseconds without a failure nothing is known any more.
///
/// # Errors
/// See [`StoreError`].
pub async fn count_code_attempts<A: Send + 'static>(
    store: &Store,
    subject: &str,
    forgotten_after: i64,
    change: impl FnMut(CodeAttempts) -> (CodeAttempts, A) + Send + 'static,
) -> Result<A, StoreError> {
    store.perform(Count { subject: subject.to_owned(), change, forgotten_after }).await
}

struct Forget {
    subject: String,
    forgotten_at: i64,
}

impl Work for Forget {
    type Answer = ();

    fn key(&self) -> &str {
        &self.subject
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, _: &[Vec<Row>]) -> Result<Decided<()>, StoreError> {
        let row: Vec<Value> = vec![(&self.subject).into(), self.forgotten_at.into()];
        Ok(Decided::Write(vec![FORGET.write(row)], ()))
    }
}

/// Forgets customers and addresses whose tries do not count any more; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_code_attempts(store: &Store, until: Timestamp, most: i64) -> Result<usize, StoreError> {
    let rows = store.read(&FORGETTABLE, vec![vec![millis(until).into(), most.into()]]).await?;
    for row in &rows {
        store.perform(Forget { subject: row.text(0)?.to_owned(), forgotten_at: row.int(1)? }).await?;
    }
    Ok(rows.len())
}
