//! One way to talk to two databases: embedded SQLite, and PostgreSQL 15 or later.
//!
//! A [`Statement`] is written once and works on rows: PostgreSQL gets all of them at once as arrays, SQLite
//! gets them one by one through the same prepared statement. A [`Work`] loads, decides and writes for one
//! customer; the [`Store`] commits the works of many customers in one transaction, in the order in which each
//! customer asked.
//!
//! What is deliberately absent: tables (they are a program's own), money, clocks, an object mapper, and a
//! second copy of any statement. All that differs between the texts of the two databases is in `dialect.rs`.

mod batch;
mod dialect;
mod error;
mod filling;
mod group;
mod metrics;
mod migration;
mod options;
mod patience;
mod postgres;
mod queue;
mod row;
mod session;
mod snapshot;
mod sqlite;
mod statement;
mod store;
mod topics;
mod value;
mod work;
mod writer;

pub use error::{ConstraintKind, StoreError};
pub use filling::Filling;
pub use metrics::Counts;
pub use migration::Migration;
pub use options::Options;
pub use row::Row;
pub use snapshot::Snapshot;
pub use statement::{Expects, Read, Statement, Write};
pub use store::Store;
pub use topics::Topic;
pub use value::{Type, Value};
pub use work::{Decided, Work};
