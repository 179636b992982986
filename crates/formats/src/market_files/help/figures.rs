//! What placeholders stand for: figures of the market, written for a language.

use std::collections::BTreeMap;

use choba_engine::market::{
    Benefit, Coupon, Earning, EarningRule, Grant, Held, Market, Method, PerLine, PerPayment, Program, Unit,
    UsualDays,
};
use choba_engine::money::{Money, Points};
use choba_engine::rate::Rate;
use choba_help::Placeholder;
use fluent_bundle::FluentArgs;

use super::example::Priced;
use super::needs::method_type;
use super::sections::ExampleSection;
use super::{hours, tables};
use crate::language::Language;
use crate::receipt::percent;
use crate::sentences::sentences;

/// All placeholders, with what stands after their colon.
pub const NAMES: [&str; 43] = [
    "seller:ID",
    "program:ID",
    "method:TYPE",
    "coupon:ID",
    "shipping:SELLER",
    "free_shipping:SELLER",
    "multiplier:SELLER",
    "fee:METHOD",
    "pay_within_days:METHOD",
    "refund_days:METHOD-or-PROGRAM",
    "value:PROGRAM",
    "renew_months:PROGRAM",
    "yen_per_point:PROGRAM.RULE",
    "rate:PROGRAM.RULE",
    "factor:PROGRAM.RULE",
    "minimum:PROGRAM.RULE",
    "cap:PROGRAM.RULE",
    "ranks:PROGRAM.RULE",
    "days_until_usable:PROGRAM.RULE",
    "day_of_next_month:PROGRAM.RULE",
    "months_usable:PROGRAM.RULE",
    "tiers_table:PROGRAM.RULE",
    "coupon_benefit:ID",
    "coupon_maximum:ID",
    "coupon_minimum:ID",
    "coupon_uses:ID",
    "coupon_ranks:ID",
    "return_days",
    "deduction:opened",
    "deduction:missing_parts",
    "grace_days",
    "expiring_days",
    "gift_years",
    "gift_min",
    "gift_max",
    "domains",
    "phones",
    "hours",
    "shipping_table",
    "methods_table",
    "pays_table",
    "refund_days_table",
    "example:NAME.FIGURE",
];

/// The figures of a market and of an article's examples, in a language.
pub struct Figures<'f> {
    /// The market.
    pub market: &'f Market,
    /// The language.
    pub language: Language,
    /// The examples of the article, as it gives them and as they were priced.
    pub examples: &'f BTreeMap<String, ExampleSection>,
    /// What came of them.
    pub priced: &'f BTreeMap<String, Priced>,
}

