//! Random small markets and carts, for properties.

use choba_engine::market::Market;
use choba_formats::market_files::{MarketFile, check};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The market of every random market: sellers of each type, programs here and at partners.
const BASE: &str = r#"
[market]
name = "random"
currency = "JPY"
time_zone = "Asia/Tokyo"
tax_rates = ["0.10", "0.08", "0"]
standard_tax_rate = "0.10"
ranks = ["gold"]

[sellers.s0]
name = { ja = "s0", en = "s0" }
type = "store"
shipping = { amount = 600, free_from = 3980 }
[sellers.s1]
name = { ja = "s1", en = "s1" }
type = "platform"
shipping = { amount = 410 }
multiplier = "2"
[sellers.s2]
name = { ja = "s2", en = "s2" }
type = "individual"
shipping = { amount = 350, free_from = 5000 }

[methods.card]
name = { ja = "card", en = "card" }
[methods.cod]
name = { ja = "cod", en = "cod" }
fee = 330
pays = { seller_types = ["store", "platform"], item_kinds = ["physical"] }

[programs.own]
name = { ja = "own", en = "own" }
held = "here"
pays.fees = false
[programs.own.earn.base]
yen_per_point = 100
kind = "ordinary"
available = { days_after_order = 20 }
[programs.own.earn.multiplier]
yen_per_point = 100
factor = "multiplier"
kind = "ordinary"
available = { days_after_order = 20 }
[programs.own.earn.campaign]
yen_per_point = 100
factor = "0.5"
ranks = ["gold"]
kind = "limited"
available = { day_of_next_month = 15 }
expires_end_of_month = 2

[programs.gift]
name = { ja = "gift", en = "gift" }
held = "here"
unit = "yen"
pays = { seller_types = ["store", "platform"], item_kinds = ["physical", "digital"] }
"#;

/// A market with random coupons, a random partner's program and random policies.
pub fn market() -> impl Strategy<Value = Market> {
    let coupons = prop::collection::vec(coupon(), 0..6);
    let partner = (prop::sample::select(vec!["1", "3.5", "0.5"]), any::<bool>());
    (
        coupons,
        partner,
        prop::sample::select(vec!["down", "up", "half_up"]),
        prop::sample::select(vec!["seller", "line"]),
    )
        .prop_map(|(coupons, (value, ships), rounding, share)| {
            market_of(&coupons, (value, ships), rounding, share)
        })
}

