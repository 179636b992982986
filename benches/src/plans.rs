//! Generated markets and carts for plans; the same every time.

use std::fmt::Write;

use choba_formats::market_files::{MarketFile, Report, check};
use serde_json::{Value, json};

use crate::requests::Random;

/// How large a case is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Lines of the cart.
    pub lines: u64,
    /// Sellers, all of which sell in the cart.
    pub sellers: u64,
    /// Coupons held, a sixth of them for the whole market.
    pub coupons: u64,
    /// Groups of which one coupon may be used; each coupon is in one of them with a chance of one half. Nothing
    /// for no groups.
    pub groups: u64,
    /// Whether coupons are spread evenly over sellers and items; else some sellers have very many of them.
    pub even: bool,
}

/// What is usual.
pub const TYPICAL: Size = Size { lines: 10, sellers: 3, coupons: 12, groups: 2, even: true };
/// What is hard.
pub const HARD: Size = Size { lines: 50, sellers: 10, coupons: 60, groups: 12, even: true };
/// As [`HARD`], but sellers have very different numbers of coupons, some as many as fifteen.
pub const UNEVEN: Size = Size { even: false, ..HARD };

/// A market of that size. Coupons are for items, stores and the whole market, in percent and yen.
pub fn market(size: Size, seed: u64) -> Result<choba_engine::market::Market, Box<Report>> {
    let mut random = Random(seed);
    let mut text = String::from(HEAD);
    for seller in 0..size.sellers {
        let (amount, free_from) = (400 + 50 * random.below(8), 3_000 + 500 * random.below(8));
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "[sellers.s{seller}]\nname = {{ ja = \"s\", en = \"s\" }}\ntype = \"store\"\nshipping = {{ amount = {amount}, free_from = {free_from} }}\n"
        );
    }
    for coupon in 0..size.coupons {
        let _ = write!(
            text,
            "[coupons.C{coupon}]\nname = {{ ja = \"c\", en = \"c\" }}\n{}",
            coupon_keys(size, coupon, &mut random)
        );
    }
    check(&[MarketFile { path: "generated.toml".into(), text }]).map_err(Box::new)
}

fn coupon_keys(size: Size, coupon: u64, random: &mut Random) -> String {
    let percent = random.below(2) == 0;
    let mut keys = if percent {
        format!("rate = \"0.{:02}\"\nmaximum = {}\n", 3 + random.below(18), 200 + 100 * random.below(20))
    } else {
        format!("yen = {}\n", 50 + 50 * random.below(20))
    };
    // Two of six are for items and three for stores; each kind goes round by itself.
    let (item, store) = (coupon / 6 * 2 + coupon % 6, coupon / 6 * 3 + coupon % 6);
    let item = if size.even { item % size.lines } else { random.below(size.lines) };
    let store = if size.even { store % size.sellers } else { random.below(size.sellers) };
    match coupon % 6 {
        0 => keys.push_str("market = true\n"),
        1 | 2 => {
            let _ = writeln!(keys, "items = [\"i{item}\", \"i{}\"]", random.below(size.lines));
        }
        _ => {
            let _ = writeln!(keys, "store = \"s{store}\"\nminimum_spend = {}", 500 * random.below(8));
        }
    }
    let _ = writeln!(keys, "ends_at = 2026-12-{:02}T23:59:59+09:00", 1 + random.below(28));
    if size.groups > 0 && random.below(2) == 0 {
        let _ = writeln!(keys, "exclusive_group = \"g{}\"", random.below(size.groups));
    }
    keys
}

/// A cart of that size that holds all coupons, three programs' value, and pays by card.
pub fn request(size: Size, seed: u64) -> Value {
    let mut random = Random(seed.wrapping_add(77));
    let lines: Vec<Value> = (0..size.lines)
        .map(|line| {
            json!({
                "id": line.to_string(), "sku": format!("i{line}"), "seller": format!("s{}", line % size.sellers),
                "kind": if random.below(8) == 0 { "digital" } else { "physical" },
                "unit_price": 200 + random.below(4_000), "quantity": 1 + random.below(3), "tax_rate": "0.10",
                "tax_included": true,
            })
        })
        .collect();
    let coupons: Vec<String> = (0..size.coupons).map(|coupon| format!("C{coupon}")).collect();
    json!({
        "at": "2026-11-21T12:00:00+09:00",
        "customer": {
            "id": "c", "rank": "gold", "orders_before": 3, "coupons": coupons,
            "lots": [
                {"program": "own", "kind": "limited", "amount": 1 + random.below(800), "expires_at": "2026-11-30T23:59:59+09:00"},
                {"program": "own", "kind": "ordinary", "amount": 1 + random.below(3_000), "expires_at": "2027-10-31T23:59:59+09:00"},
                {"program": "gift", "amount": 1 + random.below(5_000), "expires_at": "2030-10-31T23:59:59+09:00"},
            ],
            "links": [{"program": "partner", "balance": 1 + random.below(2_000), "earned_last_3_months": 700, "earned_this_month": 0}],
        },
        "lines": lines,
        "pay": {"method": {"type": "card", "brand": "JCB"}},
    })
}

const HEAD: &str = r#"
[market]
name = "generated"
currency = "JPY"
time_zone = "Asia/Tokyo"
tax_rates = ["0.10"]
standard_tax_rate = "0.10"
ranks = ["gold"]
[methods.card]
name = { ja = "card", en = "card" }
[programs.own]
name = { ja = "own", en = "own" }
held = "here"
[programs.own.earn.base]
yen_per_point = 100
kind = "ordinary"
available = { days_after_order = 20 }
[programs.own.earn.campaign]
yen_per_point = 100
factor = "0.5"
ranks = ["gold"]
kind = "limited"
available = { day_of_next_month = 15 }
[programs.gift]
name = { ja = "gift", en = "gift" }
held = "here"
unit = "yen"
[programs.partner]
name = { ja = "partner", en = "partner" }
held = "partner"
pays.item_kinds = ["physical"]
[programs.partner.earn.shopping]
rate = "0.01"
minimum = 5000
cap_payment = 100
item_kinds = ["physical"]
available = { days_after_shipment = 0 }
"#;
