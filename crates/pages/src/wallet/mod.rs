//! What a shopper holds: balances and when they end, the history, gift codes, and partners' programs.

mod chart;
mod history;
mod links;
mod overview;
mod redeem;
#[cfg(test)]
pub mod samples;
mod shown;

pub use shown::kind_word;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of the wallet.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/wallet", get(overview::show))
        .route("/wallet/history", get(history::show))
        .route("/wallet/redeem", get(redeem::show).post(redeem::redeem))
        .route("/wallet/links/{program}", post(links::link))
        .route("/wallet/links/{program}/end", post(links::end))
        .route("/wallet/links/{program}/always", post(links::always))
}
