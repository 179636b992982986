//! `choba market` as a program: checks that tell places, comparisons that tell reasons, exit statuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{Run, cart, cart_with, choba, directory, line_of, market_copy, repository};

fn check(dir: &Path) -> Run {
    choba(&["market", "check", dir.to_str().unwrap()], "")
}

fn sample() -> String {
    repository("markets/rakuten-style").to_str().unwrap().to_owned()
}

#[test]
fn the_sample_markets_are_fine() {
    for name in ["rakuten-style", "amazon-style"] {
        let run = check(&repository("markets").join(name));
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains(&format!("market \"{name}\" is fine: sellers 3")), "{}", run.stdout);
    }
}

#[test]
fn a_typing_mistake_is_told_with_its_place_and_what_was_meant() {
    let dir = market_copy("check-typo", "rakuten-style", "coupons.toml", "minimum_spend", "minimun_spend");
    let place = format!("coupons.toml:{}:1", line_of(&dir.join("coupons.toml"), "minimun_spend"));
    let run = check(&dir);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    for part in [
        "coupons.SHOPA300.minimun_spend: found the unknown key `minimun_spend`",
        place.as_str(),
        "minimun_spend = 2000",
        "did you mean `minimum_spend`?",
        "mistakes: 1",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "plain where nobody sees colours");
}

#[test]
fn all_mistakes_of_all_files_are_told_at_once() {
    let dir = market_copy("check-all", "rakuten-style", "coupons.toml", "yen = 500", "yen = \"500\"");
    for (file, from, to) in [
        ("sellers.toml", "type = \"store\"", "type = \"stor\""),
        ("methods.toml", "fee = 330", "fee = -330"),
        ("market.toml", "currency = \"JPY\"", "currency = \"YEN\""),
    ] {
        let text = fs::read_to_string(dir.join(file)).unwrap();
        fs::write(dir.join(file), text.replacen(from, to, 1)).unwrap();
    }
    let run = check(&dir);
    assert_eq!(run.status, 1);
    for part in [
        "coupons.A500.yen: found the text \"500\", expected a whole number from 1",
        "sellers.shop-a.type: found the text \"stor\", expected `platform`, `store` or `individual`",
        "methods.cod.fee: found -330",
        "market.currency: found the text \"YEN\"",
        "mistakes: 4",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
}

#[test]
fn what_the_files_mean_together_is_checked_once_their_form_is_right() {
    let dir = market_copy("check-meaning", "rakuten-style", "coupons.toml", "\"shop-b\"", "\"shop-bb\"");
    let market = dir.join("market.toml");
    fs::write(&market, fs::read_to_string(&market).unwrap().replace("Asia/Tokyo", "Asia/Tokio")).unwrap();
    let run = check(&dir);
    assert_eq!(run.status, 1);
    for part in
        ["coupons.SHOPBSOLO.store: found `shop-bb`", "did you mean `shop-b`?", "did you mean `Asia/Tokyo`?"]
    {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
}

#[test]
fn a_file_that_is_not_toml_is_told_where_it_stops_being_so() {
    let dir = market_copy("check-syntax", "rakuten-style", "methods.toml", "fee = 330", "fee = = 330");
    let place = format!("methods.toml:{}:", line_of(&dir.join("methods.toml"), "fee = = 330"));
    let run = check(&dir);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains(&place), "{}", run.stdout);
}

#[test]
fn a_directory_that_is_not_there_cannot_be_checked() {
    let run = check(Path::new("no/such/market"));
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1));
    assert!(run.stderr.contains("no/such/market"), "{}", run.stderr);
}

#[test]
fn an_empty_directory_is_no_market() {
    let run = check(&directory("check-empty"));
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("expected a section [market]"), "{}", run.stdout);
}

/// Two carts, one of them without the item that the changed coupon is for.
fn requests(name: &str) -> PathBuf {
    let other = cart_with(|cart| cart["lines"][0]["sku"] = json!("B"));
    let file = directory(name).join("requests.ndjson");
    fs::write(&file, format!("{}\n{other}\n", cart())).unwrap();
    file
}

fn with_a_larger_coupon(name: &str) -> PathBuf {
    market_copy(name, "rakuten-style", "coupons.toml", "yen = 500", "yen = 800")
}

#[test]
fn a_changed_coupon_shows_its_sums_and_reasons() {
    let (changed, requests) = (with_a_larger_coupon("diff-b"), requests("diff-requests"));
    let arguments = ["market", "diff", &sample(), changed.to_str().unwrap(), requests.to_str().unwrap()];
    let run = choba(&arguments, "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for part in
        ["requests 2, changed 1", "request on line 1: total -300 yen", "coupons.A500: -500 → -800 yen"]
    {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
}

#[test]
fn the_figures_of_a_comparison_come_as_json() {
    let (changed, requests) = (with_a_larger_coupon("diff-json-b"), requests("diff-json-requests"));
    let (changed, requests) = (changed.to_str().unwrap(), requests.to_str().unwrap());
    let run = choba(&["market", "diff", "--json", "rakuten-style", changed, requests], "");
    let figures: Value = serde_json::from_str(&run.stdout).unwrap();
    let change = |both: &Value| both["after"].as_i64().unwrap() - both["before"].as_i64().unwrap();
    assert_eq!((&figures["requests"], &figures["changed"]), (&json!(2), &json!(1)));
    assert_eq!(change(&figures["totals"]["coupon_total"]), 300);
    assert_eq!(change(&figures["totals"]["total"]), -300);
    assert_eq!(change(&figures["tenders"]["cod"]), -300);
    assert!(change(&figures["points"]["rakuten"]) < 0, "a larger discount earns less");
}

#[test]
fn the_same_market_changes_nothing() {
    let requests = requests("diff-same");
    let run = choba(&["market", "diff", &sample(), "rakuten-style", requests.to_str().unwrap()], "");
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("requests 2, changed 0"), "{}", run.stdout);
    assert!(!run.stdout.contains("largest changes"), "{}", run.stdout);
}

#[test]
fn a_request_that_neither_version_can_price_is_named_and_the_rest_goes_on() {
    let input = format!("{{\"at\": 5}}\n{}\n", cart());
    let run = choba(&["market", "diff", "rakuten-style", "rakuten-style", "-"], input);
    assert_eq!(run.status, 2);
    assert!(run.stdout.contains("requests 1, changed 0"), "{}", run.stdout);
    assert!(run.stderr.starts_with("choba: request on line 1: /at: "), "{}", run.stderr);
}

#[test]
fn a_broken_market_cannot_be_compared() {
    let broken = market_copy("diff-broken", "rakuten-style", "coupons.toml", "yen = 500", "yen = 0");
    let run = choba(&["market", "diff", "rakuten-style", broken.to_str().unwrap(), "-"], cart().to_string());
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1));
    assert!(run.stderr.contains("coupons.A500.yen"), "{}", run.stderr);
}

#[test]
fn the_schema_is_json() {
    let run = choba(&["market", "schema"], "");
    assert_eq!(run.status, 0);
    let schema: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(schema["$schema"].is_string());
    assert!(schema["properties"]["coupons"].is_object());
}
