//! Events, webhooks, hooks and contacts over HTTP.

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Request};
use choba_outside::webhook::WebhookSecret;
use choba_server::{Telling, api};
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;
use tower::ServiceExt as _;

use crate::support::{Bench, NOON};

async fn grant(bench: &Bench, customer_id: &str) {
    let whose = choba_app::Whose::new(customer_id, "rakuten-style");
    let grant = choba_app::GrantValue {
        whose,
        program: "rakuten".to_owned(),
        kind: Some(choba_engine::market::LotKind::Limited),
        points: choba_engine::money::Points::new(5),
        available_at: None,
        expires_at: None,
        reason: "test".to_owned(),
        by: choba_app::Granter::Campaign("test".to_owned()),
        key: choba_app::Key::new(&bench.key(), "grant_value", customer_id, b"").unwrap(),
    };
    let at = bench.service.clock.now();
    bench.service.counter.grant_value(grant, at).await.unwrap();
    bench.service.counter.publish_events(at).await.unwrap();
}

#[tokio::test]
async fn events_are_read_page_by_page_and_customers_read_their_own() {
    let bench = Bench::new().await;
    for customer in ["hanako", "taro", "hanako"] {
        grant(&bench, customer).await;
    }
    let first = bench.get("key:shop", "/v1/events?limit=2").await.expect(200);
    assert_eq!((first["data"].as_array().unwrap().len(), &first["more"]), (2, &json!(true)));
    let next = first["next"].as_str().unwrap();
    let second = bench.get("key:shop", &format!("/v1/events?after={next}")).await.expect(200);
    assert_eq!((second["data"].as_array().unwrap().len(), &second["more"]), (1, &json!(false)));
    assert_eq!(second["data"][0]["type"], "wallet.granted");
    let own = bench.get("customer:hanako", "/v1/events").await.expect(200);
    assert!(own["data"].as_array().unwrap().iter().all(|event| event["customer_id"] == "hanako"));
    assert_eq!(own["data"].as_array().unwrap().len(), 2);
    bench.get("customer:hanako", "/v1/events?customer_id=taro").await.expect(404);
    bench.get("key:reader:orders:read", "/v1/events").await.expect(403);
    assert_eq!(bench.get("key:shop", "/v1/events?after=x").await.expect(422)["code"], "field");
    bench.get("key:shop", "/v1/events?type=order.eaten").await.expect(422);
    let none = bench.get("key:shop", "/v1/events?type=order.placed&market=rakuten-style").await.expect(200);
    assert_eq!(none["data"], json!([]));
}

