//! What goes around every request: its id, its time-out, its line in the log, headers that every answer has.
//!
//! A request that is part of a trace (`traceparent`) is a span of that trace. One that announces more than anything
//! that is read here is refused before its body comes.
//!
//! Logged are method, route and status; never a path with ids in it, a query or a body.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use tracing::Instrument;

use crate::{Problem, telemetry};

/// How long a request may take until its answer begins.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// No body that is read here is as long, in bytes; the limits of the operations are lower.
const ANNOUNCED_MAX: u64 = 16 * 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Follows a request to its answer.
pub async fn follow(request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = %id, method = %request.method(), route = route.as_deref().unwrap_or_default());
    telemetry::follow_trace(&span, request.headers());
    let (method, began) = (request.method().clone(), Instant::now());
    let answer =
        async { if announced(&request) > ANNOUNCED_MAX { too_large() } else { next.run(request).await } };
    let answered = tokio::time::timeout(ANSWER_TIMEOUT, answer).instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|_| {
        let title = "It took too long";
        let detail = "The request was not complete in time, or took too long to answer.";
        Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", title, detail).into_response()
    });
    tracing::debug!(parent: &span, status = response.status().as_u16(), "answered");
    measure(&method, route, response.status(), began.elapsed());
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    response
}

/// The length that a request says its body has.
fn announced(request: &Request) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// The rest of such a connection is of no use.
fn too_large() -> Response {
    let title = "The body is too large";
    let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", title, "Send less at once.");
    ([(header::CONNECTION, "close")], problem).into_response()
}

/// Only methods and routes that there are: whoever asks for others would make a series of each.
fn measure(method: &Method, route: Option<String>, status: StatusCode, took: Duration) {
    let method = match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let route = route.unwrap_or_else(|| "none".to_owned());
    let labels = [("method", method), ("route", route)];
    metrics::histogram!("choba_http_request_duration_seconds", &labels).record(took.as_secs_f64());
    let [method, route] = labels;
    let labels = [method, route, ("status", status.as_u16().to_string())];
    metrics::counter!("choba_http_requests_total", &labels).increment(1);
}

/// The caller's own id for it, if it is one that can be written to a log; else one that is new in this process.
fn request_id(request: &Request) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let fits = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match given.filter(fits) {
        Some(id) => id.to_owned(),
        None => format!("req-{}", COUNT.fetch_add(1, Ordering::Relaxed)),
    }
}

/// A panic is a fault of the program; it ends this request only.
#[expect(clippy::needless_pass_by_value, reason = "as the layer calls it")]
pub fn panicked(reason: Box<dyn Any + Send + 'static>) -> Response {
    let text = reason.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| reason.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    Problem::defect(text).into_response()
}
