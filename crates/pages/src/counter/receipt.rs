//! The receipt: every figure of a quote, and why it is what it is.

use choba_engine::market::Market;
use choba_engine::order::OrderLine;

use super::quote::{Earn, Payment, Quote, Shipping, Step};
use crate::frame::Frame;
use crate::shop::cart::CartLine;
use crate::shop::catalogue::{name_of, said};

/// Goods of a quote.
#[derive(Clone, Debug)]
pub struct Goods {
    pub id: String,
    pub name: String,
    pub seller: String,
    pub unit_price: i64,
    pub quantity: i64,
}

impl Goods {
    /// The price of one.
    pub fn price(&self, frame: &Frame) -> String {
        frame.yen(self.unit_price)
    }

    pub fn of_cart(frame: &Frame, market: &Market, line: &CartLine) -> Self {
        Self {
            id: line.id.clone(),
            name: name_of(&market.name, &line.sku, frame.language),
            seller: line.seller.clone(),
            unit_price: line.unit_price,
            quantity: line.quantity,
        }
    }

    pub fn of_order(frame: &Frame, market: &str, line: &OrderLine) -> Self {
        Self {
            id: line.line_id.clone(),
            name: name_of(market, &line.sku, frame.language),
            seller: line.seller.clone(),
            unit_price: line.unit_price.units(),
            quantity: line.quantity,
        }
    }
}

/// A receipt.
#[derive(Default)]
pub struct Receipt {
    /// What it costs.
    pub costs: Vec<Row>,
    /// Who pays.
    pub tenders: Vec<Row>,
    /// Points to come, by rule.
    pub earns: Vec<Row>,
}

/// A figure.
pub struct Row {
    pub label: String,
    pub figure: String,
    /// A class of the row: `sum`, or nothing.
    pub class: &'static str,
    pub why: Vec<Why>,
}

/// Why a figure is what it is.
pub struct Why {
    pub text: String,
    pub figure: String,
    /// The market's rule.
    pub rule: String,
}

impl Why {
    fn of(text: impl ToString, figure: String) -> Self {
        Self { text: text.to_string(), figure, rule: String::new() }
    }

    fn note(text: impl ToString) -> Self {
        Self::of(text, String::new())
    }

    fn by(self, rule: &str) -> Self {
        Self { rule: rule.to_owned(), ..self }
    }
}

/// Whoever writes a receipt has all this at hand.
pub struct Writer<'w> {
    pub frame: &'w Frame,
    pub market: &'w Market,
    pub goods: &'w [Goods],
    pub quote: &'w Quote,
}

