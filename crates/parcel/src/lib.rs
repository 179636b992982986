#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod answer;
mod candidate;
mod carrier;
mod check;
mod correct;
mod country;
mod couriers;
mod edit;
mod find;
mod fit;
mod format;
mod formats;
mod glyph;
mod hints;
#[cfg(feature = "serde")]
mod json;
mod layout;
mod not_a_parcel;
mod number;
mod parse;
mod posts;
mod reading;
mod recognise;
mod said;
mod sentence;
mod shape;
mod sweep;
mod typed;
mod words;

pub use answer::{Answer, Display};
pub use candidate::{Candidate, Reason, Verdict};
pub use carrier::Carrier;
pub use country::Country;
pub use find::{Found, find, find_with};
pub use hints::Hints;
pub use not_a_parcel::NotAParcel;
pub use number::Number;
pub use parse::{parse, parse_with};
pub use reading::ReadAs;
pub use sentence::Message;