/// The next lines of a stream, until an empty one.
async fn next(body: &mut BodyDataStream, rest: &mut String) -> String {
    loop {
        if let Some((event, after)) = rest.split_once("\n\n") {
            let (event, after) = (event.to_owned(), after.to_owned());
            *rest = after;
            return event;
        }
        let chunk = body.next().await.unwrap().unwrap();
        rest.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

async fn stream(bench: &Bench, path: &str, last: Option<&str>) -> BodyDataStream {
    let mut request = Request::builder()
        .uri(path)
        .header("authorization", "Bearer key:shop")
        .header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = bench.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

fn id(event: &str) -> &str {
    event.lines().find_map(|line| line.strip_prefix("id: ")).unwrap()
}

#[tokio::test]
async fn a_stream_goes_on_as_events_come_and_resumes_after_the_last_one() {
    let bench = Bench::new().await;
    grant(&bench, "before").await;
    let (mut body, mut rest) = (stream(&bench, "/v1/events", None).await, String::new());
    grant(&bench, "hanako").await;
    let one = next(&mut body, &mut rest).await;
    assert!(one.contains("event: wallet.granted") && one.contains("\"customer_id\":\"hanako\""), "{one}");
    grant(&bench, "taro").await;
    let two = next(&mut body, &mut rest).await;
    assert!(two.contains("taro"));
    drop(body);
    let (mut body, mut rest) = (stream(&bench, "/v1/events", Some(id(&one))).await, String::new());
    let again = next(&mut body, &mut rest).await;
    assert_eq!(id(&again), id(&two));
}

#[tokio::test]
async fn webhooks_are_made_changed_rotated_tested_and_removed() {
    let bench = Bench::new().await;
    let wanted = json!({"url": "https://example.com/hooks", "types": ["order.placed"]});
    let made = bench.post("key:shop", "/v1/webhooks", &wanted).await.expect(201);
    let id = made["endpoint"]["endpoint_id"].as_str().unwrap();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/v1/webhooks/{id}");
    let shown = bench.get("key:shop", &path).await;
    assert_eq!(shown.header("etag"), "\"1\"");
    assert!(!String::from_utf8_lossy(&shown.bytes).contains("whsec_"));
    let changed = json!({"url": "https://example.com/other", "enabled": false});
    let changed = bench.write(Method::PUT, "key:shop", &path, "k1", &changed).await.expect(200);
    assert_eq!((&changed["disabled_because"], &changed["version"]), (&json!("disabled"), &json!(2)));
    let rotated = bench.post("key:shop", &format!("{path}/rotate"), &json!({})).await.expect(200);
    assert_ne!(rotated["secret"], made["secret"]);
    let tested = bench.post("key:shop", &format!("{path}/test"), &json!({})).await.expect(202);
    let sent = bench.get("key:shop", &format!("{path}/deliveries?state=waiting")).await.expect(200);
    assert_eq!(sent["data"][0]["message_id"], tested["message_id"]);
    let dead = bench.get("key:shop", &format!("{path}/deliveries?state=dead")).await.expect(200);
    assert_eq!(dead["data"], json!([]));
    let replay = json!({"since": NOON});
    assert_eq!(bench.post("key:shop", &format!("{path}/replay"), &replay).await.expect(202)["queued"], 0);
    bench.post("key:shop", &format!("{path}/replay"), &json!({})).await.expect(422);
    bench.write(Method::DELETE, "key:shop", &path, "k2", &json!({})).await.expect(204);
    bench.get("key:shop", &path).await.expect(404);
    let inner = json!({"url": "https://169.254.169.254/latest"});
    let refused: Value = bench.post("key:shop", "/v1/webhooks", &inner).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/url");
    bench.get("customer:hanako", "/v1/webhooks").await.expect(403);
    bench.get("staff:a:auditor", "/v1/webhooks").await.expect(403);
}

#[tokio::test]
async fn a_hook_is_acknowledged_only_where_it_is_signed() {
    let mut bench = Bench::new().await;
    let text = WebhookSecret::text_of(&[4; 32]);
    let secret = || WebhookSecret::read(&text).unwrap();
    let payments = [("card".to_owned(), vec![secret()])].into();
    bench.service.telling = Telling { payments, ..Telling::default() };
    bench.router = api::router(bench.service.clone());
    let body = br#"{"type":"konbini.expired","timestamp":"2026-11-21T03:00:00Z","data":{"id":"k","payment_number":"1",
        "amount":1,"deadline":"2026-11-21T03:00:00Z","reference":"o","state":"expired"}}"#;
    let now = bench.service.clock.now().as_second();
    let send = async |path: &str, signature: String| {
        let request = Request::post(path)
            .header("webhook-id", "m1")
            .header("webhook-timestamp", now)
            .header("webhook-signature", signature);
        bench.send(request.body(Body::from(&body[..])).unwrap()).await
    };
    let good = secret().sign("m1", now, body).unwrap();
    send("/v1/hooks/payments/card", good.clone()).await.expect(204);
    send("/v1/hooks/payments/other", good).await.expect(404);
    let forged = send("/v1/hooks/payments/card", "v1,AAAA".to_owned()).await.expect(400);
    assert_eq!(forged["code"], "webhook");
}

#[tokio::test]
async fn a_contact_is_set_covered_for_others_and_erased() {
    let bench = Bench::new().await;
    let path = "/v1/customers/hanako/contact?market=rakuten-style";
    let contact = json!({"email": "hanako@example.jp", "language": "ja", "points_notices": true});
    let set = bench.write(Method::PUT, "customer:hanako", path, "k", &contact).await.expect(200);
    assert_eq!(set["email"], "hanako@example.jp");
    assert_eq!(bench.get("staff:a:agent", path).await.expect(200)["email"], "h***@e***.jp");
    bench.get("customer:taro", path).await.expect(404);
    bench.write(Method::PUT, "customer:taro", path, "k", &contact).await.expect(404);
    let wrong = json!({"email": "nobody", "language": "ja"});
    let wrong = bench.write(Method::PUT, "customer:hanako", path, "k", &wrong).await.expect(422);
    assert_eq!(wrong["errors"][0]["pointer"], "/email");
    bench.write(Method::DELETE, "customer:hanako", path, "k", &json!({})).await.expect(204);
    bench.get("customer:hanako", path).await.expect(404);
}
