//! A quote as JSON, in the shape that outside programs rely on.

use choba_engine::market::Market;
use choba_engine::quote::{
    Charge, CouponUse, Earn, FreeShipping, GrantDates, Payment, PricedLine, Quote, SellerShipping, Step,
    TaxAmount, Tender, TenderPaid,
};
use choba_engine::refusal::Refusal;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::language::Language;
use crate::request::lot_kind_id;
use crate::sentences::{Worded, sentences};

/// A quote of a market, to be written as JSON.
pub struct Answer<'q, 'a> {
    /// The market it was made under.
    pub market: &'a Market,
    /// The quote.
    pub quote: &'q Quote<'a>,
}

impl Serialize for Answer<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("Quote", 17)?;
        self.serialize_fields(&mut answer)?;
        answer.end()
    }
}

impl Answer<'_, '_> {
    /// Writes the fields of a quote, also where it is part of more.
    pub fn serialize_fields<S: SerializeStruct>(&self, answer: &mut S) -> Result<(), S::Error> {
        let (quote, market) = (self.quote, self.market);
        let zone = &market.time_zone;
        answer.serialize_field("market", &market.name)?;
        answer.serialize_field("version", &market.version)?;
        answer.serialize_field("currency", market.currency.code())?;
        answer.serialize_field("goods_total", &quote.goods_total.units())?;
        answer.serialize_field("coupon_total", &quote.coupon_total.units())?;
        answer.serialize_field("shipping_total", &quote.shipping_total.units())?;
        answer.serialize_field("fee_total", &quote.fee_total.units())?;
        answer.serialize_field("total", &quote.total.units())?;
        answer.serialize_field("due", &quote.due.units())?;
        answer.serialize_field("taxes", &Each(&quote.taxes, tax))?;
        answer.serialize_field("lines", &Each(&quote.lines, line))?;
        answer.serialize_field("shipping", &Each(&quote.shipping, shipping))?;
        answer.serialize_field("tenders", &Each(&quote.tenders, tender))?;
        answer.serialize_field("payments", &Each(&quote.payments, payment))?;
        let dates: Vec<Dates> = quote.grants.iter().map(|grant| dates(grant, zone)).collect();
        answer.serialize_field("earns", &Each(&quote.earns, |record| earn(record, &dates)))?;
        answer.serialize_field("refusals", &Each(&quote.refusals, |refused| refusal(refused, market)))?;
        answer.serialize_field("trace", &Each(&quote.trace, step))
    }
}

/// A list, each of its entries turned into its shape as it is written.
struct Each<'v, T, F>(&'v [T], F);

impl<'v, T, F, R> Serialize for Each<'v, T, F>
where
    F: Fn(&'v T) -> R,
    R: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

#[derive(Serialize)]
struct TaxShape<'a> {
    rate: &'a str,
    amount: i64,
}

fn tax<'a>(tax: &TaxAmount<'a>) -> TaxShape<'a> {
    TaxShape { rate: &tax.rate.text, amount: tax.amount.units() }
}

#[derive(Serialize)]
struct LineShape<'q, 'a> {
    id: &'a str,
    gross: i64,
    discount: i64,
    net: i64,
    coupons: Each<'q, CouponUse<'a>, fn(&'q CouponUse<'a>) -> CouponShape<'a>>,
}

#[derive(Serialize)]
struct CouponShape<'a> {
    id: &'a str,
    amount: i64,
}

fn line<'q, 'a>(line: &'q PricedLine<'a>) -> LineShape<'q, 'a> {
    LineShape {
        id: line.line.id,
        gross: line.gross.units(),
        discount: line.gross.units() - line.net.units(),
        net: line.net.units(),
        coupons: Each(&line.coupons, coupon_use),
    }
}

fn coupon_use<'a>(used: &CouponUse<'a>) -> CouponShape<'a> {
    CouponShape { id: &used.coupon.id, amount: used.amount.units() }
}

#[derive(Serialize)]
struct ShippingShape<'a> {
    seller: &'a str,
    amount: i64,
    free: Option<&'static str>,
}

fn shipping<'a>(shipping: &SellerShipping<'a>) -> ShippingShape<'a> {
    let free = shipping.free.map(|free| match free {
        FreeShipping::Threshold => "threshold",
        FreeShipping::Coupon => "coupon",
    });
    ShippingShape { seller: &shipping.seller.id, amount: shipping.amount.units(), free }
}

#[derive(Serialize)]
struct TenderShape<'a> {
    tender: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    amount: i64,
}

