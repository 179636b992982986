//! The HTTP API, asked through its router.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // tests

mod callbacks;
mod cases;
mod chats;
mod chats_cut;
mod described;
mod evening;
mod events;
mod guard;
mod help;
mod inert;
mod keys;
mod markets;
mod metrics;
mod orders;
mod parcels;
mod quotes;
mod sessions;
mod support;
mod tokens;
mod walk;
mod wallet;
