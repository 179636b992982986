//! Wallets, programs, gift cards, over HTTP.

use axum::http::Method;
use serde_json::json;

use crate::support::Bench;

const SHOP: &str = "key:shop";

#[tokio::test]
async fn granted_points_are_in_the_wallet_at_their_time() {
    let bench = Bench::new().await;
    let grant = json!({"market": "rakuten-style", "program": "rakuten", "kind": "limited", "points": 500,
        "expires_at": "2026-12-31T23:59:59+09:00", "reason": "campaign"});
    bench.post(SHOP, "/v1/customers/hanako/wallet/grants", &grant).await.expect(201);
    let wallet = "/v1/customers/hanako/wallet?market=rakuten-style";
    let now = bench.get("customer:hanako", wallet).await.expect(200);
    assert_eq!(now["balances"][0]["available"], 500);
    let later = format!("{wallet}&at=2027-01-01T00:00:00%2B09:00");
    let then = bench.get("customer:hanako", &later).await.expect(200);
    assert_eq!(then["balances"][0]["expired"], 500);
    let lot = now["lots"][0]["lot_id"].as_str().unwrap();
    let lot = format!("/v1/customers/hanako/wallet/lots/{lot}?market=rakuten-style");
    assert_eq!(bench.get("customer:hanako", &lot).await.expect(200)["rows"][0]["points"], 500);
    let statement = "/v1/customers/hanako/wallet/statement?market=rakuten-style&limit=1";
    assert_eq!(bench.get("customer:hanako", statement).await.expect(200)["data"][0]["balance"], 500);
    bench.get("customer:taro", wallet).await.expect(404);
    let never = format!("{wallet}&at=soon");
    assert_eq!(bench.get("customer:hanako", &never).await.expect(422)["errors"][0]["pointer"], "#at");
}

#[tokio::test]
async fn a_large_correction_waits_for_a_second_person() {
    let bench = Bench::new().await;
    let adjust = json!({"market": "rakuten-style", "program": "rakuten", "kind": "ordinary", "points": 50_000,
        "reason": "lost parcel"});
    let path = "/v1/customers/hanako/wallet/adjustments";
    let asked = bench.post("staff:sato:specialist", path, &adjust).await.expect(200);
    assert_eq!(asked["state"], "waiting");
    let waiting =
        bench.get("staff:suzuki:specialist", "/v1/adjustments?market=rakuten-style").await.expect(200);
    assert_eq!(waiting["data"][0]["asked_by"], "staff:sato");
    let approve = format!("/v1/adjustments/{}/approve", asked["adjustment_id"].as_str().unwrap());
    let alone = bench.post("staff:sato:specialist", &approve, &json!({})).await.expect(409);
    assert_eq!(alone["code"], "same_person");
    assert_eq!(
        bench.post("staff:suzuki:specialist", &approve, &json!({})).await.expect(200)["state"],
        "made"
    );
    bench.post("staff:agent:agent", &approve, &json!({})).await.expect(403);
}

#[tokio::test]
async fn a_gift_card_is_issued_and_redeemed_once() {
    let bench = Bench::new().await;
    let issue = json!({"market": "amazon-style", "count": 1, "amount": 3000});
    let batch = bench.write(Method::POST, SHOP, "/v1/gift-cards", "batch", &issue).await.expect(201);
    let again = bench.write(Method::POST, SHOP, "/v1/gift-cards", "batch", &issue).await.expect(201);
    assert_eq!((&again["batch_id"], again["cards"].as_array().unwrap().len()), (&batch["batch_id"], 0));
    let code = &batch["cards"][0]["code"];
    let redeem = json!({"market": "amazon-style", "code": code});
    let redeemed = bench.post("customer:taro", "/v1/gift-cards/redeem", &redeem).await.expect(200);
    assert_eq!(redeemed["amount"], 3000);
    let twice = bench.post("customer:taro", "/v1/gift-cards/redeem", &redeem).await.expect(409);
    assert_eq!(twice["code"], "gift_card_already_used_by_you");
    assert!(twice["message"]["ja"].is_string());
    let list = format!("/v1/gift-cards?batch_id={}", batch["batch_id"].as_str().unwrap());
    let listed = bench.get(SHOP, &list).await.expect(200);
    assert_eq!(listed["data"][0]["state"], "redeemed");
    assert!(!listed.to_string().contains(code.as_str().unwrap()));
    bench.post("customer:taro", "/v1/gift-cards", &issue).await.expect(403);
}

#[tokio::test]
async fn a_program_is_linked_always_used_and_unlinked() {
    let bench = Bench::new().await;
    let path = "/v1/customers/taro/links/d-point";
    let link = json!({"market": "amazon-style", "code": "LINK-mbr_taro-1"});
    let linked = bench.write(Method::PUT, "customer:taro", path, &bench.key(), &link).await;
    assert_eq!(linked.status, 201, "{}", String::from_utf8_lossy(&linked.bytes));
    let always = json!({"market": "amazon-style", "always_use": true});
    let always = bench.write(Method::PUT, "customer:taro", &format!("{path}/always-use"), "a", &always).await;
    assert_eq!(always.expect(200)["always_use"], true);
    let gone = format!("{path}?market=amazon-style");
    let answer = bench.write(Method::DELETE, "customer:taro", &gone, &bench.key(), &json!({})).await;
    answer.expect(204);
    let links = bench.get("customer:taro", "/v1/customers/taro/links?market=amazon-style").await.expect(200);
    assert_eq!(links["data"], json!([]));
}

#[tokio::test]
async fn coupons_and_ranks_come_from_the_marketplace() {
    let bench = Bench::new().await;
    let coupon = "/v1/customers/hanako/coupons/A500?market=rakuten-style";
    bench.write(Method::PUT, SHOP, coupon, "c", &json!({})).await.expect(204);
    let held =
        bench.get("customer:hanako", "/v1/customers/hanako/coupons?market=rakuten-style").await.expect(200);
    assert_eq!(held["data"][0]["coupon_id"], "A500");
    bench.write(Method::PUT, "customer:hanako", coupon, "c", &json!({})).await.expect(403);
    let rank = json!({"market": "rakuten-style", "rank": "gold"});
    bench.write(Method::PUT, SHOP, "/v1/customers/hanako/rank", "r", &rank).await.expect(204);
}

#[tokio::test]
async fn reports_are_for_those_who_may_see_them() {
    let bench = Bench::new().await;
    for report in [
        "liability?",
        "expiry-forecast?",
        "coupons?",
        "value?from=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z&",
    ] {
        let path = format!("/v1/reports/{report}market=rakuten-style");
        bench.get("staff:a:auditor", &path).await.expect(200);
        bench.get("staff:a:agent", &path).await.expect(403);
        bench.get("customer:hanako", &path).await.expect(403);
    }
}
