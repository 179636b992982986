//! Hand-overs of customers who are signed in elsewhere, found by a keyed hash of their code.

use jiff::Timestamp;

use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static NEW: Statement = Statement::new(
    "insert a hand-over",
    &[
        ("code_hash", Type::Text),
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("language", Type::Text),
        ("cart", Type::Text),
        ("body_digest", Type::Text),
        ("expires_at", Type::Int),
    ],
    "INSERT INTO handovers (code_hash, customer_id, market, language, cart, body_digest, expires_at)
     SELECT :code_hash, :customer_id, :market, :language, :cart, :body_digest, :expires_at FROM {rows}",
)
.order(127)
.one_each();

/// Before the sessions, which are locked after it.
pub(super) static LOCK: Statement = Statement::new(
    "lock a hand-over",
    &[("code_hash", Type::Text)],
    "SELECT :row, h.code_hash, h.customer_id, h.market, h.language, h.cart, h.body_digest, h.expires_at, h.used_at
     FROM {rows} JOIN handovers AS h ON h.code_hash = :code_hash ORDER BY h.code_hash {lock h}",
)
.order(126);

static FIND: Statement = Statement::new(
    "a hand-over",
    &[("code_hash", Type::Text)],
    "SELECT :row, h.code_hash, h.customer_id, h.market, h.language, h.cart, h.body_digest, h.expires_at, h.used_at
     FROM {rows} JOIN handovers AS h ON h.code_hash = :code_hash",
);

/// Once; its cart is in the session then.
static USE: Statement = Statement::new(
    "use a hand-over",
    &[("code_hash", Type::Text), ("used_at", Type::Int)],
    "UPDATE handovers SET used_at = :used_at, cart = NULL
     FROM {rows} WHERE handovers.code_hash = :code_hash AND handovers.used_at IS NULL",
)
.order(128)
.one_each();

static FORGET: Statement = Statement::new(
    "forget a hand-over",
    &[("code_hash", Type::Text), ("expires_at", Type::Int)],
    "DELETE FROM handovers WHERE (code_hash, expires_at) IN (SELECT :code_hash, :expires_at FROM {rows})",
)
.order(129);

static FORGETTABLE: Statement = Statement::new(
    "hand-overs to forget",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, h.code_hash, h.expires_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT code_hash, expires_at FROM handovers
        WHERE expires_at < :until ORDER BY expires_at LIMIT :most) AS h",
);

/// A hand-over as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverRow {
    /// A keyed hash of its code.
    pub code_hash: String,
    /// Who is handed over.
    pub customer_id: String,
    /// Into which market.
    pub market: String,
    /// `ja` or `en`.
    pub language: String,
    /// The cart that comes along, as JSON.
    pub cart: Option<String>,
    /// What was asked under the idempotency key.
    pub body_digest: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl HandoverRow {
    /// The write that inserts it.
    pub fn insert(&self) -> Write {
        let row: Vec<Value> = vec![
            (&self.code_hash).into(),
            (&self.customer_id).into(),
            (&self.market).into(),
            (&self.language).into(),
            self.cart.as_deref().into(),
            (&self.body_digest).into(),
            millis(self.expires_at).into(),
        ];
        NEW.write(row)
    }

    /// The write that uses it up.
    pub fn used(&self, at: Timestamp) -> Write {
        USE.write(vec![Value::from(&self.code_hash), millis(at).into()])
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            code_hash: row.text(0)?.to_owned(),
            customer_id: row.text(1)?.to_owned(),
            market: row.text(2)?.to_owned(),
            language: row.text(3)?.to_owned(),
            cart: row.optional_text(4)?.map(str::to_owned),
            body_digest: row.text(5)?.to_owned(),
            expires_at: timestamp(row.int(6)?)?,
            used_at: row.optional_int(7)?.map(timestamp).transpose()?,
        })
    }
}

/// A hand-over by the keyed hash of its code, whether it is over or not.
///
/// # Errors
/// See [`StoreError`].
pub async fn handover(store: &Store, code_hash: &str) -> Result<Option<HandoverRow>, StoreError> {
    let rows = store.read(&FIND, vec![vec![code_hash.into()]]).await?;
    rows.first().map(HandoverRow::read).transpose()
}

/// Forgets hand-overs that were over before a time; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_handovers(store: &Store, until: Timestamp, most: i64) -> Result<usize, StoreError> {
    let rows = store.read(&FORGETTABLE, vec![vec![millis(until).into(), most.into()]]).await?;
    let forget = |row: &Row| Ok(FORGET.write(vec![row.text(0)?.into(), row.int(1)?.into()]));
    let writes = rows.iter().map(forget).collect::<Result<Vec<_>, StoreError>>()?;
    super::write_together(store, "@handovers", writes).await?;
    Ok(rows.len())
}