fn tender<'a>(paid: &TenderPaid<'a>) -> TenderShape<'a> {
    TenderShape {
        tender: tender_id(paid.tender),
        kind: paid.kind.map(lot_kind_id),
        points: paid.points.map(|points| points.units()),
        amount: paid.amount.units(),
    }
}

fn tender_id<'a>(tender: Tender<'a>) -> &'a str {
    match tender {
        Tender::Program(program) => &program.id,
        Tender::Method(method) => method.method_type.id(),
    }
}

#[derive(Serialize)]
struct PaymentShape<'a> {
    charge: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller: Option<&'a str>,
    tender: &'a str,
    rule: &'a str,
    amount: i64,
}

fn payment<'a>(payment: &Payment<'a>) -> PaymentShape<'a> {
    let (charge, line, seller) = match payment.charge {
        Charge::Line(id) => ("line", Some(id), None),
        Charge::Shipping(seller) => ("shipping", None, Some(seller.id.as_str())),
        Charge::Fee => ("fee", None, None),
    };
    let rule = match payment.tender {
        Tender::Program(program) => &program.rule,
        Tender::Method(method) => &method.rule,
    };
    PaymentShape {
        charge,
        line,
        seller,
        tender: tender_id(payment.tender),
        rule,
        amount: payment.amount.units(),
    }
}

#[derive(Serialize)]
struct EarnShape<'d, 'a> {
    program: &'a str,
    kind: Option<&'static str>,
    line: Option<&'a str>,
    points: i64,
    before_coupons: i64,
    rule: &'a str,
    pending_at: Option<&'d str>,
    available_at: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_after_shipment: Option<i32>,
    expires_at: Option<&'d str>,
}

/// The dates of a grant as text; made once for all records of a rule.
struct Dates {
    pending_at: Option<String>,
    available_at: Option<String>,
    days_after_shipment: Option<i32>,
    expires_at: Option<String>,
}

fn dates(grant: &GrantDates, zone: &TimeZone) -> Dates {
    let text = |at: Option<Timestamp>| at.map(|at| rfc3339(at, zone));
    Dates {
        pending_at: text(grant.pending_at),
        available_at: text(grant.available_at),
        days_after_shipment: grant.days_after_shipment,
        expires_at: text(grant.expires_at),
    }
}

/// An instant with the market's offset: `2026-12-12T00:00:00+09:00`.
pub fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    at.display_with_offset(zone.to_offset(at)).to_string()
}

fn earn<'d, 'a>(record: &Earn<'a>, dates: &'d [Dates]) -> EarnShape<'d, 'a> {
    let dates = dates.get(record.grant);
    EarnShape {
        program: &record.program.id,
        kind: record.rule.kind.map(lot_kind_id),
        line: record.line,
        points: record.points.units(),
        before_coupons: record.before_coupons.units(),
        rule: &record.rule.id,
        pending_at: dates.and_then(|dates| dates.pending_at.as_deref()),
        available_at: dates.and_then(|dates| dates.available_at.as_deref()),
        days_after_shipment: dates.and_then(|dates| dates.days_after_shipment),
        expires_at: dates.and_then(|dates| dates.expires_at.as_deref()),
    }
}

#[derive(Serialize)]
struct RefusalShape<'a> {
    subject: &'a str,
    about: &'static str,
    line: Option<&'a str>,
    code: &'static str,
    message: InBoth,
    remedy: InBoth,
}

#[derive(Serialize)]
struct InBoth {
    ja: String,
    en: String,
}

fn refusal<'a>(refused: &Refusal<'a>, market: &Market) -> RefusalShape<'a> {
    let [ja, en]: [Worded; 2] =
        [Language::Ja, Language::En].map(|language| sentences(language).refusal(refused, market));
    RefusalShape {
        subject: refused.subject.id(),
        about: refused.subject.about(),
        line: refused.line,
        code: refused.reason.code(),
        message: InBoth { ja: ja.message, en: en.message },
        remedy: InBoth { ja: ja.remedy, en: en.remedy },
    }
}

#[derive(Serialize)]
struct StepShape<'a> {
    step: &'static str,
    rule: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller: Option<&'a str>,
    #[serde(rename = "in")]
    from: i64,
    #[serde(rename = "out")]
    to: i64,
}

fn step<'a>(step: &Step<'a>) -> StepShape<'a> {
    StepShape {
        step: step.kind.id(),
        rule: step.rule,
        line: step.line,
        seller: step.seller.map(|seller| seller.id.as_str()),
        from: step.from.units(),
        to: step.to.units(),
    }
}
