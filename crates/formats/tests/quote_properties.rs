//! What holds for every quote, over random markets and carts.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Quoted, answer, random};

fn quoted(request: &Value, market: &choba_engine::market::Market) -> Quoted {
    Quoted(serde_json::from_str(&answer(request, market).expect("a quote")).expect("an answer"))
}

fn sum(rows: &[Value], field: &str) -> i64 {
    rows.iter().filter_map(|row| row[field].as_i64()).sum()
}

/// What the method pays and nobody pays.
fn not_stored(quoted: &Quoted) -> i64 {
    let method =
        quoted.rows("tenders").iter().filter(|row| row["tender"] == "card" || row["tender"] == "cod");
    method.filter_map(|row| row["amount"].as_i64()).sum::<i64>() + quoted.figure("due")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_bill_adds_up(market in random::market(), request in random::request()) {
        let quoted = quoted(&request, &market);
        let total = quoted.figure("total");
        prop_assert_eq!(quoted.figure("goods_total"), sum(quoted.rows("lines"), "gross"));
        prop_assert_eq!(quoted.figure("coupon_total"), sum(quoted.rows("lines"), "discount"));
        prop_assert_eq!(quoted.figure("shipping_total"), sum(quoted.rows("shipping"), "amount"));
        prop_assert_eq!(
            total,
            quoted.figure("goods_total") - quoted.figure("coupon_total") + quoted.figure("shipping_total") + quoted.figure("fee_total")
        );
        prop_assert_eq!(total, sum(quoted.rows("tenders"), "amount") + quoted.figure("due"));
        let steps = quoted.rows("trace").iter().map(|step| step["out"].as_i64().unwrap() - step["in"].as_i64().unwrap());
        prop_assert_eq!(total, steps.sum::<i64>());
    }

    #[test]
    fn no_charge_is_paid_twice_or_below_zero(market in random::market(), request in random::request()) {
        let quoted = quoted(&request, &market);
        for line in quoted.rows("lines") {
            let (net, discount) = (line["net"].as_i64().unwrap(), line["discount"].as_i64().unwrap());
            prop_assert!(net >= 0 && discount >= 0);
            prop_assert_eq!(discount, sum(line["coupons"].as_array().unwrap(), "amount"));
            let paid = quoted.rows("payments").iter().filter(|row| row["line"] == line["id"]);
            prop_assert!(paid.filter_map(|row| row["amount"].as_i64()).sum::<i64>() <= net);
        }
        prop_assert!(quoted.rows("payments").iter().all(|row| row["amount"].as_i64().unwrap() > 0));
        prop_assert_eq!(sum(quoted.rows("payments"), "amount"), sum(quoted.rows("tenders"), "amount"));
        for tender in quoted.rows("tenders").iter().map(|row| &row["tender"]) {
            let of = |rows: &[Value]| rows.iter().filter(|row| &row["tender"] == tender).filter_map(|row| row["amount"].as_i64()).sum::<i64>();
            prop_assert_eq!(of(quoted.rows("payments")), of(quoted.rows("tenders")));
        }
    }

    #[test]
    fn no_more_is_taken_than_is_held_and_nothing_that_has_ended(market in random::market(), request in random::request()) {
        let quoted = quoted(&request, &market);
        for program in ["own", "gift"] {
            let lots = request["customer"]["lots"].as_array().unwrap().iter();
            let usable = lots.filter(|lot| lot["program"] == program && lot["expires_at"].as_str().unwrap() > "2026-11-21");
            let used = quoted.rows("tenders").iter().filter(|row| row["tender"] == program);
            prop_assert!(used.filter_map(|row| row["points"].as_i64()).sum::<i64>() <= usable.filter_map(|lot| lot["amount"].as_i64()).sum());
        }
    }

    /// Without programs whose points are worth more than a yen: a yen more of another can leave such a point no
    /// room, and then the method pays the odd yen.
    #[test]
    fn more_stored_value_never_raises_what_the_method_pays(
        market in random::market(), request in random::request(), more in 1..3_000_i64,
        program in prop::sample::select(vec!["own", "gift"]),
    ) {
        let mut poorer = request;
        poorer["customer"]["links"] = json!([]);
        let mut richer = poorer.clone();
        let lot = json!({"program": program, "amount": more, "expires_at": "2027-12-31T23:59:59+09:00"});
        richer["customer"]["lots"].as_array_mut().unwrap().push(lot);
        prop_assert!(not_stored(&quoted(&richer, &market)) <= not_stored(&quoted(&poorer, &market)));
    }

    #[test]
    fn taking_away_a_coupon_that_excludes_no_other_never_lowers_the_total(
        market in random::market(), request in random::request(), which in any::<prop::sample::Index>(),
    ) {
        let with = quoted(&request, &market);
        let named = request["pay"]["coupons"].as_array().unwrap().clone();
        prop_assume!(!named.is_empty() && !with.refusals().contains("not_combinable"));
        let mut without = request.clone();
        without["pay"]["coupons"].as_array_mut().unwrap().remove(which.index(named.len()));
        prop_assert!(quoted(&without, &market).figure("total") >= with.figure("total"));
    }

    #[test]
    fn the_same_request_gives_the_same_bytes(market in random::market(), request in random::request()) {
        prop_assert_eq!(answer(&request, &market).unwrap(), answer(&request, &market).unwrap());
    }

    #[test]
    fn everything_not_done_as_asked_has_a_sentence_in_both_languages(market in random::market(), request in random::request()) {
        for refusal in quoted(&request, &market).rows("refusals") {
            for language in ["ja", "en"] {
                for part in ["message", "remedy"] {
                    let text = refusal[part][language].as_str().unwrap();
                    prop_assert!(!text.is_empty() && !text.contains('{') && !text.contains("-"), "{refusal}");
                }
            }
        }
    }

    #[test]
    fn what_is_left_to_pay_is_always_explained(market in random::market(), request in random::request()) {
        let quoted = quoted(&request, &market);
        prop_assert!(quoted.figure("due") == 0 || quoted.rows("refusals").iter().any(|row| row["about"] == "tender"));
    }

    #[test]
    fn points_are_never_below_zero_and_coupons_never_raise_them(market in random::market(), request in random::request()) {
        for earn in quoted(&request, &market).rows("earns") {
            let (points, before) = (earn["points"].as_i64().unwrap(), earn["before_coupons"].as_i64().unwrap());
            prop_assert!(0 < points && points <= before);
        }
    }
}
