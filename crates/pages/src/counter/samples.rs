//! Samples of the counter.

use choba_formats::market_files;
use serde_json::json;

use super::choices::Choices;
use super::counter_page::{AimLink, Confirm, CounterPage, Drawn, Notice};
use super::offers::{CouponOffer, MethodOffer, ProgramOffer, Why};
use super::quote::Quote;
use super::receipt::{Goods, Receipt, Writer};
use super::suggestion::Suggestion;
use crate::frame::{Frame, Room};
use crate::samples::{Sample, both};

/// All of them.
pub fn all() -> Vec<Sample> {
    let mut samples = both("counter", Room::Shopper, |frame| page(frame, 0));
    samples.extend(both("counter with something missing", Room::Shopper, |frame| page(frame, 500)));
    samples.extend(both("counter in real use", Room::Shopper, |mut frame| {
        frame.is_demo = false;
        page(frame, 0)
    }));
    samples.extend(both("empty counter", Room::Shopper, |frame| CounterPage {
        frame,
        sheet: None,
        has_shop: true,
    }));
    samples
}

fn page(frame: Frame, due: i64) -> CounterPage {
    let sheet = Some(drawn(&frame, due));
    CounterPage { frame, sheet, has_shop: true }
}

fn why() -> Vec<Why> {
    let why = |goods: &str| Why {
        message: "<i>message</i>".to_owned(),
        remedy: "remedy".to_owned(),
        goods: goods.to_owned(),
    };
    vec![why(""), why("towel")]
}

/// A quote with every kind of row.
pub fn quote() -> Quote {
    let step = |step: &str, rule: &str, line: Option<&str>, seller: Option<&str>, before: i64, after: i64| json!({"step": step, "rule": rule, "line": line, "seller": seller, "in": before, "out": after});
    let answer = json!({
        "goods_total": 4_000, "coupon_total": 500, "shipping_total": 1_300, "fee_total": 330, "total": 5_130, "due": 0,
        "taxes": [{"rate": "0.10", "amount": 466}, {"rate": "0.08", "amount": 0}],
        "lines": [{"id": "1", "gross": 4_000, "coupons": [{"id": "A500", "amount": 500}]}],
        "shipping": [
            {"seller": "shop-a", "amount": 0, "free": "threshold"}, {"seller": "shop-b", "amount": 600, "free": null},
            {"seller": "shop-c", "amount": 700, "free": null}, {"seller": "gone", "amount": 0, "free": "coupon"},
        ],
        "tenders": [
            {"tender": "rakuten", "kind": "limited", "points": 5, "amount": 5},
            {"tender": "rakuten", "kind": "ordinary", "points": 95, "amount": 95},
            {"tender": "card", "amount": 5_030},
        ],
        "payments": [
            {"charge": "line", "line": "1", "tender": "rakuten", "amount": 100},
            {"charge": "shipping", "seller": "shop-b", "tender": "card", "amount": 600},
            {"charge": "fee", "tender": "card", "amount": 330},
        ],
        "earns": [
            {"program": "rakuten", "kind": "ordinary", "line": "1", "points": 13, "before_coupons": 18, "rule": "base",
                "available_at": "2026-12-12T00:00:00+09:00", "expires_at": "2027-10-31T23:59:59+09:00"},
            {"program": "d-point", "kind": null, "line": null, "points": 9, "before_coupons": 9, "rule": "shopping",
                "available_at": null, "days_after_shipment": 0, "expires_at": null},
            {"program": "amazon", "kind": "ordinary", "line": "1", "points": 9, "before_coupons": 9, "rule": "base",
                "available_at": null, "days_after_shipment": 30, "expires_at": null},
        ],
        "refusals": [],
        "trace": [
            step("goods", "sellers.shop-a", Some("1"), None, 0, 4_000), step("tax", "market", Some("1"), None, 0, 0),
            step("coupon", "coupons.A500", Some("1"), None, 4_000, 3_500),
            step("shipping", "sellers.shop-a.shipping", None, Some("shop-a"), 0, 600),
            step("free_shipping", "sellers.shop-a.shipping.free_from", None, Some("shop-a"), 600, 0),
            step("shipping", "sellers.shop-b.shipping", None, Some("shop-b"), 0, 600),
            step("free_shipping", "coupons.SHOPCSHIP", None, Some("gone"), 600, 0),
            step("fee", "methods.cod.fee", None, None, 0, 330),
        ],
    });
    Quote::read(answer.to_string().as_bytes()).unwrap()
}

