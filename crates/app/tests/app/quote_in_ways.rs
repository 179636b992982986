//! A cart priced in several ways at once, and a plan with its reasons.

use choba_app::{Caller, Cart, CartOf};
use choba_engine::plan::Aim;
use choba_formats::language::Language;
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{Bench, hanako, noon};

on_both!(
    every_way_is_priced_as_it_would_be_alone,
    nobody_prices_with_what_another_holds,
    a_plan_says_why_it_is_best,
);

fn request(coupons: &[&str]) -> Vec<u8> {
    let line = json!({"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 4_000,
        "quantity": 1, "tax_rate": "0.10"});
    let pay = json!({"coupons": coupons, "method": {"type": "card"}});
    json!({"market": "rakuten-style", "lines": [line], "pay": pay}).to_string().into_bytes()
}

fn cart(coupons: &[&str]) -> Cart {
    let of = CartOf::Customer("hanako".to_owned());
    Cart { caller: Caller::customer("hanako"), of, request: request(coupons) }
}

async fn every_way_is_priced_as_it_would_be_alone(bench: Bench) {
    bench.give_coupon(&hanako(), "SHOPA500").await;
    let others = vec![request(&["SHOPA500"]), request(&["A500"])];
    let ways = bench.counter.quote_cart_in_ways(cart(&[]), others, noon()).await.unwrap();
    for (way, coupons) in ways.iter().zip([vec![], vec!["SHOPA500"], vec!["A500"]]) {
        let alone = bench.counter.quote_cart(cart(&coupons), noon()).await.unwrap();
        assert_eq!(String::from_utf8_lossy(way), String::from_utf8_lossy(&alone));
    }
    let totals = ways.iter().map(|way| serde_json::from_slice::<Value>(way).unwrap()["total"].clone());
    assert_eq!(totals.collect::<Vec<_>>(), [4_000, 3_500, 4_000]);
}

async fn nobody_prices_with_what_another_holds(bench: Bench) {
    let cart = Cart { caller: Caller::customer("taro"), ..cart(&[]) };
    assert!(bench.counter.quote_cart_in_ways(cart, Vec::new(), noon()).await.is_err());
}

async fn a_plan_says_why_it_is_best(bench: Bench) {
    bench.give_coupon(&hanako(), "SHOPA500").await;
    let (aim, language) = (Aim::LeastCash, Language::Ja);
    let said = bench.counter.plan_cart_in_words(cart(&[]), aim, language, noon()).await.unwrap();
    let plan: Value = serde_json::from_slice(&said.plan).unwrap();
    assert_eq!(plan["plan"]["pay"]["coupons"], json!(["SHOPA500"]));
    assert_eq!(said.plan, bench.counter.plan_cart(cart(&[]), aim, noon()).await.unwrap());
    assert!(said.reasons.iter().any(|line| line.contains("ショップAで500円OFF")), "{:?}", said.reasons);
    assert!(said.reasons.iter().all(|line| !line.starts_with([' ', '*'])));
}
