//! Carts for tests: short to write, and quoted the way the program quotes them, from JSON to JSON.
#![allow(dead_code)] // each test file uses its own part

pub mod campaign;
pub mod orders;
pub mod random;

use choba_engine::market::Market;
use choba_engine::quote::quote;
use choba_formats::answer::Answer;
use choba_formats::market_files::load;
use choba_formats::request::RequestText;
use serde_json::{Value, json};

/// A request under way.
pub struct Cart(pub Value);

/// A cart at the stores of `rakuten-style`, at noon of 21 November 2026.
pub fn rakuten() -> Cart {
    cart("rakuten-style")
}

/// A cart at `amazon-style`, at noon of 21 November 2026.
pub fn amazon() -> Cart {
    cart("amazon-style")
}

fn cart(market: &str) -> Cart {
    Cart(json!({
        "market": market, "at": "2026-11-21T12:00:00+09:00",
        "customer": {"id": "hanako", "orders_before": 3, "coupons": [], "lots": [], "links": []},
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

    /// Changes a field of the last line.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        let last = self.0["lines"].as_array_mut().and_then(|lines| lines.last_mut()).expect("a line");
        last[field] = value.into();
        self
    }

    /// Changes any field, by JSON pointer.
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        self.0.pointer_mut(parent).expect("its parent")[field] = value.into();
        self
    }

    /// Holds and names coupons.
    pub fn coupons(self, ids: &[&str]) -> Self {
        self.holds(ids).names(ids)
    }

    /// Holds coupons.
    pub fn holds(self, ids: &[&str]) -> Self {
        self.set("/customer/coupons", json!(ids))
    }

    /// Names coupons.
    pub fn names(self, ids: &[&str]) -> Self {
        self.set("/pay/coupons", json!(ids))
    }

    /// A lot of value; `what` is `program` or `program:kind`.
    pub fn lot(mut self, what: &str, amount: i64, expires_at: &str) -> Self {
        let (program, kind) =
            what.split_once(':').map_or((what, Value::Null), |(program, kind)| (program, json!(kind)));
        self.0["customer"]["lots"].as_array_mut().expect("lots").push(json!({
            "program": program, "kind": kind, "amount": amount, "expires_at": expires_at,
        }));
        self
    }

    /// A linked partner's program.
    pub fn link(mut self, program: &str, balance: i64, earned_last_3_months: i64) -> Self {
        self.0["customer"]["links"].as_array_mut().expect("links").push(json!({
            "program": program, "balance": balance, "earned_last_3_months": earned_last_3_months,
        }));
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
    pub fn by(self, method: &str) -> Self {
        self.set("/pay/method", json!({"type": method}))
    }

    /// Pays the rest by a card linked to a program.
    pub fn by_linked_card(self, brand: &str) -> Self {
        self.set("/pay/method", json!({"type": "card", "brand": brand, "linked": true}))
    }

    /// The quote under the sample market that it names.
    pub fn quote(&self) -> Quoted {
        let market = load(self.0["market"].as_str().expect("a market")).expect("a sample market");
        self.quote_under(&market)
    }

    /// The quote under a market.
    pub fn quote_under(&self, market: &Market) -> Quoted {
        Quoted(serde_json::from_str(&answer(&self.0, market).expect("a quote")).expect("an answer"))
    }

    /// What is wrong with it.
    pub fn fault(&self) -> String {
        let market = load(self.0["market"].as_str().expect("a market")).expect("a sample market");
        answer(&self.0, &market).expect_err("a fault")
    }
}

/// The bytes of an answer, or the fault.
pub fn answer(request: &Value, market: &Market) -> Result<String, String> {
    let json = request.to_string();
    let text = RequestText::read(json.as_bytes()).map_err(|fault| fault.to_string())?;
    let request = text.resolve(market).map_err(|fault| fault.to_string())?;
    let quote = quote(market, &request).map_err(|error| error.to_string())?;
    Ok(serde_json::to_string(&Answer { market, quote: &quote }).expect("an answer"))
}

/// An answer.
pub struct Quoted(pub Value);

impl Quoted {
    /// A figure of the answer, such as `total`.
    pub fn figure(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("no figure {name} in {}", self.0))
    }

    /// `gift 2500, card 500`: who pays; points where they differ from yen, kinds where there are any.
    pub fn tenders(&self) -> String {
        let each = self.rows("tenders").iter().map(|row| {
            let kind = row["kind"].as_str().map(|kind| format!(":{kind}")).unwrap_or_default();
            let points = row["points"].as_i64().filter(|points| Some(*points) != row["amount"].as_i64());
            let points = points.map(|points| format!(" {points}p for")).unwrap_or_default();
            format!("{}{kind}{points} {}", row["tender"].as_str().unwrap_or_default(), row["amount"])
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// `base 18, multiplier 5`: points by rule and line, in order.
    pub fn earns(&self) -> String {
        let each = self.rows("earns").iter().map(|row| {
            let line = row["line"].as_str().map(|line| format!("@{line}")).unwrap_or_default();
            format!("{}{line} {}", row["rule"].as_str().unwrap_or_default(), row["points"])
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// All points of a program.
    pub fn points(&self, program: &str) -> i64 {
        self.rows("earns")
            .iter()
            .filter(|row| row["program"] == program)
            .filter_map(|row| row["points"].as_i64())
            .sum()
    }

    /// Points of one line.
    pub fn points_of_line(&self, line: &str) -> i64 {
        self.rows("earns")
            .iter()
            .filter(|row| row["line"] == line)
            .filter_map(|row| row["points"].as_i64())
            .sum()
    }

    /// `gift@1 seller_individual, method method_missing`: what was refused, in order.
    pub fn refusals(&self) -> String {
        let each = self.rows("refusals").iter().map(|row| {
            let line = row["line"].as_str().map(|line| format!("@{line}")).unwrap_or_default();
            format!(
                "{}{line} {}",
                row["subject"].as_str().unwrap_or_default(),
                row["code"].as_str().unwrap_or_default()
            )
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// The sentence and remedy of the first refusal of that code, in one language.
    pub fn says(&self, code: &str, language: &str) -> String {
        let rows = self.rows("refusals");
        let row = rows
            .iter()
            .find(|row| row["code"] == code)
            .unwrap_or_else(|| panic!("no {code} in {}", self.refusals()));
        format!(
            "{} {}",
            row["message"][language].as_str().unwrap_or_default(),
            row["remedy"][language].as_str().unwrap_or_default()
        )
    }

    /// `A500 500, SHOPA10P 150`: what coupons took off a line.
    pub fn coupons_of(&self, line: &str) -> String {
        let rows = self.rows("lines");
        let row = rows.iter().find(|row| row["id"] == line).expect("the line");
        let each = row["coupons"].as_array().expect("coupons").iter();
        each.map(|used| format!("{} {}", used["id"].as_str().unwrap_or_default(), used["amount"]))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// `shop-a 600, shop-b 0 threshold`.
    pub fn shipping(&self) -> String {
        let each = self.rows("shipping").iter().map(|row| {
            let free = row["free"].as_str().map(|free| format!(" {free}")).unwrap_or_default();
            format!("{} {}{free}", row["seller"].as_str().unwrap_or_default(), row["amount"])
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// `0.10 136, 0.08 20`.
    pub fn taxes(&self) -> String {
        let each = self.rows("taxes").iter();
        each.map(|row| format!("{} {}", row["rate"].as_str().unwrap_or_default(), row["amount"]))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// A list of the answer.
    pub fn rows(&self, name: &str) -> &Vec<Value> {
        self.0[name].as_array().unwrap_or_else(|| panic!("no list {name}"))
    }
}