/// A market with these coupons, which are called `C0`, `C1` and so on.
pub fn market_of(coupons: &[String], (value, ships): (&str, bool), rounding: &str, share: &str) -> Market {
    let coupons: String = coupons
        .iter()
        .enumerate()
        .map(|(place, coupon)| {
            format!("\n[coupons.C{place}]\nname = {{ ja = \"C{place}\", en = \"C{place}\" }}\n{coupon}")
        })
        .collect();
    let text = format!(
        "{BASE}
[programs.part]
name = {{ ja = \"part\", en = \"part\" }}
held = \"partner\"
value = \"{value}\"
pays = {{ seller_types = [\"store\", \"platform\"], item_kinds = [\"physical\"], shipping = {ships}, fees = false }}
[programs.part.earn.shopping]
rate = \"0.01\"
minimum = 2000
cap_payment = 40
item_kinds = [\"physical\"]
available = {{ days_after_shipment = 0 }}
tiers = [{{ from = 100, stars = 2, multiplier = \"1.5\", cap_month = 50 }}, {{ from = 0, stars = 1, multiplier = \"1\", cap_month = 30 }}]

[policies]
tax_rounding = \"{rounding}\"
coupon_share = \"{share}\"
{coupons}"
    );
    check(&[MarketFile { path: "random.toml".into(), text }]).unwrap_or_else(|report| panic!("{report}"))
}

fn coupon() -> impl Strategy<Value = String> {
    let benefit = prop_oneof![
        4 => (1..2_500_i64).prop_map(|yen| format!("yen = {yen}\n")),
        4 => (prop::sample::select(vec!["0.05", "0.10", "0.333", "0.5", "1"]), prop::option::of(50..800_i64)).prop_map(|(rate, maximum)| {
            format!("rate = \"{rate}\"\n{}", maximum.map(|maximum| format!("maximum = {maximum}\n")).unwrap_or_default())
        }),
        1 => Just("free_shipping = true\n".to_owned()),
    ];
    let scope = prop_oneof![
        (prop::sample::subsequence(vec!["A", "B", "C"], 1..=2), 1..4_i64)
            .prop_map(|(items, uses)| format!("items = {items:?}\nuses_per_order = {uses}\n")),
        prop::sample::select(vec!["s0", "s1", "s2"]).prop_map(|store| format!("store = \"{store}\"\n")),
        Just("market = true\n".to_owned()),
    ];
    let conditions = (
        prop::option::weighted(0.3, 0..6_000_i64),
        prop_oneof![6 => Just("all"), 1 => Just("none"), 2 => Just("not_same_store")],
        prop::option::weighted(0.3, prop::sample::select(vec!["g", "h"])),
        prop::option::weighted(0.5, 1..=28_u8),
    );
    (benefit, scope, conditions).prop_map(|(benefit, scope, (minimum, combine, group, day))| {
        let minimum = minimum.map(|minimum| format!("minimum_spend = {minimum}\n")).unwrap_or_default();
        let group = group.map(|group| format!("exclusive_group = \"{group}\"\n")).unwrap_or_default();
        let ends = day.map(|day| format!("ends_at = 2026-12-{day:02}T23:59:59+09:00\n")).unwrap_or_default();
        format!("{benefit}{scope}{minimum}combine = \"{combine}\"\n{group}{ends}")
    })
}

/// A cart for a random market.
pub fn request() -> impl Strategy<Value = Value> {
    let coupons = prop::sample::subsequence(vec!["C0", "C1", "C2", "C3", "C4", "C5"], 0..=6).prop_shuffle();
    (prop::collection::vec(line(), 1..6), coupons, customer(), stored(), method()).prop_map(
        |(mut lines, coupons, mut customer, stored, method)| {
            for (place, line) in lines.iter_mut().enumerate() {
                line["id"] = json!(place.to_string());
            }
            customer["coupons"] = json!(["C0", "C1", "C2", "C3", "C4", "C5"]);
            json!({
                "market": "random", "at": "2026-11-21T12:00:00+09:00", "customer": customer, "lines": lines,
                "pay": {"coupons": coupons, "stored": stored, "method": method},
            })
        },
    )
}

fn line() -> impl Strategy<Value = Value> {
    let what = (
        prop::sample::select(vec!["A", "B", "C", "D"]),
        prop::sample::select(vec!["s0", "s1", "s2"]),
        prop_oneof![6 => Just("physical"), 2 => Just("digital"), 1 => Just("membership"), 1 => Just("gift_card")],
    );
    let price = (0..4_000_i64, 1..4_i64, prop::sample::select(vec!["0.10", "0.08", "0"]), any::<bool>());
    let multiplier = prop::option::weighted(0.3, prop::sample::select(vec!["0.5", "1", "3", "10"]));
    (what, price, multiplier).prop_map(|((sku, seller, kind), (price, quantity, rate, included), multiplier)| {
        json!({
            "id": "", "sku": sku, "seller": seller, "kind": kind, "unit_price": price, "quantity": quantity,
            "tax_rate": rate, "tax_included": included, "multiplier": multiplier,
        })
    })
}

fn customer() -> impl Strategy<Value = Value> {
    let lot = (
        prop::sample::select(vec!["own", "gift"]),
        prop::option::of(prop::sample::select(vec!["limited", "exchanged", "ordinary"])),
        0..3_000_i64,
        prop::sample::select(vec![
            "2026-11-20T23:59:59+09:00",
            "2026-11-30T23:59:59+09:00",
            "2027-12-31T23:59:59+09:00",
        ]),
    );
    let lots = prop::collection::vec(lot, 0..4);
    let link = prop::option::of((0..3_000_i64, any::<bool>(), 0..200_i64, 0..60_i64));
    let who = (prop::option::of(Just("gold")), 0..2_i64);
    (lots, link, who).prop_map(|(lots, link, (rank, orders_before))| {
        let lots: Vec<Value> = lots
            .into_iter()
            .map(|(program, kind, amount, ends)| json!({"program": program, "kind": kind, "amount": amount, "expires_at": ends}))
            .collect();
        let links: Vec<Value> = link
            .into_iter()
            .map(|(balance, always_use, earned, month)| {
                json!({"program": "part", "balance": balance, "always_use": always_use, "earned_last_3_months": earned, "earned_this_month": month})
            })
            .collect();
        json!({"id": "c", "rank": rank, "orders_before": orders_before, "lots": lots, "links": links})
    })
}

fn stored() -> impl Strategy<Value = Value> {
    let amount = prop_oneof![Just(json!("all")), (0..3_000_i64).prop_map(|amount| json!(amount))];
    let programs = prop::sample::subsequence(vec!["own", "gift", "part"], 0..=3).prop_shuffle();
    (programs, prop::collection::vec(amount, 3)).prop_map(|(programs, amounts)| {
        let stored: Vec<Value> = programs
            .into_iter()
            .zip(amounts)
            .map(|(program, amount)| json!({"program": program, "kind": null, "amount": amount}))
            .collect();
        json!(stored)
    })
}

fn method() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({"type": "card", "brand": "JCB"})),
        Just(json!({"type": "cod"}))
    ]
}
