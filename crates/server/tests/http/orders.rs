//! The life of an order, asked over HTTP.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::Bench;

const SHOP: &str = "key:shop";

fn order(total: i64) -> Value {
    json!({
        "customer_id": "hanako",
        "request": {
            "market": "rakuten-style",
            "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000,
                "quantity": 2, "tax_rate": "0.10"}],
            "pay": {"method": {"type": "card"}},
        },
        "expected": {"total": total},
        "card_token": "tok_ok",
    })
}

async fn placed(bench: &Bench) -> String {
    let placed = bench.post(SHOP, "/v1/orders", &order(4000)).await.expect(201);
    assert_eq!(placed["payment_state"], "authorised");
    placed["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_order_is_placed_shipped_delivered_sent_back_and_refunded() {
    let bench = Bench::new().await;
    let number = placed(&bench).await;
    let path = format!("/v1/orders/{number}");
    bench.post(SHOP, &format!("{path}/prepare"), &json!({"seller": "shop-a"})).await.expect(200);
    let ship = json!({"seller": "shop-a", "carrier": "yamato", "tracking_numbers": ["100000000001"]});
    let shipped = bench.post(SHOP, &format!("{path}/shipments"), &ship).await.expect(200);
    assert_eq!(shipped["order"]["state"], "shipped");
    let shipment = shipped["part"].as_str().unwrap();
    let delivered = format!("{path}/shipments/{shipment}/delivered");
    assert_eq!(bench.post(SHOP, &delivered, &json!({})).await.expect(200)["order"]["state"], "delivered");
    let back = json!({"lines": [{"line_id": "1", "quantity": 1}], "reason": "changed_mind"});
    let returned = bench.post("customer:hanako", &format!("{path}/returns"), &back).await.expect(200);
    let back = format!("{path}/returns/{}", returned["part"].as_str().unwrap());
    bench.post(SHOP, &format!("{back}/received"), &json!({})).await.expect(200);
    let found = json!({"findings": [{"line_id": "1", "opened": true}]});
    bench.post(SHOP, &format!("{back}/inspected"), &found).await.expect(200);
    let refunded = bench.post(SHOP, &format!("{back}/refund"), &json!({})).await.expect(200);
    assert_eq!(refunded["refund"]["net"], 2000);
    assert_eq!(refunded["refund"]["to"][0]["tender"], "card");
    let story = bench.get("customer:hanako", &format!("{path}/story")).await.expect(200);
    assert_eq!(story["quote"]["total"], 4000);
    let yen = story["accounts"].as_array().unwrap().iter().filter(|account| account["unit"] == "JPY");
    assert_eq!(yen.map(|account| account["amount"].as_i64().unwrap()).sum::<i64>(), 0);
}

#[tokio::test]
async fn the_same_key_places_once_and_another_body_is_refused() {
    let bench = Bench::new().await;
    let first = bench.write(Method::POST, SHOP, "/v1/orders", "k", &order(4000)).await.expect(201);
    let again = bench.write(Method::POST, SHOP, "/v1/orders", "k", &order(4000)).await.expect(201);
    assert_eq!(first, again);
    let mut other = order(4000);
    other["card_token"] = json!("tok_other");
    let reused = bench.write(Method::POST, SHOP, "/v1/orders", "k", &other).await.expect(422);
    assert_eq!(reused["code"], "key_reused");
    let list = bench.get("customer:hanako", "/v1/orders?market=rakuten-style").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_total_takes_nothing_and_answers_the_quote() {
    let bench = Bench::new().await;
    let problem = bench.post(SHOP, "/v1/orders", &order(3999)).await.expect(409);
    assert_eq!(problem["code"], "quote_changed");
    assert_eq!(problem["quote"]["total"], 4000);
    let list = bench.get(SHOP, "/v1/orders?market=rakuten-style&customer_id=hanako").await.expect(200);
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn a_declined_card_gives_everything_back() {
    let bench = Bench::new().await;
    let mut declined = order(4000);
    declined["card_token"] = json!("tok_declined");
    let problem = bench.post(SHOP, "/v1/orders", &declined).await.expect(402);
    assert_eq!(problem["code"], "payment_refused");
}

#[tokio::test]
async fn faults_of_a_cart_are_named_by_their_place_in_the_body() {
    let bench = Bench::new().await;
    let mut wrong = order(4000);
    wrong["request"]["lines"][0]["tax_rate"] = json!("0.11");
    let problem = bench.post(SHOP, "/v1/orders", &wrong).await.expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/request/lines/0/tax_rate");
}

#[tokio::test]
async fn an_order_is_cancelled_by_line_until_it_is_prepared() {
    let bench = Bench::new().await;
    let path = format!("/v1/orders/{}", placed(&bench).await);
    let one = json!({"lines": [{"line_id": "1", "quantity": 1}]});
    let after = bench.post("customer:hanako", &format!("{path}/cancel"), &one).await.expect(200);
    assert_eq!(after["order"]["lines"][0]["cancelled"], 1);
    bench.post(SHOP, &format!("{path}/prepare"), &json!({"seller": "shop-a"})).await.expect(200);
    let late = bench.post("customer:hanako", &format!("{path}/cancel"), &json!({})).await.expect(409);
    assert_eq!(late["code"], "too_late_to_cancel");
    assert!(late["message"]["ja"].as_str().unwrap().contains("返品"), "{late}");
}

#[tokio::test]
async fn a_change_of_what_was_seen_before_is_refused() {
    let bench = Bench::new().await;
    let path = format!("/v1/orders/{}", placed(&bench).await);
    let seen = bench.get(SHOP, &path).await;
    let tag = seen.header("etag").to_owned();
    bench.post(SHOP, &format!("{path}/prepare"), &json!({"seller": "shop-a"})).await.expect(200);
    let request = Request::post(format!("{path}/cancel"))
        .header("authorization", "Bearer key:shop")
        .header("content-type", "application/json")
        .header("idempotency-key", "late")
        .header("if-match", tag);
    let answer = bench.send(request.body(Body::from("{\"by_seller\": true}")).unwrap()).await;
    assert_eq!(answer.expect(412)["code"], "changed");
}

#[tokio::test]
async fn nobody_sees_or_changes_the_orders_of_others() {
    let bench = Bench::new().await;
    let number = placed(&bench).await;
    let theirs = bench.get("customer:taro", &format!("/v1/orders/{number}")).await;
    let none = bench.get("customer:taro", "/v1/orders/250-0000000-0000000").await;
    let (theirs, none) = (theirs.expect(404), none.expect(404));
    assert_eq!(theirs["title"], none["title"]);
    bench.post("customer:taro", &format!("/v1/orders/{number}/cancel"), &json!({})).await.expect(404);
    bench.get("key:reader:quotes", &format!("/v1/orders/{number}")).await.expect(403);
    let prepare = format!("/v1/orders/{number}/prepare");
    bench.post("customer:hanako", &prepare, &json!({"seller": "shop-a"})).await.expect(403);
}

#[tokio::test]
async fn customers_do_not_learn_which_member_of_staff_acted() {
    let bench = Bench::new().await;
    let path = format!("/v1/orders/{}", placed(&bench).await);
    let prepare = json!({"seller": "shop-a"});
    bench.post("staff:sato:specialist", &format!("{path}/prepare"), &prepare).await.expect(200);
    let seen = bench.get("customer:hanako", &path).await.expect(200).to_string();
    assert!(!seen.contains("sato"), "{seen}");
    assert!(bench.get(SHOP, &path).await.expect(200).to_string().contains("sato"));
}
