//! A shop asks the dialler that the sandbox plays, and hears how its calls go.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use choba_outside::dialler::{DialEvent, DialFault, DialNews, DialOrder, DialSide, Dialler, HttpDialler};
use choba_outside::sandbox::{DialAct, DiallerPlay, Sandbox, SandboxOptions};
use choba_outside::webhook::{WebhookHeaders, WebhookSecret, verify_webhook};
use jiff::{SignedDuration, Timestamp};
use support::options;
use tokio::net::TcpListener;
use tokio::sync::Notify;

fn now() -> Timestamp {
    "2026-11-20T12:00:00+09:00".parse().unwrap()
}

fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret::read(&WebhookSecret::text_of(&[byte; 32])).unwrap()
}

/// A shop that hears of calls; it refuses the first message, as one that is not up yet.
#[derive(Clone, Default)]
struct Shop {
    heard: Arc<Mutex<Vec<DialNews>>>,
    refused: Arc<Mutex<bool>>,
    more: Arc<Notify>,
}

async fn hear(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    let signed = WebhookHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    verify_webhook(&[secret(9)], signed, &body, now(), SignedDuration::from_mins(5)).unwrap();
    if !std::mem::replace(&mut *shop.refused.lock().unwrap(), true) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    shop.heard.lock().unwrap().push(DialNews::read(&body).unwrap());
    shop.more.notify_one();
    StatusCode::NO_CONTENT
}

async fn world() -> (Shop, Sandbox, HttpDialler) {
    let shop = Shop::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/hooks/dialler", listener.local_addr().unwrap());
    let routes = Router::new().route("/v1/hooks/dialler", post(hear)).with_state(shop.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let dialler = Some(DiallerPlay { url, secret: secret(9), pace: Duration::ZERO });
    let sandbox =
        Sandbox::bind("127.0.0.1:0".parse().unwrap(), SandboxOptions { dialler, ..options() }).await;
    let sandbox = sandbox.unwrap();
    let asks = HttpDialler::new(&sandbox.dialler_url(), secret(9)).unwrap();
    (shop, sandbox, asks)
}

fn order(dial_id: &str) -> DialOrder {
    DialOrder {
        dial_id: dial_id.to_owned(),
        number: "+819012345678".to_owned(),
        agent: "staff:aki".to_owned(),
        language: "ja".to_owned(),
        void_at: now() + SignedDuration::from_secs(60),
    }
}

impl Shop {
    async fn of(&self, dial_id: &str, count: usize) -> Vec<DialEvent> {
        let heard = || {
            let heard = self.heard.lock().unwrap();
            let of = heard.iter().filter(|news| news.dial_id == dial_id).map(|news| news.what);
            of.collect::<Vec<_>>()
        };
        let waiting = async {
            while heard().len() < count {
                self.more.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap();
        heard()
    }
}

#[tokio::test]
async fn calls_go_as_the_script_says_and_are_told_until_they_are_heard() {
    use DialEvent::{Answered, Busy, Dropped, Ended, NoAnswer, Ringing};
    let (shop, sandbox, dialler) = world().await;
    sandbox.script_calls(vec![DialAct::DropAfter(7), DialAct::NoAnswer, DialAct::Busy]);
    for dial_id in ["dial_1", "dial_2", "dial_3", "dial_4"] {
        dialler.dial(&order(dial_id), now()).await.unwrap();
    }
    assert_eq!(shop.of("dial_1", 3).await, [Ringing, Answered, Dropped { seconds: 7 }]);
    assert_eq!(shop.of("dial_2", 2).await, [Ringing, NoAnswer]);
    assert_eq!(shop.of("dial_3", 1).await, [Busy]);
    let ended = Ended { by: DialSide::Agent, seconds: 60 };
    assert_eq!(shop.of("dial_4", 3).await, [Ringing, Answered, ended]);
}

#[tokio::test]
async fn a_call_that_is_asked_for_again_is_made_once() {
    let (shop, sandbox, dialler) = world().await;
    sandbox.script_calls(vec![DialAct::Busy]);
    for _ in 0..3 {
        dialler.dial(&order("dial_1"), now()).await.unwrap();
    }
    assert_eq!(shop.of("dial_1", 1).await, [DialEvent::Busy]);
    let shown = sandbox.dialled();
    assert_eq!((shown["dials"].as_array().unwrap().len(), &shown["dials"][0]["asked"]), (1, &3.into()));
}

#[tokio::test]
async fn what_is_too_late_or_signed_by_somebody_else_is_not_dialled() {
    let (_, sandbox, dialler) = world().await;
    let late = DialOrder { void_at: now(), ..order("dial_1") };
    assert_eq!(dialler.dial(&late, now()).await, Err(DialFault::Refused));
    let foreign = HttpDialler::new(&sandbox.dialler_url(), secret(8)).unwrap();
    assert_eq!(foreign.dial(&order("dial_2"), now()).await, Err(DialFault::Refused));
    assert_eq!(sandbox.dialled()["dials"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_dialler_that_is_not_there_may_be_asked_again_and_its_address_is_encrypted_or_near() {
    let (_, sandbox, dialler) = world().await;
    drop(sandbox);
    // Connections that were open may end in the middle of it.
    let fault = dialler.dial(&order("dial_1"), now()).await.unwrap_err();
    assert!(matches!(fault, DialFault::Later | DialFault::Unsure), "{fault:?}");
    assert!(HttpDialler::new("http://dialler.example/dials", secret(9)).is_err());
    assert!(HttpDialler::new("https://dialler.example/dials", secret(9)).is_ok());
}
