//! The only SQL: one [`Store`](sql::Store) over SQLite and PostgreSQL.
//!
//! Nothing outside of this crate knows a table or a statement, and nothing inside of it decides anything.

pub mod books;
pub mod sql;
