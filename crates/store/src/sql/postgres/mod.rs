//! PostgreSQL 15 or later: each writer has a connection and a thread, reads go through a pool.

mod address;
mod columns;
mod connector;
mod fault;
mod in_order;
mod pool;
mod session;
mod snapshot;
mod together;

pub(super) use address::Address;
pub(super) use pool::Pool;
pub(super) use session::PostgresSession;
pub(super) use snapshot::PostgresSnapshot;
