//! The use cases of the counter, a file each: load, ask the engine, save in one transaction.
//!
//! A [`Counter`] has the books, the markets and the outside parties. Each use case checks whose things it is
//! about, loads what the decision needs, lets the engine decide and commits its changes. Times are given with
//! each call, randomness comes from an [`Entropy`]; there is no clock here, no SQL and no HTTP.

mod asking;
mod cancel_order;
mod change_order;
mod counter;
mod entropy;
mod error;
mod keyed;
mod markets;
mod pay_order;
mod place_order;
mod return_goods;
mod ship_order;

pub use asking::AskReport;
pub use change_order::OrderChanged;
pub use counter::{Counter, Whose};
pub use entropy::Entropy;
pub use error::AppError;
pub use keyed::Key;
pub use markets::{KnownMarket, Markets};
pub use place_order::{PlaceOrder, PlaceOutcome, PlacedOrder};
pub use ship_order::ShipOrder;
