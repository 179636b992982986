//! Connections, and how one is closed without an answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{Request, Response};
use axum::response::IntoResponse as _;
use axum::routing::{any, post};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::desk::Desk;
use super::problem::Problem;
use super::{control, party};

/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Marks a response that must not be sent.
#[derive(Clone, Copy)]
struct Cut;

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer, on purpose")]
struct ClosedOnPurpose;

/// A response that closes the connection instead.
pub(super) fn cut() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Cut);
    response
}

pub(super) fn is_cut(response: &Response<Body>) -> bool {
    response.extensions().get::<Cut>().is_some()
}

pub(super) fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/card/v1/{a}", any(party::card))
        .route("/card/v1/{a}/{b}", any(party::card))
        .route("/card/v1/{a}/{b}/{c}", any(party::card))
        .route("/partners/{program}/v1/{a}", any(party::partner))
        .route("/partners/{program}/v1/{a}/{b}", any(party::partner))
        .route("/partners/{program}/v1/{a}/{b}/{c}", any(party::partner))
        .route("/dialler/v1/dials", post(control::dial))
        .route("/control/{what}", any(control::control))
        .fallback(|| async { Problem::NoSuchCall.into_response() })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(desk)
}

/// Serves until it is aborted, and then drops all connections.
pub(super) async fn serve(listener: TcpListener, routes: Router) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(connections.spawn(converse(stream, routes.clone()))),
            // Out of file handles, as a rule; some will be given back.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, routes: Router) {
    // Answers are small; waiting to fill a packet only costs time.
    let _ = stream.set_nodelay(true);
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = routes.call(request);
        async move {
            let response = answer.await.unwrap_or_else(|never: Infallible| match never {});
            if is_cut(&response) { Err(ClosedOnPurpose) } else { Ok(response) }
        }
    });
    // How a connection ends is the caller's affair.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
