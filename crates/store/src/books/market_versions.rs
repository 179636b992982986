//! The files of market versions, and which version of each market is in force.

use jiff::Timestamp;

use super::just_write::just_write;
use super::locked::write_together;
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

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

static ACTIVATE: Statement = Statement::new(
    "activate a market version",
    &[("market", Type::Text), ("version", Type::Text), ("activated_at", Type::Int), ("activated_by", Type::Text)],
    "INSERT INTO active_markets (market, version, activated_at, activated_by)
     SELECT :market, :version, :activated_at, :activated_by FROM {rows} WHERE true
     ON CONFLICT (market) DO UPDATE
        SET version = excluded.version, activated_at = excluded.activated_at, activated_by = excluded.activated_by",
);

static ACTIVE: Statement = Statement::new(
    "market versions in force",
    &[],
    "SELECT :row, a.market, a.version, a.activated_at, a.activated_by
     FROM {rows} CROSS JOIN active_markets AS a ORDER BY a.market",
);

/// A version that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveMarket {
    /// Which market.
    pub market: String,
    /// Which version of it.
    pub version: String,
    /// Since when.
    pub activated_at: Timestamp,
    /// By whom.
    pub activated_by: String,
}

/// Puts a version in force, whose files are kept already, with what is told of it.
///
/// # Errors
/// See [`StoreError`].
pub async fn activate_market(
    store: &Store,
    market: &str,
    version: &str,
    by: &str,
    at: Timestamp,
    told: Vec<Write>,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![market.into(), version.into(), millis(at).into(), by.into()];
    let writes = [ACTIVATE.write(row)].into_iter().chain(told).collect();
    write_together(store, &format!("@market {market}"), writes).await
}

/// The versions that are in force, by market.
///
/// # Errors
/// See [`StoreError`].
pub async fn active_markets(store: &Store) -> Result<Vec<ActiveMarket>, StoreError> {
    let rows = store.read(&ACTIVE, vec![Vec::new()]).await?;
    let read = |row: &Row| {
        Ok(ActiveMarket {
            market: row.text(0)?.to_owned(),
            version: row.text(1)?.to_owned(),
            activated_at: timestamp(row.int(2)?)?,
            activated_by: row.text(3)?.to_owned(),
        })
    };
    rows.iter().map(read).collect()
}

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
