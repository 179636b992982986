//! Filling an empty place with what a file holds, in one transaction.

use choba_store::books::{TABLES, Table, TableRow};
use choba_store::sql::{Filling, Store, StoreError, Value};

use super::file::Lines;
use super::{BackupFault, BackupFile};

/// Rows that are written together.
const ROWS_MOST: usize = 500;

/// Nothing was restored; the place is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file cannot be used.
    #[error("the backup cannot be used: {0}")]
    Backup(#[from] BackupFault),
    /// Something is there already.
    #[error("the place is not empty: its table {table} has rows")]
    NotEmpty {
        /// The first table with rows.
        table: &'static str,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fills an empty place; tells how many rows of how many are written. Either all of it is there afterwards, or
/// nothing, whatever happens meanwhile.
///
/// # Errors
/// [`RestoreError`]; nothing was changed then.
pub async fn restore_books(
    store: &Store,
    backup: BackupFile,
    tell: impl FnMut(u64, u64) + Send + 'static,
) -> Result<(), RestoreError> {
    let tables = TABLES.iter().map(|table| table.name).collect();
    store.fill(tables, move |filling| fill(filling, &backup, tell)).await
}

fn fill(
    filling: &mut Filling<'_>,
    backup: &BackupFile,
    mut tell: impl FnMut(u64, u64),
) -> Result<(), RestoreError> {
    for table in TABLES {
        if table.has_rows(filling)? {
            return Err(RestoreError::NotEmpty { table: table.name });
        }
    }
    let all = backup.header().rows();
    let mut lines = backup.rows()?;
    let mut done = 0;
    for (table, saved) in TABLES.iter().zip(&backup.header().tables) {
        let mut left = saved.rows;
        while left > 0 {
            let rows = next_rows(table, &mut lines, all, &mut left)?;
            done += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            table.insert(filling, rows)?;
            tell(done, all);
        }
    }
    match lines.next_row(all)? {
        None => Ok(()),
        Some(_) => Err(fault(&lines, "more rows than the header says").into()),
    }
}

fn next_rows(
    table: &Table,
    lines: &mut Lines,
    all: u64,
    left: &mut u64,
) -> Result<Vec<TableRow>, RestoreError> {
    let mut rows = Vec::new();
    while *left > 0 && rows.len() < ROWS_MOST {
        let Some(line) = lines.next_row(all)? else {
            return Err(fault(lines, "fewer rows than the header says").into());
        };
        let row = read_row(table, line);
        rows.push(row.map_err(|what| fault(lines, &what))?);
        *left -= 1;
    }
    Ok(rows)
}

fn fault(lines: &Lines, fault: &str) -> BackupFault {
    BackupFault::Line { line: lines.count, fault: fault.to_owned() }
}

fn read_row(table: &Table, line: &[u8]) -> Result<TableRow, String> {
    let values: Vec<serde_json::Value> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if values.len() != table.columns.len() {
        return Err(format!("{} values, expected {} of {}", values.len(), table.columns.len(), table.name));
    }
    let columns = values.into_iter().zip(table.columns);
    columns
        .map(|(value, (name, column))| {
            let value = read_value(value).filter(|value| value.fits(*column));
            value.ok_or_else(|| format!("{name} of {}: expected {column:?} or null", table.name))
        })
        .collect()
}

fn read_value(value: serde_json::Value) -> Option<Value> {
    match value {
        serde_json::Value::Null => Some(Value::Null),
        serde_json::Value::String(text) => Some(Value::Text(text)),
        serde_json::Value::Number(number) => number.as_i64().map(Value::Int),
        _ => None,
    }
}
