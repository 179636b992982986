//! The books in tables: what is loaded for a decision, and how its changes are written.
//!
//! A [`Decision`] gets what it [`Needs`] of one customer in one market as the engine's own values, locked, and
//! answers with the engine's [`Changes`](choba_engine::books::Changes). Nothing here decides anything.

mod asks;
mod changes;
mod customer;
mod decision;
mod entries;
mod events;
mod keys;
mod market_versions;
mod orders;
mod tables;

pub use asks::{AskRow, asks_of_order, open_asks, postpone};
pub use customer::{LOTS_AT_FIRST, links_of_customer};
pub use decision::{Decision, Loaded, LotsNeeded, Needs, Next, ToWrite, perform};
pub use entries::{EntryRow, entries_of_customer};
pub use events::{DueRow, dues_until};
pub use keys::KeyRecord;
pub use market_versions::{keep_market_version, market_version};
pub use orders::{OrderRow, order_by_number, order_of_customer, orders_of_customer};
pub use tables::{MARKET_BOOKS, MIGRATIONS};

use jiff::Timestamp;

use crate::sql::StoreError;

/// Epoch milliseconds.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time from epoch milliseconds.
pub(crate) fn timestamp(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis)
        .map_err(|error| StoreError::Defect { reason: format!("a time in the database: {error}") })
}

/// A word in the database that the program does not know.
pub(crate) fn unknown(what: &str, word: &str) -> StoreError {
    StoreError::Defect { reason: format!("{what} {word:?} in the database is not known") }
}
