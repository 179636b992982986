//! The counter: one page on which a cart is paid for, and the order that becomes of it.
//!
//! Choices are parameters of the page's address, so that going back or loading again does nothing but price the cart once more.
//! Only `place` changes something.

mod choices;
mod counter_page;
mod offers;
mod place;
pub mod quote;
pub mod receipt;
#[cfg(test)]
pub mod samples;
mod sheet;
mod suggestion;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of the counter.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/counter", get(counter_page::show))
        .route("/counter/order", post(place::place).get(counter_page::show))
}
