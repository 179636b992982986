//! `/metrics`, for Prometheus. There is nothing personal in it; it is for this machine itself and for those who may see
//! reports.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use choba_app::{Caller, Right};

use crate::{Problem, Service};

pub fn routes() -> Router<Service> {
    Router::new().route("/metrics", get(show))
}

async fn show(State(service): State<Service>, request: Request) -> Result<impl IntoResponse, Problem> {
    may_see(&request)?;
    let metrics = service.metrics.as_ref().ok_or_else(|| Problem::not_found("Metrics are not kept here."))?;
    count_store(&service);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()))
}

fn may_see(request: &Request) -> Result<(), Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if peer.is_some_and(|peer| peer.0.ip().is_loopback()) {
        return Ok(());
    }
    let caller = request.extensions().get::<Caller>();
    let caller = caller.ok_or_else(|| Problem::unauthorized("Send `Authorization: Bearer …`."))?;
    Ok(caller.may(Right::ReportsRead)?)
}

/// What the store has counted by itself since it was opened.
fn count_store(service: &Service) {
    let counts = service.counter.store().counts();
    metrics::counter!("choba_store_batches_total").absolute(counts.batches);
    metrics::counter!("choba_store_works_total").absolute(counts.works);
    metrics::counter!("choba_store_round_trips_total").absolute(counts.round_trips);
    metrics::counter!("choba_store_retries_total").absolute(counts.retries);
    metrics::gauge!("choba_store_largest_batch").set(figure(counts.largest_batch));
}

/// Gauges are floats; what is counted here is far below where those get coarse.
#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn figure(count: u64) -> f64 {
    count as f64
}
