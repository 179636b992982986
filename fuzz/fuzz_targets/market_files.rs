//! Any text as market files: a market or a report of its mistakes, never a panic. A market prices a cart.
//!
//! A line `#---` begins another file.
#![no_main]

use choba_engine::market::{Held, Market};
use choba_engine::quote::quote;
use choba_formats::answer::Answer;
use choba_formats::market_files::{MarketFile, Report, check};
use choba_formats::request::RequestText;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let files = text.split("\n#---\n").enumerate();
    let files: Vec<MarketFile> = files
        .map(|(place, text)| MarketFile { path: format!("{place}.toml"), text: text.to_owned() })
        .collect();
    match check(&files) {
        Ok(market) => price(&market),
        Err(report) => check_report(&report),
    }
});

/// Every mistake has its words, and its place where a file is at fault.
fn check_report(report: &Report) {
    assert!(!report.mistakes.is_empty());
    assert!(!report.render(true).is_empty() && !report.render(false).is_empty());
    assert!(!report.to_string().is_empty());
    for mistake in &report.mistakes {
        assert_eq!(report.place(mistake).is_some(), mistake.file.is_some(), "{mistake:?}");
        assert!(!mistake.found.is_empty() && !mistake.expected.is_empty());
    }
}

/// A small cart that asks for everything the market has.
fn price(market: &Market) {
    let json = serde_json::to_vec(&request(market)).expect("a request is JSON");
    let text = RequestText::read(&json).expect("the request is well formed");
    // A market without sellers cannot sell.
    let Ok(request) = text.resolve(market) else { return };
    let Ok(quote) = quote(market, &request) else { return };
    assert!(!serde_json::to_vec(&Answer { market, quote: &quote }).expect("an answer is JSON").is_empty());
}

fn request(market: &Market) -> Value {
    let coupons: Vec<&str> = market.coupons.iter().map(|coupon| coupon.id.as_str()).collect();
    let (here, partners): (Vec<_>, Vec<_>) =
        market.programs.iter().partition(|program| program.held == Held::Here);
    let lots = here.iter().map(|program| json!({"program": program.id, "amount": 300}));
    let links = partners.iter().map(|program| json!({"program": program.id, "balance": 300}));
    let stored =
        market.programs.iter().take(60).map(|program| json!({"program": program.id, "amount": "all"}));
    let method =
        market.methods.first().map(|method| json!({"type": method.method_type.id(), "linked": true}));
    let lines = market.sellers.iter().zip(["physical", "digital", "physical"]).map(|(seller, kind)| {
        json!({"id": seller.id, "sku": "A", "seller": seller.id, "kind": kind, "unit_price": 1_980,
               "quantity": 2, "tax_rate": market.standard_tax_rate.text})
    });
    json!({
        "at": "2026-11-21T12:00:00+09:00",
        "customer": {
            "rank": market.coupons.iter().find_map(|coupon| coupon.ranks.first()),
            "coupons": coupons,
            "lots": lots.collect::<Value>(),
            "links": links.collect::<Value>(),
        },
        "lines": lines.collect::<Value>(),
        "pay": {"coupons": coupons, "stored": stored.collect::<Value>(), "method": method},
    })
}
