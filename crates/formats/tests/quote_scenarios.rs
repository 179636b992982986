//! What carts cost, who pays, what they earn and why: scenarios with figures, by the sample markets.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{amazon, rakuten};

const NEVER: &str = "2030-12-31T23:59:59+09:00";

// Points and coupons: items without tax and without shipping.

#[test]
fn without_a_coupon_every_hundred_yen_earns_a_point() {
    let quoted = rakuten().line("A:digital@shop-a", 2_000, 1).with("tax_rate", "0").by("card").quote();
    assert_eq!((quoted.figure("total"), quoted.points("rakuten")), (2_000, 20));
}

#[test]
fn a_coupon_lowers_price_and_points() {
    let quoted = rakuten()
        .line("A:digital@shop-a", 2_000, 1)
        .with("tax_rate", "0")
        .coupons(&["A500"])
        .by("card")
        .quote();
    assert_eq!((quoted.figure("total"), quoted.points("rakuten")), (1_500, 15));
}

#[test]
fn points_used_do_not_lower_points_earned() {
    let cart = rakuten().line("A:digital@shop-a", 2_000, 1).with("tax_rate", "0").lot(
        "rakuten:ordinary",
        500,
        NEVER,
    );
    let quoted = cart.stored("rakuten", 500).by("card").quote();
    assert_eq!(quoted.tenders(), "rakuten:ordinary 500, card 1500");
    assert_eq!(quoted.points("rakuten"), 20);
}

#[test]
fn a_coupon_on_one_item_lowers_the_points_of_the_sellers_other_items_too() {
    let cart = rakuten()
        .line("A:digital@shop-a", 2_000, 1)
        .with("tax_rate", "0")
        .line("B:digital@shop-a", 3_000, 1)
        .with("tax_rate", "0")
        .with("multiplier", "10");
    let quoted = cart.coupons(&["A500"]).by("card").quote();
    assert_eq!((quoted.points_of_line("1"), quoted.points_of_line("2")), (18, 270));
    assert_eq!(quoted.earns(), "base@1 18, base@2 27, multiplier@2 243");
}

#[test]
fn gift_balance_pays_first_and_the_card_the_rest() {
    let cart =
        amazon().line("book@denki-store", 3_000, 1).set("/lines/0/kind", "digital").lot("gift", 2_500, NEVER);
    let quoted = cart.stored("gift", "all").by("card").quote();
    assert_eq!(quoted.tenders(), "gift 2500, card 500");
    assert_eq!(quoted.refusals(), "");
}

