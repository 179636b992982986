//! The rules of the counter as pure functions.
//!
//! A [`market::Market`] says what is sold under which terms, a [`request::Request`] says what a customer
//! wants and how they would like to pay, and [`quote::quote`] answers what it costs, who pays, what it
//! earns, what was refused and why.
//!
//! What is deliberately absent: input and output, clocks, randomness, floating point, text formats,
//! sentences. Time is a value in the request. Every amount is an integer and every operation on it is
//! checked, so that an amount too large is an error that names its line, never a wrong figure.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod allocate;
pub mod books;
pub mod calendar;
pub mod market;
pub mod money;
pub mod order;
pub mod plan;
pub mod quote;
pub mod rate;
pub mod refusal;
pub mod request;
pub mod tracking;
