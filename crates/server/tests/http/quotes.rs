//! Quotes and plans.

use serde_json::json;

use crate::support::{Bench, NOON};

fn cart() -> serde_json::Value {
    json!({
        "market": "rakuten-style", "at": NOON,
        "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "digital", "unit_price": 2000,
            "quantity": 1, "tax_rate": "0"}],
        "pay": {"method": {"type": "card"}},
    })
}

#[tokio::test]
async fn a_cart_is_priced_as_described() {
    let bench = Bench::new().await;
    let mut cart = cart();
    cart["customer"] = json!({"coupons": ["A500"]});
    cart["pay"]["coupons"] = json!(["A500"]);
    let quote = bench.post("key:shop", "/v1/quotes", &cart).await.expect(200);
    assert_eq!((quote["total"].as_i64(), quote["coupon_total"].as_i64()), (Some(1500), Some(500)));
}

#[tokio::test]
async fn a_customer_of_the_books_cannot_make_up_what_they_hold() {
    let bench = Bench::new().await;
    let mut cart = cart();
    cart["customer"] = json!({"coupons": ["A500"]});
    cart["pay"]["coupons"] = json!(["A500"]);
    let quote = bench.post("customer:hanako", "/v1/quotes", &cart).await.expect(200);
    assert_eq!(quote["total"], 2000);
    assert_eq!(quote["refusals"][0]["code"], "not_held");
}

#[tokio::test]
async fn a_customer_cannot_price_as_somebody_else() {
    let bench = Bench::new().await;
    let answer = bench.post("customer:hanako", "/v1/quotes?customer_id=taro", &cart()).await;
    assert_eq!(answer.expect(404)["code"], "not_found");
}

#[tokio::test]
async fn a_plan_says_what_it_is_best_at() {
    let bench = Bench::new().await;
    let mut cart = cart();
    cart["customer"] = json!({"coupons": ["A500"]});
    cart["pay"] = json!({"method": {"type": "card"}});
    let plan = bench.post("key:shop", "/v1/plans?aim=most_value", &cart).await.expect(200);
    assert_eq!(plan["plan"]["aim"], "most_value");
    assert_eq!(plan["plan"]["pay"]["coupons"], json!(["A500"]));
    let unknown = bench.post("key:shop", "/v1/plans?aim=luck", &cart).await.expect(422);
    assert_eq!(unknown["errors"][0]["pointer"], "#aim");
}

#[tokio::test]
async fn faults_name_their_field() {
    let bench = Bench::new().await;
    let mut wrong = cart();
    wrong["lines"][0]["seller"] = json!("shop-z");
    let problem = bench.post("key:shop", "/v1/quotes", &wrong).await.expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/lines/0/seller");
    assert_eq!(problem["type"], "/problems/field");
    let nowhere = json!({"lines": []});
    let problem = bench.post("key:shop", "/v1/quotes", &nowhere).await.expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/market");
}
