//! An evening at the desk, over HTTP.

use axum::http::Method;
use serde_json::json;

use crate::support::Bench;

const HANAKO: &str = "customer:hanako";
const SATO: &str = "staff:sato:agent";
const MARKET: &str = "market=rakuten-style";

async fn at_the_desk(bench: &Bench) {
    let presence =
        json!({"market": "rakuten-style", "queues": ["desk"], "ready": true, "calls": true, "chats_max": 0});
    bench.write(Method::PUT, SATO, "/v1/callbacks/desk/presence", "-", &presence).await.expect(200);
}

async fn verified(bench: &Bench) {
    let ask = json!({"market": "rakuten-style", "customer_id": "hanako", "number": "090-1234-5678"});
    for nobody in [HANAKO, SATO] {
        bench.post(nobody, "/v1/callbacks/numbers/code", &ask).await.expect(403);
    }
    let code = bench.post("key:shop", "/v1/callbacks/numbers/code", &ask).await.expect(200);
    let verify = json!({"market": "rakuten-style", "number": "09012345678", "code": code["code"]});
    bench.post(SATO, "/v1/callbacks/numbers/verify", &verify).await.expect(422);
    bench.post(HANAKO, "/v1/callbacks/numbers/verify", &verify).await.expect(204);
}

fn to_be_called() -> serde_json::Value {
    json!({"market": "rakuten-style", "question": "other", "number": "090-1234-5678", "language": "ja"})
}

#[tokio::test]
async fn a_customer_is_led_to_a_call_and_knows_who_calls() {
    let bench = Bench::new().await;
    let topics = bench.get(HANAKO, &format!("/v1/contact/topics?{MARKET}")).await.expect(200);
    assert!(topics["data"].as_array().unwrap().iter().any(|topic| topic["topic"] == "other"));
    let offers = format!("/v1/contact/offers?{MARKET}&question=other");
    assert_eq!(bench.get(HANAKO, &offers).await.expect(200)["data"][0]["open"], "scheduled_only");
    at_the_desk(&bench).await;
    assert_eq!(bench.get(HANAKO, &offers).await.expect(200)["data"][0]["open"], "now");
    let unverified = bench.post(HANAKO, "/v1/callbacks", &to_be_called()).await.expect(409);
    assert_eq!(unverified["code"], "number_not_verified");
    verified(&bench).await;
    let requested = bench.post(HANAKO, "/v1/callbacks", &to_be_called()).await.expect(201);
    let callback = &requested["callback"];
    assert_eq!((&callback["state"], &callback["place"]), (&json!("queued"), &json!(1)));
    let id = callback["callback_id"].as_str().unwrap().to_owned();
    let again = bench.post(HANAKO, "/v1/callbacks", &to_be_called()).await.expect(200);
    assert_eq!(
        (again["outcome"].as_str(), again["callback"]["callback_id"].as_str()),
        (Some("already_waiting"), Some(id.as_str()))
    );

    let next = bench.post(SATO, &format!("/v1/callbacks/desk/next?{MARKET}"), &json!({})).await.expect(200);
    assert_eq!(
        (next["callback"]["callback_id"].as_str(), &next["callback"]["dial"]),
        (Some(id.as_str()), &json!(null))
    );
    let card = bench.post(SATO, &format!("/v1/callbacks/{id}/accept?{MARKET}"), &json!({})).await.expect(200);
    assert_eq!(card["dial"], "tel:+819012345678");
    let calling = bench.get(HANAKO, &format!("/v1/callbacks/now-calling?{MARKET}")).await.expect(200);
    assert_eq!((&calling["calling"], &calling["words"]), (&json!(true), &card["words"]));
    let report = format!("/v1/callbacks/{id}/report?{MARKET}");
    bench.post(SATO, &report, &json!({"report": "answered", "words_said": true})).await.expect(200);
    let over = json!({"report": "hung_up", "by": "agent", "summary": true});
    assert_eq!(bench.post(SATO, &report, &over).await.expect(200)["state"], "completed");
    let period = "from=2026-11-21T00:00:00%2B09:00&until=2026-11-22T00:00:00%2B09:00";
    let report = format!("/v1/reports/care?{MARKET}&{period}");
    let reported = bench.get("staff:lead:operator", &report).await.expect(200);
    let desk = reported["data"].as_array().unwrap().iter().find(|queue| queue["queue"] == "desk").unwrap();
    assert_eq!((&desk["arrivals"], &desk["answered"]), (&json!(1), &json!(1)));
    bench.get(HANAKO, &report).await.expect(403);
}

#[tokio::test]
async fn another_customer_reaches_nothing_of_it() {
    let bench = Bench::new().await;
    at_the_desk(&bench).await;
    verified(&bench).await;
    let requested = bench.post(HANAKO, "/v1/callbacks", &to_be_called()).await.expect(201);
    let id = requested["callback"]["callback_id"].as_str().unwrap();
    let taro = "customer:taro";
    for path in
        [format!("/v1/callbacks/{id}?{MARKET}"), format!("/v1/callbacks/{id}?{MARKET}&customer_id=hanako")]
    {
        bench.get(taro, &path).await.expect(404);
    }
    bench.post(taro, &format!("/v1/callbacks/{id}/cancel?{MARKET}"), &json!({})).await.expect(404);
    for what in ["accept", "decline"] {
        bench.post(taro, &format!("/v1/callbacks/{id}/{what}?{MARKET}"), &json!({})).await.expect(403);
    }
    assert_eq!(
        bench.get(taro, &format!("/v1/callbacks/now-calling?{MARKET}")).await.expect(200)["calling"],
        false
    );
    assert_eq!(
        bench.post(HANAKO, &format!("/v1/callbacks/{id}/cancel?{MARKET}"), &json!({})).await.expect(200)["state"],
        "cancelled"
    );
}
