//! Reading the file: first all of it, to see that it is whole, and only then for what is in it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{BackupHeader, FORM, TRAILER_STARTS, Trailer, hexadecimal, migration};

/// The most that one line may hold, in bytes. The files of a market version are the longest texts there are.
const LINE_BYTES_MAX: u64 = 256 << 20;

/// Why a file is no backup that can be restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// A line is not what has to be there.
    #[error("line {line}: {fault}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong, and what was expected.
        fault: String,
    },
    /// Its end is missing.
    #[error("it is cut off: it ends after line {lines} of {expected} without its digest")]
    CutOff {
        /// How many lines there are.
        lines: u64,
        /// How many there have to be.
        expected: u64,
    },
    /// It is not what was written.
    #[error("it was changed or damaged: its digest is {found}, but its last line says {expected}")]
    Changed {
        /// The digest of what is there.
        found: String,
        /// As its last line says.
        expected: String,
    },
    /// It was made by a program with other tables.
    #[error("it was made with tables of migration {found}; this program has migration {program}")]
    OtherTables {
        /// As its header says.
        found: u32,
        /// The last migration of this program.
        program: u32,
    },
}

/// A backup that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFile {
    path: PathBuf,
    header: BackupHeader,
}

impl BackupFile {
    /// Reads a file to its end and sees whether it is whole and fits this program.
    ///
    /// # Errors
    /// [`BackupFault`].
    pub fn check(path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Self, BackupFault> {
        let mut lines = Lines::open(path)?;
        let header = lines.header()?;
        let all = header.rows();
        let mut rows = 0;
        while let Some(_row) = lines.next_row(all)? {
            rows += 1;
            if rows % 1_000 == 0 {
                tell(rows, all);
            }
        }
        if !header.fits() {
            return Err(BackupFault::OtherTables { found: header.migration, program: migration() });
        }
        Ok(Self { path: path.to_owned(), header })
    }

    /// Its first line.
    pub fn header(&self) -> &BackupHeader {
        &self.header
    }

    /// Reads it again, row by row.
    pub(super) fn rows(&self) -> Result<Lines, BackupFault> {
        let mut lines = Lines::open(&self.path)?;
        lines.header()?;
        Ok(lines)
    }
}

/// The lines of a backup, and the digest of those that were read.
pub(super) struct Lines {
    input: BufReader<File>,
    digest: Sha256,
    line: Vec<u8>,
    /// How many were read.
    pub count: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, BackupFault> {
        let input = BufReader::with_capacity(1 << 20, File::open(path)?);
        Ok(Self { input, digest: Sha256::new(), line: Vec::new(), count: 0 })
    }

    fn fault(&self, fault: impl Into<String>) -> BackupFault {
        BackupFault::Line { line: self.count, fault: fault.into() }
    }

    /// The next line with its end; empty after the last one.
    fn read(&mut self) -> Result<(), BackupFault> {
        self.line.clear();
        let read = (&mut self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(());
        }
        self.count += 1;
        if self.line.ends_with(b"\n") || u64::try_from(read).is_ok_and(|read| read < LINE_BYTES_MAX) {
            return Ok(());
        }
        Err(self.fault(format!("longer than {LINE_BYTES_MAX} bytes")))
    }

    fn header(&mut self) -> Result<BackupHeader, BackupFault> {
        self.read()?;
        self.digest.update(&self.line);
        let not_one = |fault: &dyn std::fmt::Display| BackupFault::Line {
            line: 1,
            fault: format!("this is no backup of choba: {fault}"),
        };
        let value: serde_json::Value = serde_json::from_slice(&self.line).map_err(|error| not_one(&error))?;
        match value.get("choba_backup").and_then(serde_json::Value::as_u64) {
            Some(form) if form == u64::from(FORM) => {}
            Some(form) => {
                return Err(self.fault(format!("a backup of form {form}; this program reads form {FORM}")));
            }
            None => return Err(not_one(&"it has no choba_backup")),
        }
        serde_json::from_value(value).map_err(|error| self.fault(error.to_string()))
    }

    /// The next row, as its line; nothing after the last of so many, when the digest has been found to be right.
    pub fn next_row(&mut self, rows: u64) -> Result<Option<&[u8]>, BackupFault> {
        self.read()?;
        // The header is a line too, and the digest is one.
        let expected = rows.saturating_add(2);
        if self.line.starts_with(TRAILER_STARTS) && self.line.ends_with(b"\n") {
            return self.finish(expected);
        }
        if !self.line.ends_with(b"\n") || self.line.starts_with(TRAILER_STARTS) {
            return Err(BackupFault::CutOff { lines: self.count, expected });
        }
        if self.count >= expected {
            return Err(self.fault(format!("expected the digest after {rows} rows, found another row")));
        }
        self.digest.update(&self.line);
        Ok(Some(&self.line))
    }

    fn finish(&mut self, expected: u64) -> Result<Option<&[u8]>, BackupFault> {
        let trailer: Trailer =
            serde_json::from_slice(&self.line).map_err(|error| self.fault(error.to_string()))?;
        let found = hexadecimal(&self.digest.clone().finalize());
        if found != trailer.sha256 {
            return Err(BackupFault::Changed { found, expected: trailer.sha256 });
        }
        if self.count != expected {
            let fault = format!("expected the digest on line {expected}, after the rows of all tables");
            return Err(self.fault(fault));
        }
        self.read()?;
        if self.line.is_empty() { Ok(None) } else { Err(self.fault("something after the digest")) }
    }
}
