//! The books as one file: written while they are in use, and read back into an empty place.
//!
//! The file is the same for both databases, so it also moves books from one to the other. It is UTF-8 text:
//!
//! 1. one line with a header: the form, the migration, and each table with its columns and its number of rows;
//! 2. a line for each row, an array of texts, whole numbers and `null`, table after table;
//! 3. one line with the SHA-256 of everything before it.

mod back_up;
mod file;
mod restore;

pub use back_up::{BackupError, back_up_books};
pub use file::{BackupFault, BackupFile};
pub use restore::{RestoreError, restore_books};

use choba_store::books::{MIGRATIONS, TABLES, Table};
use serde::{Deserialize, Serialize};

/// The form of the file; raised when it changes.
const FORM: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupHeader {
    /// The form of the file.
    pub choba_backup: u32,
    /// When it was made, in RFC 3339.
    pub made_at: String,
    /// The last migration of the tables.
    pub migration: u32,
    /// The tables, in their order.
    pub tables: Vec<BackupTable>,
}

/// A table in the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupTable {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of each row's values.
    pub columns: Vec<String>,
    /// How many rows there are.
    pub rows: u64,
}

impl BackupHeader {
    /// All rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).fold(0, u64::saturating_add)
    }

    /// Whether this program has just these tables.
    fn fits(&self) -> bool {
        let same = |(saved, table): (&BackupTable, &Table)| {
            saved.name == table.name && saved.columns == columns(table)
        };
        self.migration == migration()
            && self.tables.len() == TABLES.len()
            && self.tables.iter().zip(TABLES).all(same)
    }
}

fn migration() -> u32 {
    MIGRATIONS.last().map_or(0, |last| last.number)
}

fn columns(table: &Table) -> Vec<String> {
    table.columns.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    sha256: String,
}

const TRAILER_STARTS: &[u8] = b"{\"sha256\":";

fn hexadecimal(digest: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest)
}
