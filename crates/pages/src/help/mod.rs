//! Help: articles by shelf and by search, what words mean, and checks of links and numbers.

mod article;
mod check;
mod contents;
mod judged;
mod number;
#[cfg(test)]
pub mod samples;

use axum::Router;
use axum::routing::get;
use choba_server::Service;

/// The routes of help.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/help", get(contents::show))
        .route("/help/glossary", get(article::glossary))
        .route("/help/{id}", get(article::show))
        .route("/check", get(check::show).post(check::check))
}
