//! Messages to the webhooks of others, to real servers.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use choba_outside::hooks::{HookClient, HookMessage, HookOutcome, HookSettings, Lookup};
use choba_outside::webhook::{WebhookSecret, sign_with_all};
use tokio::net::TcpListener;

const LOOSE: HookSettings = HookSettings {
    plain_allowed: true,
    private_allowed: true,
    patience: Duration::from_millis(400),
    ..HookSettings::STRICT
};

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn send(client: &HookClient, url: &str) -> HookOutcome {
    let message = HookMessage { url, id: "evt_1", timestamp: 1_795_000_000, signature: "v1,x", body: "{}" };
    client.send(&message).await
}

async fn counted(count: Arc<AtomicUsize>) {
    count.fetch_add(1, Ordering::SeqCst);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    let inner = serve(Router::new().route("/", post(move || counted(count)))).await;
    let to = format!("http://{inner}/");
    let outer = serve(Router::new().route("/", post(move || async move { Redirect::temporary(&to) }))).await;
    let outcome = send(&HookClient::new(LOOSE).unwrap(), &format!("http://{outer}/")).await;
    assert_eq!(outcome, HookOutcome::Refused { status: 307, retry_after: None });
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_slow_endpoint_and_one_that_is_down_are_told_apart() {
    let slow = serve(Router::new().route("/", post(|| async { std::future::pending::<()>().await }))).await;
    let client = HookClient::new(LOOSE).unwrap();
    assert_eq!(
        send(&client, &format!("http://{slow}/")).await,
        HookOutcome::Failed { fault: "no_answer_in_time" }
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let down = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(
        send(&client, &format!("http://{down}/")).await,
        HookOutcome::Failed { fault: "no_connection" }
    );
}

#[tokio::test]
async fn of_an_answer_without_end_only_the_beginning_is_read() {
    let endless = || async {
        let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024]));
        Body::from_stream(tokio_stream::iter(chunks)).into_response()
    };
    let address = serve(Router::new().route("/", post(endless))).await;
    let outcome = send(&HookClient::new(LOOSE).unwrap(), &format!("http://{address}/")).await;
    assert_eq!(outcome, HookOutcome::Accepted { status: 200 });
}

#[tokio::test]
async fn an_endpoint_may_say_how_long_it_wants_to_be_left_alone() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "120")]) };
    let address = serve(Router::new().route("/", post(busy))).await;
    let outcome = send(&HookClient::new(LOOSE).unwrap(), &format!("http://{address}/")).await;
    let retry_after = Some(Duration::from_secs(120));
    assert_eq!(outcome, HookOutcome::Refused { status: 429, retry_after });
}

/// A name that stands for this machine by the time it is connected to.
fn rebinding(asked: Arc<AtomicUsize>) -> Lookup {
    Arc::new(move |_| {
        asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(vec!["8.8.8.8:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()]) })
    })
}

#[tokio::test]
async fn a_name_that_stands_for_an_inner_address_is_not_connected_to() {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    let inner = serve(Router::new().route("/", post(move || counted(count)))).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let settings = HookSettings { private_allowed: false, ..LOOSE };
    let client = HookClient::with_lookup(settings, rebinding(Arc::clone(&asked))).unwrap();
    let outcome = send(&client, &format!("http://hooks.example.com:{}/", inner.port())).await;
    assert_eq!(outcome, HookOutcome::Failed { fault: "address_not_allowed" });
    assert_eq!((reached.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (0, 1));
    let literal = send(&client, &format!("http://127.0.0.1:{}/", inner.port())).await;
    assert_eq!(literal, HookOutcome::Failed { fault: "address_not_allowed" });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "their library reads the clock")]
fn the_specifications_own_library_trusts_what_is_signed_here() {
    let now = jiff::Timestamp::now().as_second();
    let (old, new) = (WebhookSecret::text_of(&[1; 32]), WebhookSecret::text_of(&[2; 32]));
    let secrets = [WebhookSecret::read(&new).unwrap(), WebhookSecret::read(&old).unwrap()];
    let body = br#"{"type":"order.placed"}"#;
    let signature = sign_with_all(&secrets, "evt_1", now, body).unwrap();
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("webhook-id", "evt_1".parse().unwrap());
    headers.insert("webhook-timestamp", now.to_string().parse().unwrap());
    headers.insert("webhook-signature", signature.parse().unwrap());
    for text in [&old, &new] {
        let theirs = standardwebhooks::Webhook::new(text).unwrap();
        assert!(theirs.verify(body, &headers).is_ok());
        assert!(theirs.verify(b"{}", &headers).is_err());
    }
    let stranger = standardwebhooks::Webhook::new(&WebhookSecret::text_of(&[3; 32])).unwrap();
    assert!(stranger.verify(body, &headers).is_err());
}
