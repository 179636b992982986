//! A quote for a person: a receipt that shows what it costs, who pays, what it earns, what was refused and
//! what to do about it.

use choba_engine::market::{EarningRule, LotKind, Market, Program};
use choba_engine::money::{Money, Overflow, Points};
use choba_engine::quote::{
    Earn, FreeShipping, GrantDates, PricedLine, Quote, SellerShipping, Tender, TenderPaid,
};
use choba_engine::rate::Rate;
use choba_engine::refusal::{Reason, Refusal};
use choba_engine::request::Request;
use fluent_bundle::FluentArgs;
use unicode_width::UnicodeWidthStr;

use crate::language::Language;
use crate::request::lot_kind_id;
use crate::sentences::{Sentences, sentences};

/// Columns of a receipt; a Japanese character takes two.
const COLUMNS: usize = 72;

/// Writes the receipt of a quote.
pub fn receipt(
    market: &Market,
    request: &Request<'_>,
    quote: &Quote<'_>,
    language: Language,
) -> Result<String, Overflow> {
    let mut receipt = Receipt { market, sentences: sentences(language), text: String::new() };
    receipt.head(request);
    receipt.goods(request, quote)?;
    receipt.totals(quote);
    receipt.payment(quote);
    receipt.points(quote)?;
    receipt.refusals(quote);
    Ok(receipt.text)
}

struct Receipt<'m> {
    market: &'m Market,
    sentences: &'static Sentences,
    text: String,
}

