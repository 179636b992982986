//! Logs and traces of a process, as others receive them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use choba_server::{Telemetry, TelemetrySettings};

/// A collector that passes on what it gets.
fn collector() -> (String, mpsc::Receiver<Bytes>) {
    let (got, gets) = mpsc::channel();
    let (address, addresses) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            address.send(listener.local_addr().unwrap()).unwrap();
            let take = async |State(got): State<mpsc::Sender<Bytes>>, body: Bytes| {
                got.send(body).unwrap();
            };
            axum::serve(listener, Router::new().route("/v1/traces", post(take)).with_state(got))
                .await
                .unwrap();
        });
    });
    (format!("http://{}/v1/traces", addresses.recv().unwrap()), gets)
}

#[test]
fn spans_reach_a_collector_before_the_process_ends() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (endpoint, gets) = collector();
    let settings = TelemetrySettings { otlp_endpoint: Some(endpoint), ..TelemetrySettings::default() };
    let telemetry = Telemetry::install(&settings).unwrap();
    tracing::info_span!("a request of a test").in_scope(|| tracing::info!("within"));
    drop(telemetry);
    let got = gets.recv_timeout(Duration::from_secs(10)).expect("spans");
    let has = |text: &str| got.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("a request of a test") && has("choba"));
}

#[test]
fn a_level_that_is_none_is_told() {
    let settings = TelemetrySettings { level: "choba_server=loud".to_owned(), otlp_endpoint: None };
    let fault = Telemetry::install(&settings).unwrap_err();
    assert!(fault.to_string().starts_with("log: "), "{fault}");
}
