//! What choba asks of outside parties, and a sandbox that plays them.
//!
//! Two kinds of parties are asked: a card provider (which also takes money at convenience stores) and partner point
//! programs. [`Ask`] is what is wanted, [`Reply`] what came of it; both are plain values, so that an ask can be kept in
//! a database before it is made, and be made again with the same idempotency key after a crash. [`Counterparties`] is
//! all that use cases see. [`Outside`](client::Outside) asks over HTTP, [`Scripted`](scripted::Scripted) answers in
//! memory, and [`Sandbox`](sandbox::Sandbox) is a real server with the same books as the scripted parties.
//!
//! What an answer means for an order is not decided here, and nothing is saved. The wire is described in
//! `docs/outside.md`.

pub mod ask;
pub mod books;
#[cfg(feature = "client")]
pub mod client;
pub mod dialler;
#[cfg(feature = "client")]
pub mod hooks;
#[cfg(feature = "client")]
pub mod mail;
pub mod mail_in;
pub mod record;
pub mod refusal;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod scripted;
pub mod secret;
pub mod webhook;
pub mod wire;

pub use ask::{Answering, Ask, Counterparties, LookedUp, LookingUp, PartyName, Reply};
pub use refusal::{AskError, Refusal, RefusalCode};
pub use secret::Secret;
