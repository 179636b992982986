//! What was counted of a subject lately, in rows that are locked while they are counted.

use jiff::Timestamp;

use super::locked::Locked;
use super::millis;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

const SUBJECT: &[(&str, Type)] = &[("subject", Type::Text)];

static MAKE: Statement = Statement::new(
    "make a limit",
    SUBJECT,
    "INSERT INTO limits (subject, begins_at, counted, counted_before, forgotten_at)
     SELECT :subject, 0, 0, 0, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(110);

static LOCK: Statement = Statement::new(
    "lock a limit",
    SUBJECT,
    "SELECT :row, l.begins_at, l.counted, l.counted_before
     FROM {rows} JOIN limits AS l ON l.subject = :subject ORDER BY l.subject {lock l}",
)
.order(111);

static FIND: Statement = Statement::new(
    "what was counted",
    SUBJECT,
    "SELECT :row, l.begins_at, l.counted, l.counted_before FROM {rows} JOIN limits AS l ON l.subject = :subject",
);

static KEEP: Statement = Statement::new(
    "keep a limit",
    &[
        ("subject", Type::Text),
        ("begins_at", Type::Int),
        ("counted", Type::Int),
        ("counted_before", Type::Int),
        ("forgotten_at", Type::Int),
    ],
    "UPDATE limits SET begins_at = :begins_at, counted = :counted, counted_before = :counted_before,
                       forgotten_at = :forgotten_at
     FROM {rows} WHERE limits.subject = :subject",
)
.order(112)
.one_each();

/// Only as it was seen: what was counted meanwhile is not forgotten.
static FORGET: Statement = Statement::new(
    "forget a limit",
    &[("subject", Type::Text), ("forgotten_at", Type::Int)],
    "DELETE FROM limits WHERE (subject, forgotten_at) IN (SELECT :subject, :forgotten_at FROM {rows})",
)
.order(113);

static FORGETTABLE: Statement = Statement::new(
    "limits to forget",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, l.subject, l.forgotten_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT subject, forgotten_at FROM limits
        WHERE forgotten_at < :until ORDER BY forgotten_at LIMIT :most) AS l",
);

/// What was counted of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// When the window begins, in epoch milliseconds.
    pub begins_at: i64,
    /// In it.
    pub counted: i64,
    /// In the window before it.
    pub counted_before: i64,
    /// From when on nothing of it counts any more.
    pub forgotten_at: i64,
}

impl Counted {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let (begins_at, counted, counted_before) = (row.int(0)?, row.int(1)?, row.int(2)?);
        Ok(Self { begins_at, counted, counted_before, forgotten_at: 0 })
    }

    fn keep(&self, subject: &str) -> Write {
        let row: Vec<Value> = vec![
            subject.into(),
            self.begins_at.into(),
            self.counted.into(),
            self.counted_before.into(),
            self.forgotten_at.into(),
        ];
        KEEP.write(row)
    }
}

/// What was counted of a subject, without counting.
///
/// # Errors
/// See [`StoreError`].
pub async fn counted(store: &Store, subject: &str) -> Result<Counted, StoreError> {
    let rows = store.read(&FIND, vec![vec![subject.into()]]).await?;
    rows.first().map_or(Ok(Counted::default()), Counted::read)
}

/// What a count comes to: what is counted from now on, what is written with it, and the answer.
pub type Counting<A> = (Vec<Counted>, Vec<Write>, A);

/// Counts something of subjects that nobody else counts under another key. Subjects and counts stand in the same order.
/// It may be decided more than once, from the start.
///
/// # Errors
/// See [`StoreError`].
pub async fn count<A: Send + 'static>(
    store: &Store,
    key: &str,
    subjects: Vec<String>,
    mut decide: impl FnMut(&[Counted]) -> Counting<A> + Send + 'static,
) -> Result<A, StoreError> {
    let make = subjects.iter().map(|subject| MAKE.read(vec![subject.into()]));
    let locks = make.chain(subjects.iter().map(|subject| LOCK.read(vec![subject.into()]))).collect();
    let decide = move |rows: &[Vec<Row>]| {
        let locked = rows.iter().skip(subjects.len()).filter_map(|rows| rows.first());
        let known = locked.map(Counted::read).collect::<Result<Vec<_>, _>>()?;
        let (counted, more, answer) = decide(&known);
        let kept = subjects.iter().zip(&counted).map(|(subject, counted)| counted.keep(subject));
        Ok((kept.chain(more).collect(), answer))
    };
    store.perform(Locked { key: format!("@limit {key}"), locks, decide }).await
}

/// Forgets what does not count any more; answers how many subjects.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_limits(store: &Store, until: Timestamp, most: i64) -> Result<usize, StoreError> {
    let rows = store.read(&FORGETTABLE, vec![vec![millis(until).into(), most.into()]]).await?;
    let forget = |row: &Row| Ok(FORGET.write(vec![row.text(0)?.into(), row.int(1)?.into()]));
    let writes = rows.iter().map(forget).collect::<Result<Vec<_>, StoreError>>()?;
    super::write_together(store, "@limits", writes).await?;
    Ok(rows.len())
}