impl Receipt<'_> {
    fn head(&mut self, request: &Request<'_>) {
        let at = self.language().instant(request.at, &self.market.time_zone);
        let version = self.market.version.chars().take(8).collect::<String>();
        self.title("receipt-title");
        let market = [("market", self.market.name.clone()), ("at", at), ("version", version)];
        let text = self.say("receipt-market", market);
        self.line(&text);
    }

    fn goods(&mut self, request: &Request<'_>, quote: &Quote<'_>) -> Result<(), Overflow> {
        self.blank();
        self.title("receipt-goods");
        for line in &quote.lines {
            self.goods_line(line)?;
        }
        for shipping in &quote.shipping {
            let label = self.shipping_label(shipping, quote);
            self.row(0, &label, shipping.amount);
        }
        if !quote.fee_total.is_zero() {
            let label = self.say("receipt-fee", [("method", self.method_name(request))]);
            self.row(0, &label, quote.fee_total);
        }
        Ok(())
    }

    /// The method that the request names.
    fn method_name(&self, request: &Request<'_>) -> String {
        let method = request.pay.method.as_ref().and_then(|asked| self.market.method(asked.method_type));
        method.map_or_else(String::new, |method| self.language().name(&method.name).to_owned())
    }

    fn goods_line(&mut self, line: &PricedLine<'_>) -> Result<(), Overflow> {
        let seller = self.language().name(&line.line.seller.name).to_owned();
        let quantity = crate::language::grouped(line.line.quantity, "", "");
        let label = self.say(
            "receipt-line-of",
            [("sku", line.line.sku.to_owned()), ("quantity", quantity), ("seller", seller)],
        );
        self.row(1, &format!("{}  {label}", line.line.id), line.gross);
        for used in &line.coupons {
            let name = self.language().name(&used.coupon.name).to_owned();
            let label = self.say("receipt-coupon", [("name", name)]);
            self.row(2, &label, Money::ZERO.minus(used.amount)?);
        }
        Ok(())
    }

    fn shipping_label(&self, shipping: &SellerShipping<'_>, quote: &Quote<'_>) -> String {
        let seller = ("seller", self.language().name(&shipping.seller.name).to_owned());
        let terms = shipping.seller.shipping.as_ref();
        match shipping.free {
            Some(FreeShipping::Threshold) => {
                let from = terms.and_then(|terms| terms.free_from).unwrap_or_default();
                self.say("receipt-shipping-threshold", [seller, ("from", self.language().yen(from))])
            }
            Some(FreeShipping::Coupon) => {
                let coupon = self.freed_by(shipping, quote);
                self.say("receipt-shipping-coupon", [seller, ("coupon", coupon)])
            }
            None => match missing_for_free(shipping, quote) {
                Some(missing) => {
                    self.say("receipt-shipping-short", [seller, ("missing", self.language().yen(missing))])
                }
                None => self.say("receipt-shipping", [seller]),
            },
        }
    }

    /// The name of the coupon that made a seller's shipping free, by the trace.
    fn freed_by(&self, shipping: &SellerShipping<'_>, quote: &Quote<'_>) -> String {
        let mut steps = quote.trace.iter().rev();
        let step = steps.find(|step| step.seller.is_some_and(|seller| seller.index == shipping.seller.index));
        let coupon =
            step.and_then(|step| step.rule.strip_prefix("coupons.")).and_then(|id| self.market.coupon(id));
        coupon.map_or_else(String::new, |coupon| self.language().name(&coupon.name).to_owned())
    }

    fn totals(&mut self, quote: &Quote<'_>) {
        self.rule();
        let label = self.say("receipt-total", []);
        self.row(0, &label, quote.total);
        for tax in quote.taxes.iter().filter(|tax| !tax.amount.is_zero()) {
            let label = self.say("receipt-tax", [("rate", percent(tax.rate.rate))]);
            self.row(1, &label, tax.amount);
        }
    }

    fn payment(&mut self, quote: &Quote<'_>) {
        self.blank();
        self.title("receipt-payment");
        for paid in &quote.tenders {
            let label = self.tender_label(paid);
            self.row(1, &label, paid.amount);
        }
        if !quote.due.is_zero() {
            let label = self.say("receipt-due", []);
            self.row(1, &label, quote.due);
        }
    }

    fn tender_label(&self, paid: &TenderPaid<'_>) -> String {
        match paid.tender {
            Tender::Method(method) => self.language().name(&method.name).to_owned(),
            Tender::Program(program) => {
                let name = self.with_kind(program, paid.kind);
                match paid.points.filter(|_| counts_points(program)) {
                    Some(points) => {
                        let points = self.sentences.points(points.units());
                        self.say("receipt-points-used", [("name", name), ("points", points)])
                    }
                    None => name,
                }
            }
        }
    }

    fn with_kind(&self, program: &Program, kind: Option<LotKind>) -> String {
        let name = self.language().name(&program.name).to_owned();
        match kind {
            None => name,
            Some(kind) => {
                let kind = self.say(&format!("kind-{}", lot_kind_id(kind)), []);
                self.say("receipt-kind", [("name", name), ("kind", kind)])
            }
        }
    }

    /// Points by rule: the sum over the lines, when it can be used, and what coupons took of it.
    fn points(&mut self, quote: &Quote<'_>) -> Result<(), Overflow> {
        self.blank();
        self.title("receipt-earn");
        if quote.earns.is_empty() {
            let text = self.say("receipt-nothing-earned", []);
            self.line(&format!("  {text}"));
        }
        for of_rule in quote.earns.chunk_by(|a, b| a.grant == b.grant) {
            self.points_of_rule(of_rule, &quote.grants)?;
        }
        Ok(())
    }

    fn points_of_rule(&mut self, earns: &[Earn<'_>], grants: &[GrantDates]) -> Result<(), Overflow> {
        let Some(first) = earns.first() else { return Ok(()) };
        let points = Points::sum(earns.iter().map(|earn| earn.points))?;
        let before = Points::sum(earns.iter().map(|earn| earn.before_coupons))?;
        let program = self.with_kind(first.program, first.rule.kind);
        let rule = self.rule_name(first.rule);
        let label = self.say("receipt-earn-rule", [("program", program), ("rule", rule)]);
        self.row_text(1, &label, &self.sentences.points(points.units()));
        if before > points {
            let text = self.say("receipt-earn-coupons", [("before", self.sentences.points(before.units()))]);
            self.line(&format!("    {text}"));
        }
        if let Some(dates) = grants.get(first.grant) {
            let text = self.when(dates);
            self.line(&format!("    {text}"));
        }
        Ok(())
    }

    /// A rule's name for customers where it has one, else its id.
    fn rule_name(&self, rule: &EarningRule) -> String {
        rule.name.as_ref().map_or(rule.id.as_str(), |name| self.language().name(name)).to_owned()
    }

    fn when(&self, dates: &GrantDates) -> String {
        let zone = &self.market.time_zone;
        let instant = |at| self.language().instant(at, zone);
        let from = match (dates.available_at, dates.days_after_shipment) {
            (Some(at), _) => self.say("receipt-available", [("available_at", instant(at))]),
            (None, Some(days)) if days > 0 => {
                self.say("receipt-available-shipment", [("days", days.to_string())])
            }
            (None, _) => self.say("receipt-available-on-shipment", []),
        };
        match dates.expires_at {
            Some(at) => {
                let until = self.say("receipt-until", [("expires_at", instant(at))]);
                self.sentences.list([from.as_str(), until.as_str()].into_iter())
            }
            None => from,
        }
    }

    fn refusals(&mut self, quote: &Quote<'_>) {
        let befores = [None].into_iter().chain(quote.refusals.iter().map(Some));
        let pairs = befores.zip(&quote.refusals);
        let shown: Vec<&Refusal<'_>> = pairs
            .filter(|(before, refusal)| says_more(*before, refusal))
            .map(|(_, refusal)| refusal)
            .collect();
        if shown.is_empty() {
            return;
        }
        self.blank();
        self.title("receipt-refusals");
        for refusal in shown {
            let worded = self.sentences.refusal(refusal, self.market);
            let line = refusal.line.map(|line| self.say("receipt-for-line", [("line", line.to_owned())]));
            let message = line.map_or(worded.message.clone(), |line| format!("[{line}] {}", worded.message));
            self.line(&format!("  * {message}"));
            self.line(&format!("    → {}", worded.remedy));
        }
    }

    fn language(&self) -> Language {
        self.sentences.language()
    }

    fn say<const N: usize>(&self, id: &str, figures: [(&'static str, String); N]) -> String {
        let mut args = FluentArgs::with_capacity(N);
        for (name, text) in figures {
            args.set(name, text);
        }
        self.sentences.say(id, &args)
    }

    fn title(&mut self, id: &str) {
        let title = self.say(id, []);
        self.line(&title);
    }

    /// What a request names is shown, but never what would move a terminal's cursor or turn its text around.
    fn line(&mut self, text: &str) {
        let shown =
            text.chars().map(|char| if char.is_control() || is_bidi(char) { '\u{fffd}' } else { char });
        self.text.extend(shown);
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn rule(&mut self) {
        self.line(&"-".repeat(COLUMNS));
    }

    fn row(&mut self, indent: usize, label: &str, amount: Money) {
        let amount = self.language().yen(amount);
        self.row_text(indent, label, &amount);
    }

    fn row_text(&mut self, indent: usize, label: &str, figure: &str) {
        let label = format!("{}{label}", "  ".repeat(indent));
        let gap = COLUMNS.saturating_sub(label.width() + figure.width()).max(2);
        self.line(&format!("{label}{}{figure}", " ".repeat(gap)));
    }
}

/// How much more of the seller's goods would make its shipping free.
fn missing_for_free(shipping: &SellerShipping<'_>, quote: &Quote<'_>) -> Option<Money> {
    let from = shipping.seller.shipping.as_ref()?.free_from?;
    let lines = quote.lines.iter().filter(|line| line.line.seller.index == shipping.seller.index);
    let goods = Money::sum(lines.map(|line| line.gross)).ok()?;
    from.minus(goods).ok()
}

/// Characters that turn the direction of text around.
fn is_bidi(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn counts_points(program: &Program) -> bool {
    program.unit == choba_engine::market::Unit::Point
}

/// A person needs no "cannot pay for this item" right after the reason why.
fn says_more(before: Option<&Refusal<'_>>, refusal: &Refusal<'_>) -> bool {
    let general = matches!(refusal.reason, Reason::MethodNotAccepted { .. }) && refusal.line.is_some();
    let reason_given = before
        .is_some_and(|before| before.line == refusal.line && before.subject.id() == refusal.subject.id());
    !(general && reason_given)
}

/// `10` for a rate of 0.10; the shortest decimal.
pub(crate) fn percent(rate: Rate) -> String {
    let text = rate.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole}{part:0<2}");
    let (percent, rest) = digits.split_at(whole.len() + 2);
    let percent = percent.trim_start_matches('0');
    let percent = if percent.is_empty() { "0" } else { percent };
    if rest.is_empty() { percent.to_owned() } else { format!("{percent}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_as_percent() {
        for (rate, text) in
            [("0.10", "10"), ("0.08", "8"), ("0.1", "10"), ("1", "100"), ("0.055", "5.5"), ("0", "0")]
        {
            assert_eq!(percent(rate.parse().unwrap()), text);
        }
    }
}
