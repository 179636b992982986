//! What goes in and out of choba as text: market files, quote requests and answers, sentences in Japanese
//! and English, receipts for people.
//!
//! The rules themselves are in `choba-engine`, which knows no text format; this crate turns text into its
//! values and its values into text. It reads directories of market files and nothing else of the world.

pub mod answer;
pub mod language;
pub mod ledger;
pub mod mail;
pub mod market_changes;
pub mod market_files;
pub mod parcels;
pub mod plan;
pub mod receipt;
pub mod request;
pub mod sentences;
mod suggestion;
