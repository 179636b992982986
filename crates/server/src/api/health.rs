//! Whether the process lives, and whether it can work; and the public keys of its own issuer.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};

use crate::{Problem, Service};

pub fn routes() -> Router<Service> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/.well-known/jwks.json", get(public_keys))
}

/// Ready while the books can be read.
async fn ready(State(service): State<Service>) -> Result<&'static str, Problem> {
    service.counter.is_ready().await?;
    Ok("ready\n")
}

/// With which others can check the tokens that the program itself issues.
async fn public_keys(State(service): State<Service>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "public, max-age=600")], Json(service.doorkeeper.public_keys()))
}
