//! The store on both databases: every test of `both` runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod both;
mod counters;
mod databases;
mod migrations;
mod postgres;
mod snapshot;
mod sqlite;
mod statements;
mod tables;
mod works;
