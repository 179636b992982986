//! The office: what operators and auditors see of the whole market, and what operators change.
//!
//! Auditors see all of it and change nothing: forms are hidden from them, and the use cases refuse.

mod adjustments;
mod audit;
mod care;
mod coupons;
mod gift_cards;
mod keys;
mod markets;
mod overview;
mod report;
mod table;
mod value;
mod webhooks;

#[cfg(test)]
pub mod samples;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of the office.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/office", get(overview::show))
        .route("/office/value", get(value::show))
        .route("/office/coupons", get(coupons::show))
        .route("/office/care", get(care::show))
        .route("/office/markets", get(markets::list))
        .route("/office/markets/{market}", get(markets::edit).post(markets::submit))
        .route("/office/gift-cards", get(gift_cards::show).post(gift_cards::issue))
        .route("/office/adjustments", get(adjustments::show).post(adjustments::ask))
        .route("/office/adjustments/{adjustment_id}", post(adjustments::decide))
        .route("/office/webhooks", get(webhooks::list).post(webhooks::make))
        .route("/office/webhooks/{endpoint_id}", get(webhooks::show).post(webhooks::change))
        .route("/office/keys", get(keys::list).post(keys::make))
        .route("/office/keys/{key_id}", post(keys::change))
        .route("/office/audit", get(audit::show))
}
