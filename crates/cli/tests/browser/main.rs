//! Journeys through the pages in a real browser, as people make them, against `choba serve --demo`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

mod account;
mod care;
mod counter;
mod desk;
mod entrance;
mod help;
mod house;
mod office;
mod orders;
mod page;
mod wallet;
