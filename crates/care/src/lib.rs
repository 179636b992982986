//! The rules of customer care, as pure functions over values: no clock, no randomness, nothing read or saved.
//!
//! Floats are allowed for estimates of waits only; nothing here knows money.

pub mod calendar;
pub mod erlang;
pub mod offer;
pub mod sla;
