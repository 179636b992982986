//! The sample shop-front, where visitors of a demo fill a cart; and the cart itself.

pub mod cart;
mod cart_page;
pub mod catalogue;
#[cfg(test)]
pub mod samples;
mod shop_front;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of the shop-front and of the cart.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/", get(shop_front::show))
        .route("/cart/add", post(shop_front::add))
        .route("/cart", get(cart_page::show).post(cart_page::change))
}
