//! The state file: every change of the books, a line each, written before it is made.
//!
//! A sandbox that was killed makes the changes again and has the same books. A line that was only half written was
//! never answered, and is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::books::{BookOptions, Books, Change};

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// It cannot be read or written.
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// A line is none of ours.
    #[error("{}, line {line}: not a change of a sandbox's books", .file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        #[source]
        fault: serde_json::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    #[serde(flatten)]
    change: Change,
}

/// An open state file.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Journal {
    /// Opens or begins a file, and makes the books that it tells of.
    pub(super) fn open(path: &Path, options: &BookOptions) -> Result<(Self, Books), JournalFault> {
        let fault = |error| JournalFault::File(path.to_owned(), error);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(fault)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(fault)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let (lines, _half) = text.split_at_checked(whole).unwrap_or_default();
        let books = books_of(path, lines, options)?;
        let mut journal = Self { file, path: path.to_owned(), length: lines.len() as u64 };
        journal.cut().map_err(fault)?;
        if lines.is_empty() {
            journal.append(options).map_err(fault)?;
        }
        Ok((journal, books))
    }

    /// Keeps a change that is about to be made.
    pub(super) fn keep(&mut self, at: Timestamp, change: &Change) -> Result<(), JournalFault> {
        let kept = Kept { at, change: change.clone() };
        self.append(&kept).map_err(|error| {
            // Half a line would make the next one unreadable.
            let _ = self.cut();
            JournalFault::File(self.path.clone(), error)
        })
    }

    fn append(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)?;
        self.length += text.len() as u64;
        Ok(())
    }

    /// Ends the file after its last whole line.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(drop)
    }
}

/// The first line is how the books were begun, every other one a change.
fn books_of(path: &Path, lines: &str, options: &BookOptions) -> Result<Books, JournalFault> {
    let mut lines = lines.lines().enumerate();
    let read_fault = |line: usize, fault| JournalFault::Line { file: path.to_owned(), line: line + 1, fault };
    let begun = match lines.next() {
        None => options.clone(),
        Some((line, text)) => serde_json::from_str(text).map_err(|fault| read_fault(line, fault))?,
    };
    let mut books = Books::new(begun);
    for (line, text) in lines {
        let kept: Kept = serde_json::from_str(text).map_err(|fault| read_fault(line, fault))?;
        books.replay(kept.at, &kept.change);
    }
    Ok(books)
}
