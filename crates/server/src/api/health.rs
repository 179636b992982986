//! Whether the process lives, and whether it can work.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::{Problem, Service};

pub fn routes() -> Router<Service> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

/// Ready while the books can be read.
async fn ready(State(service): State<Service>) -> Result<&'static str, Problem> {
    service.counter.is_ready().await?;
    Ok("ready\n")
}
