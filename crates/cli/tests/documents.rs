//! What the documents say is what the program does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use support::{choba, repository};

fn document(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap()
}

/// The contents of a page's blocks of one language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let opening = format!("\n```{language}\n");
    page.split(&opening).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn the_reference_of_market_files_is_the_commands_output() {
    let run = choba(&["market", "reference"], "");
    assert!(
        run.stdout == document("docs/market-files.md"),
        "write it anew: cargo run -- market reference > docs/market-files.md"
    );
}

/// All but the line with the market's version, which changes with every letter of its files.
fn without_version(receipt: &str) -> Vec<&str> {
    receipt.lines().filter(|line| !line.starts_with("rakuten-style(")).collect()
}

#[test]
fn the_receipt_in_the_readme_is_the_commands_output() {
    let cart = repository("examples/cart.json");
    let run = choba(&["quote", "--explain", "--lang", "ja", cart.to_str().unwrap()], "");
    let readme = document("README.md");
    let shown = blocks(&readme, "text").into_iter().find(|block| block.starts_with("お見積り")).unwrap();
    assert_eq!(without_version(shown), without_version(run.stdout.trim_end()));
}

#[test]
fn the_steps_of_a_life_in_the_documents_are_the_commands_output() {
    for (page, language) in [("README.md", "ja"), ("docs/orders.md", "en")] {
        let run = choba(&["books", "life", "--lang", language], "");
        let text = document(page);
        let is_step = |block: &&str| block.starts_with(|char: char| char.is_ascii_digit());
        let steps: Vec<&str> = blocks(&text, "text").into_iter().filter(is_step).collect();
        assert!(!steps.is_empty(), "{page}");
        for step in steps {
            assert!(run.stdout.contains(step), "{page}: {step}");
        }
    }
}

#[test]
fn the_pages_of_orders_and_events_explain_every_refusal_and_event() {
    let orders = document("docs/orders.md") + &document("docs/parcels.md");
    let events = document("docs/events.md") + &document("docs/parcels.md");
    let refusals = document("crates/engine/src/order/refusal.rs");
    let kinds = document("crates/engine/src/books/changes.rs");
    for (page, source) in [(orders, refusals), (events, kinds)] {
        let codes: Vec<&str> =
            source.lines().filter_map(|line| line.split_once(" => \"")).map(code).collect();
        assert!(codes.len() > 15, "{codes:?}");
        for code in codes.into_iter().filter(|code| !NEVER_TOLD.contains(code)) {
            assert!(page.contains(&format!("`{code}`")), "no page names {code}");
        }
    }
}

fn code<'l>((_, rest): (&'l str, &'l str)) -> &'l str {
    rest.split('"').next().unwrap()
}

/// An event that nothing makes yet, and what is no event.
const NEVER_TOLD: [&str; 5] = ["pay_deadline", "lot_expiry", "return_lapse", "check_wait", "check_findings"];

#[test]
fn the_example_of_the_quote_page_is_the_commands_output() {
    let page = document("docs/quote.md");
    let blocks = blocks(&page, "json");
    let run = choba(&["quote"], blocks[0]);
    let mut shown: Value = serde_json::from_str(blocks[1]).unwrap();
    let mut answer = run.answers().remove(0);
    for value in [&mut shown, &mut answer] {
        value["version"] = Value::Null;
    }
    assert_eq!(shown, answer, "{:#}", answer);
}

/// Sentences of which one code has several.
const OTHER_SENTENCES: [&str; 8] = [
    "insufficient_points",
    "no_points",
    "no_shipping_left",
    "insufficient_for_shipping",
    "less_than_asked",
    "method_missing_split",
    "method_not_accepted_line",
    "not_linked_no_miss",
];

#[test]
fn the_quote_page_explains_every_refusal() {
    let page = document("docs/quote.md");
    let messages = document("crates/formats/messages/en.ftl");
    let codes: BTreeSet<&str> = messages
        .lines()
        .filter_map(|line| line.split_once(" = ")?.0.split_once('-'))
        .filter(|(about, code)| matches!(*about, "tender" | "coupon" | "earning") && !code.contains(' '))
        .map(|(_, code)| code)
        .filter(|code| !OTHER_SENTENCES.contains(code))
        .collect();
    assert!(codes.len() > 30, "{codes:?}");
    for code in codes {
        assert!(page.contains(&format!("\n| `{code}` |")), "docs/quote.md has no row for {code}");
    }
}

/// The ids of a message file, `.remedy` after those that have one.
fn message_ids(path: &str) -> BTreeSet<String> {
    let text = document(path);
    let mut ids = BTreeSet::new();
    let mut last = String::new();
    for line in text.lines() {
        if line.starts_with(|char: char| char.is_ascii_lowercase()) {
            last = line.split(" =").next().unwrap().to_owned();
            assert!(ids.insert(last.clone()), "{path} has {last} twice");
        } else if line.trim_start().starts_with(".remedy =") {
            ids.insert(format!("{last}.remedy"));
        }
    }
    ids
}

#[test]
fn both_languages_have_the_same_sentences_and_every_refusal_a_remedy() {
    let japanese = message_ids("crates/formats/messages/ja.ftl");
    let english = message_ids("crates/formats/messages/en.ftl");
    assert_eq!(japanese, english);
    let refusals = english.iter().filter(|id| {
        !id.contains('.') && ["tender-", "coupon-", "earning-"].iter().any(|about| id.starts_with(about))
    });
    for refusal in refusals {
        assert!(english.contains(&format!("{refusal}.remedy")), "{refusal} has no remedy");
    }
}
