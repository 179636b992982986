//! What tests and benches of the store run against: a PostgreSQL of their own, and a network that fails when it
//! is told to.
//!
//! It is no part of the program. Whatever it lacks it says with a panic, because a test that is skipped
//! silently proves nothing.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly where its surroundings are not right"
)]

mod postgres;
mod programs;
mod proxy;

pub use postgres::{Durability, Postgres};
pub use programs::program;
pub use proxy::Proxy;
