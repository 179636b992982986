//! The HTTP API, asked through its router.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // tests

mod described;
mod events;
mod guard;
mod keys;
mod markets;
mod orders;
mod quotes;
mod support;
mod tokens;
mod wallet;
