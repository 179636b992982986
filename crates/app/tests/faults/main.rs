//! The books under whatever goes wrong: races, crashes, full disks, lost connections, partners that are away,
//! clocks that go back. Each on both databases.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(unused_imports, reason = "shared with the tests of use cases")]
#[path = "../app/support/mod.rs"]
mod support;

mod errands;
mod truth;

mod clock_set_back;
mod crash;
mod disk_full;
mod double_spend;
mod model;
mod partner_away;
mod postgres_gone;
