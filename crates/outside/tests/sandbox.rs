//! The sandbox as testers meet it: control, messages, state file, tokens.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use choba_outside::books::Role;
use choba_outside::client::Outside;
use choba_outside::record::KonbiniState;
use choba_outside::sandbox::{FaultKind, RequestLine, Sandbox, SandboxFault, SandboxOptions, WebhookTarget};
use choba_outside::webhook::{Event, Message, WebhookHeaders, WebhookSecret, verify_webhook};
use choba_outside::{Ask, Reply};
use jiff::SignedDuration;
use serde_json::{Value, json};
use support::*;
use tokio::net::TcpListener;
use tokio::sync::Notify;

async fn bind(options: SandboxOptions) -> Sandbox {
    Sandbox::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap()
}

/// Asks as `curl` would; gives status and body.
async fn call(
    sandbox: &Sandbox,
    method: reqwest::Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Value,
) -> (u16, Value) {
    let url = format!("http://{}{path}", sandbox.address());
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let mut request = client.request(method, url).body(body.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}

const BEARER: (&str, &str) = ("authorization", "Bearer token-of-the-test");

async fn control(sandbox: &Sandbox, method: reqwest::Method, what: &str, body: Value) -> (u16, Value) {
    call(sandbox, method, &format!("/control/{what}"), &[BEARER], body).await
}

async fn play(sandbox: &Sandbox, play: Value) -> u16 {
    control(sandbox, reqwest::Method::POST, "play", play).await.0
}

/// A shop that takes messages, after having refused the first ones.
#[derive(Clone)]
struct Shop {
    secret: WebhookSecret,
    got: Arc<Mutex<Vec<(String, Event)>>>,
    refuse: Arc<Mutex<u32>>,
    more: Arc<Notify>,
}

async fn take(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    let signed = WebhookHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let now = "2026-11-20T12:00:00+09:00".parse().unwrap();
    let tolerance = SignedDuration::from_mins(5);
    let verified = verify_webhook(std::slice::from_ref(&shop.secret), signed, &body, now, tolerance).unwrap();
    let mut refuse = shop.refuse.lock().unwrap();
    if *refuse > 0 {
        *refuse -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    shop.got.lock().unwrap().push((verified.id, Message::read(&body).unwrap().event));
    shop.more.notify_one();
    StatusCode::NO_CONTENT
}

async fn shop(refuse: u32) -> (Shop, WebhookTarget) {
    let secret = WebhookSecret::read(&WebhookSecret::text_of(&[9; 32])).unwrap();
    let shop = Shop {
        secret: secret.clone(),
        got: Arc::default(),
        refuse: Arc::new(Mutex::new(refuse)),
        more: Arc::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
    let routes = Router::new().route("/webhooks", post(take)).with_state(shop.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (shop, WebhookTarget { url, secret })
}

impl Shop {
    async fn until(&self, count: usize) -> Vec<(String, Event)> {
        let waiting = async {
            while self.got.lock().unwrap().len() < count {
                self.more.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap();
        self.got.lock().unwrap().clone()
    }
}

async fn konbini(outside: &Outside, key: &str) -> String {
    let open = Ask::KonbiniOpen {
        amount: 3000,
        deadline: "2026-11-23T00:00:00+09:00".parse().unwrap(),
        reference: "o1".to_owned(),
    };
    match outside.ask(&CARD, key, &open).await {
        Ok(Reply::Konbini(konbini)) => konbini.id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_payment_at_the_store_is_told_by_a_signed_message_until_it_is_taken() {
    let (shop, target) = shop(2).await;
    let sandbox = bind(SandboxOptions { webhook: Some(target), ..options() }).await;
    let outside = outside(&sandbox, |party| party);
    let paid = konbini(&outside, "k1").await;
    let expired = konbini(&outside, "k2").await;
    assert_eq!(play(&sandbox, json!({ "play": "konbini_paid", "konbini": paid })).await, 204);
    assert_eq!(play(&sandbox, json!({ "play": "konbini_paid", "konbini": paid })).await, 409);
    assert_eq!(play(&sandbox, json!({ "play": "wait", "seconds": 400_000 })).await, 204);
    let got = shop.until(2).await;
    assert!(matches!(&got[0].1, Event::KonbiniPaid(told) if told.id == paid), "{got:?}");
    assert!(matches!(&got[1].1, Event::KonbiniExpired(told) if told.id == expired), "{got:?}");
    let see = Ask::SeeKonbini { konbini: expired };
    let seen = outside.ask(&CARD, "", &see).await;
    assert!(matches!(&seen, Ok(Reply::Konbini(seen)) if seen.state == KonbiniState::Expired), "{seen:?}");
}

#[tokio::test]
async fn a_message_can_come_twice_with_one_id() {
    let (shop, target) = shop(0).await;
    let sandbox = bind(SandboxOptions { webhook: Some(target), ..options() }).await;
    let outside = outside(&sandbox, |party| party);
    let auth = authorised(outside.ask(&CARD, "a", &authorise(500, "tok_ok")).await);
    let taken = captured(outside.ask(&CARD, "c", &capture(&auth.id, 500)).await);
    fault(&sandbox, "refund", 1, FaultKind::DuplicateWebhook);
    outside.ask(&CARD, "r", &refund(&taken.id, 500)).await.unwrap();
    let got = shop.until(2).await;
    assert_eq!(got[0], got[1]);
    assert!(matches!(&got[0].1, Event::RefundSettled(told) if told.amount == 500), "{got:?}");
}

#[tokio::test]
async fn messages_wait_until_somebody_says_where_to() {
    let (shop, target) = shop(0).await;
    let sandbox = bind(options()).await;
    let outside = outside(&sandbox, |party| party);
    authorised(outside.ask(&CARD, "a", &authorise(500, "tok_declined_later")).await);
    let body = json!({ "url": target.url, "secret": WebhookSecret::text_of(&[9; 32]) });
    assert_eq!(control(&sandbox, reqwest::Method::PUT, "webhook", body).await.0, 204);
    let got = shop.until(1).await;
    assert!(matches!(&got[0].1, Event::AuthorizationDeclinedLater(_)), "{got:?}");
    let elsewhere = json!({ "url": "http://192.0.2.1/", "secret": WebhookSecret::text_of(&[9; 32]) });
    assert_eq!(control(&sandbox, reqwest::Method::PUT, "webhook", elsewhere).await.0, 400);
}

#[tokio::test]
async fn faults_are_set_seen_and_cleared_over_http() {
    let (sandbox, outside) = both().await;
    let fault = json!({
        "match": { "party": "d-point", "operation": "hold" }, "times": 2,
        "kind": { "rate_limited": { "retry_after_seconds": 9 } }
    });
    assert_eq!(control(&sandbox, reqwest::Method::POST, "faults", fault.clone()).await.0, 204);
    assert!(is_unavailable(&outside.ask(&PARTNER, "h", &hold("taro", 1)).await));
    authorised(outside.ask(&CARD, "a", &authorise(1, "tok_ok")).await);
    let (_, left) = control(&sandbox, reqwest::Method::GET, "faults", Value::Null).await;
    assert_eq!((left[0]["times"].clone(), left[0]["kind"].clone()), (json!(1), fault["kind"].clone()));
    assert_eq!(control(&sandbox, reqwest::Method::DELETE, "faults", Value::Null).await.0, 204);
    held(outside.ask(&PARTNER, "h", &hold("taro", 1)).await);
    for wrong in [json!({ "kind": "explode" }), json!({ "kind": "down", "tims": 2 }), json!([])] {
        let (status, problem) = control(&sandbox, reqwest::Method::POST, "faults", wrong).await;
        assert_eq!((status, problem["code"].clone()), (400, json!("malformed")));
    }
}

#[tokio::test]
async fn the_ledger_shows_all_and_reset_forgets_it_without_giving_an_id_twice() {
    let (sandbox, outside) = both().await;
    let before = held(outside.ask(&PARTNER, "h", &hold("taro", 7)).await);
    let (_, ledger) = control(&sandbox, reqwest::Method::GET, "ledger", Value::Null).await;
    assert_eq!(ledger["partners"]["d-point"]["holds"][&before.id]["points"], json!(7));
    assert_eq!(control(&sandbox, reqwest::Method::POST, "reset", Value::Null).await.0, 204);
    assert_eq!(sandbox.ledger()["partners"], json!({}));
    let after = held(outside.ask(&PARTNER, "h", &hold("taro", 8)).await);
    assert_ne!(before.id, after.id);
}

#[tokio::test]
async fn a_member_has_what_a_tester_says() {
    let (sandbox, outside) = both().await;
    let set = json!({ "play": "set_balance", "program": "d-point", "account": "taro", "balance": 42 });
    assert_eq!(play(&sandbox, set).await, 204);
    let earn = json!({ "play": "earn_elsewhere", "program": "d-point", "account": "taro", "points": 5000,
        "months_ago": 1 });
    assert_eq!(play(&sandbox, earn).await, 204);
    match outside.ask(&PARTNER, "", &balance("taro")).await {
        Ok(Reply::Balance(balance)) => {
            assert_eq!((balance.balance, balance.earned_last_3_months), (5042, 5000));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_is_done_without_the_right_token_or_without_a_key() {
    let (sandbox, _outside) = both().await;
    let path = "/partners/d-point/v1/members/taro/holds";
    let body = json!({ "points": 1, "reference": "o" });
    let key = ("idempotency-key", "k");
    let post = reqwest::Method::POST;
    for header in [("authorization", "Bearer other"), ("authorization", "Bearer "), ("x-nothing", "")] {
        let (status, problem) = call(&sandbox, post.clone(), path, &[header, key], body.clone()).await;
        assert_eq!((status, problem["code"].clone()), (401, json!("unauthorised")));
        let (status, _) = call(&sandbox, post.clone(), "/control/reset", &[header], Value::Null).await;
        assert_eq!(status, 401);
    }
    let (status, problem) = call(&sandbox, post.clone(), path, &[BEARER], body).await;
    assert_eq!((status, problem["code"].clone()), (400, json!("idempotency_key_missing")));
    let (status, _) = call(&sandbox, post, "/card/v1/nothing", &[BEARER, key], Value::Null).await;
    assert_eq!(status, 404);
    assert_eq!(count(&sandbox, "/partners/d-point/holds"), 0);
}

#[tokio::test]
async fn each_request_is_told_without_secrets() {
    let lines: Arc<Mutex<Vec<RequestLine>>> = Arc::default();
    let kept = Arc::clone(&lines);
    let log = Arc::new(move |line: &RequestLine| kept.lock().unwrap().push(line.clone()));
    let sandbox = bind(SandboxOptions { log: Some(log), ..options() }).await;
    let outside = outside(&sandbox, |party| party.with_limits(no_retries()));
    fault(&sandbox, "authorise", 1, FaultKind::Close);
    assert!(is_unknown(&outside.ask(&CARD, "k", &authorise(1, "tok_ok")).await));
    let lines = lines.lock().unwrap();
    assert_eq!(
        serde_json::to_value(&*lines).unwrap(),
        json!([{ "method": "POST", "path": "/card/v1/authorizations", "status": null, "fault": "close" }])
    );
}

/// A file in the directory for temporary files of this build.
fn state_file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&file);
    file
}

#[tokio::test]
async fn a_sandbox_that_was_killed_keeps_its_books_and_its_answers() {
    let file = state_file("killed.jsonl");
    let options = || SandboxOptions { state_file: Some(file.clone()), ..options() };
    let first = bind(options()).await;
    let client = outside(&first, |party| party);
    let held_points = held(client.ask(&PARTNER, "h", &hold("taro", 100)).await);
    authorised(client.ask(&CARD, "a", &authorise(500, "tok_declined_later")).await);
    assert_eq!(play(&first, json!({ "play": "wait", "seconds": 60 })).await, 204);
    let before = first.ledger();
    drop(first);
    // A line that was being written when the power went.
    fs::write(&file, [fs::read(&file).unwrap(), b"{\"at\":\"2026-11-2".to_vec()].concat()).unwrap();
    let second = bind(options()).await;
    assert_eq!(second.ledger(), before);
    let client = outside(&second, |party| party);
    assert_eq!(held(client.ask(&PARTNER, "h", &hold("taro", 100)).await), held_points);
    held(client.ask(&PARTNER, "h2", &hold("taro", 1)).await);
    let third = bind(options()).await;
    assert_eq!(third.ledger(), second.ledger());
}

#[tokio::test]
async fn a_state_file_of_something_else_is_told_and_left_alone() {
    let file = state_file("other.txt");
    fs::write(&file, "first\nsecond\n").unwrap();
    let options = SandboxOptions { state_file: Some(file.clone()), ..options() };
    let fault = Sandbox::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap_err();
    assert!(matches!(fault, SandboxFault::State(_)));
    assert!(fault.to_string().contains("line 1"), "{fault}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "first\nsecond\n");
}

#[tokio::test]
async fn programs_are_apart() {
    let (sandbox, outside) = both().await;
    held(outside.ask(&PARTNER, "h", &hold("taro", 100)).await);
    let path = "/partners/okidoki/v1/members/taro/balance";
    let (_, balance) = call(&sandbox, reqwest::Method::GET, path, &[BEARER], Value::Null).await;
    assert_eq!(balance["available"], json!(10_000));
    assert_eq!(
        sandbox.base_url(&Role::Partner("okidoki".to_owned())),
        format!("http://{}/partners/okidoki", sandbox.address())
    );
}
