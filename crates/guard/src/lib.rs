#![doc = include_str!("../README.md")]

mod brands;
mod contact;
mod distance;
mod finding;
mod fold;
mod hidden;
mod kind;
mod link;
mod mail;
mod neighbours;
mod official;
mod phone;
pub mod publish;
mod sentence;
mod sign;
mod verdict;

pub use contact::{Contact, Fault};
pub use finding::Judgement;
pub use kind::{Kind, UnknownKind};
pub use official::{ListFault, Official};
pub use sentence::Message;
pub use sign::Sign;
pub use verdict::{INPUT_BYTES_MAX, TooLong, Verdict, check, check_as};
