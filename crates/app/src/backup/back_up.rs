//! Writing the file.

use std::io::{self, Write};

use choba_store::books::{TABLES, Table, TableRow};
use choba_store::sql::{Snapshot, StoreError, Value};
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};
use sha2::{Digest as _, Sha256};

use super::{BackupHeader, BackupTable, FORM, Trailer, columns, hexadecimal, migration};

/// Rows that are read together.
const ROWS_MOST: i64 = 1_000;

/// The file was not finished.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The books cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the backup cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl From<serde_json::Error> for BackupError {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}

/// Writes the books as they are in a snapshot; tells how many rows of how many are written. Whoever gives the
/// writer sees to it that it reaches the disk.
///
/// # Errors
/// What the database or the writer answers.
pub async fn back_up_books(
    snapshot: &mut Snapshot,
    into: &mut (dyn Write + Send),
    made_at: Timestamp,
    tell: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<BackupHeader, BackupError> {
    let header = header(snapshot, made_at).await?;
    let mut writing = Writing { into, digest: Sha256::new(), line: Vec::new() };
    writing.line(&header)?;
    let (mut done, all) = (0, header.rows());
    for table in TABLES {
        let mut last: Option<TableRow> = None;
        loop {
            let mut rows = table.page(snapshot, last.as_ref(), ROWS_MOST).await?;
            rows.iter().try_for_each(|row| writing.line(&Row(row)))?;
            done += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            tell(done, all);
            match rows.pop() {
                Some(row) => last = Some(row),
                None => break,
            }
        }
    }
    writing.finish()?;
    Ok(header)
}

async fn header(snapshot: &mut Snapshot, made_at: Timestamp) -> Result<BackupHeader, StoreError> {
    let mut tables = Vec::new();
    for table in TABLES {
        tables.push(table_of(table, snapshot).await?);
    }
    Ok(BackupHeader { choba_backup: FORM, made_at: made_at.to_string(), migration: migration(), tables })
}

async fn table_of(table: &Table, snapshot: &mut Snapshot) -> Result<BackupTable, StoreError> {
    let rows = u64::try_from(table.count(snapshot).await?).unwrap_or(0);
    Ok(BackupTable { name: table.name.to_owned(), columns: columns(table), rows })
}

struct Writing<'w> {
    into: &'w mut (dyn Write + Send),
    digest: Sha256,
    line: Vec<u8>,
}

impl Writing<'_> {
    fn line(&mut self, content: &impl Serialize) -> Result<(), BackupError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, content)?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        Ok(self.into.write_all(&self.line)?)
    }

    fn finish(self) -> Result<(), BackupError> {
        let trailer = Trailer { sha256: hexadecimal(&self.digest.finalize()) };
        let mut line = serde_json::to_vec(&trailer)?;
        line.push(b'\n');
        self.into.write_all(&line)?;
        Ok(self.into.flush()?)
    }
}

/// A row as an array.
struct Row<'r>(&'r TableRow);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(Some(self.0.len()))?;
        for value in self.0 {
            match value {
                Value::Null => array.serialize_element(&())?,
                Value::Int(number) => array.serialize_element(number)?,
                Value::Text(text) => array.serialize_element(text)?,
            }
        }
        array.end()
    }
}
