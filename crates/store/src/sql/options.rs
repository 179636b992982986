//! How a store is opened.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a store is opened. [`Options::at`] gives what suits a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Now, in epoch milliseconds: written beside the migrations that are applied.
    pub opened_at: i64,
    /// Writers of PostgreSQL, each with a connection. SQLite has one.
    pub writers: NonZeroUsize,
    /// Connections for reads outside of the writers.
    pub readers: NonZeroUsize,
    /// Works that may wait for the writers; the next one is answered with [`Busy`](super::StoreError::Busy).
    pub queued_max: usize,
    /// Works in one transaction, at most.
    pub batch_max: NonZeroUsize,
    /// How long a transaction that was cut off is repeated before its works are given up.
    pub patience: Duration,
    /// How long a single statement may take, and a transaction may idle.
    pub statement_timeout: Duration,
    /// How long a row or the file may be locked by others.
    pub lock_timeout: Duration,
    /// What PostgreSQL calls our connections in its lists.
    pub application_name: String,
    /// How many pages of 4,096 bytes an SQLite file may have; unlimited if absent.
    pub pages_max: Option<u32>,
}

impl Options {
    /// The usual options, opened at a time in epoch milliseconds.
    pub fn at(opened_at: i64) -> Self {
        Self {
            opened_at,
            writers: at_least_one(2),
            readers: at_least_one(4),
            queued_max: 8192,
            batch_max: at_least_one(512),
            patience: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            application_name: "choba".to_owned(),
            pages_max: None,
        }
    }
}

fn at_least_one(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN)
}
