//! The shapes of quotes and plans, for the description of the API.
//!
//! Reading requests and writing answers is done by `choba-formats`; a test holds these shapes to what it does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::InBoth;

/// A cart to be priced.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "market": "rakuten-style",
    "at": "2026-11-21T12:00:00+09:00",
    "customer": {"id": "hanako", "coupons": ["A500"], "lots": [{"program": "rakuten", "kind": "limited", "amount": 5,
        "expires_at": "2026-11-30T23:59:59+09:00"}]},
    "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000, "quantity": 2,
        "tax_rate": "0.10"}],
    "pay": {"coupons": ["A500"], "stored": [{"program": "rakuten", "amount": "all"}],
        "method": {"type": "card", "brand": "JCB"}}
}))]
pub struct QuoteRequest {
    /// The market.
    market: String,
    /// The time, with an offset; now without it. Not used for a customer of the books.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// The customer; not used for a customer of the books.
    customer: Option<QuoteCustomer>,
    /// The goods.
    #[schema(max_items = 100_000)]
    lines: Vec<QuoteLine>,
    /// How it is to be paid.
    pay: Option<QuotePay>,
    /// Uses of coupons by all customers, where a quota counts.
    coupon_quota_used: Option<BTreeMap<String, i64>>,
}

/// The customer of a cart.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteCustomer {
    /// The name.
    id: Option<String>,
    /// The member rank.
    rank: Option<String>,
    /// Orders before this one.
    #[schema(minimum = 0)]
    orders_before: Option<i64>,
    /// Coupons held.
    coupons: Option<Vec<String>>,
    /// How often each was used.
    coupon_uses: Option<BTreeMap<String, i64>>,
    /// Value held here.
    lots: Option<Vec<QuoteLot>>,
    /// Partners' programs.
    links: Option<Vec<QuoteLink>>,
}

/// Value granted together.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteLot {
    program: String,
    kind: Option<String>,
    #[schema(minimum = 0)]
    amount: i64,
    #[schema(format = DateTime)]
    available_at: Option<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// A partner's program that is linked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteLink {
    program: String,
    #[schema(minimum = 0)]
    balance: i64,
    always_use: Option<bool>,
    earned_last_3_months: Option<i64>,
    earned_this_month: Option<i64>,
}

/// A row of a cart.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuoteLine {
    /// Unique in the cart.
    id: String,
    /// The item.
    sku: String,
    /// Who sells it.
    seller: String,
    /// `physical`, `digital`, `membership` or `gift_card`.
    kind: String,
    /// Of one, in yen.
    #[schema(minimum = 0)]
    unit_price: i64,
    /// How many.
    #[schema(minimum = 1)]
    quantity: i64,
    /// A decimal.
    #[schema(example = "0.10")]
    tax_rate: String,
    /// Whether the price contains the tax; it does without it.
    tax_included: Option<bool>,
    /// The item's own multiplier of points.
    multiplier: Option<String>,
}

/// How a cart is to be paid.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotePay {
    /// Coupons to use.
    coupons: Option<Vec<String>>,
    /// Stored value to use, in the order of preference.
    stored: Option<Vec<QuoteStored>>,
    /// The method that pays the rest.
    method: Option<QuoteMethod>,
}

/// Stored value to use.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteStored {
    program: String,
    /// One kind only.
    kind: Option<String>,
    amount: StoredAmount,
}

/// A number, or `all`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
enum StoredAmount {
    /// At most so many.
    UpTo(i64),
    /// As much as possible.
    #[schema(example = "all")]
    All(String),
}

/// A method.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteMethod {
    /// `card`, `cod`, `konbini` or `deferred`.
    #[serde(rename = "type")]
    kind: String,
    /// Of a card.
    brand: Option<String>,
    /// Whether the card is linked to a program.
    linked: Option<bool>,
}

/// A priced cart.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    market: String,
    /// The version of the market.
    version: String,
    currency: String,
    goods_total: i64,
    coupon_total: i64,
    shipping_total: i64,
    fee_total: i64,
    /// Goods − coupons + shipping + fees.
    total: i64,
    /// What nobody pays; an order is placed only where this is 0.
    due: i64,
    /// The tax contained in the total.
    taxes: Vec<QuoteTax>,
    lines: Vec<PricedLine>,
    shipping: Vec<QuoteShipping>,
    tenders: Vec<QuoteTender>,
    payments: Vec<QuotePayment>,
    earns: Vec<QuoteEarn>,
    refusals: Vec<QuoteRefusal>,
    /// The steps that make the total.
    trace: Vec<QuoteStep>,
}

/// A quote with what makes it the best.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    #[serde(flatten)]
    quote: Quote,
    plan: PlanFigures,
}

/// How good a plan is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanFigures {
    /// As asked for.
    aim: String,
    /// What the method pays.
    cash: i64,
    /// What the points to come are worth.
    earned_value: i64,
    /// Whether it is proven to be the best.
    proven: bool,
    /// How much better another could be at most.
    gap: i64,
    /// The choice.
    pay: PlanPay,
    /// The second best.
    runner_up: Option<RunnerUp>,
}

/// What a plan chooses.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanPay {
    coupons: Vec<String>,
    stored: Vec<QuoteStored>,
}

/// The second best choice.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RunnerUp {
    coupons: Vec<String>,
    cash: i64,
    total: i64,
    earned_value: i64,
}

/// Tax of one rate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteTax {
    rate: String,
    amount: i64,
}

/// A line with its price.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PricedLine {
    id: String,
    /// Before coupons, tax included.
    gross: i64,
    discount: i64,
    /// After coupons.
    net: i64,
    coupons: Vec<CouponOff>,
}

/// What a coupon takes off.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CouponOff {
    id: String,
    amount: i64,
}

/// A seller's shipping.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteShipping {
    seller: String,
    amount: i64,
    /// Why it is free: `threshold`, `coupon`.
    free: Option<String>,
}

/// Who pays.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteTender {
    /// A program or a method.
    tender: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    /// Yen.
    amount: i64,
}

/// Who pays how much of what.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuotePayment {
    /// `line`, `shipping` or `fee`.
    charge: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seller: Option<String>,
    tender: String,
    /// By which rule of the market it may.
    rule: String,
    amount: i64,
}

/// Points to come by one rule.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteEarn {
    program: String,
    kind: Option<String>,
    line: Option<String>,
    points: i64,
    before_coupons: i64,
    rule: String,
    #[schema(format = DateTime)]
    pending_at: Option<String>,
    #[schema(format = DateTime)]
    available_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days_after_shipment: Option<i32>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Why something was not used.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteRefusal {
    /// The coupon, the program or the method.
    subject: String,
    /// What the subject is.
    about: String,
    line: Option<String>,
    /// Stable.
    code: String,
    message: InBoth,
    remedy: InBoth,
}

/// A step to the total.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteStep {
    step: String,
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seller: Option<String>,
    #[serde(rename = "in")]
    from: i64,
    #[serde(rename = "out")]
    to: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_request() {
        let schema = serde_json::to_value(<QuoteRequest as utoipa::PartialSchema>::schema()).unwrap();
        let example = schema["example"].clone();
        let _: QuoteRequest = serde_json::from_value(example.clone()).unwrap();
        choba_formats::request::RequestText::read(example.to_string().as_bytes()).unwrap();
    }
}
