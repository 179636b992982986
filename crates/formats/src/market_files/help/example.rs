//! Examples of articles, priced by the engine.

use std::collections::BTreeMap;

use choba_engine::market::Market;
use choba_engine::money::{Money, Overflow};
use choba_engine::quote::{Quote, Tender, quote};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::sections::ExampleSection;
use crate::language::Language;
use crate::request::{RequestText, lot_kind_id};
use crate::sentences::sentences;

/// When examples are priced, unless they say.
const AT: &str = "2026-11-21T12:00:00+09:00";

/// What came of an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Priced {
    /// Amounts in yen and in points, by name.
    figures: BTreeMap<String, i64>,
    refusals: Vec<String>,
    days: BTreeMap<String, Date>,
}

/// An example is not as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// Its key in the example.
    pub key: String,
    /// What the example says.
    pub found: String,
    /// What is so.
    pub expected: String,
}

impl Priced {
    /// Prices an example.
    ///
    /// # Errors
    /// Why the request cannot be priced.
    pub fn new(section: &ExampleSection, market: &Market) -> Result<Self, String> {
        let request: Value = serde_json::from_str(&section.request).map_err(|error| error.to_string())?;
        let request = completed(request).to_string();
        let text = RequestText::read(request.as_bytes()).map_err(|fault| fault.to_string())?;
        let checked = text.resolve(market).map_err(|fault| fault.to_string())?;
        let quote = quote(market, &checked).map_err(|error| error.to_string())?;
        let figures = figures(&quote).map_err(|error| error.to_string())?;
        let refusals = quote.refusals.iter().map(|refusal| refusal.reason.code().to_owned()).collect();
        Ok(Self { figures, refusals, days: days(&quote, &market.time_zone) })
    }

    /// Everything in which the example says otherwise.
    pub fn differs(&self, section: &ExampleSection) -> Vec<Differs> {
        let mut differs = Vec::new();
        for (name, given) in &section.figures {
            // What nobody pays or earns is nothing.
            let is = self.figures.get(name).copied().unwrap_or_default();
            if is != *given {
                let (key, found) = (format!("figures.{name}"), given.to_string());
                differs.push(Differs { key, found, expected: format!("{is}, as these terms give") });
            }
        }
        for (name, given) in &section.days {
            let is = self.days.get(name).map_or_else(|| "no such day".to_owned(), Date::to_string);
            if is != *given {
                let (key, found) = (format!("days.{name}"), format!("`{given}`"));
                differs.push(Differs { key, found, expected: format!("`{is}`, as these terms give") });
            }
        }
        if let Some(given) = section.refusals.as_ref().filter(|given| **given != self.refusals) {
            let (key, found) = ("refusals".to_owned(), format!("{given:?}"));
            differs.push(Differs {
                key,
                found,
                expected: format!("{:?}, as these terms give", self.refusals),
            });
        }
        differs
    }

    /// A figure or a day that the example names, in words.
    pub fn say(&self, name: &str, section: &ExampleSection, language: Language) -> Option<String> {
        if section.figures.contains_key(name) {
            let figure = self.figures.get(name).copied().unwrap_or_default();
            return Some(match name.split('-').next() {
                Some("earns" | "points") => sentences(language).points(figure),
                _ => language.yen(Money::new(figure)),
            });
        }
        let day = self.days.get(name).filter(|_| section.days.contains_key(name))?;
        Some(language.day(*day))
    }
}

/// What a request leaves out, put in.
fn completed(mut request: Value) -> Value {
    let Some(fields) = request.as_object_mut() else { return request };
    fields.entry("at").or_insert_with(|| AT.into());
    let lines = fields.get_mut("lines").and_then(Value::as_array_mut);
    for (place, line) in lines.into_iter().flatten().enumerate() {
        if let Some(line) = line.as_object_mut() {
            complete_line(line, place + 1);
        }
    }
    let coupons = fields.get("pay").and_then(|pay| pay.get("coupons")).cloned();
    let customer = fields.entry("customer").or_insert_with(|| json!({}));
    if let (Some(customer), Some(coupons)) = (customer.as_object_mut(), coupons) {
        customer.entry("coupons").or_insert(coupons);
    }
    request
}

fn complete_line(line: &mut Map<String, Value>, number: usize) {
    let id = line.entry("id").or_insert_with(|| number.to_string().into()).clone();
    line.entry("sku").or_insert(id);
    line.entry("kind").or_insert_with(|| "physical".into());
    line.entry("quantity").or_insert_with(|| 1.into());
    line.entry("tax_rate").or_insert_with(|| "0.10".into());
}

fn figures(quote: &Quote<'_>) -> Result<BTreeMap<String, i64>, Overflow> {
    let tax = Money::sum(quote.taxes.iter().map(|tax| tax.amount))?;
    let totals = [
        ("goods", quote.goods_total),
        ("coupons", quote.coupon_total),
        ("shipping", quote.shipping_total),
        ("fee", quote.fee_total),
        ("tax", tax),
        ("total", quote.total),
        ("due", quote.due),
    ];
    let mut figures: BTreeMap<String, i64> =
        totals.into_iter().map(|(name, amount)| (name.to_owned(), amount.units())).collect();
    let mut add = |name: String, units: i64| *figures.entry(name).or_default() += units;
    for paid in &quote.tenders {
        let id = match paid.tender {
            Tender::Program(program) => program.id.as_str(),
            Tender::Method(method) => method.method_type.id(),
        };
        add(format!("pays-{id}"), paid.amount.units());
        if let Some(points) = paid.points {
            add(format!("points-{id}"), points.units());
            paid.kind
                .iter()
                .for_each(|kind| add(format!("points-{id}-{}", lot_kind_id(*kind)), points.units()));
        }
    }
    for earn in &quote.earns {
        add(format!("earns-{}", earn.program.id), earn.points.units());
        add(format!("earns-{}-{}", earn.program.id, earn.rule.id), earn.points.units());
        earn.line.iter().for_each(|line| add(format!("earns-line-{line}"), earn.points.units()));
    }
    Ok(figures)
}

fn days(quote: &Quote<'_>, zone: &TimeZone) -> BTreeMap<String, Date> {
    let dates = quote.earns.first().and_then(|earn| quote.grants.get(earn.grant));
    let named = dates.into_iter().flat_map(|dates| {
        [("available", dates.available_at), ("expires", dates.expires_at)]
            .map(|(name, at)| at.map(|at| (name.to_owned(), zone.to_datetime(at).date())))
    });
    named.flatten().collect()
}