impl Figures<'_> {
    /// What a placeholder stands for; nothing where the market has no such figure. It is Markdown: names are escaped.
    pub fn say(&self, placeholder: &Placeholder<'_>) -> Option<String> {
        let market = self.market;
        match (placeholder.name, placeholder.of) {
            ("shipping_table", None) => Some(tables::shipping(market, self.language)),
            ("methods_table", None) => Some(tables::methods(market, self.language)),
            ("pays_table", None) => Some(tables::pays(market, self.language)),
            ("refund_days_table", None) => Some(tables::refund_days(market, self.language)),
            ("tiers_table", Some(of)) => match &self.rule(of)?.earning {
                Earning::PerPayment(rule) => Some(tables::tiers(rule, self.language)),
                Earning::PerLine(_) => None,
            },
            (name, None) => self.policy(name).map(|text| escaped(&text)),
            (name, Some(of)) => self.figure(name, of).map(|text| escaped(&text)),
        }
    }

    fn policy(&self, name: &str) -> Option<String> {
        let market = self.market;
        let policies = &market.policies;
        Some(match name {
            "return_days" => policies.returns.window_days.to_string(),
            "grace_days" => policies.refunds.grace_days.to_string(),
            "expiring_days" => policies.expiring_days.to_string(),
            "gift_years" => policies.gift_cards.as_ref()?.expires_years.to_string(),
            "gift_min" => self.yen(policies.gift_cards.as_ref()?.amount_min),
            "gift_max" => self.yen(policies.gift_cards.as_ref()?.amount_max),
            "domains" => self.list(&market.contacts.domains)?,
            "phones" => self.list(&market.contacts.phones)?,
            "hours" => hours::hours(&market.contacts.hours, self.language),
            _ => return None,
        })
    }

    fn figure(&self, name: &str, of: &str) -> Option<String> {
        match name {
            "seller" => Some(self.language.name(&self.market.seller(of)?.name).to_owned()),
            "shipping" => Some(self.yen(self.market.seller(of)?.shipping.as_ref()?.amount)),
            "free_shipping" => Some(self.yen(self.market.seller(of)?.shipping.as_ref()?.free_from?)),
            "multiplier" => Some(self.market.seller(of)?.multiplier?.to_string()),
            "method" | "fee" | "pay_within_days" => self.of_method(name, self.method(of)?),
            "program" | "value" | "renew_months" => self.of_program(name, self.program(of)?),
            "refund_days" => self.refund_days(of),
            "deduction" => self.deduction(of),
            "example" => self.example(of),
            "coupon" | "coupon_benefit" | "coupon_maximum" | "coupon_minimum" | "coupon_uses"
            | "coupon_ranks" => self.of_coupon(name, self.market.coupon(of)?),
            _ => self.of_rule(name, self.rule(of)?),
        }
    }

    fn of_method(&self, name: &str, method: &Method) -> Option<String> {
        match name {
            "method" => Some(self.language.name(&method.name).to_owned()),
            // Where there is no fee, an article that names one would be wrong.
            "fee" => (!method.fee.is_zero()).then(|| self.yen(method.fee)),
            _ => method.pay_within_days.map(|days| days.to_string()),
        }
    }

    fn of_program(&self, name: &str, program: &Program) -> Option<String> {
        match name {
            "program" => Some(self.language.name(&program.name).to_owned()),
            "value" => Some(program.value.to_string()),
            _ => program.renews.map(|renewal| renewal.months.to_string()),
        }
    }

    fn of_rule(&self, name: &str, rule: &EarningRule) -> Option<String> {
        match (name, &rule.earning, rule.grant) {
            ("yen_per_point", Earning::PerLine(PerLine { yen_per_point, .. }), _) => {
                Some(self.yen(*yen_per_point))
            }
            (
                "factor",
                Earning::PerLine(PerLine { factor: choba_engine::market::Factor::Fixed(rate), .. }),
                _,
            ) => Some(rate.to_string()),
            ("rate", Earning::PerPayment(PerPayment { rate, .. }), _) => Some(in_percent(*rate)),
            ("minimum", Earning::PerPayment(PerPayment { minimum, .. }), _) => Some(self.yen(*minimum)),
            ("cap", Earning::PerPayment(PerPayment { cap, .. }), _) => cap.map(|cap| self.points(cap)),
            ("ranks", _, _) => self.list(&rule.conditions.ranks),
            ("days_until_usable", _, Grant::AfterOrder { days } | Grant::AfterShipment { days }) => {
                Some(days.to_string())
            }
            ("day_of_next_month", _, Grant::NextMonth { day }) => Some(day.to_string()),
            ("months_usable", _, _) => tables::months(rule).map(|months| months.to_string()),
            _ => None,
        }
    }

    fn of_coupon(&self, name: &str, coupon: &Coupon) -> Option<String> {
        match name {
            "coupon" => Some(self.language.name(&coupon.name).to_owned()),
            "coupon_benefit" => match coupon.benefit {
                Benefit::Yen(amount) => Some(self.yen(amount)),
                Benefit::Percent(rate) => Some(in_percent(rate)),
                Benefit::FreeShipping => None,
            },
            "coupon_maximum" => coupon.maximum.map(|maximum| self.yen(maximum)),
            "coupon_minimum" => coupon.minimum_spend.map(|minimum| self.yen(minimum)),
            "coupon_uses" => Some(coupon.uses_per_order.to_string()),
            _ => self.list(&coupon.ranks),
        }
    }

    fn refund_days(&self, of: &str) -> Option<String> {
        let days = match self.method(of) {
            Some(method) => method.refund_days,
            None => self.program(of)?.refund_days,
        };
        days.map(|days| usual_days(days, self.language))
    }

    fn deduction(&self, of: &str) -> Option<String> {
        let deductions = &self.market.policies.returns.deductions;
        match of {
            "opened" => Some(in_percent(deductions.opened)),
            "missing_parts" => Some(in_percent(deductions.missing_parts)),
            _ => None,
        }
    }

    fn example(&self, of: &str) -> Option<String> {
        let (name, figure) = of.split_once('.')?;
        self.priced.get(name)?.say(figure, self.examples.get(name)?, self.language)
    }

    fn method(&self, id: &str) -> Option<&Method> {
        self.market.method(method_type(id)?)
    }

    /// `own` is the one program of points that the market itself holds.
    fn program(&self, id: &str) -> Option<&Program> {
        if id != "own" {
            return self.market.program(id);
        }
        let mut own = self
            .market
            .programs
            .iter()
            .filter(|program| program.held == Held::Here && program.unit == Unit::Point);
        own.next().filter(|_| own.next().is_none())
    }

    fn rule(&self, of: &str) -> Option<&EarningRule> {
        let (program, rule) = of.split_once('.')?;
        self.program(program)?.earning.iter().find(|known| known.id == rule)
    }

    fn yen(&self, amount: Money) -> String {
        self.language.yen(amount)
    }

    fn points(&self, points: Points) -> String {
        sentences(self.language).points(points.units())
    }

    fn list(&self, names: &[String]) -> Option<String> {
        (!names.is_empty()).then(|| sentences(self.language).list(names.iter().map(String::as_str)))
    }
}

/// `3〜14日`, `3 to 14 days`.
pub fn usual_days(days: UsualDays, language: Language) -> String {
    let mut figures = FluentArgs::new();
    figures.set("from", i64::from(days.from));
    figures.set("to", i64::from(days.to));
    let id = match (days.from == days.to, days.from) {
        (true, _) => "help-days-exactly",
        (false, 0) => "help-days-within",
        (false, _) => "help-days",
    };
    sentences(language).say(id, &figures)
}

fn in_percent(rate: Rate) -> String {
    format!("{}%", percent(rate))
}

/// A text in which nothing is Markdown.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!') {
            escaped.push('\\');
        }
        escaped.push(if char.is_control() { ' ' } else { char });
    }
    escaped
}
