//! Generated quote requests; the same every time.

use serde_json::{Value, json};

/// A cart of `lines` lines at the three stores of the sample market, with three coupons and two programs' worth
/// of stored value, paid by card. `seed` varies prices and quantities.
pub fn rakuten(lines: usize, seed: u64) -> Value {
    let mut random = Random(seed);
    let sellers = ["shop-a", "shop-b", "shop-c"];
    let lines: Vec<Value> = (0..lines)
        .map(|index| {
            json!({
                "id": (index + 1).to_string(), "sku": if index == 0 { "A".to_owned() } else { format!("sku-{index}") },
                "seller": sellers[index % 3], "kind": if index % 5 == 4 { "digital" } else { "physical" },
                "unit_price": 100 + random.below(5_000), "quantity": 1 + random.below(3),
                "tax_rate": if index % 4 == 3 { "0.08" } else { "0.10" }, "tax_included": true, "multiplier": null,
            })
        })
        .collect();
    json!({
        "market": "rakuten-style", "at": "2026-11-21T12:00:00+09:00",
        "customer": {
            "id": "hanako", "rank": "gold", "orders_before": 3, "coupons": ["A500", "SHOPA10P", "SHOPA500"],
            "lots": [
                {"program": "rakuten", "kind": "limited", "amount": random.below(500), "expires_at": "2026-11-30T23:59:59+09:00"},
                {"program": "rakuten", "kind": "ordinary", "amount": random.below(2_000), "expires_at": "2027-10-31T23:59:59+09:00"},
            ],
        },
        "lines": lines,
        "pay": {
            "coupons": ["A500", "SHOPA10P", "SHOPA500"],
            "stored": [{"program": "rakuten", "kind": null, "amount": "all"}],
            "method": {"type": "card", "brand": "JCB"},
        },
    })
}

/// A cart at the market with a gift balance and partners' points: two programs asked for, paid by card.
pub fn amazon(lines: usize, seed: u64) -> Value {
    let mut random = Random(seed);
    let sellers = ["amazon", "amazon", "denki-store"];
    let lines: Vec<Value> = (0..lines)
        .map(|index| {
            json!({
                "id": (index + 1).to_string(), "sku": format!("sku-{index}"), "seller": sellers[index % 3],
                "kind": if index % 5 == 4 { "digital" } else { "physical" },
                "unit_price": 100 + random.below(5_000), "quantity": 1 + random.below(3),
                "tax_rate": "0.10", "tax_included": true, "multiplier": null,
            })
        })
        .collect();
    json!({
        "market": "amazon-style", "at": "2026-11-21T12:00:00+09:00",
        "customer": {
            "id": "taro", "rank": null, "orders_before": 8, "coupons": [],
            "lots": [{"program": "gift", "kind": null, "amount": random.below(3_000), "expires_at": "2030-11-30T23:59:59+09:00"}],
            "links": [{"program": "d-point", "balance": random.below(1_000), "always_use": false,
                       "earned_last_3_months": 5_200, "earned_this_month": 0}],
        },
        "lines": lines,
        "pay": {
            "coupons": [],
            "stored": [{"program": "d-point", "kind": null, "amount": "all"}, {"program": "gift", "kind": null, "amount": "all"}],
            "method": {"type": "card", "brand": "JCB"},
        },
    })
}

/// A small generator of numbers, so that every run sees the same requests.
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        // Knuth's multiplier; the high bits are good enough for prices.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
