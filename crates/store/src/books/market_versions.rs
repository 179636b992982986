//! The files of market versions that orders were placed under.

use jiff::Timestamp;

use super::just_write::just_write;
use super::millis;
use crate::sql::{Statement, Store, StoreError, Type, Value};

static KEEP: Statement = Statement::new(
    "keep a market version",
    &[("version", Type::Text), ("market", Type::Text), ("files", Type::Text), ("first_used_at", Type::Int)],
    "INSERT INTO market_versions (version, market, files, first_used_at)
     SELECT :version, :market, :files, :first_used_at FROM {rows} WHERE true ON CONFLICT DO NOTHING",
);

static FIND: Statement = Statement::new(
    "a market version",
    &[("version", Type::Text)],
    "SELECT :row, m.files FROM {rows} JOIN market_versions AS m ON m.version = :version",
);

/// Keeps the files of a market version, as JSON. Keeping them twice changes nothing.
///
/// # Errors
/// See [`StoreError`].
pub async fn keep_market_version(
    store: &Store,
    version: &str,
    market: &str,
    files: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![version.into(), market.into(), files.into(), millis(at).into()];
    just_write(store, &format!("@version {version}"), KEEP.write(row)).await
}

/// The files of a market version, as JSON.
///
/// # Errors
/// See [`StoreError`].
pub async fn market_version(store: &Store, version: &str) -> Result<Option<String>, StoreError> {
    let rows = store.read(&FIND, vec![vec![version.into()]]).await?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}
