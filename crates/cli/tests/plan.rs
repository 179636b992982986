//! `choba plan` as its user meets it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::choba;

fn cart() -> Value {
    json!({
        "market": "rakuten-style", "at": "2026-11-21T12:00:00+09:00",
        "customer": {
            "id": "hanako", "orders_before": 3, "coupons": ["A500", "A10P", "SHOPA500", "SHOPBSOLO"],
            "lots": [
                {"program": "rakuten", "kind": "limited", "amount": 300, "expires_at": "2026-11-30T23:59:59+09:00"},
                {"program": "rakuten", "kind": "ordinary", "amount": 900, "expires_at": "2027-10-31T23:59:59+09:00"},
            ],
        },
        "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 3968, "quantity": 1,
                   "tax_rate": "0.10", "tax_included": true}],
        "pay": {"method": {"type": "card", "brand": "JCB"}},
    })
}

fn plan(aim: &str) -> Value {
    let run = choba(&["plan", "--aim", aim], cart().to_string());
    assert_eq!(run.status, 0, "{run:?}");
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn each_aim_has_its_own_plan_and_a_plan_is_a_quote() {
    let least_cash = plan("least_cash");
    assert_eq!(least_cash["plan"]["pay"]["coupons"], json!(["A500", "A10P", "SHOPA500"]));
    assert_eq!(least_cash["coupon_total"], 396 + 500 + 500);
    assert_eq!(least_cash["plan"]["cash"], 3_968 + 600 - 1_396 - 1_200);
    assert_eq!((&least_cash["plan"]["proven"], &least_cash["plan"]["gap"]), (&json!(true), &json!(0)));

    let save_points = plan("save_points");
    assert_eq!(save_points["tenders"][0]["points"], 300);
    assert_eq!(save_points["plan"]["cash"], 3_968 + 600 - 1_396 - 300);

    let most_value = plan("most_value");
    assert_eq!(most_value["plan"]["cash"], 3_968 + 600 - 1_396);

    // Asked for with the plan's way to pay, the quote is the same.
    let mut request = cart();
    request["pay"]["coupons"] = least_cash["plan"]["pay"]["coupons"].clone();
    request["pay"]["stored"] = least_cash["plan"]["pay"]["stored"].clone();
    let quoted = choba(&["quote"], request.to_string()).answers().remove(0);
    let mut without_plan = least_cash;
    without_plan.as_object_mut().expect("an object").remove("plan");
    assert_eq!(quoted, without_plan);
}

#[test]
fn the_runner_up_says_what_it_would_have_cost() {
    let plan = plan("most_value");
    let second = &plan["plan"]["runner_up"];
    let value = |total: &Value, earned: &Value| total.as_i64().expect("yen") - earned.as_i64().expect("yen");
    let best = value(&plan["total"], &plan["plan"]["earned_value"]);
    assert!(value(&second["total"], &second["earned_value"]) >= best, "{plan}");
    assert_ne!(second["coupons"], plan["plan"]["pay"]["coupons"]);
}

#[test]
fn a_person_is_told_why_and_what_else_would_help() {
    let run = choba(&["plan", "--explain", "--lang", "en"], cart().to_string());
    let text = run.stdout;
    for told in [
        "There is no better choice: all were checked.",
        "The next best is",
        "Nothing that the coupon “1,000 yen off at Shop B” is for is in the cart.",
        "¥12 more of goods of Shop A would make shipping free and save ¥588.",
    ] {
        assert!(text.contains(told), "{told}\nin\n{text}");
    }
    let run = choba(&["plan", "--explain", "--lang", "ja"], cart().to_string());
    let text = run.stdout;
    assert!(
        text.contains("ショップAの商品をあと12円追加すると送料が無料になり、差し引き588円お得です。"),
        "{text}"
    );
}

#[test]
fn requests_in_a_row_get_an_answer_each_and_an_unknown_aim_is_named() {
    let run = choba(&["plan"], format!("{}\n{}\n", cart(), cart()));
    let answers = run.answers();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers.first(), answers.last());
    let run = choba(&["plan", "--aim", "cheap"], cart().to_string());
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("least_cash, most_value, save_points"), "{run:?}");
}