impl Writer<'_> {
    /// The whole receipt.
    pub fn receipt(&self) -> Receipt {
        let mut costs = vec![self.goods_row()];
        costs.extend(self.coupon_row());
        costs.extend(self.quote.shipping.iter().map(|shipping| self.shipping_row(shipping)));
        costs.extend(self.fee_row());
        costs.push(self.total_row());
        let payers = self.quote.payers();
        Receipt {
            costs,
            tenders: payers
                .iter()
                .map(|(tender, amount)| self.tender_row(tender, *amount))
                .chain(self.due_row())
                .collect(),
            earns: self.earn_rows(),
        }
    }

    fn goods_row(&self) -> Row {
        let taxes = self.quote.trace.iter().filter(|step| step.step == "tax");
        let why = self.goods.iter().map(|goods| self.why_goods(goods));
        let tax = taxes.map(|step| {
            let text = self.frame.say("counter-why-tax-added").with("name", self.name_of_line(step));
            Why::of(text, self.frame.yen(step.after.saturating_sub(step.before))).by(&step.rule)
        });
        Row {
            label: self.frame.say("counter-goods").to_string(),
            figure: self.frame.yen(self.quote.goods_total),
            class: "",
            why: why.chain(tax).collect(),
        }
    }

    fn why_goods(&self, goods: &Goods) -> Why {
        let step = self.quote.trace.iter().find(|step| step.step == "goods" && step.is_of(&goods.id));
        let gross = step.map(|step| step.after);
        let text = self.frame.say("counter-why-goods").with("name", goods.name.clone());
        let text = text.with("price", self.frame.yen(goods.unit_price)).with("quantity", goods.quantity);
        let amount = gross.unwrap_or_else(|| goods.unit_price.saturating_mul(goods.quantity));
        Why::of(text, self.frame.yen(amount)).by(step.map_or("", |step| step.rule.as_str()))
    }

    fn coupon_row(&self) -> Option<Row> {
        let steps = self.quote.trace.iter().filter(|step| step.step == "coupon");
        let why: Vec<Why> = steps.map(|step| self.why_coupon(step)).collect();
        (!why.is_empty()).then(|| Row {
            label: self.frame.say("counter-coupons-used").to_string(),
            figure: self.frame.yen(self.quote.coupon_total.saturating_neg()),
            class: "minus",
            why,
        })
    }

    fn why_coupon(&self, step: &Step) -> Why {
        let text = self.frame.say("counter-why-coupon").with("coupon", self.coupon_of(&step.rule));
        let text = text.with("name", self.name_of_line(step)).with("before", self.frame.yen(step.before));
        let text = text.with("after", self.frame.yen(step.after));
        Why::of(text, self.frame.yen(step.after.saturating_sub(step.before))).by(&step.rule)
    }

    fn coupon_of(&self, rule: &str) -> String {
        let id = rule.strip_prefix("coupons.").unwrap_or(rule);
        let id = id.split('.').next().unwrap_or(id);
        self.market.coupon(id).map_or_else(|| id.to_owned(), |coupon| said(&coupon.name, self.frame.language))
    }

    /// What a seller is called.
    pub fn seller(&self, id: &str) -> String {
        self.market.seller(id).map_or_else(|| id.to_owned(), |seller| said(&seller.name, self.frame.language))
    }

    fn shipping_row(&self, shipping: &Shipping) -> Row {
        let label = self.frame.say("counter-shipping").with("seller", self.seller(&shipping.seller));
        let steps = self.quote.trace.iter().filter(|step| {
            step.seller.as_deref() == Some(&shipping.seller) && step.step.ends_with("shipping")
        });
        let mut why: Vec<Why> = steps
            .map(|step| {
                let text = self.frame.say(why_shipping(step)).with("coupon", self.coupon_of(&step.rule));
                Why::of(text, self.frame.yen(step.after.saturating_sub(step.before))).by(&step.rule)
            })
            .collect();
        why.extend(self.free_from(shipping).map(Why::note));
        let class = if shipping.amount == 0 { "minus" } else { "" };
        Row { label: label.to_string(), figure: self.frame.yen(shipping.amount), class, why }
    }

    /// From when on a seller ships for free, and how far that is.
    fn free_from(&self, shipping: &Shipping) -> Option<String> {
        let terms = self.market.seller(&shipping.seller)?.shipping.as_ref()?;
        let Some(from) = terms.free_from else {
            return Some(self.frame.say("counter-never-free").to_string());
        };
        let of_seller = self.goods.iter().filter(|goods| goods.seller == shipping.seller);
        let gross = of_seller.fold(0_i64, |sum, goods| {
            let line = self.quote.lines.iter().find(|line| line.id == goods.id);
            sum.saturating_add(line.map_or(0, |line| line.gross))
        });
        let missing = from.units().saturating_sub(gross).max(0);
        let id = if missing == 0 { "counter-free-from-reached" } else { "counter-free-from" };
        let text = self.frame.say(id).with("from", self.frame.yen(from.units()));
        let text = text.with("goods", self.frame.yen(gross)).with("missing", self.frame.yen(missing));
        Some(text.to_string())
    }

    fn fee_row(&self) -> Option<Row> {
        let step = self.quote.trace.iter().find(|step| step.step == "fee")?;
        let method = step.rule.split('.').nth(1).unwrap_or_default();
        let text = self.frame.say("counter-why-fee").with("method", self.tender(method));
        Some(Row {
            label: self.frame.say("counter-fee").to_string(),
            figure: self.frame.yen(self.quote.fee_total),
            class: "",
            why: vec![Why::of(text, self.frame.yen(self.quote.fee_total)).by(&step.rule)],
        })
    }

    fn total_row(&self) -> Row {
        let sum = self.frame.say("counter-why-total");
        let sum = sum.with("goods", self.frame.yen(self.quote.goods_total));
        let sum = sum.with("coupons", self.frame.yen(self.quote.coupon_total));
        let sum = sum.with("shipping", self.frame.yen(self.quote.shipping_total));
        let sum = sum.with("fee", self.frame.yen(self.quote.fee_total));
        let taxes = self.quote.taxes.iter().map(|tax| {
            let text = self.frame.say("counter-why-tax").with("percent", percent(&tax.rate));
            Why::of(text, self.frame.yen(tax.amount))
        });
        Row {
            label: self.frame.say("counter-total").to_string(),
            figure: self.frame.yen(self.quote.total),
            class: "sum",
            why: std::iter::once(Why::note(sum)).chain(taxes).collect(),
        }
    }

    /// What a program or a method is called.
    pub fn tender(&self, id: &str) -> String {
        tender_name(self.frame, self.market, id)
    }

    fn tender_row(&self, tender: &str, amount: i64) -> Row {
        let rows = self.quote.tenders.iter().filter(|row| row.tender == tender && row.points.is_some());
        let lots = rows.map(|row| {
            let text = match &row.kind {
                Some(kind) => self.frame.say_of("counter-why-points", kind),
                None => self.frame.say("counter-why-points"),
            };
            Why::note(text.with("points", self.frame.number(row.points.unwrap_or_default())))
        });
        let charges = self.quote.payments.iter().filter(|payment| payment.tender == tender);
        let charges = charges.map(|payment| Why::of(self.charge(payment), self.frame.yen(payment.amount)));
        Row {
            label: self.tender(tender),
            figure: self.frame.yen(amount),
            class: "",
            why: lots.chain(charges).collect(),
        }
    }

    fn due_row(&self) -> Option<Row> {
        (self.quote.due > 0).then(|| Row {
            label: self.frame.say("counter-left").to_string(),
            figure: self.frame.yen(self.quote.due),
            class: "bad-text",
            why: Vec::new(),
        })
    }

    fn charge(&self, payment: &Payment) -> String {
        match (payment.charge.as_str(), &payment.line, &payment.seller) {
            ("line", Some(line), _) => self.name_of(line),
            ("shipping", _, Some(seller)) => {
                self.frame.say("counter-shipping").with("seller", self.seller(seller)).to_string()
            }
            _ => self.frame.say("counter-fee").to_string(),
        }
    }

    /// What the goods of a line are called.
    pub fn name_of(&self, line: &str) -> String {
        let goods = self.goods.iter().find(|goods| goods.id == line);
        goods.map_or_else(|| line.to_owned(), |goods| goods.name.clone())
    }

    fn name_of_line(&self, step: &Step) -> String {
        step.line.as_deref().map(|line| self.name_of(line)).unwrap_or_default()
    }

    /// Points by rule, each with its lines and dates.
    fn earn_rows(&self) -> Vec<Row> {
        let mut rules: Vec<(&str, &str)> = Vec::new();
        for earn in &self.quote.earns {
            if !rules.contains(&(earn.program.as_str(), earn.rule.as_str())) {
                rules.push((&earn.program, &earn.rule));
            }
        }
        rules.into_iter().filter_map(|(program, rule)| self.earn_row(program, rule)).collect()
    }

    fn earn_row(&self, program: &str, rule: &str) -> Option<Row> {
        let earns: Vec<&Earn> =
            self.quote.earns.iter().filter(|earn| earn.program == program && earn.rule == rule).collect();
        let first = earns.first()?;
        let points = earns.iter().fold(0_i64, |sum, earn| sum.saturating_add(earn.points));
        let label = self.frame.say("counter-earn-rule").with("program", self.tender(program));
        let mut why = vec![Why::note(self.usable(first))];
        why.extend(
            first.expires_at.map(|at| {
                Why::note(self.frame.say("counter-earn-expires").with("at", self.frame.instant(&at)))
            }),
        );
        why.extend(earns.iter().map(|earn| self.why_earn(earn)));
        Some(Row {
            label: label.with("rule", self.rule(program, rule)).to_string(),
            figure: self.frame.say("counter-points").with("points", self.frame.number(points)).to_string(),
            class: "",
            why,
        })
    }

    fn rule(&self, program: &str, rule: &str) -> String {
        let rules = self.market.program(program).map(|program| program.earning.iter());
        let known = rules.into_iter().flatten().find(|known| known.id == rule);
        let name = known.and_then(|known| known.name.as_ref());
        name.map_or_else(|| rule.to_owned(), |name| said(name, self.frame.language))
    }

    fn usable(&self, earn: &Earn) -> String {
        let text = match (&earn.available_at, earn.days_after_shipment) {
            (Some(at), _) => self.frame.say("counter-earn-from").with("at", self.frame.instant(at)),
            (None, Some(days)) if days > 0 => {
                self.frame.say("counter-earn-after-shipment").with("days", days)
            }
            (None, _) => self.frame.say("counter-earn-on-shipment"),
        };
        match &earn.kind {
            Some(kind) => self.frame.say_of("counter-kind", kind).with("when", text.to_string()).to_string(),
            None => text.to_string(),
        }
    }

    fn why_earn(&self, earn: &Earn) -> Why {
        let name = match earn.line.as_deref() {
            Some(line) => self.name_of(line),
            None => self.frame.say("counter-earn-whole").to_string(),
        };
        let lowered = earn.before_coupons > earn.points;
        let id = if lowered { "counter-why-earn-lowered" } else { "counter-why-earn" };
        let text = self.frame.say(id).with("name", name);
        let text = text.with("before", self.frame.number(earn.before_coupons));
        let figure = self.frame.say("counter-points").with("points", self.frame.number(earn.points));
        Why::of(text, figure.to_string()).by(&format!("programs.{}.earn.{}", earn.program, earn.rule))
    }
}

