//! Customers who are handed over, and their sessions, over HTTP.

use axum::http::Method;
use choba_app::{HandOverCode, Session, SessionToken};
use serde_json::{Value, json};

use crate::support::{Answered, Bench};

fn wanted() -> Value {
    json!({"customer_id": "hanako", "market": "rakuten-style", "language": "ja"})
}

async fn handed(bench: &Bench, body: &Value) -> HandOverCode {
    let handed = bench.post("key:shop", "/v1/handovers", body).await.expect(201);
    assert_eq!(handed["expires_at"], "2026-11-21T03:02:00Z");
    HandOverCode::read(handed["url_path"].as_str().unwrap().strip_prefix("/enter/").unwrap()).unwrap()
}

/// Follows the way in, as the pages do.
async fn entered(bench: &Bench, code: &HandOverCode) -> (SessionToken, Session) {
    let at = bench.service.clock.now();
    bench.service.counter.enter(code, "Chrome, Windows", at).await.unwrap()
}

async fn end(bench: &Bench, who: &str, session_id: &str) -> Answered {
    bench.write(Method::DELETE, who, &format!("/v1/sessions/{session_id}"), "-", &Value::Null).await
}

#[tokio::test]
async fn a_shop_hands_a_customer_over_who_sees_and_ends_their_sessions() {
    let bench = Bench::new().await;
    let mut with_cart = wanted();
    with_cart["cart"] = json!({"lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical",
        "unit_price": 2000, "quantity": 2, "tax_rate": "0.10"}]});
    let (_, first) = entered(&bench, &handed(&bench, &with_cart).await).await;
    let cart: Value = serde_json::from_str(first.cart.as_deref().unwrap()).unwrap();
    assert_eq!(cart, with_cart["cart"]);
    let (token, second) = entered(&bench, &handed(&bench, &wanted()).await).await;
    let listed = bench.get("customer:hanako", "/v1/sessions").await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed["data"][0]["device"], "Chrome, Windows");
    assert_eq!(listed["data"][0].get("cart"), None);
    assert!(!listed.to_string().contains(token.reveal()));
    let agent = bench.get("staff:sato:agent", "/v1/sessions?customer_id=hanako").await.expect(200);
    assert_eq!(agent, listed);
    end(&bench, "customer:taro", &first.session_id).await.expect(404);
    end(&bench, "staff:kato:auditor", &first.session_id).await.expect(403);
    end(&bench, "customer:hanako", &second.session_id).await.expect(204);
    let at = bench.service.clock.now();
    assert_eq!(bench.service.counter.session_of(&token, at).await.unwrap(), None);
    end(&bench, "staff:sato:agent", &first.session_id).await.expect(204);
    let listed = bench.get("customer:hanako", "/v1/sessions").await.expect(200);
    assert_eq!(listed, json!({"data": [], "next": null}));
}

#[tokio::test]
async fn a_hand_over_under_the_same_key_is_answered_the_same() {
    let bench = Bench::new().await;
    let ask = async |body: &Value| bench.write(Method::POST, "key:shop", "/v1/handovers", "once", body).await;
    let first = ask(&wanted()).await.expect(201);
    assert_eq!(ask(&wanted()).await.expect(201), first);
    let mut other = wanted();
    other["customer_id"] = json!("taro");
    assert_eq!(ask(&other).await.expect(422)["code"], "key_reused");
    let own = json!({"market": "rakuten-style", "language": "en"});
    let own = bench.post("customer:taro", "/v1/handovers", &own).await.expect(201);
    assert_ne!(own["url_path"], first["url_path"]);
}

#[tokio::test]
async fn what_cannot_be_handed_over_is_named() {
    let bench = Bench::new().await;
    let line = json!({"id": "1", "sku": "A", "seller": "nobody", "kind": "physical", "unit_price": 1, "quantity": 1,
        "tax_rate": "0.10"});
    let faults = [
        ("language", json!("fr"), "/language"),
        ("language", json!(7), "/language"),
        ("cart", json!([]), "/cart"),
        ("cart", json!({"lines": [line]}), "/cart/lines/0/seller"),
        ("cart", json!({"lines": [], "at": "2026-11-21T12:00:00+09:00"}), "/cart/at"),
        ("customer_id", Value::Null, "/customer_id"),
    ];
    for (field, value, pointer) in faults {
        let mut body = wanted();
        body[field] = value;
        let refused = bench.post("key:shop", "/v1/handovers", &body).await.expect(422);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    bench.post("customer:taro", "/v1/handovers", &wanted()).await.expect(404);
    for role in ["agent", "specialist", "operator", "auditor"] {
        bench.post(&format!("staff:sato:{role}"), "/v1/handovers", &wanted()).await.expect(403);
    }
    bench.get("key:shop", "/v1/sessions").await.expect(422);
}
