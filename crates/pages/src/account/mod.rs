//! The account: where one is signed in, in which language, and where one is written to.

mod contact;
mod devices;
#[cfg(test)]
pub mod samples;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of the account.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/account", get(devices::show))
        .route("/account/sessions/others/end", post(devices::end_others))
        .route("/account/sessions/{session}/end", post(devices::end))
        .route("/account/contact", get(contact::show).post(contact::set))
        .route("/account/contact/erase", post(contact::erase))
}
