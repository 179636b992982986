//! Orders: the list, one order with everything about it, and what its customer can do with it.

mod cancel;
mod find;
mod missing;
mod order_list;
mod order_page;
mod parcels;
mod picking;
mod redelivery;
mod refund;
#[cfg(test)]
pub mod samples;
mod send_back;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of orders.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/orders", get(order_list::show))
        .route("/orders/{number}", get(order_page::show))
        .route("/orders/{number}/cancel", get(cancel::show).post(cancel::cancel))
        .route("/orders/{number}/return", get(send_back::show).post(send_back::ask))
        .route("/orders/{number}/returns/{return}/withdraw", post(send_back::withdraw))
        .route("/orders/{number}/parcels/{shipment}/redelivery", get(redelivery::show).post(redelivery::ask))
        .route("/orders/{number}/parcels/{shipment}/redelivery/cancel", post(redelivery::cancel))
        .route("/orders/{number}/parcels/{shipment}/missing", get(missing::show).post(missing::go_on))
}
