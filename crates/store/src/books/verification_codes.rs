//! Codes that prove who is asking, each in a row of its own, known only by keyed hashes.

use jiff::Timestamp;

use super::locked::Locked;
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

const CHALLENGE: &[(&str, Type)] = &[("challenge", Type::Text)];

static MAKE: Statement = Statement::new(
    "make a verification code's row",
    CHALLENGE,
    "INSERT INTO verification_codes (challenge, expires_at, tries, sent_at, forgotten_at)
     SELECT :challenge, 0, 0, '', 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(114);

static LOCK: Statement = Statement::new(
    "lock a verification code",
    CHALLENGE,
    "SELECT :row, v.code_hash, v.expires_at, v.tries, v.sent_at
     FROM {rows} JOIN verification_codes AS v ON v.challenge = :challenge ORDER BY v.challenge {lock v}",
)
.order(115);

static KEEP: Statement = Statement::new(
    "keep a verification code",
    &[
        ("challenge", Type::Text),
        ("code_hash", Type::Text),
        ("expires_at", Type::Int),
        ("tries", Type::Int),
        ("sent_at", Type::Text),
        ("forgotten_at", Type::Int),
    ],
    "UPDATE verification_codes SET code_hash = :code_hash, expires_at = :expires_at, tries = :tries,
                                   sent_at = :sent_at, forgotten_at = :forgotten_at
     FROM {rows} WHERE verification_codes.challenge = :challenge",
)
.order(116)
.one_each();

/// Only as it was seen.
static FORGET: Statement = Statement::new(
    "forget a verification code",
    &[("challenge", Type::Text), ("forgotten_at", Type::Int)],
    "DELETE FROM verification_codes
     WHERE (challenge, forgotten_at) IN (SELECT :challenge, :forgotten_at FROM {rows})",
)
.order(117);

static FORGETTABLE: Statement = Statement::new(
    "verification codes to forget",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, v.challenge, v.forgotten_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT challenge, forgotten_at FROM verification_codes
        WHERE forgotten_at < :until ORDER BY forgotten_at LIMIT :most) AS v",
);

/// What is known of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationRow {
    /// A keyed hash of the code; none where no code was sent, or it was used.
    pub code_hash: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How often it was tried.
    pub tries: i64,
    /// When codes were sent lately, in epoch milliseconds, the oldest first.
    pub sent_at: Vec<i64>,
    /// From when on nothing of it counts any more.
    pub forgotten_at: Timestamp,
}

impl VerificationRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let defect = |_| StoreError::Defect { reason: "times of codes in the database".to_owned() };
        let sent_at = row.text(3)?.split_ascii_whitespace().map(|time| time.parse().map_err(defect));
        let expires_at = timestamp(row.int(1)?)?;
        Ok(Self {
            code_hash: row.optional_text(0)?.map(str::to_owned),
            expires_at,
            tries: row.int(2)?,
            sent_at: sent_at.collect::<Result<_, _>>()?,
            forgotten_at: expires_at,
        })
    }

    fn keep(&self, challenge: &str) -> Write {
        let row: Vec<Value> = vec![
            challenge.into(),
            self.code_hash.as_deref().into(),
            millis(self.expires_at).into(),
            self.tries.into(),
            self.sent_at.iter().map(i64::to_string).collect::<Vec<_>>().join(" ").into(),
            millis(self.forgotten_at).into(),
        ];
        KEEP.write(row)
    }
}

/// Decides about a code while nobody else does: every try is counted before the next one is looked at. It may be
/// decided more than once, from the start.
///
/// # Errors
/// See [`StoreError`].
pub async fn change_verification_code<A: Send + 'static>(
    store: &Store,
    challenge: &str,
    mut decide: impl FnMut(VerificationRow) -> (Option<VerificationRow>, A) + Send + 'static,
) -> Result<A, StoreError> {
    let named = || vec![Value::from(challenge)];
    let locks = vec![MAKE.read(named()), LOCK.read(named())];
    let owned = challenge.to_owned();
    let decide = move |rows: &[Vec<Row>]| {
        let row = rows.get(1).and_then(|rows| rows.first());
        let missing = || StoreError::Defect { reason: "a row that was made is not there".to_owned() };
        let (kept, answer) = decide(VerificationRow::read(row.ok_or_else(missing)?)?);
        Ok((kept.iter().map(|row| row.keep(&owned)).collect(), answer))
    };
    store.perform(Locked { key: format!("@verification {challenge}"), locks, decide }).await
}

/// Forgets codes that do not count any more; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_verification_codes(
    store: &Store,
    until: Timestamp,
    most: i64,
) -> Result<usize, StoreError> {
    let rows = store.read(&FORGETTABLE, vec![vec![millis(until).into(), most.into()]]).await?;
    let forget = |row: &Row| Ok(FORGET.write(vec![row.text(0)?.into(), row.int(1)?.into()]));
    let writes = rows.iter().map(forget).collect::<Result<Vec<_>, StoreError>>()?;
    super::write_together(store, "@verifications", writes).await?;
    Ok(rows.len())
}
