//! Idempotency keys: what a caller was answered, saved together with what was done.

use crate::sql::{Row, Statement, Store, StoreError, Type};

/// What was answered under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// A digest of the body that was sent.
    pub body_digest: String,
    /// The answer, as it was given.
    pub answer: String,
}

pub(super) static FIND: Statement = Statement::new(
    "an idempotency key",
    &[("customer_id", Type::Text), ("idempotency_key", Type::Text)],
    "SELECT :row, k.body_digest, k.answer
     FROM {rows} JOIN idempotency_keys AS k
       ON k.customer_id = :customer_id AND k.idempotency_key = :idempotency_key",
);

pub(super) static KEEP: Statement = Statement::new(
    "keep an idempotency key",
    &[
        ("customer_id", Type::Text),
        ("idempotency_key", Type::Text),
        ("body_digest", Type::Text),
        ("answer", Type::Text),
        ("answered_at", Type::Int),
    ],
    "INSERT INTO idempotency_keys (customer_id, idempotency_key, body_digest, answer, answered_at)
     SELECT :customer_id, :idempotency_key, :body_digest, :answer, :answered_at FROM {rows}",
)
.order(10)
.one_each();

pub(super) fn read_key(row: &Row) -> Result<KeyRecord, StoreError> {
    Ok(KeyRecord { body_digest: row.text(0)?.to_owned(), answer: row.text(1)?.to_owned() })
}

/// What was answered to a customer under a key, if anything was.
///
/// # Errors
/// See [`StoreError`].
pub async fn key_of_customer(
    store: &Store,
    customer_id: &str,
    key: &str,
) -> Result<Option<KeyRecord>, StoreError> {
    let rows = store.read(&FIND, vec![vec![customer_id.into(), key.into()]]).await?;
    rows.first().map(read_key).transpose()
}
