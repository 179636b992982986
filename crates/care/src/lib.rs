//! The rules of customer care, as pure functions over values: no clock, no randomness, nothing read or saved.
//!
//! Floats are allowed for estimates of waits only; nothing here knows money.

pub mod calendar;
pub mod callback;
pub mod contact;
pub mod erlang;
pub mod guided;
pub mod offer;
pub mod sla;
pub mod staffing;
pub mod words;
