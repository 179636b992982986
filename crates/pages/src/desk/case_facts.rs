//! The order of a case in figures: what was bought, who paid, and how the bill came about.

use choba_app::OrderStory;
use choba_engine::order::{ChargeFor, Order, OrderLine, TenderName};
use jiff::Timestamp;
use serde_json::Value;

/// An order beside its case.
pub struct OrderFacts {
    pub number: String,
    pub placed_at: Timestamp,
    pub total: i64,
    pub refunded: i64,
    /// `awaiting_payment`, `paid` …
    pub payment: &'static str,
    /// `placed`, `shipped` …
    pub state: &'static str,
    pub lines: Vec<LineFacts>,
    pub tenders: Vec<TenderFacts>,
    pub bill: Bill,
}

/// A line of the order.
pub struct LineFacts {
    pub line_id: String,
    pub sku: String,
    pub seller: String,
    pub quantity: i64,
    /// Units that can be sent back.
    pub returnable: i64,
    pub net: i64,
    /// What of its price has not been given back.
    pub refundable: i64,
}

/// What paid the order; the name of a program, or nothing for the method.
pub struct TenderFacts {
    pub program: Option<String>,
    pub amount: i64,
    pub refunded: i64,
}

/// How the total came about.
#[derive(Default)]
pub struct Bill {
    /// The end of a message's id, and the amount.
    pub sums: Vec<(&'static str, i64)>,
    pub steps: Vec<Step>,
}

/// A step of the trace: which rule made what of what.
pub struct Step {
    pub rule: String,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl OrderFacts {
    /// The figures of an order with its story.
    pub fn of(story: &OrderStory) -> Self {
        let order = &story.order;
        Self {
            number: order.number.clone(),
            placed_at: order.placed_at,
            total: order.total.units(),
            refunded: order.refunded().map_or(0, |amount| amount.units()),
            payment: order.payment.state.code(),
            state: order.state().code(),
            lines: order.lines.iter().map(|line| line_facts(order, line)).collect(),
            tenders: order.tenders.iter().map(tender_facts).collect(),
            bill: Bill::of(story.quote.get()),
        }
    }
}

fn line_facts(order: &Order, line: &OrderLine) -> LineFacts {
    let charge = order.charges.iter().find(|charge| charge.charge == ChargeFor::Line(line.line_id.clone()));
    LineFacts {
        line_id: line.line_id.clone(),
        sku: line.sku.clone(),
        seller: line.seller.clone(),
        quantity: line.quantity,
        returnable: line.shipped.saturating_sub(line.returned).saturating_sub(line.returning),
        net: line.net.units(),
        refundable: charge.map_or(0, |charge| charge.amount.units().saturating_sub(charge.refunded.units())),
    }
}

fn tender_facts(tender: &choba_engine::order::OrderTender) -> TenderFacts {
    let program = match &tender.tender {
        TenderName::Program(program) => Some(program.clone()),
        TenderName::Method => None,
    };
    TenderFacts { program, amount: tender.amount.units(), refunded: tender.refunded.units() }
}

const SUMS: [(&str, &str); 5] = [
    ("goods", "goods_total"),
    ("coupons", "coupon_total"),
    ("shipping", "shipping_total"),
    ("fee", "fee_total"),
    ("total", "total"),
];

impl Bill {
    /// From the quote as it was kept.
    fn of(quote: &str) -> Self {
        let quote: Value = serde_json::from_str(quote).unwrap_or_default();
        let sums = SUMS.iter().filter_map(|(id, field)| Some((*id, quote.get(field)?.as_i64()?)));
        let trace = quote.get("trace").and_then(Value::as_array);
        Self { sums: sums.collect(), steps: trace.into_iter().flatten().map(step).collect() }
    }
}

fn step(step: &Value) -> Step {
    let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let amount = |name: &str| step.get(name).and_then(Value::as_i64);
    Step { rule: text("rule"), before: amount("in"), after: amount("out") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bill_is_read_from_the_quote_as_it_was_kept() {
        let quote = r#"{"goods_total": 2000, "coupon_total": 500, "total": 1500,
            "trace": [{"step": "coupon", "rule": "coupons.A500", "line": "1", "in": 2000, "out": 1500}]}"#;
        let bill = Bill::of(quote);
        assert_eq!(bill.sums, [("goods", 2_000), ("coupons", 500), ("total", 1_500)]);
        let first = &bill.steps[0];
        assert_eq!(
            (first.rule.as_str(), first.before, first.after),
            ("coupons.A500", Some(2_000), Some(1_500))
        );
        assert!(Bill::of("no JSON").steps.is_empty());
    }
}
