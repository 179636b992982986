//! Carts that are short to write.

use serde_json::{Value, json};

/// A request under way.
#[derive(Clone)]
pub struct Cart(pub Value);

/// A cart at the stores of `rakuten-style`.
pub fn rakuten() -> Cart {
    cart("rakuten-style")
}

/// A cart at `amazon-style`.
pub fn amazon() -> Cart {
    cart("amazon-style")
}

fn cart(market: &str) -> Cart {
    Cart(json!({
        "market": market, "at": "2026-11-21T12:00:00+09:00",
        "customer": {"id": "whoever", "orders_before": 0, "coupons": [], "lots": [], "links": []},
        "lines": [], "pay": {"coupons": [], "stored": []},
    }))
}

impl Cart {
    /// A line of `quantity` × `price`, tax of 10% included. `what` is `sku@seller` or `sku:kind@seller`.
    pub fn line(mut self, what: &str, price: i64, quantity: i64) -> Self {
        let (item, seller) = what.split_once('@').expect("sku@seller");
        let (sku, kind) = item.split_once(':').unwrap_or((item, "physical"));
        let lines = self.0["lines"].as_array_mut().expect("lines");
        let id = (lines.len() + 1).to_string();
        lines.push(json!({
            "id": id, "sku": sku, "seller": seller, "kind": kind, "unit_price": price, "quantity": quantity,
            "tax_rate": "0.10", "tax_included": true, "multiplier": null,
        }));
        self
    }

    /// Names a coupon.
    pub fn coupon(mut self, coupon_id: &str) -> Self {
        self.0["pay"]["coupons"].as_array_mut().expect("coupons").push(json!(coupon_id));
        self
    }

    /// Asks for stored value; `what` is `program` or `program:kind`, `amount` a number or `"all"`.
    pub fn stored(mut self, what: &str, amount: impl Into<Value>) -> Self {
        let (program, kind) =
            what.split_once(':').map_or((what, Value::Null), |(program, kind)| (program, json!(kind)));
        self.0["pay"]["stored"].as_array_mut().expect("stored").push(json!({
            "program": program, "kind": kind, "amount": amount.into(),
        }));
        self
    }

    /// Pays the rest by a method.
    pub fn by(mut self, method: &str) -> Self {
        self.0["pay"]["method"] = json!({"type": method});
        self
    }

    /// The request as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }

    /// A name that differs for different carts: what is in it.
    pub fn name(&self) -> String {
        let lines = self.0["lines"].as_array().expect("lines").iter();
        let what = |line: &Value| {
            let field = |name: &str| line[name].to_string().replace('"', "");
            format!("{}x{}x{}", field("sku"), field("unit_price"), field("quantity"))
        };
        lines.map(what).collect::<Vec<_>>().join("+")
    }
}
