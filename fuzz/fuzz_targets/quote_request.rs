//! Any bytes as a request under both sample markets: a fault or a quote that adds up, never a panic.
#![no_main]

use std::sync::OnceLock;

use choba_engine::market::Market;
use choba_engine::money::Money;
use choba_engine::quote::{Quote, quote};
use choba_engine::request::Request;
use choba_formats::answer::Answer;
use choba_formats::language::Language;
use choba_formats::market_files::{load, sample_names};
use choba_formats::receipt::receipt;
use choba_formats::request::RequestText;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match RequestText::read(data) {
        Ok(text) => markets().iter().for_each(|market| price(&text, market)),
        Err(fault) => assert_one_short_line(&fault.to_string()),
    }
});

fn markets() -> &'static [Market] {
    static MARKETS: OnceLock<Vec<Market>> = OnceLock::new();
    MARKETS.get_or_init(|| sample_names().into_iter().map(|name| load(name).expect("a sample")).collect())
}

fn price(text: &RequestText<'_>, market: &Market) {
    let request = match text.resolve(market) {
        Ok(request) => request,
        Err(fault) => return assert_one_short_line(&fault.to_string()),
    };
    match quote(market, &request) {
        Ok(quote) => check(market, &request, &quote),
        Err(error) => drop(error.to_string()),
    }
}

fn check(market: &Market, request: &Request<'_>, quote: &Quote<'_>) {
    let answer = Answer { market, quote };
    let json = serde_json::to_vec(&answer).expect("an answer is JSON");
    assert_eq!(
        json,
        serde_json::to_vec(&answer).expect("an answer is JSON"),
        "the same quote, the same bytes"
    );
    for language in [Language::Ja, Language::En] {
        assert!(!receipt(market, request, quote, language).expect("its sums were checked").is_empty());
    }
    assert_adds_up(quote);
    assert_within_bounds(quote);
}

/// The total, the bill, the payments and the trace tell the same.
fn assert_adds_up(quote: &Quote<'_>) {
    let sum = |amounts: &mut dyn Iterator<Item = Money>| {
        amounts.map(|amount| i128::from(amount.units())).sum::<i128>()
    };
    let [goods, coupons, shipping, fee, total, due] = [
        quote.goods_total,
        quote.coupon_total,
        quote.shipping_total,
        quote.fee_total,
        quote.total,
        quote.due,
    ]
    .map(|amount| i128::from(amount.units()));
    let tenders = sum(&mut quote.tenders.iter().map(|paid| paid.amount));
    assert_eq!(total, goods - coupons + shipping + fee);
    assert_eq!(total, tenders + due);
    assert_eq!(tenders, sum(&mut quote.payments.iter().map(|payment| payment.amount)));
    assert_eq!(goods, sum(&mut quote.lines.iter().map(|line| line.gross)));
    assert_eq!(goods - coupons, sum(&mut quote.lines.iter().map(|line| line.net)));
    assert_eq!(shipping, sum(&mut quote.shipping.iter().map(|shipping| shipping.amount)));
    let steps = quote.trace.iter().map(|step| i128::from(step.to.units()) - i128::from(step.from.units()));
    assert_eq!(total, steps.sum::<i128>(), "the trace adds up to the total");
}

/// Nothing is below zero, and a discount is no more than the price.
fn assert_within_bounds(quote: &Quote<'_>) {
    assert!(quote.total >= Money::ZERO && quote.due >= Money::ZERO);
    assert!(quote.lines.iter().all(|line| line.net >= Money::ZERO && line.net <= line.gross));
    assert!(quote.payments.iter().all(|payment| payment.amount > Money::ZERO));
    assert!(quote.earns.iter().all(|earn| earn.points.units() > 0 && earn.points <= earn.before_coupons));
}

/// A fault repeats no more than a little of what it is about.
fn assert_one_short_line(fault: &str) {
    assert!(fault.len() < 8_192 && !fault.contains('\n'), "{fault:?}");
}