/// A receipt with every kind of row.
pub fn receipt(frame: &Frame) -> Receipt {
    let market = market_files::load("rakuten-style").unwrap();
    Writer { frame, market: &market, goods: &goods(), quote: &quote() }.receipt()
}

fn goods() -> Vec<Goods> {
    vec![Goods {
        id: "1".to_owned(),
        name: "towel".to_owned(),
        seller: "shop-a".to_owned(),
        unit_price: 2_000,
        quantity: 2,
    }]
}

fn drawn(frame: &Frame, due: i64) -> Drawn {
    let some = |text: &str| Some(text.to_owned());
    let coupon = |id: &str, chosen: bool| CouponOffer {
        id: id.to_owned(),
        name: "500 yen off".to_owned(),
        chosen,
        effect: chosen.then(|| "500".to_owned()),
        until: some("2026-12-31"),
        reasons: if chosen { Vec::new() } else { why() },
    };
    let program = |id: &str, fault: Option<&str>, balance: Option<&str>| ProgramOffer {
        id: id.to_owned(),
        name: "Points".to_owned(),
        balance: balance.map(str::to_owned),
        kinds: vec!["Limited: 5".to_owned()],
        typed: "100".to_owned(),
        most: if balance.is_some() { 300 } else { 0 },
        most_said: "300".to_owned(),
        used_said: some("100"),
        limited_said: some("5"),
        limited_only: fault.is_some(),
        fault: fault.map(str::to_owned),
        reasons: why(),
    };
    let method = |id: &str, fee: Option<&str>| MethodOffer {
        id: id.to_owned(),
        name: id.to_owned(),
        chosen: id == "card",
        fee: fee.map(str::to_owned),
        reasons: if id == "cod" { why() } else { Vec::new() },
    };
    let suggestion = Suggestion {
        aim: "least_cash",
        reasons: vec!["because".to_owned()],
        tenders: vec![("card".to_owned(), "3,000".to_owned())],
        total: "3,000".to_owned(),
        apply: Choices::default().address(),
        is_chosen: due > 0,
    };
    Drawn {
        goods: goods(),
        coupons: vec![coupon("A500", true), coupon("B", false)],
        programs: vec![program("a", None, Some("300")), program("b", Some("fault"), None)],
        methods: vec![method("card", None), method("cod", Some("330"))],
        brands: vec!["JCB".to_owned()],
        card: "JCB-linked".to_owned(),
        receipt: if due > 0 { Receipt::default() } else { receipt(frame) },
        total: frame.yen(5_130),
        due: (due > 0).then(|| frame.yen(due)),
        shortage: why(),
        not_earned: why(),
        aims: ["least_cash", "most_value", "save_points"]
            .map(|aim| AimLink { aim, href: "/counter?aim=x".to_owned() })
            .into(),
        suggestion: Some(suggestion),
        confirm: Confirm {
            fields: Choices::default().fields(),
            total: 5_130,
            payers: vec![("card".to_owned(), 5_030)],
            key: "key".to_owned(),
            needs_card: true,
            card_token: String::new(),
            card_fault: some("fault"),
            is_ready: due == 0,
        },
        notice: (due > 0).then(|| Notice {
            class: "bad",
            title: "title".to_owned(),
            lines: vec!["line".to_owned()],
        }),
    }
}
