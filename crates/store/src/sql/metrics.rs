//! What a store has done so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a store has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transactions that were attempted.
    pub batches: u64,
    /// Works that were answered.
    pub works: u64,
    /// Times that a writer has waited for PostgreSQL's answer; 0 with SQLite.
    pub round_trips: u64,
    /// Transactions that were repeated, because a connection was lost or another transaction was in the way.
    pub retries: u64,
    /// Works of the largest transaction.
    pub largest_batch: u64,
}

/// The counters behind [`Counts`].
#[derive(Debug, Default)]
pub(super) struct Metrics {
    batches: AtomicU64,
    works: AtomicU64,
    round_trips: AtomicU64,
    retries: AtomicU64,
    largest_batch: AtomicU64,
}

impl Metrics {
    pub fn batch(&self, works: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.largest_batch.fetch_max(count(works), Ordering::Relaxed);
    }

    pub fn answered(&self, works: usize) {
        self.works.fetch_add(count(works), Ordering::Relaxed);
    }

    pub fn round_trip(&self) {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
    }

    pub fn retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub fn counts(&self) -> Counts {
        Counts {
            batches: self.batches.load(Ordering::Relaxed),
            works: self.works.load(Ordering::Relaxed),
            round_trips: self.round_trips.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            largest_batch: self.largest_batch.load(Ordering::Relaxed),
        }
    }
}

fn count(works: usize) -> u64 {
    u64::try_from(works).unwrap_or(u64::MAX)
}
