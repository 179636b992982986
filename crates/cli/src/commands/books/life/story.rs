//! What happens in a life, by market: the figures, not the steps.

use anyhow::Context as _;
use choba_engine::market::LotKind;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A customer's coupon, value and cart, and what becomes of the order.
pub struct Story {
    pub market: &'static str,
    pub customer: &'static str,
    /// Of the first step; each other one that has no time of its own comes a minute after the one before.
    pub begins_at: &'static str,
    pub coupon: Option<&'static str>,
    pub gift_card_yen: Option<i64>,
    /// A partner's program and the code that its partner showed.
    pub link: Option<(&'static str, &'static str)>,
    pub grants: &'static [Grant],
    pub lines: &'static [Line],
    /// Stored value by preference: the program, and points; all of it where there is no number.
    pub stored: &'static [(&'static str, Option<i64>)],
    /// The line that is cancelled.
    pub cancelled: &'static str,
    /// The line that is returned, after it was opened.
    pub returned: &'static str,
    /// The sellers, in the order in which they ship.
    pub sellers: [&'static str; 2],
    /// When points that were pending can be used.
    pub available_at: &'static str,
    /// When what was not used is over.
    pub over_at: &'static str,
}

pub struct Grant {
    pub program: &'static str,
    pub kind: LotKind,
    pub points: i64,
    /// Its last usable second, where grants do not renew it.
    pub expires_at: Option<&'static str>,
}

pub struct Line {
    pub id: &'static str,
    pub sku: &'static str,
    pub seller: &'static str,
    pub unit_price: i64,
    pub quantity: i64,
}

const fn line(
    id: &'static str,
    sku: &'static str,
    seller: &'static str,
    unit_price: i64,
    quantity: i64,
) -> Line {
    Line { id, sku, seller, unit_price, quantity }
}

const fn grant(program: &'static str, kind: LotKind, points: i64, expires_at: Option<&'static str>) -> Grant {
    Grant { program, kind, points, expires_at }
}

static RAKUTEN: Story = Story {
    market: "rakuten-style",
    customer: "hanako",
    begins_at: "2026-11-20T12:00:00+09:00",
    coupon: Some("SHOPA500"),
    gift_card_yen: None,
    link: None,
    grants: &[
        grant("rakuten", LotKind::Ordinary, 1_000, None),
        grant("rakuten", LotKind::Limited, 300, Some("2026-12-15T23:59:59+09:00")),
        grant("rakuten", LotKind::Limited, 300, Some("2026-12-31T23:59:59+09:00")),
    ],
    lines: &[
        line("1", "A", "shop-a", 2_000, 2),
        line("2", "tea", "shop-b", 1_500, 1),
        line("3", "cup", "shop-b", 1_200, 1),
    ],
    stored: &[("rakuten", Some(400))],
    cancelled: "3",
    returned: "2",
    sellers: ["shop-b", "shop-a"],
    available_at: "2026-12-11T00:00:00+09:00",
    over_at: "2027-01-01T00:00:00+09:00",
};

static AMAZON: Story = Story {
    market: "amazon-style",
    customer: "taro",
    begins_at: "2026-11-20T12:00:00+09:00",
    coupon: None,
    gift_card_yen: Some(3_000),
    link: Some(("d-point", "LINK-mbr_1-abc")),
    grants: &[
        grant("amazon", LotKind::Ordinary, 500, None),
        grant("amazon", LotKind::Limited, 300, Some("2026-12-31T23:59:59+09:00")),
    ],
    lines: &[
        line("1", "book", "amazon", 3_000, 1),
        line("2", "fan", "denki-store", 4_000, 1),
        line("3", "cable", "amazon", 800, 1),
    ],
    stored: &[("gift", None), ("amazon", Some(400))],
    cancelled: "3",
    returned: "2",
    sellers: ["amazon", "denki-store"],
    available_at: "2026-12-22T00:00:00+09:00",
    over_at: "2027-12-01T00:00:00+09:00",
};

impl Story {
    /// The story of a market.
    pub fn of(market: &str) -> &'static Self {
        if market == AMAZON.market { &AMAZON } else { &RAKUTEN }
    }

    /// The line of that id.
    pub fn line(&self, id: &str) -> Option<&'static Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The cart as a request.
    pub fn request(&self) -> Vec<u8> {
        let lines: Vec<Value> = self.lines.iter().map(line_of_request).collect();
        let stored: Vec<Value> = self.stored.iter().map(stored_of_request).collect();
        let coupons: Vec<&str> = self.coupon.into_iter().collect();
        let request = json!({
            "market": self.market,
            "at": self.begins_at,
            "customer": { "id": self.customer, "orders_before": 0, "coupons": [], "lots": [], "links": [] },
            "lines": lines,
            "pay": { "coupons": coupons, "stored": stored, "method": { "type": "card" } },
        });
        request.to_string().into_bytes()
    }
}

fn line_of_request(line: &Line) -> Value {
    json!({
        "id": line.id, "sku": line.sku, "seller": line.seller, "kind": "physical",
        "unit_price": line.unit_price, "quantity": line.quantity,
        "tax_rate": "0.10", "tax_included": true, "multiplier": null,
    })
}

fn stored_of_request((program, points): &(&str, Option<i64>)) -> Value {
    let amount = points.map_or_else(|| json!("all"), |points| json!(points));
    json!({ "program": program, "kind": null, "amount": amount })
}

/// A time of the story.
pub fn time(text: &str) -> anyhow::Result<Timestamp> {
    text.parse().with_context(|| format!("{text:?} is no time"))
}