#[test]
fn shipping_is_judged_before_coupons() {
    let market = "
[coupons.SHOPA1000]
name = { ja = \"1,000円OFF\", en = \"1,000 yen off\" }
yen = 1000
store = \"shop-a\"
";
    let market = with_section("rakuten-style", market);
    let quoted = rakuten().line("X@shop-a", 4_000, 1).coupons(&["SHOPA1000"]).by("card").quote_under(&market);
    assert_eq!(quoted.shipping(), "shop-a 0 threshold");
    assert_eq!(quoted.tenders(), "card 3000");
}

#[test]
fn half_of_the_points_held_may_be_used() {
    let cart = rakuten().line("X:digital@shop-a", 2_000, 1).lot("rakuten:ordinary", 3_000, NEVER);
    let quoted = cart.stored("rakuten", 1_500).by("card").quote();
    assert_eq!(quoted.tenders(), "rakuten:ordinary 1500, card 500");
    assert_eq!(quoted.refusals(), "");
}

#[test]
fn a_partners_points_have_a_minimum_a_rank_and_a_cap() {
    let rows = [
        (12_000, 0, 0, 100, "d-point cap_payment"),
        (12_000, 5_000, 0, 250, "d-point cap_payment"),
        (5_000, 0, 0, 50, ""),
        (4_999, 5_000, 0, 0, "d-point below_minimum"),
        (12_000, 100, 0, 150, "d-point cap_payment"),
        (12_000, 99, 0, 100, "d-point cap_payment"),
        (12_000, 600, 0, 200, "d-point cap_payment"),
        (12_000, 1_500, 0, 200, "d-point cap_payment"),
        (12_345, 100, 0, 150, "d-point cap_payment"),
        (9_999, 100, 0, 148, ""),
        (12_000, 0, 40, 60, "d-point cap_payment, d-point cap_month"),
        (6_000, 0, 40, 60, ""),
        (6_000, 0, 100, 0, "d-point cap_month"),
        (6_000, 0, 150, 0, "d-point cap_month"),
    ];
    for (price, earned, this_month, points, refusals) in rows {
        let cart = amazon().line("tv@amazon", price, 1).link("d-point", 0, earned);
        let quoted = cart.set("/customer/links/0/earned_this_month", this_month).by("card").quote();
        let row = format!("{price} yen, {earned} earned, {this_month} this month");
        assert_eq!((quoted.points("d-point"), quoted.refusals().as_str()), (points, refusals), "{row}");
    }
}

#[test]
fn an_unlinked_customer_is_told_what_they_miss() {
    let quoted = amazon().line("tv@amazon", 12_000, 1).by("card").quote();
    assert_eq!(quoted.points("d-point"), 0);
    assert_eq!(quoted.refusals(), "d-point not_linked");
    assert_eq!(
        quoted.says("not_linked", "ja"),
        "dポイントのアカウントが連携されていないため、付くはずの100ポイントが付きません。 ご注文の前にアカウントを連携してください。"
    );
}

// Earning, line by line.

#[test]
fn points_are_rounded_down_on_each_line_and_again_by_a_multiplier() {
    let five_different = (1..=5).fold(rakuten(), |cart, item| {
        cart.line(&format!("i{item}:digital@shop-a"), 95, 1).with("tax_rate", "0")
    });
    assert_eq!(five_different.by("card").quote().points("rakuten"), 0);
    let five_of_one = rakuten().line("i:digital@shop-a", 95, 5).with("tax_rate", "0");
    assert_eq!(five_of_one.by("card").quote().points("rakuten"), 4);
    for (multiplier, points) in [("1", 19), ("0.5", 9), ("0.3", 5), ("2", 38), ("1.5", 28), ("0", 0)] {
        let cart =
            rakuten().line("i:digital@shop-a", 1_980, 1).with("tax_rate", "0").with("multiplier", multiplier);
        assert_eq!(cart.by("card").quote().points("rakuten"), points, "× {multiplier}");
    }
}

#[test]
fn tax_is_taken_out_before_points_are_counted() {
    let quoted = rakuten().line("i:digital@shop-a", 2_000, 1).by("card").quote();
    assert_eq!(quoted.earns(), "base@1 18");
    let quoted = rakuten().line("A:digital@shop-a", 2_000, 1).coupons(&["A500"]).by("card").quote();
    assert_eq!((quoted.earns(), quoted.taxes()), ("base@1 13".into(), "0.10 136".into()));
}

#[test]
fn an_items_own_multiplier_beats_its_stores() {
    let quoted = rakuten()
        .line("i:digital@shop-b", 1_100, 1)
        .line("j:digital@shop-b", 1_100, 1)
        .with("multiplier", "3");
    assert_eq!(quoted.by("card").quote().earns(), "base@1 10, base@2 10, multiplier@1 10, multiplier@2 20");
}

#[test]
fn a_campaign_for_ranks_is_a_record_of_its_own_with_its_own_dates() {
    let cart = rakuten().line("i:digital@shop-a", 2_200, 1).by("card");
    for (rank, earns) in
        [("gold", "base@1 20, spu@1 10"), ("diamond", "base@1 20, spu@1 10"), ("silver", "base@1 20")]
    {
        let quoted =
            rakuten().line("i:digital@shop-a", 2_200, 1).by("card").set("/customer/rank", rank).quote();
        assert_eq!(quoted.earns(), earns, "{rank}");
    }
    let quoted = cart.set("/customer/rank", "gold").quote();
    let base = &quoted.rows("earns")[0];
    assert_eq!(base["pending_at"], "2026-11-22T00:00:00+09:00");
    assert_eq!(base["available_at"], "2026-12-12T00:00:00+09:00");
    assert_eq!(base["expires_at"], "2027-11-30T23:59:59+09:00");
    assert_eq!(base["kind"], "ordinary");
    let spu = &quoted.rows("earns")[1];
    assert_eq!(spu["available_at"], "2026-12-15T00:00:00+09:00");
    assert_eq!(spu["expires_at"], "2027-01-31T23:59:59+09:00");
    assert_eq!(spu["kind"], "limited");
}

#[test]
fn points_of_the_market_itself_wait_for_the_shipment() {
    let quoted = amazon().line("book@amazon", 2_200, 1).line("tv@denki-store", 2_200, 1).by("card").quote();
    assert_eq!(quoted.points("amazon"), 20);
    let record = &quoted.rows("earns")[0];
    assert_eq!((record["available_at"].is_null(), record["days_after_shipment"].as_i64()), (true, Some(30)));
}

#[test]
fn memberships_shipping_and_fees_earn_nothing() {
    let quoted =
        rakuten().line("m:membership@shop-a", 1_100, 1).line("i@shop-c", 1_100, 1).by("card").quote();
    assert_eq!(quoted.earns(), "base@2 10");
    let quoted = rakuten().line("i@shop-c", 1_100, 1).by("cod").quote();
    assert_eq!((quoted.figure("total"), quoted.earns().as_str()), (1_100 + 700 + 330, "base@1 10"));
}

#[test]
fn coupons_can_take_all_points_but_never_more() {
    let cart = rakuten().line("A:digital@shop-a", 550, 1).coupons(&["A500"]).by("card");
    assert_eq!((cart.quote().figure("total"), cart.quote().earns().as_str()), (50, ""));
}

// Coupons, one by one.

#[test]
fn an_item_coupon_is_used_once_on_the_dearest_unit() {
    let cart =
        rakuten().line("A:digital@shop-a", 1_000, 2).line("A:digital@shop-b", 3_000, 1).coupons(&["A500"]);
    let quoted = cart.by("card").quote();
    assert_eq!((quoted.coupons_of("1").as_str(), quoted.coupons_of("2").as_str()), ("", "A500 500"));
    let quoted = rakuten().line("A:digital@shop-a", 300, 3).coupons(&["A500"]).by("card").quote();
    assert_eq!(quoted.coupons_of("1"), "A500 300");
}

#[test]
fn an_item_coupon_for_three_units_takes_at_most_its_maximum_for_each() {
    let rows = [
        (1_000, 1, "A10P 100"),
        (1_000, 3, "A10P 300"),
        (1_000, 5, "A10P 300"),
        (20_000, 2, "A10P 2000"),
        (995, 3, "A10P 297"),
    ];
    for (price, quantity, taken) in rows {
        let quoted =
            rakuten().line("A:digital@shop-a", price, quantity).coupons(&["A10P"]).by("card").quote();
        assert_eq!(quoted.coupons_of("1"), taken, "{quantity} × {price}");
    }
}

#[test]
fn the_dearest_units_are_discounted_first_across_lines() {
    let cart =
        rakuten().line("A:digital@shop-a", 1_000, 2).line("A:digital@shop-b", 2_000, 2).coupons(&["A10P"]);
    let quoted = cart.by("card").quote();
    assert_eq!((quoted.coupons_of("1").as_str(), quoted.coupons_of("2").as_str()), ("A10P 100", "A10P 400"));
}

#[test]
fn percent_comes_before_yen_and_each_works_on_what_is_left() {
    // Item percent, store percent, market percent, then yen by what ends soonest.
    let all = ["SHOPA500", "SHOPA300", "A500", "MALL5P", "SHOPA10P", "A10P"];
    let cart =
        rakuten().line("A:digital@shop-a", 10_000, 1).coupons(&all).set("/customer/rank", "gold").by("card");
    let quoted = cart.quote();
    assert_eq!(
        quoted.coupons_of("1"),
        "A10P 1000, SHOPA10P 900, MALL5P 405, SHOPA300 300, A500 500, SHOPA500 500"
    );
    assert_eq!(quoted.figure("coupon_total"), 3_605);
    let trace: Vec<String> = quoted
        .rows("trace")
        .iter()
        .map(|step| format!("{} {}→{}", step["rule"].as_str().unwrap(), step["in"], step["out"]))
        .collect();
    assert_eq!(
        trace,
        [
            "sellers.shop-a 0→10000",
            "coupons.A10P 10000→9000",
            "coupons.SHOPA10P 9000→8100",
            "coupons.MALL5P 8100→7695",
            "coupons.SHOPA300 7695→7395",
            "coupons.A500 7395→6895",
            "coupons.SHOPA500 6895→6395",
        ]
    );
}

#[test]
fn a_store_coupon_is_spread_in_proportion_by_largest_remainder() {
    let cart = rakuten()
        .line("x:digital@shop-a", 1_000, 1)
        .line("y:digital@shop-a", 1_000, 1)
        .line("z:digital@shop-a", 1_000, 1)
        .line("other:digital@shop-b", 1_000, 1);
    let quoted = cart.coupons(&["SHOPA500"]).by("card").quote();
    let nets: Vec<i64> = quoted.rows("lines").iter().filter_map(|line| line["net"].as_i64()).collect();
    assert_eq!(nets, [833, 833, 834, 1_000]);
}

#[test]
fn what_is_left_of_a_yen_coupon_is_lost_and_a_coupon_with_nothing_left_is_not_used() {
    let cart = rakuten()
        .line("A:digital@shop-a", 400, 1)
        .holds(&["A500", "FIRST1000"])
        .set("/customer/orders_before", 0);
    let quoted = cart.names(&["A500"]).by("card").quote();
    assert_eq!((quoted.figure("total"), quoted.coupons_of("1").as_str()), (0, "A500 400"));
    let cart = rakuten().line("A:digital@shop-a", 500, 3).line("x:digital@shop-a", 1, 1).coupons(&["A500"]);
    assert_eq!(cart.by("card").quote().figure("total"), 1_001);
    let market = with_section(
        "rakuten-style",
        "
[coupons.LATE]
name = { ja = \"x\", en = \"x\" }
yen = 100
items = [\"A\"]
",
    );
    let cart = rakuten().line("A:digital@shop-a", 500, 1).coupons(&["A500", "LATE"]).by("card");
    let quoted = cart.quote_under(&market);
    assert_eq!(
        (quoted.coupons_of("1").as_str(), quoted.refusals().as_str()),
        ("A500 500", "LATE nothing_left")
    );
}

#[test]
fn every_reason_against_a_coupon_is_told() {
    let cart = || rakuten().line("x:digital@shop-a", 1_000, 1).by("card");
    let rows = [
        (cart().names(&["A500"]), "A500 not_held, A500 no_target_item"),
        (cart().coupons(&["NOPE"]), "NOPE unknown"),
        (cart().coupons(&["SHOPA500"]), "SHOPA500 min_spend"),
        (cart().coupons(&["SHOPBSOLO"]), "SHOPBSOLO no_target_item, SHOPBSOLO min_spend"),
        (cart().coupons(&["MALL5P"]), "MALL5P min_spend, MALL5P rank"),
        (cart().coupons(&["FIRST1000"]), "FIRST1000 min_spend, FIRST1000 first_order_only"),
        (
            cart().coupons(&["SHOPA10P"]).set("/customer/coupon_uses", serde_json::json!({"SHOPA10P": 1})),
            "SHOPA10P customer_limit",
        ),
        (cart().coupons(&["SHOPA10P"]).set("/at", "2026-10-31T23:59:59+09:00"), "SHOPA10P not_started"),
        (cart().coupons(&["SHOPA10P"]).set("/at", "2026-11-01T00:00:00+09:00"), ""),
        (cart().coupons(&["SHOPA10P"]).set("/at", "2026-12-31T23:59:59.9+09:00"), ""),
        (cart().coupons(&["SHOPA10P"]).set("/at", "2027-01-01T00:00:00+09:00"), "SHOPA10P expired"),
        (cart().coupons(&["SHOPA10P", "SHOPA10P"]), ""),
    ];
    for (cart, refusals) in rows {
        assert_eq!(cart.quote().refusals(), refusals, "{}", cart.0["pay"]);
    }
}

#[test]
fn of_two_coupons_that_exclude_each_other_the_one_named_first_stays() {
    let market = with_section(
        "rakuten-style",
        "
[coupons.SHOPB100]
name = { ja = \"x\", en = \"x\" }
yen = 100
store = \"shop-b\"
",
    );
    let cart = || {
        rakuten()
            .line("A:digital@shop-b", 6_000, 1)
            .line("y:digital@shop-a", 1, 1)
            .set("/customer/rank", "gold")
            .by("card")
    };
    let rows: [(&[&str], &str); 5] = [
        (&["SHOPBSOLO", "SHOPB100"], "SHOPB100 not_combinable"),
        (&["SHOPB100", "SHOPBSOLO"], "SHOPBSOLO not_combinable"),
        (&["SHOPBSOLO", "A500"], "A500 not_combinable"),
        (&["A10P", "SHOPBSOLO"], "SHOPBSOLO not_combinable"),
        (&["SHOPBSOLO", "MALL5P", "SHOPA10P"], "SHOPA10P nothing_left"),
    ];
    for (coupons, refusals) in rows {
        assert_eq!(cart().coupons(coupons).quote_under(&market).refusals(), refusals, "{coupons:?}");
    }
}

#[test]
fn a_quota_is_counted_over_all_customers() {
    let market = with_section(
        "rakuten-style",
        "
[coupons.FEW]
name = { ja = \"先着\", en = \"The first\" }
yen = 100
market = true
quota = 100
",
    );
    let cart = |used: i64| {
        rakuten()
            .line("x:digital@shop-a", 1_000, 1)
            .coupons(&["FEW"])
            .set("/coupon_quota_used", serde_json::json!({"FEW": used}))
            .by("card")
    };
    assert_eq!(cart(99).quote_under(&market).refusals(), "");
    assert_eq!(cart(100).quote_under(&market).refusals(), "FEW quota_used_up");
}

// Shipping and fees.

#[test]
fn shipping_is_per_seller_and_free_from_the_threshold_or_by_coupon() {
    let cart = rakuten().line("x@shop-a", 3_979, 1).line("y@shop-b", 3_980, 1).line("z@shop-c", 9_999, 1);
    let quoted = cart.by("card").quote();
    assert_eq!(quoted.shipping(), "shop-a 600, shop-b 0 threshold, shop-c 700");
    assert_eq!(quoted.figure("shipping_total"), 1_300);
    let quoted = rakuten().line("z@shop-c", 500, 1).coupons(&["SHOPCSHIP"]).by("card").quote();
    assert_eq!((quoted.shipping().as_str(), quoted.figure("total")), ("shop-c 0 coupon", 500));
    let quoted = rakuten().line("z:digital@shop-c", 500, 1).coupons(&["SHOPCSHIP"]).by("card").quote();
    assert_eq!((quoted.shipping().as_str(), quoted.refusals().as_str()), ("", "SHOPCSHIP nothing_left"));
}

#[test]
fn a_fee_is_due_whenever_its_method_is_chosen() {
    let cart =
        rakuten().line("x@shop-a", 5_000, 1).lot("rakuten:ordinary", 9_000, NEVER).stored("rakuten", "all");
    let quoted = cart.by("cod").quote();
    assert_eq!(quoted.tenders(), "rakuten:ordinary 5000, cod 330");
    assert_eq!(quoted.refusals(), "rakuten fee_not_payable");
    let quoted =
        amazon().line("x@amazon", 5_000, 1).lot("gift", 9_000, NEVER).stored("gift", "all").by("cod").quote();
    assert_eq!((quoted.tenders().as_str(), quoted.refusals().as_str()), ("gift 5330", "d-point not_linked"));
}

// Tax.

#[test]
fn tax_is_rounded_once_per_seller_and_rate() {
    // 3 × 105 = 315: 28 in all, where rounding each line would give 27.
    let one_seller = rakuten().line("x:digital@shop-a", 105, 1).line("y:digital@shop-a", 105, 1).line(
        "z:digital@shop-a",
        105,
        1,
    );
    assert_eq!(one_seller.by("card").quote().taxes(), "0.10 28");
    let three = rakuten().line("x:digital@shop-a", 105, 1).line("y:digital@shop-b", 105, 1).line(
        "z:digital@shop-c",
        105,
        1,
    );
    assert_eq!(three.by("card").quote().taxes(), "0.10 27");
    let mixed = rakuten()
        .line("x:digital@shop-a", 1_100, 1)
        .line("tea:digital@shop-a", 1_080, 1)
        .with("tax_rate", "0.08");
    assert_eq!(mixed.by("card").quote().taxes(), "0.10 100, 0.08 80");
}

#[test]
fn prices_without_tax_get_it_added_and_spread() {
    let cart = rakuten()
        .line("x:digital@shop-a", 105, 1)
        .with("tax_included", false)
        .line("y:digital@shop-a", 105, 1)
        .with("tax_included", false)
        .line("z:digital@shop-a", 105, 1)
        .with("tax_included", false);
    let quoted = cart.by("card").quote();
    let gross: Vec<i64> = quoted.rows("lines").iter().filter_map(|line| line["gross"].as_i64()).collect();
    assert_eq!(gross, [116, 115, 115]);
    assert_eq!((quoted.figure("total"), quoted.taxes().as_str()), (346, "0.10 31"));
}

#[test]
fn shipping_and_fees_contain_tax_at_the_standard_rate() {
    let quoted = rakuten().line("tea@shop-a", 1_080, 1).with("tax_rate", "0.08").by("cod").quote();
    assert_eq!(quoted.taxes(), "0.10 84, 0.08 80"); // 54 of the shipping, 30 of the fee
}

#[test]
fn points_pay_and_do_not_lower_the_taxed_price() {
    // 2,970 at 10% and 1,080 at 8%, 2 points used: 4,048 by card, the taxes those of 4,050.
    let cart = rakuten()
        .line("x:digital@shop-a", 2_970, 1)
        .line("tea:digital@shop-a", 1_080, 1)
        .with("tax_rate", "0.08");
    let quoted = cart.lot("rakuten:ordinary", 2, NEVER).stored("rakuten", "all").by("card").quote();
    assert_eq!(quoted.tenders(), "rakuten:ordinary 2, card 4048");
    assert_eq!(quoted.taxes(), "0.10 270, 0.08 80");
}

// Who may pay what.

#[test]
fn gift_balance_does_not_pay_private_sellers_memberships_or_gift_cards() {
    let cart = amazon()
        .line("lamp@yamada-taro", 1_000, 1)
        .line("prime:membership@amazon", 600, 1)
        .line("card:gift_card@amazon", 5_000, 1)
        .line("book@amazon", 3_500, 1)
        .lot("gift", 20_000, NEVER);
    let quoted = cart.stored("gift", "all").by("card").quote();
    assert_eq!(quoted.tenders(), "gift 3500, card 6950");
    assert_eq!(
        quoted.refusals(),
        "gift@1 seller_individual, gift@2 membership, gift@3 gift_card_line, d-point below_minimum, d-point not_linked"
    );
    assert_eq!(
        quoted.says("seller_individual", "en"),
        "Gift card balance cannot pay for goods of private sellers. Pay for this item by card."
    );
}

#[test]
fn partners_points_pay_goods_that_are_sent_and_their_shipping() {
    let cart =
        amazon().line("film:digital@amazon", 400, 1).line("tv@amazon", 2_000, 1).link("recruit", 9_000, 0);
    let quoted = cart.stored("recruit", "all").by("card").quote();
    assert_eq!(quoted.tenders(), "recruit 2410, card 400");
    assert_eq!(quoted.refusals(), "recruit@1 digital_line, d-point below_minimum, d-point not_linked");
}

#[test]
fn oki_doki_points_want_a_linked_jcb_card_and_are_worth_three_and_a_half_yen() {
    let cart = || {
        amazon()
            .line("pen@amazon", 1_000, 1)
            .line("x@amazon", 2_500, 1)
            .link("okidoki", 285, 0)
            .stored("okidoki", "all")
    };
    assert_eq!(cart().by_linked_card("JCB").quote().tenders(), "okidoki 285p for 997, card 2503");
    for cart in [cart().by("card"), cart().by_linked_card("Visa"), cart().by("konbini")] {
        let quoted = cart.quote();
        assert!(quoted.refusals().starts_with("okidoki needs_linked_jcb_card"), "{}", quoted.refusals());
        assert!(!quoted.tenders().contains("okidoki"));
    }
    // No more points than the charge needs: 1,410 yen take 402 points, as 403 would be worth 1,410.5.
    let cart = amazon().line("pen@amazon", 1_000, 1).link("okidoki", 9_000, 0).stored("okidoki", "all");
    assert_eq!(cart.by_linked_card("JCB").quote().tenders(), "okidoki 403p for 1410");
    let cart = amazon().line("pen@denki-store", 1_000, 1).link("okidoki", 9_000, 0).stored("okidoki", 285);
    assert_eq!(cart.by_linked_card("JCB").quote().tenders(), "okidoki 285p for 997, card 503");
}

#[test]
fn konbini_and_cash_on_delivery_pay_what_they_may() {
    let quoted = amazon().line("lamp@yamada-taro", 1_000, 1).by("konbini").quote();
    assert_eq!((quoted.figure("due"), quoted.tenders().as_str()), (1_350, ""));
    assert_eq!(
        quoted.refusals(),
        "konbini@1 seller_individual, konbini@1 method_not_accepted, d-point below_minimum, d-point not_linked"
    );
    let quoted = amazon().line("film:digital@amazon", 400, 1).line("book@amazon", 4_000, 1).by("cod").quote();
    assert_eq!((quoted.figure("due"), quoted.tenders().as_str()), (400, "cod 4330"));
    let quoted = amazon().line("book@amazon", 4_000, 1).by("deferred").quote();
    assert_eq!((quoted.figure("due"), quoted.figure("fee_total")), (4_000, 0));
    assert!(quoted.refusals().starts_with("deferred method_not_accepted"));
}

#[test]
fn tenders_make_room_for_each_other() {
    // The gift balance could pay both, cash on delivery only the book: so the balance pays the film.
    let cart =
        amazon().line("book@amazon", 3_500, 1).line("film:digital@amazon", 400, 1).lot("gift", 400, NEVER);
    let quoted = cart.stored("gift", "all").by("cod").quote();
    assert_eq!((quoted.tenders().as_str(), quoted.figure("due")), ("gift 400, cod 3830", 0));
    // Points pay only the book; the balance asked for first moves aside without paying less.
    let cart = amazon()
        .line("book@amazon", 1_000, 1)
        .line("film:digital@amazon", 1_000, 1)
        .lot("gift", 1_000, NEVER);
    let quoted = cart.link("d-point", 1_410, 0).stored("gift", "all").stored("d-point", "all").quote();
    assert_eq!((quoted.tenders().as_str(), quoted.figure("due")), ("gift 1000, d-point 1410", 0));
}

#[test]
fn preference_is_the_order_of_the_request() {
    let cart = || amazon().line("book@amazon", 3_500, 1).lot("gift", 3_000, NEVER).link("d-point", 2_000, 0);
    let quoted = cart().stored("gift", "all").stored("d-point", "all").by("card").quote();
    assert_eq!(quoted.tenders(), "gift 3000, d-point 500");
    let quoted = cart().stored("d-point", "all").stored("gift", "all").by("card").quote();
    assert_eq!(quoted.tenders(), "d-point 2000, gift 1500");
}

#[test]
fn lots_are_used_by_kind_then_by_what_ends_soonest() {
    let cart = rakuten()
        .line("x:digital@shop-a", 1_000, 1)
        .lot("rakuten:ordinary", 300, "2026-11-25T23:59:59+09:00")
        .lot("rakuten:exchanged", 300, NEVER)
        .lot("rakuten:limited", 300, NEVER)
        .lot("rakuten:limited", 50, "2026-11-22T00:00:00+09:00");
    let quoted = cart.stored("rakuten", 400).by("card").quote();
    assert_eq!(quoted.tenders(), "rakuten:limited 350, rakuten:exchanged 50, card 600");
}

#[test]
fn just_the_limited_points_can_be_asked_for() {
    let cart = rakuten().line("x:digital@shop-a", 1_000, 1).lot("rakuten:ordinary", 300, NEVER).lot(
        "rakuten:limited",
        5,
        NEVER,
    );
    assert_eq!(
        cart.stored("rakuten:limited", "all").by("card").quote().tenders(),
        "rakuten:limited 5, card 995"
    );
}

#[test]
fn asking_for_more_than_is_held_or_payable_is_cut_and_said() {
    let cart = || rakuten().line("x:digital@shop-a", 1_000, 1).lot("rakuten:ordinary", 3_000, NEVER);
    let quoted = cart().stored("rakuten", 5_000).by("card").quote();
    assert_eq!(
        (quoted.tenders().as_str(), quoted.refusals().as_str()),
        ("rakuten:ordinary 1000", "rakuten insufficient_balance, rakuten capped")
    );
    let quoted = cart().stored("rakuten", 2_000).by("card").quote();
    assert_eq!(
        (quoted.tenders().as_str(), quoted.refusals().as_str()),
        ("rakuten:ordinary 1000", "rakuten capped")
    );
    assert_eq!(
        quoted.says("capped", "en"),
        "You asked for 2,000 points of Rakuten Points, but this order can take 1,000 points of it. What was not used stays in your balance."
    );
    assert_eq!(cart().stored("rakuten", 0).by("card").quote().tenders(), "card 1000");
}

#[test]
fn a_link_that_is_always_used_stands_for_all_where_the_request_is_silent() {
    let cart = || {
        amazon()
            .line("book@amazon", 3_500, 1)
            .link("d-point", 2_000, 0)
            .set("/customer/links/0/always_use", true)
    };
    assert_eq!(cart().by("card").quote().tenders(), "d-point 2000, card 1500");
    assert_eq!(cart().stored("d-point", 100).by("card").quote().tenders(), "d-point 100, card 3400");
    assert_eq!(cart().stored("d-point", 0).by("card").quote().tenders(), "card 3500");
}

#[test]
fn a_partners_points_cannot_be_used_unlinked() {
    let quoted = amazon().line("book@amazon", 5_000, 1).stored("d-point", "all").by("card").quote();
    assert_eq!(
        (quoted.tenders().as_str(), quoted.refusals().as_str()),
        ("card 5000", "d-point not_linked, d-point not_linked")
    );
    let about: Vec<&str> = quoted.rows("refusals").iter().filter_map(|row| row["about"].as_str()).collect();
    assert_eq!(about, ["tender", "earning"]);
}

#[test]
fn value_that_has_ended_or_not_begun_is_told() {
    let cart =
        rakuten().line("x:digital@shop-a", 1_000, 1).lot("rakuten:limited", 100, "2026-11-21T11:59:59+09:00");
    let quoted = cart.stored("rakuten", "all").by("card").quote();
    assert_eq!(
        (quoted.tenders().as_str(), quoted.refusals().as_str()),
        ("card 1000", "rakuten no_balance, rakuten expired")
    );
    let cart =
        rakuten().line("x:digital@shop-a", 1_000, 1).lot("rakuten:limited", 100, "2026-11-21T12:00:00+09:00");
    assert_eq!(cart.stored("rakuten", "all").by("card").quote().tenders(), "rakuten:limited 100, card 900");
    let cart = rakuten()
        .line("x:digital@shop-a", 1_000, 1)
        .lot("rakuten:ordinary", 100, NEVER)
        .set("/customer/lots/0/available_at", "2026-11-22T00:00:00+09:00");
    let quoted = cart.stored("rakuten", "all").by("card").quote();
    assert_eq!(quoted.refusals(), "rakuten no_balance, rakuten not_yet_available");
}

#[test]
fn what_nobody_pays_is_due_and_the_remedy_says_what_closes_it() {
    let cart = amazon().line("book@amazon", 2_500, 1).lot("gift", 2_500, NEVER).stored("gift", "all");
    let quoted = cart.quote();
    assert_eq!((quoted.figure("due"), quoted.tenders().as_str()), (410, "gift 2500"));
    assert_eq!(
        quoted.says("insufficient_balance", "ja"),
        "ギフトカード残高は2,500円で、商品代金には足りますが、送料を含めると410円足りません。 残高を410円以上追加するか、残りを払えるお支払い方法をお選びください。"
    );
    assert_eq!(
        quoted.says("method_missing", "en"),
        "No way to pay was chosen, and ¥410 is left to pay. You can pay by: card, cash on delivery, konbini/ATM/net bank/e-money."
    );
}

#[test]
fn a_cart_of_things_that_only_a_card_pays_names_the_card() {
    let quoted = amazon().line("lamp@yamada-taro", 1_000, 1).quote();
    assert_eq!(
        quoted.says("method_missing", "en"),
        "No way to pay was chosen, and ¥1,350 is left to pay. You can pay by: card."
    );
}

#[test]
fn a_balance_that_others_make_room_for_is_told_what_closes_the_rest() {
    // The points pay only the book; with more of them the balance would pay the film.
    let cart = || {
        amazon().line("book@amazon", 3_500, 1).line("film:digital@amazon", 1_000, 1).link("d-point", 100, 0)
    };
    let quoted = cart().lot("gift", 1_000, NEVER).stored("d-point", "all").stored("gift", "all").quote();
    assert_eq!(quoted.figure("due"), 3_400);
    assert!(
        quoted
            .says("insufficient_balance", "en")
            .starts_with("d Points: 100 points held, 3,400 points short.")
    );
    let quoted = cart().lot("gift", 4_000, NEVER).stored("gift", "all").stored("d-point", "all").quote();
    assert_eq!(quoted.figure("due"), 400);
    assert!(quoted.refusals().contains("d-point insufficient_balance"), "{}", quoted.refusals());
}

#[test]
fn a_method_is_refused_only_for_lines_that_are_left_to_pay() {
    let cart = || amazon().line("film:digital@amazon", 2_000, 1).lot("gift", 9_000, NEVER).by("cod");
    assert_eq!(cart().stored("gift", "all").quote().refusals(), "");
    let quoted = cart().quote();
    assert_eq!(quoted.refusals(), "cod@1 digital_line, cod@1 method_not_accepted");
    assert_eq!(
        quoted.says("method_not_accepted", "ja"),
        "代金引換では、この商品の分を払えません。 ご利用いただけるお支払い方法:クレジットカード、コンビニ・ATM・ネットバンキング・電子マネー払い。"
    );
}

#[test]
fn partners_that_the_market_does_not_have_are_passed_over_and_slips_are_not() {
    let cart =
        |program: &str| rakuten().line("x:digital@shop-a", 2_000, 1).link(program, 1_000, 0).by("card");
    assert_eq!(cart("d-point").quote().tenders(), "card 2000");
    let slip = amazon().line("x@amazon", 2_000, 1).link("d-pont", 1_000, 0).by("card");
    assert_eq!(slip.fault(), "/customer/links/0/program: unknown program `d-pont`; did you mean `d-point`?");
}

#[test]
fn only_rfc_3339_names_an_instant() {
    for (at, good) in [
        ("2026-11-21T12:00:00+09:00", true),
        ("2026-11-21t03:00:00.25z", true),
        ("2026-11-21T12:00:00", false),
        ("2026-11-21 12:00:00+09:00", false),
        ("20261121T120000+0900", false),
        ("2026-11-21T12:00+09:00", false),
        ("2026-11-21T12:00:00.+09:00", false),
        ("2026-11-21T12:00:00+09:00[Asia/Tokyo]", false),
        ("2026-02-30T12:00:00Z", false),
    ] {
        let cart = rakuten().line("x:digital@shop-a", 2_000, 1).set("/at", at);
        let market = choba_formats::market_files::load("rakuten-style").expect("a sample market");
        assert_eq!(support::answer(&cart.0, &market).is_ok(), good, "{at}");
    }
}

// Size.

#[test]
fn ten_thousand_lines_and_the_largest_amounts_work() {
    let cart = (0..10_000).fold(rakuten(), |cart, item| cart.line(&format!("i{item}@shop-a"), 1_000_000, 1));
    let quoted = cart.coupons(&["SHOPA10P", "SHOPA500"]).by("card").quote();
    assert_eq!(quoted.figure("total"), 10_000_000_000 / 10 * 9 - 500);
    let quoted = rakuten().line("x@shop-c", 1_000_000_000_000_000, 1).by("cod").quote();
    assert_eq!(quoted.figure("total"), 1_000_000_000_001_030);
}

#[test]
fn amounts_beyond_reckoning_are_refused_with_their_line() {
    let cart = rakuten().line("x@shop-a", 1_000_000_000, 1).line("y@shop-a", 1_000_000_000, 1_000_001);
    assert_eq!(cart.fault(), "line \"2\": unit_price × quantity is more than 10^15");
    let cart = (0..9_300)
        .fold(rakuten(), |cart, item| cart.line(&format!("i{item}@shop-a"), 1_000_000_000_000_000, 1));
    assert_eq!(cart.fault(), "line \"9224\": the goods up to this line are more than can be reckoned with");
}

/// A sample market with a section more.
fn with_section(name: &str, section: &str) -> choba_engine::market::Market {
    use choba_formats::market_files::{MarketFile, check, files_in};
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../markets").join(name);
    let mut files = files_in(&directory).expect("the sample market");
    files.push(MarketFile { path: "more.toml".into(), text: section.into() });
    check(&files).unwrap_or_else(|report| panic!("{report}"))
}
