//! The rules of customer care, as pure functions over values: no clock, no randomness, nothing read or saved.
//!
//! Floats are allowed for estimates of waits only; nothing here knows money.

pub mod attachment;
pub mod calendar;
pub mod callback;
pub mod case;
pub mod chat;
pub mod contact;
pub mod erlang;
pub mod guided;
pub mod offer;
pub mod redact;
pub mod reply_template;
pub mod sla;
pub mod staffing;
pub mod words;