impl Step {
    fn is_of(&self, line: &str) -> bool {
        self.line.as_deref() == Some(line)
    }
}

/// The message that says what a step of a seller's shipping does.
fn why_shipping(step: &Step) -> &'static str {
    match step.step.as_str() {
        "free_shipping" if step.rule.starts_with("coupons.") => "counter-why-free-by-coupon",
        "free_shipping" => "counter-why-free-shipping",
        _ => "counter-why-shipping",
    }
}

/// What a program or a method of a market is called.
pub fn tender_name(frame: &Frame, market: &Market, id: &str) -> String {
    let method = market.methods.iter().find(|method| method.method_type.id() == id).map(|known| &known.name);
    let name = method.or_else(|| market.program(id).map(|program| &program.name));
    name.map_or_else(|| id.to_owned(), |name| said(name, frame.language))
}

/// `10` for a rate of `0.10`.
pub fn percent(rate: &str) -> String {
    let (whole, part) = rate.split_once('.').unwrap_or((rate, ""));
    let digits = format!("{whole}{part:0<2}");
    let (percent, rest) = digits.split_at_checked(whole.len() + 2).unwrap_or((&digits, ""));
    let percent = percent.trim_start_matches('0');
    let percent = if percent.is_empty() { "0" } else { percent };
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { percent.to_owned() } else { format!("{percent}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_shown_as_percent() {
        for (rate, shown) in
            [("0.10", "10"), ("0.08", "8"), ("0", "0"), ("0.1", "10"), ("0.125", "12.5"), ("1", "100")]
        {
            assert_eq!(percent(rate), shown);
        }
    }
}
